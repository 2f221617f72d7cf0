"""Welfare drops and the claims on them."""
