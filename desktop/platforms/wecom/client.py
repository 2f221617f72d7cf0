"""Calls to WeCom, as Tencent's two platforms are called; what is WeCom's own."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from desktop.domain.clock import Clock
from desktop.domain.errors import UnclearReplyError
from desktop.platforms import strict_json
from desktop.platforms.code_table import CodeTable
from desktop.platforms.http import ApiClient, Reply
from desktop.platforms.line import Fields
from desktop.platforms.tencent_line import TencentLine

CODES = CodeTable("wecom_codes")


class WeComClient(TencentLine):
    """One app's line to WeCom."""

    prefix = "/cgi-bin/"
    codes = codes_of_token = CODES
    ip_told = re.compile(r"from ip: ?([0-9A-Fa-f.:]{3,45})")
    token_over = "wecom_token_over"
    token_margin_s = 60

    def __init__(
        self,
        api: ApiClient,
        corp_id: str,
        corp_secret: str,
        clock: Clock,
        spread: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(api, corp_secret, clock, spread)
        self.corp_id = corp_id

    def errcode(self, fields: Fields) -> int:
        """As everywhere; success with a warning about the request's format is no success: half may be read."""
        code = super().errcode(fields)
        if (
            code == 0
            and "errcode" in fields
            and "wrong json format" in strict_json.text(fields.get("errmsg")).lower()
        ):
            raise UnclearReplyError("reply_warning")
        return code

    async def _token_reply(self) -> Reply:
        query = {"corpid": self.corp_id, "corpsecret": self._secret}
        return await self._exchange("GET", self.prefix + "gettoken", writes=False, query=query)


def listed(fields: Fields, name: str, *, is_proof: bool = False) -> list[Fields]:
    """The rows of a listing. Raises UnclearReplyError when the reply is no listing at all.

    A listing that is a proof has to be told: an empty one proves absence, a missing one proves nothing.
    """
    if name not in fields and (is_proof or "errcode" not in fields):
        raise UnclearReplyError("reply_garbled", detail=f"no {name} in the reply")
    value = fields.get(name)
    if value is not None and not isinstance(value, list):
        raise UnclearReplyError("reply_garbled", detail=f"{name} is no list")
    return strict_json.rows(value)
