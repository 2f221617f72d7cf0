"""Parts of the history of everything that went out."""
