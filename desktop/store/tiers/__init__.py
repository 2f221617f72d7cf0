"""Tiers: decided, looked ahead, counted by day."""
