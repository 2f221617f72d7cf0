"""Audiences: saved rules and lists, whom a send reaches, lists handed over."""
