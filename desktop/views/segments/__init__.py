"""Saved audiences on the screen: rule builder, panel, comparing, handing over."""
