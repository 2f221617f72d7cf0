"""The owner's consent on a platform: the page to open, the code that comes back, when the next scan is due."""

from __future__ import annotations

import secrets as random_text
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from desktop.domain.accounts import Account, AccountState
from desktop.domain.clock import Clock
from desktop.domain.errors import AuthError, InvalidInputError
from desktop.domain.grants import GrantLife, Warned, warning
from desktop.platforms import loopback
from desktop.platforms.ports_grants import AsksOwner, KeepsGrant
from desktop.services.accounts import AccountService
from desktop.store.accounts import accounts as account_rows
from desktop.store.accounts import grants
from desktop.store.database import Store
from desktop.store.transaction import Transaction

CATCH_S = 300.0
STATE_BYTES = 16


@dataclass(frozen=True, slots=True)
class AuthorisePage:
    """What to open in the browser. `can_catch`: the code comes back to this computer by itself."""

    url: str
    state: str
    redirect: str
    can_catch: bool


@dataclass(frozen=True, slots=True)
class GrantHealth:
    """One account's consent and how near its end is."""

    account_id: int
    account_uid: str
    account_name: str
    life: GrantLife
    warned: Warned | None


class GrantService:
    """Consents of accounts. Raises NotFoundError('account_missing')."""

    def __init__(self, store: Store, clock: Clock, accounts: AccountService) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts

    def asks(self, platform: str) -> bool:
        """Whether owners of this platform's accounts agree on a page."""
        return isinstance(self._accounts.door(platform), AsksOwner)

    async def page(self, account_id: int) -> AuthorisePage:
        """The page on which the owner agrees. Raises SecretMissingError, InvalidInputError('grant_not_needed')."""
        account = await self._accounts.get(account_id)
        door = self._accounts.door(account.platform)
        if not isinstance(door, AsksOwner):
            raise InvalidInputError("grant_not_needed", account=account.name)
        own = await self._accounts.secrets_of(account)
        state = random_text.token_urlsafe(STATE_BYTES)
        redirect = door.redirect_of(own)
        url = door.authorise_url(account.base_url, own, state)
        return AuthorisePage(url, state, redirect, loopback.can_catch(redirect))

    async def catch(
        self, page: AuthorisePage, listening: Callable[[], object], seconds: float = CATCH_S
    ) -> str:
        """Wait for the browser to come back; the address it was sent to, '' when it did not.

        `listening` shows the page: it is called once the browser can be caught. Raises
        InvalidInputError('grant_port_taken') before that.
        """
        try:
            return await loopback.caught(page.redirect, page.state, seconds, listening)
        except OSError as error:
            raise InvalidInputError("grant_port_taken", redirect=page.redirect) from error

    async def finish(self, account_id: int, given: str, state: str = "") -> GrantLife | None:
        """Use the code: alone, or in the whole address that the browser ended at. Its tokens are kept.

        Raises InvalidInputError (grant_code_missing, grant_state_other), AuthError ('grant_other_account')
        where somebody else agreed than before; and the platform's errors.
        """
        account = await self._accounts.get(account_id)
        code = code_in(given, state)
        known_id = await self._store.read(lambda conn: grants.open_id(conn, account.id))
        adapter = await self._accounts.open(account)
        try:
            if not isinstance(adapter, KeepsGrant):
                raise InvalidInputError("grant_not_needed", account=account.name)
            grant = await adapter.authorise(code)
            life = adapter.grant_life()
        finally:
            await adapter.aclose()
        if known_id and grant.open_id and grant.open_id != known_id:
            await self._refuse(account)
            raise AuthError("grant_other_account", account=account.name)

        def work(tx: Transaction) -> None:
            if life is not None:
                grants.note(tx, account.id, life, grant.open_id)
            account_rows.set_state(tx, account.id, AccountState.CONNECTED, None, None)

        await self._store.write(work, kind="account.authorise", payload={"account": account.uid})
        return life

    async def _refuse(self, account: Account) -> None:
        """Another account's consent is of no use here: until the right one agrees, nothing is exchanged."""
        await self._store.write(
            lambda tx: account_rows.set_state(
                tx, account.id, AccountState.REFUSED, "grant_other_account", {"account": account.name}
            ),
            kind=None,
        )

    async def health(self) -> tuple[GrantHealth, ...]:
        """Every consent and how near its end is."""
        now = self._clock.now_ms()
        known = await self._store.read(grants.all_of)
        return tuple(
            GrantHealth(account_id, uid, name, life, warning(life, now))
            for account_id, uid, name, life in known
        )


def code_in(given: str, state: str) -> str:
    """The code in what the owner pasted. Raises InvalidInputError (grant_code_missing, grant_state_other)."""
    plain = given.strip()
    if "://" not in plain and "code=" not in plain:
        if not plain or any(ch.isspace() for ch in plain):
            raise InvalidInputError("grant_code_missing")
        return plain
    query = parse_qs(urlsplit(plain).query or plain.partition("?")[2] or plain)
    code, came = query.get("code", [""])[0], query.get("state", [""])[0]
    if not code:
        raise InvalidInputError("grant_code_missing")
    if state and came != state:
        raise InvalidInputError("grant_state_other")
    return code
