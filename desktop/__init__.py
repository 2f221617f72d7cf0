"""Fankeeper: the desktop console of a small shop's private domain."""

__version__ = "0.1.0"
