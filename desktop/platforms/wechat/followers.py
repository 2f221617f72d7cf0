"""Followers of an official account: their ids page by page, and what is told of each."""

from __future__ import annotations

from desktop.domain.errors import UnclearReplyError
from desktop.platforms.strict_json import whole
from desktop.platforms.wechat.client import Fields, WeChatClient

USERS = "cgi-bin/user/get"


async def total(client: WeChatClient) -> int:
    """How many followers the account has. Raises the five errors of desktop.platforms.ports."""
    return _total(await client.get(USERS))


def _total(fields: Fields) -> int:
    told = whole(fields.get("total"))
    if told is None or told < 0:
        raise UnclearReplyError("reply_garbled", detail="no total in the reply")
    return told
