"""Ways in: codes of staff and of groups. Made and changed here at once, at the platform with the next sync."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain import entry_ways as rules
from desktop.domain.clock import Clock
from desktop.domain.entry_ways import CONTACT, JOIN, EntryWayDraft
from desktop.domain.errors import ConflictError, InvalidInputError
from desktop.domain.outbox import HOLD_S
from desktop.domain.write_kinds.wecom import (
    CONTACT_WAY_ADD,
    CONTACT_WAY_DELETE,
    CONTACT_WAY_EDIT,
    JOIN_WAY_ADD,
    JOIN_WAY_DELETE,
    JOIN_WAY_EDIT,
)
from desktop.domain.writes import Write
from desktop.services import platform_edits
from desktop.services.platform_edits import Queued, Standing, Wish, refusal_of, standing_of
from desktop.store.database import Store
from desktop.store.groups import entry_ways
from desktop.store.groups.entry_ways import ENTITY, Choice, EntryWay
from desktop.store.sends.pending_edits import PendingEdit, pending, stop_open
from desktop.store.transaction import Transaction

__all__ = ["Choice", "EntryWayService", "WayChoices", "WayRow"]

ADD = {CONTACT: CONTACT_WAY_ADD, JOIN: JOIN_WAY_ADD}
EDIT = {CONTACT: CONTACT_WAY_EDIT, JOIN: JOIN_WAY_EDIT}
DELETE = {CONTACT: CONTACT_WAY_DELETE, JOIN: JOIN_WAY_DELETE}
ALL_KINDS = (*ADD.values(), *EDIT.values(), *DELETE.values())


@dataclass(frozen=True, slots=True)
class WayRow:
    """One way in. `draft` is what the platform has (or will get first); `waiting` is a change on its way.

    `leads_to` names the staff or groups. `came` counts people who came through it, as far as known.
    `items` are the outbox items it waits for; `reason` is why the last change was refused.
    """

    uid: str
    account_id: int
    draft: EntryWayDraft
    standing: Standing
    leads_to: tuple[str, ...]
    came: int
    qr_url: str
    state: str
    created_at: int
    waiting: EntryWayDraft | None = None
    waiting_for: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    reason: str = ""
    platform_code: str = ""
    external_id: str = ""

    @property
    def shown(self) -> EntryWayDraft:
        """What the operator wants it to be: the change on its way, else what stands."""
        return self.waiting or self.draft

    @property
    def is_scannable(self) -> bool:
        """Whether the address may be drawn as a code here."""
        return rules.is_scannable(self.qr_url)


@dataclass(frozen=True, slots=True)
class WayChoices:
    """Whom ways may lead to."""

    staff: tuple[Choice, ...]
    groups: tuple[Choice, ...]


class EntryWayService:
    """Methods about one way raise NotFoundError('way_missing')."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def rows(self, kind: str) -> list[WayRow]:
        """Ways of a kind, newest first."""
        now = self._clock.now_ms()
        return await self._store.read(lambda conn: _rows(conn, entry_ways.rows(conn, kind), now))

    async def row(self, uid: str) -> WayRow:
        """One way."""
        now = self._clock.now_ms()
        return await self._store.read(lambda conn: _rows(conn, [entry_ways.by_uid(conn, uid)], now)[0])

    async def choices(self) -> WayChoices:
        """Staff and groups that a way may lead to."""
        return await self._store.read(_choices)

    async def staff_named(self, words: Sequence[str]) -> tuple[str, ...]:
        """Staff by name or the platform's id. Raises InvalidInputError('way_unknown')."""
        return _named((await self.choices()).staff, words)

    async def groups_named(self, words: Sequence[str]) -> tuple[str, ...]:
        """Groups by name or the platform's id. Raises InvalidInputError('way_unknown')."""
        return _named((await self.choices()).groups, words)

    async def add(self, draft: EntryWayDraft, hold_s: float = HOLD_S) -> Queued:
        """Make a way. Raises InvalidInputError as entry_ways.checked, and ConflictError('way_accounts')."""
        wanted = rules.checked(draft)

        def work(tx: Transaction) -> Queued:
            way = entry_ways.insert(tx, _account_of(tx.db.conn, wanted), wanted, "operator")
            return self._queue_add(tx, way, wanted, hold_s)

        return await self._store.write(work, kind="way.add", payload={"name": wanted.name})

    async def edit(self, uid: str, draft: EntryWayDraft, hold_s: float = HOLD_S) -> Queued:
        """Change a way. A change that has not left yet is replaced by this one.

        Raises as add(), and ConflictError: 'outbox_undecided' while it is unclear whether it was made,
        'way_unlinked' or 'way_unlinked_yet' where it was made and its id is not known (yet).
        """
        wanted = rules.checked(draft)

        def work(tx: Transaction) -> Queued:
            way = entry_ways.by_uid(tx.db.conn, uid)
            if wanted.kind != way.kind or _account_of(tx.db.conn, wanted) != way.account_id:
                raise ConflictError("way_accounts")
            platform_edits.refuse_while_unclear(_pending(tx.db.conn, [way], tx.now_ms).get(way.id, []))
            tx.replaced = {"name": way.draft.name}
            stop_open(tx, ENTITY, way.id, _order_key(way), "replaced_by_newer")
            if way.external_id is None:
                self._refuse_unlinked(tx, way)
                entry_ways.set_draft(tx, way.id, wanted)
                return self._queue_add(tx, way, wanted, hold_s)
            if wanted == way.draft:
                return Queued(way.uid, (), tx.now_ms)
            body = rules.body_of(wanted, way.external_id)
            return self._queue(tx, way, Write(EDIT[way.kind], body), wanted.name, hold_s)

        return await self._store.write(work, kind="way.edit", payload={"uid": uid, "name": wanted.name})

    async def delete(self, uid: str, hold_s: float = HOLD_S) -> Queued:
        """Take a way away; people who scan its code then come nowhere. Raises as edit().

        A join way whose id is not known is only taken off the list here: the platform keeps it.
        """

        def work(tx: Transaction) -> Queued:
            way = entry_ways.by_uid(tx.db.conn, uid)
            platform_edits.refuse_while_unclear(_pending(tx.db.conn, [way], tx.now_ms).get(way.id, []))
            stop_open(tx, ENTITY, way.id, _order_key(way), "replaced_by_newer")
            if way.external_id is None:
                if way.kind == CONTACT:
                    self._refuse_unlinked(tx, way)
                entry_ways.remove(tx, [way.id])
                return Queued(way.uid, (), tx.now_ms)
            write = Write(DELETE[way.kind], {"config_id": way.external_id})
            return self._queue(tx, way, write, way.draft.name, hold_s)

        return await self._store.write(work, kind="way.delete", payload={"uid": uid})

    async def take_back(self, uids: Sequence[str]) -> int:
        """Stop changes that have not left; how many. Raises ConflictError('outbox_too_late')."""
        return await platform_edits.take_back(self._store, uids)

    def _refuse_unlinked(self, tx: Transaction, way: EntryWay) -> None:
        """Nothing may be made a second time that was said to be made already."""
        if way.id in entry_ways.said_to_be_made(tx.db.conn):
            raise ConflictError("way_unlinked_yet" if way.kind == CONTACT else "way_unlinked")

    def _queue_add(self, tx: Transaction, way: EntryWay, draft: EntryWayDraft, hold_s: float) -> Queued:
        queued = self._queue(tx, way, Write(ADD[way.kind], rules.body_of(draft)), draft.name, hold_s)
        entry_ways.set_state(tx, way.id, rules.state_of(queued.items[0]))
        return queued

    def _queue(self, tx: Transaction, way: EntryWay, write: Write, name: str, hold_s: float) -> Queued:
        summary = {"title": name, "entity_uid": way.uid}
        wish = Wish(way.account_id, ENTITY, way.id, write, summary, _order_key(way))
        uids = platform_edits.queue(tx, self._store, [wish], hold_s)
        return Queued(way.uid, tuple(uids), tx.now_ms + int(hold_s * 1000))


