"""Whole ways through the window, as a new owner goes them."""
