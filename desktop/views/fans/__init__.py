"""Parts of the fan directory."""