def _order_key(way: EntryWay) -> str:
    return f"entry_way:{way.uid}"


def _pending(conn: Any, ways: Sequence[EntryWay], now: int) -> dict[int, list[PendingEdit]]:
    return pending(conn, ENTITY, [way.id for way in ways], ALL_KINDS, now)


def _rows(conn: Any, ways: Sequence[EntryWay], now: int) -> list[WayRow]:
    edits = _pending(conn, ways, now)
    came = entry_ways.came(conn, [way for way in ways if way.kind == CONTACT])
    came |= entry_ways.joined(conn, [way for way in ways if way.kind == JOIN])
    names = _names(conn)
    made = entry_ways.said_to_be_made(conn)
    return [
        _row(way, edits.get(way.id, []), came.get(way.id, 0), names)
        for way in ways
        if way.external_id or way.id in edits or way.id in made
    ]


def _row(
    way: EntryWay, edits: Sequence[PendingEdit], came: int, names: Mapping[tuple[int, str], str]
) -> WayRow:
    changes = [edit for edit in edits if edit.is_open and edit.kind == EDIT[way.kind]]
    waiting = rules.draft_of(way.kind, changes[-1].body) if changes else None
    reason, platform_code = refusal_of(edits)
    return WayRow(
        way.uid,
        way.account_id,
        way.draft,
        standing_of(way.external_id is not None, edits),
        _leads_to(way.account_id, way.draft, names),
        came,
        way.qr_url,
        way.state,
        way.created_at,
        waiting=waiting,
        waiting_for=_leads_to(way.account_id, waiting, names) if waiting else (),
        items=tuple(edit.uid for edit in edits if edit.is_open),
        reason=reason,
        platform_code=platform_code,
        external_id=way.external_id or "",
    )


