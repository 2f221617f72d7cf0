"""Calls to Douyin: the token in a header, the shape judged, reads repeated, writes never."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import AuthError, TokenDiedError, UnclearReplyError
from desktop.domain.grants import Grant, GrantLife
from desktop.platforms import strict_json
from desktop.platforms.code_table import CodeTable, Kind
from desktop.platforms.douyin.envelope import Fields, Form, opened
from desktop.platforms.douyin.tokens import Tokens
from desktop.platforms.http import ApiClient, Reply, Upload
from desktop.platforms.line import Line, encoded, hushed
from desktop.platforms.ports_grants import GrantVault

Send = Callable[[str, Mapping[str, str]], Awaitable[Reply]]  # with this token, for this account
LANES = 3
CODES = CodeTable("douyin_codes")


class DouyinClient(Line):
    """One account's line. The acting account's open_id goes with every call of a user token."""

    def __init__(
        self,
        api: ApiClient,
        client_key: str,
        client_secret: str,
        clock: Clock,
        spread: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(api, clock, spread)
        self.client_key = client_key
        self._tokens = Tokens(client_key, client_secret, clock, self._oauth)
        self._lock = asyncio.Lock()
        self._lanes = asyncio.Semaphore(LANES)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._api.aclose()

    def keep_in(self, vault: GrantVault) -> None:
        """Where tokens are kept."""
        self._tokens.keep_in(vault)

    def grant_life(self) -> GrantLife | None:
        """Times and counts of the consent in use."""
        return self._tokens.life()

    def token_life(self) -> tuple[int, int] | None:
        """(fetched at, good until) of the access token where it was fetched by this line, UTC ms."""
        held = self._tokens.grant
        return (self._tokens.fetched_at, held.access_until) if held and self._tokens.fetched_at else None

    async def authorise(self, code: str) -> Grant:
        """Turn the owner's code into a consent. Raises the five errors."""
        async with self._lock:
            return await self._tokens.exchange(code)

    async def ready(self) -> None:
        """Have a token at hand. Raises the five errors."""
        await self._user("")

    async def try_keys(self) -> None:
        """Where nobody has agreed yet: find out whether the app's keys are right. Raises the five errors."""
        async with self._lock:
            if await self._tokens.load() is None:
                await self._tokens.app("")

    async def open_id(self) -> str:
        """The account's own id for this app. Raises the five errors."""
        return (await self._user("")).open_id

    async def card(self) -> Fields:
        """The account's own card, which takes its token as a field too. Raises the five errors."""

        async def send(token: str, acting: Mapping[str, str]) -> Reply:
            return await self._exchange(
                "POST",
                "/oauth/userinfo/",
                writes=False,
                form={**acting, "access_token": token},
                headers={"access-token": token},
            )

        return await self._with_token(send, Form.DATA)

    async def get(
        self, path: str, form: Form, query: Mapping[str, str] | None = None, *, as_app: bool = False
    ) -> Fields:
        """One GET that changes nothing. Raises the five errors."""
        return await self._read("GET", path, form, query or {}, None, as_app)

    async def ask(self, path: str, form: Form, body: Mapping[str, Any], *, as_app: bool = False) -> Fields:
        """One POST that changes nothing. Raises the five errors."""
        return await self._read("POST", path, form, {}, encoded(body), as_app)

    async def write(self, path: str, form: Form, body: Mapping[str, Any]) -> Fields:
        """One POST that changes something: it leaves at once or not at all, and is never repeated."""
        held = self._tokens.grant
        if held is not None and held.access_until <= self.clock.now_ms():
            raise TokenDiedError("douyin_token_over")
        return await self._signed("POST", path, form, {}, encoded(body), writes=True)

    async def upload(self, path: str, form: Form, upload: Upload, *, as_app: bool) -> Fields:
        """Hand over one file; harmless to repeat. Raises the five errors."""
        return await self._signed("POST", path, form, {}, None, upload=upload, as_app=as_app)

    async def _read(
        self,
        method: str,
        path: str,
        form: Form,
        query: Mapping[str, str],
        body: bytes | None,
        as_app: bool,
    ) -> Fields:
        async def once() -> Fields:
            async with self._lanes:
                return await self._signed(method, path, form, query, body, as_app=as_app)

        return await self._patiently(once)

    async def _signed(
        self,
        method: str,
        path: str,
        form: Form,
        query: Mapping[str, str],
        body: bytes | None,
        *,
        writes: bool = False,
        upload: Upload | None = None,
        as_app: bool = False,
    ) -> Fields:
        async def send(token: str, acting: Mapping[str, str]) -> Reply:
            return await self._exchange(
                method,
                path,
                writes=writes or upload is not None,
                query={**acting, **query},
                json_body=body,
                upload=upload,
                headers={"access-token": token},
            )

        return await self._with_token(send, form, writes=writes, as_app=as_app)

    async def _with_token(
        self, send: Send, form: Form, *, writes: bool = False, as_app: bool = False
    ) -> Fields:
        """Send with the token; a dead one is found before anything is done: reads go once more with another."""
        dead = ""
        while True:
            token, acting = await self._credentials(dead, as_app)
            fields, codes, said = opened(await send(token, acting), form)
            if not codes:
                return fields
            error = CODES.error_of(codes, hushed(said, *self._tokens.secrets()), writes=writes)
            if CODES.kind_of(codes) is not Kind.TOKEN or dead:
                raise error
            if writes:
                self._tokens.bury(token)
                raise TokenDiedError(error.code, platform_code=codes[0])
            dead = token

    async def _credentials(self, dead: str, as_app: bool) -> tuple[str, dict[str, str]]:
        """The token to send, and who acts: nobody's open_id goes with the app's own token."""
        if as_app:
            async with self._lock:
                return await self._tokens.app(dead), {}
        grant = await self._user(dead)
        return grant.access_token, {"open_id": grant.open_id}

    async def _user(self, dead: str) -> Grant:
        async with self._lock:
            return await self._tokens.user(dead)

    async def _oauth(self, path: str, fields: Mapping[str, str], as_form: bool) -> Fields:
        """One call of the sign-in pages. A token's death among them means that the owner must scan."""
        reply = await self._exchange(
            "POST",
            path,
            writes=False,
            form=fields if as_form else None,
            json_body=None if as_form else encoded(fields),
        )
        data, codes, said = opened(reply, Form.OAUTH)
        if not codes:
            return data
        error = CODES.error_of(codes, hushed(said, *self._tokens.secrets()), writes=False)
        if CODES.kind_of(codes) is Kind.TOKEN:
            raise AuthError("douyin_scan_needed", platform_code=codes[0])
        raise error


def listed(fields: Fields, name: str) -> list[Fields]:
    """The rows of a listing; null is an empty one. Raises UnclearReplyError when there is no listing at all."""
    if name not in fields:
        raise UnclearReplyError("reply_garbled", detail=f"no {name} in the reply")
    value = fields[name]
    if value is not None and not isinstance(value, list):
        raise UnclearReplyError("reply_garbled", detail=f"{name} is no list")
    return strict_json.rows(value)


def moment(value: object) -> int | None:
    """A time that comes in seconds at some endpoints and in milliseconds at others, as UTC ms."""
    number = strict_json.whole(value)
    if not number or number < 0 or number > 10**14:
        return None
    return number if number >= 10**11 else number * 1000


def truth(value: object) -> bool:
    """A yes that comes as true, as 1, or as text."""
    return value is True or strict_json.whole(value) == 1 or strict_json.text(value).lower() == "true"
