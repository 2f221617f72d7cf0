"""Parts of the screens on which posts are written and looked up."""
