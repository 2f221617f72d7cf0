"""Schema 5: the fan directory: search words, saved views, tags with colours and rules."""

SCRIPT = ""
