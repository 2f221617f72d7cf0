"""Listings that are asked for by offset and count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.domain.errors import UnclearReplyError
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import whole
from desktop.platforms.wechat.client import WeChatClient, listed

PAGE = 20


async def page_at(
    client: WeChatClient, path: str, cursor: str, more: Mapping[str, Any]
) -> tuple[list[Fields], str]:
    """The entries behind an offset ('' for 0) and the next offset, '' at the end.

    The end is what the total says, or a page without entries. Raises the five errors.
    """
    offset = whole(cursor) or 0
    fields = await client.ask(path, {"offset": offset, "count": PAGE, **more})
    entries = listed(fields, "item") if "item" in fields else []
    total = whole(fields.get("total_count"))
    if total is None:
        raise UnclearReplyError("reply_garbled", detail="no total_count in the reply")
    behind = offset + len(entries)
    return entries, str(behind) if entries and behind < total else ""
