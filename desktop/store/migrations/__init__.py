"""Ordered schema migrations. Frozen once released: plain SQL, never an import of today's models."""

from desktop.store.migrations.runner import SCHEMA_VERSION, upgrade

__all__ = ["SCHEMA_VERSION", "upgrade"]
