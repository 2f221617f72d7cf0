"""Saved audiences (segments): which fans, as a rule that nests and/or/not over single conditions."""
