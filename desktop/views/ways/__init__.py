"""Ways in: contact codes, join codes, group welcomes."""
