"""What leaves this computer: shown to the owner once for each account before anything does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.clock import Clock
from desktop.domain.errors import NotFoundError
from desktop.store.accounts import accounts
from desktop.store.database import Store
from desktop.store.sends import first_sends

TEXTS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class FirstSend:
    """What waits to go to which computer. `kinds` are kinds of writes with how many wait of each."""

    account: Account
    host: str
    kinds: Mapping[str, int]
    people: int
    groups: int
    texts: Sequence[str]
    pictures: int


class FirstSendService:
    """Read what would leave, and agree to it. Raises NotFoundError('account_missing')."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def unseen(self, account_ids: Sequence[int] | None = None) -> list[FirstSend]:
        """Accounts (None: all) through which something would leave now and whose owner has not seen it."""
        now = self._clock.now_ms()

        def work(conn: Any) -> list[FirstSend]:
            due = set(first_sends.due_accounts(conn, now))
            return [
                _preview(conn, account)
                for account in accounts.listing(conn)
                if account.id in due
                and not account.may_send
                and (account_ids is None or account.id in account_ids)
            ]

        return await self._store.read(work)

    async def preview(self, account_id: int) -> FirstSend:
        """What waits to leave through an account."""

        def work(conn: Any) -> FirstSend:
            account = accounts.get(conn, account_id)
            if account is None:
                raise NotFoundError("account_missing", account=account_id)
            return _preview(conn, account)

        return await self._store.read(work)

    async def agree(self, account_id: int) -> Account:
        """The owner has seen it; from now on items of this account leave when they are due."""
        account = (await self.preview(account_id)).account
        if account.may_send:
            return account
        await self._store.write(
            lambda tx: accounts.agree_to_sending(tx, account.id, self._store.operator, account.host),
            kind="account.agree_to_sending",
            payload={"account": account.uid, "host": account.host},
        )
        return (await self.preview(account_id)).account


def _preview(conn: Any, account: Account) -> FirstSend:
    people, groups = first_sends.waiting_people(conn, account.id)
    texts, pictures = first_sends.waiting_texts(conn, account.id, TEXTS_SHOWN)
    kinds = first_sends.waiting_kinds(conn, account.id)
    return FirstSend(account, account.host, kinds, people, groups, texts, pictures)
