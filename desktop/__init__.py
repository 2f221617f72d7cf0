"""Fankeeper: the desktop console of a small shop's private domain."""
