"""Files brought in: judged, written, taken back."""
