"""What platforms tell, written to the shop's rows: one module a kind of news."""
