"""Posts, articles and moments with their pictures and comments."""
