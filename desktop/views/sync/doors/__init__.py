"""What connecting an account of each platform asks for: one module a platform, all of them in `table`."""
