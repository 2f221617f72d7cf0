"""Parts of the groups page."""
