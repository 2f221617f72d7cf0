"""Calls to an official account, as Tencent's two platforms are called; what is the official account's own."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from desktop.domain.clock import Clock
from desktop.domain.errors import UnclearReplyError
from desktop.platforms import strict_json
from desktop.platforms.code_table import CodeTable
from desktop.platforms.http import ApiClient, Reply
from desktop.platforms.line import Fields, encoded
from desktop.platforms.tencent_line import TencentLine

STABLE_TOKEN = "/cgi-bin/stable_token"
CONTROL = bytes.maketrans(bytes(range(32)), b" " * 32)  # raw control characters occur inside its texts
# "invalid ip 8.149.1.2 ipv6 ::ffff:8.149.1.2, not in whitelist"
PUBLIC_IP = re.compile(r"invalid ip (\d{1,3}(?:\.\d{1,3}){3})")


class WeChatClient(TencentLine):
    """One official account's line."""

    prefix = "/"
    codes = CodeTable("wechat_codes")
    codes_of_token = CodeTable("wechat_codes", "on_token")
    ip_told = PUBLIC_IP
    kept = ("msg_id",)
    token_over = "wechat_token_over"
    token_margin_s = 300  # the platform renews five minutes before the end, and both tokens work meanwhile

    def __init__(
        self,
        api: ApiClient,
        app_id: str,
        app_secret: str,
        clock: Clock,
        spread: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(api, app_secret, clock, spread)
        self.app_id = app_id

    def parsed(self, body: bytes) -> Fields:
        """The object in a body, where bytes that are no text and control characters stand for nothing."""
        return strict_json.parse_object(body.decode("utf-8", "replace").encode().translate(CONTROL))

    async def _token_reply(self) -> Reply:
        """The stable token, in normal mode: forcing a new one would kill it for other programs."""
        body = {"grant_type": "client_credential", "appid": self.app_id, "secret": self._secret}
        return await self._exchange("POST", STABLE_TOKEN, writes=False, json_body=encoded(body))


def listed(fields: Fields, name: str) -> list[Fields]:
    """The rows of a listing. Raises UnclearReplyError when the reply is no listing at all."""
    value = fields.get(name)
    if not isinstance(value, list):
        raise UnclearReplyError("reply_garbled", detail=f"no {name} in the reply")
    return strict_json.rows(value)
