"""Export files of shop platforms: bytes to typed records. Knows no database."""
