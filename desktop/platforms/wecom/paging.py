"""Listings in pages: all of one or an error, never a part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.platforms.cursors import CursorGuard
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import text
from desktop.platforms.wecom.client import WeComClient, listed


async def every_page(client: WeComClient, path: str, body: Mapping[str, Any], name: str) -> list[Fields]:
    """All entries of the listing `name`; its end is an empty cursor, not a short page.

    Raises the five errors of desktop.platforms.ports, also for a cursor that comes back.
    """
    found: list[Fields] = []
    guard = CursorGuard(path)
    cursor = ""
    while True:
        fields = await client.ask(path, {**body, "cursor": cursor})
        entries = listed(fields, name, is_proof=True)
        found += entries
        cursor = text(fields.get("next_cursor"))
        if not cursor:
            return found
        guard.pass_by(cursor, brought_news=bool(entries))
