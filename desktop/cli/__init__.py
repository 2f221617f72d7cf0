"""The command line over the same services: one JSON document per command."""
