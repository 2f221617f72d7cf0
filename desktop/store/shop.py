"""The shop row and the owner's settings."""

from __future__ import annotations

import json
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import ConflictError
from desktop.domain.shop import Shop
from desktop.store.database import as_json
from desktop.store.transaction import Transaction


def create(
    tx: Transaction, name: str, industry: str, timezone: str, *, is_demo: bool, device_id: str
) -> Shop:
    """Insert the one shop row. Raises ConflictError when there is one already."""
    if tx.db.execute("SELECT 1 FROM shop").fetchone():
        raise ConflictError("shop_exists")
    shop = Shop(tx.new_uid(), name, industry, timezone, is_demo, tx.now_ms)
    tx.db.execute(
        "INSERT INTO shop (id, uid, name, industry, timezone, is_demo, device_id, created_at)"
        " VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
        (shop.uid, name, industry, timezone, int(is_demo), device_id, tx.now_ms),
    )
    tx.touch(Topic.SHOP)
    return shop


def update(tx: Transaction, name: str, industry: str, timezone: str) -> None:
    """Overwrite what the owner may change."""
    old = tx.db.execute("SELECT name, industry, timezone FROM shop").fetchone()
    tx.replaced = dict(old)
    tx.db.execute(
        "UPDATE shop SET name = ?, industry = ?, timezone = ? WHERE id = 1", (name, industry, timezone)
    )
    tx.touch(Topic.SHOP)


def find(conn: Any) -> Shop | None:
    """The shop, or None in a fresh file."""
    row = conn.execute(
        "SELECT uid, name, industry, timezone, is_demo, created_at FROM shop WHERE id = 1"
    ).fetchone()
    if row is None:
        return None
    return Shop(row[0], row[1], row[2], row[3], bool(row[4]), row[5])


def setting(conn: Any, key: str) -> Any:
    """A setting's value, or None where the owner set none."""
    row = conn.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
    return None if row is None else json.loads(row[0])


def set_setting(tx: Transaction, key: str, value: Any) -> None:
    """Store a setting; None removes it. What stood there before goes to the operation log."""
    tx.replaced = {key: setting(tx.db, key)}
    if value is None:
        tx.db.execute("DELETE FROM setting WHERE key = ?", (key,))
    else:
        tx.db.execute(
            "INSERT INTO setting (key, value, updated_at) VALUES (?, ?, ?) ON CONFLICT (key)"
            " DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
            (key, as_json(value), tx.now_ms),
        )
    tx.touch(Topic.SHOP)
