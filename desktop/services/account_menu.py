"""The menu of an official account: as it stands, as it is wanted, and through the outbox to the platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from desktop.domain import account_menu as rules
from desktop.domain.account_menu import Entry
from desktop.domain.clock import Clock
from desktop.domain.errors import InvalidInputError, NotFoundError
from desktop.domain.outbox import HOLD_S
from desktop.domain.write_kinds.wechat import MENU_DELETE, MENU_SET
from desktop.domain.writes import Write
from desktop.services import platform_edits
from desktop.services.platform_edits import Queued, Wish
from desktop.store.accounts import account_figures, accounts
from desktop.store.database import Store
from desktop.store.pulled import publications
from desktop.store.pulled.publications import ListedArticle
from desktop.store.sends.pending_edits import pending, stop_open
from desktop.store.transaction import Transaction

ENTITY = "account"
PLATFORM = "wechat"
KINDS = (MENU_SET, MENU_DELETE)
MOST_ARTICLES = 200


@dataclass(frozen=True, slots=True)
class MenuState:
    """One account's menu: as the platform shows it, and what waits in its place. `reason`: why it was refused.

    `articles`, newest first, are those that a button can open: published ones; of a mass send no such id is told.
    """

    account_id: int
    account_name: str
    now: tuple[Entry, ...]
    wanted: tuple[Entry, ...] | None = None
    items: tuple[str, ...] = ()
    reason: str = ""
    articles: tuple[ListedArticle, ...] = ()


class AccountMenuService:
    """Menus are replaced as a whole; what waited before is replaced by what is newer."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def states(self) -> list[MenuState]:
        """The menu of every official account."""
        now = self._clock.now_ms()

        def look(conn: Any) -> list[MenuState]:
            mine = [one for one in accounts.listing(conn) if one.platform == PLATFORM]
            edits = pending(conn, ENTITY, [one.id for one in mine], KINDS, now)
            found = []
            for account in mine:
                standing = MenuState(
                    account.id,
                    account.name,
                    rules.entries_of(account_figures.menu(conn, account.id)),
                    articles=_published(conn, account.id),
                )
                newest = next(iter(edits.get(account.id, [])[-1:]), None)
                if newest is not None:
                    standing = replace(
                        standing,
                        wanted=rules.entries_of(newest.body.get("buttons", ())),
                        items=(newest.uid,) if newest.is_open else (),
                        reason=newest.reason if newest.is_refused else "",
                    )
                found.append(standing)
            return found

        return await self._store.read(look)

    async def save(self, account_id: int, entries: Sequence[Entry], hold_s: float = HOLD_S) -> Queued:
        """Put a menu in the place of the one there is. Raises InvalidInputError('menu_refused'), NotFoundError."""
        wrong = rules.check(entries)
        if wrong:
            raise InvalidInputError("menu_refused", problems=[problem.code for problem in wrong])
        return await self._queue(
            account_id, Write(MENU_SET, {"buttons": rules.buttons_of(entries)}), hold_s
        )

    async def delete(self, account_id: int, hold_s: float = HOLD_S) -> Queued:
        """Take the menu away, conditional ones too. Raises NotFoundError."""
        return await self._queue(account_id, Write(MENU_DELETE, {}), hold_s)

    async def take_back(self, uids: Sequence[str]) -> int:
        """Stop changes that have not left; how many. Raises ConflictError('outbox_too_late')."""
        return await platform_edits.take_back(self._store, uids)

    async def _queue(self, account_id: int, write: Write, hold_s: float) -> Queued:
        def work(tx: Transaction) -> list[str]:
            account = accounts.get(tx.db.conn, account_id)
            if account is None or account.platform != PLATFORM:
                raise NotFoundError("account_missing", account=account_id)
            key = f"menu:{account_id}"
            stop_open(tx, ENTITY, account_id, key, "replaced_by_newer")
            wish = Wish(account_id, ENTITY, account_id, write, {"title": account.name}, key)
            return platform_edits.queue(tx, self._store, [wish], hold_s)

        uids = await self._store.write(work, kind="account.menu", payload={"account": account_id})
        return Queued(str(account_id), tuple(uids), self._clock.now_ms() + int(hold_s * 1000))


def _published(conn: Any, account_id: int) -> tuple[ListedArticle, ...]:
    """One of each publication, for a button opens its first piece."""
    firsts: dict[str, ListedArticle] = {}
    for one in publications.listing(conn, account_id, MOST_ARTICLES):
        if one.external_id and one.place == 1:
            firsts[one.external_id] = one
    return tuple(firsts.values())
