"""Figures across areas: home, what is due today, rankings."""
