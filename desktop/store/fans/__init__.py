"""Fans: their rows, how they are found, listed and changed, and what happened with each."""
