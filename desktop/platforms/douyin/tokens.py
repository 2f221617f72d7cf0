"""Douyin's tokens: a consent for thirty days, renewed at most five times, kept before it is used.

Source: developer.open-douyin.com, access-token pages: the access token lives 15 days and may stay the same text
when it is refreshed; the refresh token is not prolonged by that; renewing it ends the old one at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from desktop.domain.clock import Clock
from desktop.domain.errors import AuthError, OfflineError, PlatformError, RejectedError, UnclearReplyError
from desktop.domain.grants import DAY_MS, Grant, GrantLife
from desktop.platforms import strict_json
from desktop.platforms.douyin.envelope import Fields
from desktop.platforms.ports_grants import GrantVault, MemoryVault

RENEWALS = 5
REFRESH_LIFE_MS = 30 * DAY_MS
RENEW_BEFORE_MS = (
    5 * DAY_MS
)  # late, so that five renewals reach far; early enough for a shop that rests a weekend
REFRESH_BEFORE_MS = 2 * DAY_MS
MARGIN_MS = 5 * 60_000
APP_MARGIN_S = 300
USED_UP = "10020"

Post = Callable[[str, Mapping[str, str], bool], Awaitable[Fields]]  # path, fields, as a form


class Tokens:
    """One account's consent and the app's own token. The caller lets one call in at a time."""

    def __init__(self, client_key: str, client_secret: str, clock: Clock, post: Post) -> None:
        self.fetched_at = 0
        self.grant: Grant | None = None
        self._key = client_key
        self._secret = client_secret
        self._clock = clock
        self._post = post
        self._vault: GrantVault = MemoryVault()
        self._is_loaded = False
        self._app_token = ""
        self._app_until_s = 0.0

    def keep_in(self, vault: GrantVault) -> None:
        """Where tokens are kept."""
        self._vault, self._is_loaded = vault, False

    def life(self) -> GrantLife | None:
        """Times and counts of the consent in use."""
        one = self.grant
        if one is None:
            return None
        return GrantLife(one.granted_at, one.refresh_until, one.renewals, RENEWALS, one.can_renew)

    def secrets(self) -> tuple[str, ...]:
        """What must not be shown in any message."""
        held = (self.grant.access_token, self.grant.refresh_token) if self.grant else ()
        return tuple(filter(None, (self._secret, self._app_token, *held)))

    def bury(self, token: str) -> None:
        """The platform says that this access token died: the next call gets another one."""
        if self.grant is not None and self.grant.access_token == token:
            self.grant = replace(self.grant, access_until=0)
        if self._app_token == token:
            self._app_token = ""

    async def load(self) -> Grant | None:
        """The consent as it was kept."""
        if not self._is_loaded:
            self.grant, self._is_loaded = await self._vault.load(), True
        return self.grant

    async def exchange(self, code: str) -> Grant:
        """Turn the owner's code into a consent. Raises the five errors."""
        data = await self._post(
            "/oauth/access_token/",
            {
                "client_key": self._key,
                "client_secret": self._secret,
                "code": code,
                "grant_type": "authorization_code",
            },
            True,
        )
        return await self._keep(self._read(data, None))

    async def user(self, dead: str) -> Grant:
        """A consent whose access token is good and is not `dead`. Raises AuthError where the owner must scan."""
        held = await self.load()
        if held is None:
            raise AuthError("douyin_not_authorised")
        now = self._clock.now_ms()
        if now >= held.refresh_until and (held.access_until <= now or held.access_token == dead):
            raise AuthError("douyin_scan_needed")
        is_live = held.access_until - MARGIN_MS > now and held.access_token != dead
        if not is_live or (held.access_until - REFRESH_BEFORE_MS <= now < held.refresh_until):
            try:
                held = await self._refresh(held)
            except PlatformError:
                if not is_live:
                    raise
        return await self._renewed(held)

    async def app(self, dead: str) -> str:
        """The app's own token: two hours, and only the two newest are good, so that it is fetched by one."""
        if self._app_token and self._clock.monotonic_s() < self._app_until_s and self._app_token != dead:
            return self._app_token
        fields = {
            "client_key": self._key,
            "client_secret": self._secret,
            "grant_type": "client_credential",
        }
        data = await self._post("/oauth/client_token/", fields, False)
        token, lives_s = (
            strict_json.text(data.get("access_token")),
            strict_json.whole(data.get("expires_in")),
        )
        if not token or not lives_s:
            raise UnclearReplyError("reply_garbled", detail="no token in the reply")
        self._app_token = token
        self._app_until_s = self._clock.monotonic_s() + max(lives_s - APP_MARGIN_S, 1)
        return token

    async def _refresh(self, held: Grant) -> Grant:
        fields = {
            "client_key": self._key,
            "grant_type": "refresh_token",
            "refresh_token": held.refresh_token,
        }
        return await self._keep(self._read(await self._post("/oauth/refresh_token/", fields, True), held))

    async def _renewed(self, held: Grant) -> Grant:
        """Renew the refresh token in its last days. It is counted before it is asked for: a lost answer counts."""
        now = self._clock.now_ms()
        is_due = now < held.refresh_until <= now + RENEW_BEFORE_MS
        if not is_due or not held.can_renew or held.renewals >= RENEWALS:
            return held
        counted = await self._keep(replace(held, renewals=held.renewals + 1))
        fields = {"client_key": self._key, "refresh_token": held.refresh_token}
        try:
            data = await self._post("/oauth/renew_refresh_token/", fields, True)
        except OfflineError:
            return await self._keep(held)
        except (AuthError, RejectedError) as error:
            never = bool(error.params.get("is_permission"))
            return await self._keep(replace(held, can_renew=held.can_renew and not never))
        except PlatformError as error:
            if error.params.get("platform_code") == USED_UP:
                return await self._keep(replace(held, renewals=RENEWALS))
            return counted
        token = strict_json.text(data.get("refresh_token"))
        if not token:
            return counted
        lives = (strict_json.whole(data.get("expires_in")) or 0) * 1000
        return await self._keep(
            replace(counted, refresh_token=token, refresh_until=now + (lives or REFRESH_LIFE_MS))
        )

    def _read(self, data: Fields, before: Grant | None) -> Grant:
        access, refresh, open_id = (
            strict_json.text(data.get(name)) for name in ("access_token", "refresh_token", "open_id")
        )
        lives_s = strict_json.whole(data.get("expires_in"))
        if not access or not lives_s or not (refresh or before):
            raise UnclearReplyError("reply_garbled", detail="no token in the reply")
        now = self._clock.now_ms()
        self.fetched_at = now
        if before is not None:
            if open_id and before.open_id and open_id != before.open_id:
                raise UnclearReplyError("reply_garbled", detail="token of another account")
            refresh = refresh or before.refresh_token
            until = now + lives_s * 1000
            return replace(before, access_token=access, refresh_token=refresh, access_until=until)
        ends = (strict_json.whole(data.get("refresh_expires_in")) or 0) * 1000 or REFRESH_LIFE_MS
        scope = strict_json.text(data.get("scope"))[:400]
        return Grant(access, refresh, now + lives_s * 1000, now + ends, now, open_id, scope=scope)

    async def _keep(self, grant: Grant) -> Grant:
        """Kept first, used afterwards."""
        await self._vault.save(grant)
        self.grant, self._is_loaded = grant, True
        return grant
