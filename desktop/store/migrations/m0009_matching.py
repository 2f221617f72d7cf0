"""Schema 9: one person seen in many places: suggested pairs and merges."""

SCRIPT = ""
