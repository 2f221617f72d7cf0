"""The account's menu: read as it stands, replaced as a whole, deleted."""

from __future__ import annotations

from typing import Any

from desktop.domain.errors import RejectedError
from desktop.domain.writes import Receipt, Write
from desktop.platforms.strict_json import rows
from desktop.platforms.wechat.client import WeChatClient

NO_MENU = 46003


async def menu(client: WeChatClient) -> list[dict[str, Any]]:
    """The buttons as they stand, also those made in the web console, their sub buttons as a list."""
    fields = await client.get("cgi-bin/get_current_selfmenu_info")
    info = fields.get("selfmenu_info")
    return [_flat(one) for one in rows(info.get("button") if isinstance(info, dict) else None)]


async def put(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Put a menu in the place of the one there is."""
    await client.write("cgi-bin/menu/create", {"button": list(write.body["buttons"])})
    return Receipt()


async def delete(client: WeChatClient, _write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Take the menu away; without one it is as wanted."""
    try:
        await client.write("cgi-bin/menu/delete", None)
    except RejectedError as error:
        if error.params.get("platform_code") != NO_MENU:
            raise
    return Receipt()


def _flat(button: dict[str, Any]) -> dict[str, Any]:
    inner = button.get("sub_button")
    below = inner.get("list") if isinstance(inner, dict) else inner
    plain = {name: value for name, value in button.items() if name != "sub_button"}
    return {**plain, "sub_button": rows(below)} if rows(below) else plain
