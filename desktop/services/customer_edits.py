"""One fan as staff have them at the platform: tags and notes there, and what of both is on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from desktop.domain import customer_edits as rules
from desktop.domain.clock import Clock
from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.outbox import CANCELLABLE, HOLD_S
from desktop.services import platform_edits
from desktop.services.platform_edits import Queued, Wish
from desktop.services.side_writes import MARKS, NOTES, WECHAT, marks_of, notes_of, notes_write, staff_of
from desktop.store.database import Store
from desktop.store.fans import customer_notes, fans
from desktop.store.fans.customer_notes import ENTITY, Friendship
from desktop.store.pulled import platform_tags
from desktop.store.sends.pending_edits import PendingEdit, pending, stop_open
from desktop.store.transaction import Transaction

KINDS = (*NOTES, *MARKS)


@dataclass(frozen=True, slots=True)
class SideTag:
    """A platform tag on a fan. `change`: '' carried, 'add' or 'remove' on its way, 'refused' did not happen."""

    tag_id: int
    name: str
    change: str = ""
    items: tuple[str, ...] = ()
    reason: str = ""
    platform_code: str = ""

    @property
    def is_carried(self) -> bool:
        """Whether the platform has it on the customer now."""
        return self.change in ("", "remove")


@dataclass(frozen=True, slots=True)
class PlatformSide:
    """One staff member's side of the friendship.

    `notes` are what the platform has. `mine` is what the operator wrote and what still waits; where the
    platform's notes changed meanwhile, `changed_there` is set and both are shown. `refused` is what the
    platform did not take, with `reason`.
    """

    account_id: int
    account_name: str
    platform: str
    staff_id: str
    staff_name: str
    external_id: str
    notes: CustomerNotes
    tags: tuple[SideTag, ...]
    mine: CustomerNotes | None = None
    mine_uid: str = ""
    can_take_back: bool = False
    changed_there: bool = False
    refused: CustomerNotes | None = None
    reason: str = ""
    platform_code: str = ""


class CustomerEditService:
    """Nothing here waits for the network: changes go out with the next sync."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def sides(self, fan_id: int) -> list[PlatformSide]:
        """Every staff member's side of a fan; empty for who is nobody's contact."""
        now = self._clock.now_ms()
        return await self._store.read(lambda conn: _sides(conn, fan_id, now))

    async def set_notes(
        self, fan_id: int, staff_id: str, notes: CustomerNotes, hold_s: float = HOLD_S
    ) -> Queued:
        """Change remark, description and phone numbers at the platform; what waited before is replaced.

        Raises InvalidInputError as customer_edits.checked, NotFoundError: 'friendship_missing' where nobody
        has this contact, 'friendship_of_others' where others than staff_id have;
        ConflictError('friendship_choose') when staff_id is '' and several staff have this contact.
        """

        def work(tx: Transaction) -> Queued:
            friend = _friend(tx.db.conn, fan_id, staff_id)
            wanted = _wanted(friend, notes)
            key = f"notes:{friend.external_id}:{friend.staff_external_id}"
            stop_open(tx, ENTITY, fan_id, key, "replaced_by_newer")
            tx.replaced = {"remark": friend.notes.remark, "description": friend.notes.description}
            open_edits = pending(tx.db.conn, ENTITY, [fan_id], NOTES, tx.now_ms)
            is_clear = not any(edit.is_open for edit in _of(friend, open_edits.get(fan_id, [])))
            if wanted == friend.notes and is_clear:
                return Queued(str(fan_id), (), tx.now_ms)
            wish = _wish(tx.db.conn, friend, wanted, key)
            uids = platform_edits.queue(tx, self._store, [wish], hold_s)
            return Queued(str(fan_id), tuple(uids), tx.now_ms + int(hold_s * 1000))

        payload = {"fan_id": fan_id, "staff": staff_id, "remark": notes.remark}
        return await self._store.write(work, kind="fan.remark", payload=payload)

    async def take_back(self, uids: Sequence[str]) -> int:
        """Stop changes that have not left; how many. Raises ConflictError('outbox_too_late')."""
        return await platform_edits.take_back(self._store, uids)


