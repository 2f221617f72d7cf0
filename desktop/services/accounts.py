"""Accounts on platforms: connect, look after, test, put away. Secrets go to the secret store only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from desktop.domain.accounts import Account, AccountHealth, AccountState, ConnectionTest, StreamHealth
from desktop.domain.clock import Clock
from desktop.domain.errors import (
    AuthError,
    InvalidInputError,
    NotFoundError,
    PlatformError,
    SecretMissingError,
)
from desktop.domain.ids import new_uid
from desktop.domain.sync_reports import SyncRun
from desktop.platforms import http
from desktop.platforms.first_use import http_loaded
from desktop.platforms.ports import Adapter, ChecksConnection, KeepsToBudget, Platform, TellsTokenLife
from desktop.platforms.ports_grants import KeepsGrant, MemoryVault
from desktop.services import account_health
from desktop.services.call_budgets import CallBudget
from desktop.services.secrets.ports import SecretStore, SecretStoreError
from desktop.services.secrets.vault import SecretVault
from desktop.store.accounts import accounts, sync_runs
from desktop.store.database import Store

MAX_NAME = 60


class AccountService:
    """The shop's accounts. `platforms` are those that can be connected, by name."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        platforms: Mapping[str, Platform],
        secrets: SecretStore,
    ) -> None:
        self._store = store
        self._clock = clock
        self._platforms = platforms
        self._secrets = secrets
        self._lent: dict[int, dict[str, str]] = {}

    def platforms(self) -> tuple[str, ...]:
        """Names of the platforms that can be connected."""
        return tuple(self._platforms)

    async def secret_kind(self) -> str:
        """Where secrets are kept: keyring, kernel (until the computer restarts) or memory (this run)."""
        return await self._secrets.kind()

    async def add(
        self, platform: str, name: str, base_url: str | None, secrets: Mapping[str, str]
    ) -> Account:
        """Connect an account; nothing is sent to the platform yet.

        The same account at the same address again renews its secret and name. Raises InvalidInputError
        for an unknown platform, a missing secret or a refused address, and SecretStoreError.
        """
        self._store.need_writable()
        door = self._door(platform)
        given = self._checked_secrets(door, secrets)
        address = door.checked_base_url(base_url or door.default_base_url)
        plain_name = self._checked_name(name)
        own_id = door.external_id(given)
        known = await self._store.read(lambda conn: accounts.at_address(conn, platform, own_id, address))
        uid = known[1] if known else new_uid(self._clock.now_ms())
        await self._secrets.put(uid, json.dumps(given))
        account_id = await self._store.write(
            lambda tx: accounts.save(tx, uid, platform, plain_name, address, own_id),
            kind="account.add",
            payload={"platform": platform, "name": plain_name, "external_id": own_id, "base_url": address},
        )
        return await self.get(account_id)

    async def get(self, account_id: int) -> Account:
        """One account. Raises NotFoundError."""
        account = await self._store.read(lambda conn: accounts.get(conn, account_id))
        if account is None:
            raise NotFoundError("account_missing", account=account_id)
        return account

    async def find(self, key: str) -> Account:
        """The account meant by a uid, local id, name or the platform's own id.

        Raises NotFoundError when there is none, InvalidInputError when there are several.
        """
        found = await self._store.read(lambda conn: accounts.find(conn, key.strip()))
        if not found:
            raise NotFoundError("account_missing", account=key)
        if len(found) > 1:
            raise InvalidInputError("account_ambiguous", account=key, uids=[each.uid for each in found])
        return found[0]

    async def list(self) -> tuple[AccountHealth, ...]:
        """Every account with its health."""
        now = self._clock.now_ms()
        known = await self._store.read(lambda conn: account_health.of_all(conn, now))
        return tuple(
            [replace(each, secret_kind=await self._kind_of_secret(each.account)) for each in known]
        )

    async def streams(self, account_id: int) -> tuple[StreamHealth, ...]:
        """Every stream an account ever had, with its last success and what its last round did."""
        return await self._store.read(lambda conn: account_health.streams(conn, account_id))

    async def is_online(self) -> bool:
        """Whether the platform of any account takes a connection now."""
        known = await self._store.read(accounts.listing)
        for address in dict.fromkeys(account.base_url for account in known):
            if await http.is_reachable(address):
                return True
        return False

    async def test(self, account_id: int) -> ConnectionTest:
        """Sign in and read the staff list; what the platform says is noted with the account.

        Raises NotFoundError. A platform's refusal is in the answer, not raised.
        """
        account = await self.get(account_id)
        try:
            adapter = await self.open(account)
            try:
                staff = await adapter.check() if isinstance(adapter, ChecksConnection) else 0
            finally:
                await self._note_token(account, adapter)
                await adapter.aclose()
        except (PlatformError, SecretStoreError) as error:
            params = dict(error.params)
            refused = AccountState.REFUSED if isinstance(error, AuthError) else account.state
            await self._note(account, refused, error.code, params)
            return ConnectionTest(works=False, error_code=error.code, error_params=params)
        await self._note(account, AccountState.CONNECTED, None, None)
        return ConnectionTest(works=True, staff=staff)

    async def connect(
        self,
        platform: str,
        name: str,
        base_url: str | None,
        secrets: Mapping[str, str],
        *,
        keeps_unproven: bool = False,
    ) -> tuple[ConnectionTest, Account | None]:
        """Try the secrets out, and add the account (or renew it) only when they work.

        With `keeps_unproven` it is added all the same, with what stands in the way noted. Raises as
        `add`; a platform's refusal is in the answer, and without that wish nothing was written then.
        """
        door = self._door(platform)
        given = self._checked_secrets(door, secrets)
        self._checked_name(name)
        address = door.checked_base_url(base_url or door.default_base_url)
        tokens = MemoryVault()
        tried, state = await self._try(door, address, given, tokens)
        if not tried.works and not keeps_unproven:
            return tried, None
        account = await self.add(platform, name, address, given)
        if tokens.grant is not None:
            await SecretVault(self._secrets, account.uid).save(tokens.grant)
        await self._note(account, state, tried.error_code, tried.error_params)
        return tried, await self.get(account.id)

    async def _try(
        self, door: Platform, address: str, secrets: Mapping[str, str], tokens: MemoryVault
    ) -> tuple[ConnectionTest, AccountState]:
        """Sign in and read the staff list, keeping nothing; and what that makes of the account."""
        adapter = door.connect(address, secrets, self._clock)
        if isinstance(adapter, KeepsGrant):
            adapter.keep_in(tokens)
        try:
            staff = await adapter.check() if isinstance(adapter, ChecksConnection) else 0
        except PlatformError as error:
            state = AccountState.REFUSED if isinstance(error, AuthError) else AccountState.NEW
            refusal = ConnectionTest(works=False, error_code=error.code, error_params=dict(error.params))
            return refusal, state
        finally:
            await adapter.aclose()
        return ConnectionTest(works=True, staff=staff), AccountState.CONNECTED

    async def runs(self, account_id: int, limit: int = 10) -> tuple[SyncRun, ...]:
        """The last synchronisations of an account, newest first."""
        return await self._store.read(lambda conn: sync_runs.newest(conn, account_id, limit))

    async def remove(self, account_id: int) -> None:
        """Put an account away and forget its secret; its fans and groups stay. Raises NotFoundError."""
        self._store.need_writable()
        account = await self.get(account_id)
        await self._secrets.delete(account.uid)
        await SecretVault(self._secrets, account.uid).forget()
        self._lent.pop(account.id, None)
        await self._store.write(
            lambda tx: accounts.remove(tx, account.id),
            kind="account.remove",
            payload={"account": account.uid, "name": account.name},
        )

    async def move(self, account_id: int, base_url: str) -> None:
        """Reach an account at another address from now on; nothing is written when it is there already.

        Raises NotFoundError, and InvalidInputError for an address that credentials must not go to.
        """
        self._store.need_writable()
        account = await self.get(account_id)
        address = self._platforms[account.platform].checked_base_url(base_url)
        if address == account.base_url:
            return
        await self._store.write(
            lambda tx: accounts.move(tx, account.id, address),
            kind="account.move",
            payload={"account": account.uid, "base_url": address},
        )

    async def lend(self, account_id: int, secrets: Mapping[str, str]) -> None:
        """Use these secrets for an account until the program ends, without keeping them.

        Raises NotFoundError, and InvalidInputError when they are incomplete or of another account.
        """
        account = await self.get(account_id)
        door = self._platforms[account.platform]
        given = self._checked_secrets(door, secrets)
        if door.external_id(given) != account.external_id:
            raise InvalidInputError("secret_of_another", account=account.name)
        self._lent[account.id] = given

    async def open(self, account: Account) -> Adapter:
        """An open line to an account; close it with `aclose`. Raises SecretMissingError."""
        self._store.need_writable()
        door = self._platforms.get(account.platform)
        secrets = await self._secret_of(account)
        if door is None or secrets is None:
            raise SecretMissingError(account=account.name)
        await http_loaded()
        adapter = door.connect(account.base_url, secrets, self._clock)
        if isinstance(adapter, KeepsToBudget):
            adapter.keep_to(CallBudget(self._store, self._clock, account.platform, account.id))
        if isinstance(adapter, KeepsGrant):
            adapter.keep_in(SecretVault(self._secrets, account.uid))
        return adapter

    async def secrets_of(self, account: Account) -> dict[str, str]:
        """An account's own secret, for the page on which its owner agrees. Raises SecretMissingError."""
        found = await self._secret_of(account)
        if found is None:
            raise SecretMissingError(account=account.name)
        return found

    def door(self, platform: str) -> Platform:
        """How accounts of a platform are connected. Raises InvalidInputError for an unknown one."""
        return self._door(platform)

    async def _secret_of(self, account: Account) -> dict[str, str] | None:
        if account.id in self._lent:
            return self._lent[account.id]
        kept = await self._secrets.get(account.uid)
        try:
            secrets = json.loads(kept) if kept else None
        except ValueError:
            return None
        return secrets if isinstance(secrets, dict) else None

    async def _kind_of_secret(self, account: Account) -> str | None:
        if account.id in self._lent:
            return "memory"
        try:
            return await self._secrets.kind() if await self._secrets.get(account.uid) else None
        except SecretStoreError:  # locked just now: the account is still to be shown
            return None

    async def _note_token(self, account: Account, adapter: Adapter) -> None:
        life = adapter.token_life() if isinstance(adapter, TellsTokenLife) else None
        if life is not None:
            await self._store.write(lambda tx: accounts.note_token(tx, account.id, *life), kind=None)

    async def _note(
        self, account: Account, state: AccountState, code: str | None, params: Mapping[str, object] | None
    ) -> None:
        await self._store.write(
            lambda tx: accounts.set_state(tx, account.id, state, code, params), kind=None
        )

    def _door(self, platform: str) -> Platform:
        door = self._platforms.get(platform)
        if door is None:
            raise InvalidInputError("platform_unknown", platform=platform, known=list(self._platforms))
        return door

    @staticmethod
    def _checked_name(name: str) -> str:
        plain_name = name.strip()
        if not plain_name or len(plain_name) > MAX_NAME:
            raise InvalidInputError("account_name", limit=MAX_NAME)
        return plain_name

    @staticmethod
    def _checked_secrets(door: Platform, secrets: Mapping[str, str]) -> dict[str, str]:
        """The platform's own fields, trimmed, and no other. Raises InvalidInputError."""
        given = {name: str(secrets.get(name) or "").strip() for name in door.secret_fields}
        missing = [name for name, value in given.items() if not value]
        for name in getattr(door, "optional_fields", ()):
            value = str(secrets.get(name) or "").strip()
            given |= {name: value} if value else {}
        if missing:
            raise InvalidInputError("secret_incomplete", fields=missing)
        return given
