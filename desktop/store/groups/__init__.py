"""Fan groups, the ways into them, welcomes and texts."""
