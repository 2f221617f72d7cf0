"""Schema 7: one person seen in many places: suggested pairs, merges, consents, erasures."""

SCRIPT = ""