def _names(conn: Any) -> dict[tuple[int, str], str]:
    everyone = (*entry_ways.staff_choices(conn), *entry_ways.group_choices(conn))
    return {(one.account_id, one.external_id): one.name for one in everyone}


def _leads_to(
    account_id: int, draft: EntryWayDraft, names: Mapping[tuple[int, str], str]
) -> tuple[str, ...]:
    ids = draft.staff if draft.kind == CONTACT else draft.groups
    return tuple(names.get((account_id, one), "") or one for one in ids)


def _choices(conn: Any) -> WayChoices:
    return WayChoices(tuple(entry_ways.staff_choices(conn)), tuple(entry_ways.group_choices(conn)))


def _account_of(conn: Any, draft: EntryWayDraft) -> int:
    """The one account that all of the staff or groups belong to."""
    found = _choices(conn)
    choices = found.staff if draft.kind == CONTACT else found.groups
    wanted = set(draft.staff if draft.kind == CONTACT else draft.groups)
    unknown = wanted - {one.external_id for one in choices}
    if unknown:
        raise InvalidInputError("way_unknown", name=sorted(unknown)[0])
    accounts = {
        account_id
        for account_id in {one.account_id for one in choices}
        if wanted <= {one.external_id for one in choices if one.account_id == account_id}
    }
    if len(accounts) != 1:
        raise ConflictError("way_accounts")
    return accounts.pop()


def _named(choices: Iterable[Choice], words: Sequence[str]) -> tuple[str, ...]:
    known = list(choices)
    found = []
    for word in words:
        ids = {one.external_id for one in known if word in (one.external_id, one.name)}
        if len(ids) != 1:
            raise InvalidInputError("way_unknown", name=word)
        found.append(ids.pop())
    return tuple(found)
