"""Erasing people and what came from one origin, and keeping them out afterwards."""
