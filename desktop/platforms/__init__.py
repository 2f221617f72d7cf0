"""Adapters: platform endpoints to wire-neutral records, over httpx. They do not know each other."""
