"""The drawer of the comments page."""
