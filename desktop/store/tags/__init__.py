"""The shop's own tags."""