def _friend(conn: Any, fan_id: int, staff_id: str) -> Friendship:
    fans.fan(conn, fan_id)
    everyone = customer_notes.friendships(conn, [fan_id])
    if not everyone:
        raise NotFoundError("friendship_missing")
    found = [one for one in everyone if not staff_id or staff_id in (one.staff_external_id, one.staff_name)]
    if not found:
        names = [one.staff_name or one.staff_external_id for one in everyone]
        raise NotFoundError("friendship_of_others", staff=staff_id, names=names)
    if len(found) > 1:
        raise ConflictError("friendship_choose", names=[one.staff_external_id for one in found])
    return found[0]


def _wanted(friend: Friendship, notes: CustomerNotes) -> CustomerNotes:
    """The notes as the platform takes them. Raises InvalidInputError as customer_edits.checked."""
    if friend.platform == WECHAT:
        return rules.checked(CustomerNotes(notes.remark), rules.LONGEST_OF_FOLLOWERS)
    return rules.checked(notes)


def _wish(conn: Any, friend: Friendship, notes: CustomerNotes, key: str) -> Wish:
    name = str(fans.fan(conn, friend.fan_id)["name"])
    base = [friend.notes.remark, friend.notes.description, list(friend.notes.mobiles)]
    return Wish(
        friend.account_id,
        ENTITY,
        friend.fan_id,
        notes_write(friend, notes),
        {"title": notes.remark or name, "for": name, "recipients": 1, "base": base},
        key,
        (friend.target,),
    )


def _sides(conn: Any, fan_id: int, now: int) -> list[PlatformSide]:
    fans.fan(conn, fan_id)
    edits = pending(conn, ENTITY, [fan_id], KINDS, now).get(fan_id, [])
    names: dict[tuple[int, str], tuple[int, str]] = {
        (kept.account_id, kept.external_id): (kept.id, kept.name) for kept in platform_tags.kept(conn)
    }
    return [
        _side(friend, _of(friend, edits), names) for friend in customer_notes.friendships(conn, [fan_id])
    ]


def _of(friend: Friendship, edits: Sequence[PendingEdit]) -> list[PendingEdit]:
    return [
        edit
        for edit in edits
        if edit.target == friend.external_id and staff_of(edit) == friend.staff_external_id
    ]


def _side(
    friend: Friendship, edits: Sequence[PendingEdit], names: Mapping[tuple[int, str], tuple[int, str]]
) -> PlatformSide:
    notes = [edit for edit in edits if edit.kind in NOTES]
    newest = notes[-1] if notes else None
    waits = newest if newest is not None and newest.is_open else None
    refused = newest if newest is not None and newest.is_refused else None
    base = waits.summary.get("base") if waits is not None else None
    now = [friend.notes.remark, friend.notes.description, list(friend.notes.mobiles)]
    return PlatformSide(
        friend.account_id,
        friend.account_name,
        friend.platform,
        friend.staff_external_id,
        friend.staff_name,
        friend.external_id,
        friend.notes,
        _tags(friend, [edit for edit in edits if edit.kind in MARKS], names),
        mine=None if waits is None else notes_of(waits),
        mine_uid="" if waits is None else waits.uid,
        can_take_back=waits is not None and waits.state in CANCELLABLE,
        changed_there=base is not None and base != now,
        refused=None if refused is None else notes_of(refused),
        reason="" if refused is None else refused.reason,
        platform_code="" if refused is None else refused.platform_code,
    )


def _tags(
    friend: Friendship, edits: Sequence[PendingEdit], names: Mapping[tuple[int, str], tuple[int, str]]
) -> tuple[SideTag, ...]:
    """What is carried, in the list's own order, with what is on its way; then what is refused."""
    last: dict[str, tuple[str, PendingEdit]] = {}
    for edit in edits:
        add, gone = marks_of(edit)
        last |= dict.fromkeys(add, ("add", edit))
        last |= dict.fromkeys(gone, ("remove", edit))
    found = []
    for (account_id, external_id), (tag_id, name) in names.items():
        carried = external_id in friend.tags
        if account_id == friend.account_id and (carried or external_id in last):
            found.append(_tag(SideTag(tag_id, name), carried, last.get(external_id)))
    return tuple(found)


def _tag(plain: SideTag, carried: bool, newest: tuple[str, PendingEdit] | None) -> SideTag:
    if newest is None:
        return plain
    change, edit = newest
    if carried == (change == "add"):
        return plain
    if edit.is_refused:
        return replace(plain, change="refused", reason=edit.reason, platform_code=edit.platform_code)
    return replace(plain, change=change, items=(edit.uid,) if edit.state in CANCELLABLE else ())
