"""The shop's gateway: signature over the exact bytes, time, token, permission, then the call."""

import asyncio
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs

from desktop.sandbox.calls import Act, Answer, Call, Doc
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.doudian import cipher, console, order_calls
from desktop.sandbox.doudian.errors import BY_SUB, Refusal, sub_code_of
from desktop.sandbox.doudian.shop import Shop
from desktop.sandbox.doudian.sign import sign
from desktop.sandbox.doudian.tokens import Tokens
from desktop.sandbox.world.size import WorldSize

CHINA = timezone(timedelta(hours=8))
METHODS: dict[str, tuple[Callable[[Shop, Doc], Doc], bool]] = {  # method -> (call, does it write)
    "order.searchList": (order_calls.search, False),
    "order.orderDetail": (order_calls.detail, False),
    "order.addOrderRemark": (order_calls.remark, True),
    "order.batchDecrypt": (cipher.decrypt, False),
    "order.batchSensitive": (cipher.sensitive, False),
    "order.getSearchIndex": (cipher.search_index, False),
    "open.openId.replace": (order_calls.replace_open_ids, False),
}


class Doudian:
    """The platform under /doudian."""

    name = "doudian"

    def __init__(self, size: WorldSize, clock: SandboxClock) -> None:
        self._size, self._clock = size, clock
        self._logs = 0
        self.reset()

    def reset(self) -> None:
        """The seeded shop again; tokens, remarks and quotas are gone."""
        self.shop = Shop(self._size, self._clock)
        self.tokens = Tokens(self.shop)

    def credentials(self) -> dict[str, str]:
        """Key, secret and shop, and a code for applications that serve many shops."""
        return {
            "app_key": self.shop.app_key,
            "app_secret": self.shop.app_secret,
            "shop_id": self.shop.shop_id,
            "code": self.tokens.ready_code,
        }

    def kill_tokens(self) -> None:
        """Access tokens die; refresh tokens stay."""
        self.tokens.kill()

    def describe(self) -> Doc:
        """The shop and its size."""
        return {
            "shop_id": self.shop.shop_id,
            "shop_name": self.shop.shop_name,
            "orders": len(self.shop.orders()),
        }

    def controls(self) -> dict[tuple[str, str], Act]:
        """What the control endpoint can ask of this shop."""
        return {
            **{key: self._bound(act) for key, act in console.ROUTES.items()},
            ("GET", "/endpoints"): lambda doc: {"endpoints": ["token.create", "token.refresh", *METHODS]},
            ("GET", "/codes"): lambda doc: {"codes": {sub: list(row) for sub, row in BY_SUB.items()}},
        }

    def _bound(self, act: console.ShopAct) -> Act:
        return lambda doc: act(self.shop, doc)

    # envelopes ----------------------------------------------------------------------------------------
    def _packed(self, call: Call, code: int, text: str, sub: str, data: Any) -> Doc:
        """The new envelope when the header asks for it, else the old; or both by switch."""
        self._logs += 1
        log_id = f"{int(self.shop.seconds())}{self._logs:012X}"
        new: Doc = {
            "code": code or 10000,
            "msg": text or "success",
            "sub_code": sub,
            "sub_msg": text if sub else "",
        }
        old: Doc = {"err_no": code, "message": text or "success"}
        wants_new = call.headers.get("x-open-no-old-err-code") == "1"
        heads = {**old, **new} if self.shop.settings.both_envelopes else new if wants_new else old
        return {"log_id": log_id, **heads, "data": data}

    def refuse(self, call: Call, code: int, text: str) -> Answer:
        """An error by its number, in the envelope the caller asked for."""
        sub = sub_code_of(code)
        words = text or (BY_SUB[sub][1] if sub else "" if code == 0 else "未知错误")
        return Answer(self._packed(call, code, words, sub, None), code=code)

    async def answer(self, call: Call) -> Answer:
        """Execute one call."""
        if self.shop.settings.latency_s:
            await asyncio.sleep(self.shop.settings.latency_s)
        try:
            data, write = self._checked(call)
        except Refusal as refusal:
            return Answer(
                self._packed(call, refusal.code, refusal.text, refusal.sub_code, None), code=refusal.code
            )
        return Answer(self._packed(call, 0, "", "", data), executed=True, write=write, code=0)

    # checks -------------------------------------------------------------------------------------------
    def _checked(self, call: Call) -> tuple[Doc, bool]:
        query, raw = _read(call)
        method = call.path.strip("/").replace("/", ".")
        if not query.get("app_key"):
            raise Refusal("isv.app-id-missing")
        if not query.get("sign"):
            raise Refusal("isv.signature-missing")
        for name in ("method", "timestamp", "v"):
            if not query.get(name):
                raise Refusal("isv.parameter-missing", f"{name}不能为空")
        if query["app_key"] != self.shop.app_key or query["v"] != "2":
            raise Refusal("isv.parameter-invalid", "app_key或v不合法")
        if query["method"] != method:
            raise Refusal("isv.parameter-invalid", "method与路径不一致")
        if abs(_seconds(query["timestamp"]) - self.shop.seconds()) > self.shop.settings.timestamp_slack_s:
            raise Refusal("isv.parameter-invalid", "timestamp超出10分钟")
        how = query.get("sign_method", "md5")
        if how not in ("hmac-sha256", "md5"):
            raise Refusal("isv.parameter-invalid", "sign_method不合法")
        good = sign(self.shop.app_secret, self.shop.app_key, method, raw, query["timestamp"], how)
        if not hmac.compare_digest(good.encode(), query["sign"].encode()):
            raise Refusal("isv.signature-invalid")
        if not self.shop.settings.ip_trusted:
            raise Refusal("isv.invalid_ip")
        params = _params(raw)
        if method == "token.create":
            return self.tokens.create(params), False
        if method == "token.refresh":
            return self.tokens.refresh(params), False
        self.tokens.check(query.get("access_token", ""))
        if method not in METHODS:
            raise Refusal("isv.parameter-invalid", "method不存在")
        if method in self.shop.settings.missing_permissions:
            raise Refusal("isv.app-permissions-insufficient")
        carry_out, write = METHODS[method]
        return carry_out(self.shop, params), write


def _read(call: Call) -> tuple[dict[str, str], bytes]:
    """Public parameters, and the bytes of param_json as they came: body, form field or query."""
    query = dict(call.query)
    if call.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        form = {key: rows[-1] for key, rows in parse_qs(call.body.decode("utf-8", "replace"), True).items()}
        return query | form, form.get("param_json", query.get("param_json", "{}")).encode()
    if "param_json" in query:
        return query, query["param_json"].encode()
    return query, call.body or b"{}"


def _params(raw: bytes) -> Doc:
    try:
        doc = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refusal("isv.parameter-format-invalid", "param_json不是合法的JSON") from None
    if not isinstance(doc, dict):
        raise Refusal("isv.parameter-format-invalid", "param_json不是对象")
    return doc


def _seconds(text: str) -> float:
    """Unix seconds, or `yyyy-MM-dd HH:mm:ss` in China's time."""
    if text.isdigit():
        return float(text)
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).timestamp()
    except ValueError:
        raise Refusal("isv.parameter-invalid", "timestamp格式错误") from None
