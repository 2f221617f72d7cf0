"""Schema 8: the picture a fan group has at its platform."""

SCRIPT = """
-- The platform's id of a picture; a new group may take that of another, for no interface takes one from a file.
ALTER TABLE fan_group ADD COLUMN picture TEXT NOT NULL DEFAULT '';
"""
