"""One person known as several fans: candidates, merges and their undoing."""
