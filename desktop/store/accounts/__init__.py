"""Accounts at platforms: rights, budgets, abilities, figures, rounds of sync."""
