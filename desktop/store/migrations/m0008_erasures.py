"""Schema 8: who was erased, so that nothing brings them back."""

SCRIPT = ""
