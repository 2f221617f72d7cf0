"""How somebody may be reached: words given, and the one place that decides."""
