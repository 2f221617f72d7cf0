"""Schema 6: saved audiences, their members over time, and lists handed over."""

SCRIPT = ""
