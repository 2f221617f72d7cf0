"""Tags as they are kept: the shop's own at once, a platform's through the outbox; and putting them on fans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.accounts import TagAccount
from desktop.domain.clock import Clock
from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.domain.outbox import CANCELLABLE, HOLD_S, State
from desktop.domain.writes import Write
from desktop.services import platform_edits
from desktop.services.platform_edits import Queued, Standing, Wish, refusal_of, standing_of
from desktop.services.side_writes import (
    MARKS,
    TAG_ADDS,
    TAG_DELETES,
    TAG_EDITS,
    WECHAT,
    marks_of,
    marks_write,
    staff_of,
    tag_add,
    tag_delete,
    tag_edit,
)
from desktop.store.accounts import accounts
from desktop.store.database import Store
from desktop.store.fans import customer_notes, fans
from desktop.store.fans.customer_notes import Friendship
from desktop.store.pulled import platform_tags
from desktop.store.pulled.platform_tags import KeptTag
from desktop.store.sends import outbox as outbox_rows
from desktop.store.sends.pending_edits import PendingEdit, pending, stop_open
from desktop.store.tags import tags
from desktop.store.transaction import Transaction

ENTITY = "tag"
TAG_KINDS = (*TAG_ADDS, *TAG_EDITS, *TAG_DELETES)
FOLLOWER_TAG_BYTES = 30  # of a name at an official account
MOST_AT_ONCE = 5_000  # friendships one command may change


@dataclass(frozen=True, slots=True)
class TagLine:
    """One tag in the list of tags. `new_name` waits for the platform. `account_id` None: the shop's own."""

    tag_id: int
    name: str
    group_name: str
    group_id: str
    account_id: int | None
    account_name: str
    fans: int
    standing: Standing
    new_name: str = ""
    items: tuple[str, ...] = ()
    reason: str = ""
    platform_code: str = ""
    is_made: bool = True
    colour: str = ""
    has_rule: bool = False

    @property
    def can_mark(self) -> bool:
        """Whether it may be put on fans: only what the platform has, and is not about to lose."""
        return self.is_made and self.standing is not Standing.DELETING


@dataclass(frozen=True, slots=True)
class Marked:
    """What putting a platform tag on fans, or taking it off, queued.

    `fans` it concerns, `already` as wanted, `strangers` who are nobody's contact on that account.
    """

    items: tuple[str, ...]
    fans: int
    already: int
    strangers: int
    stopped: int
    hold_until: int


class PlatformTagService:
    """Methods about one tag raise NotFoundError('tag_missing')."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def lines(self) -> list[TagLine]:
        """Every tag, the shop's own first, then each account's by group."""
        now = self._clock.now_ms()
        return await self._store.read(lambda conn: _lines(conn, now))

    async def named(self, name: str, account: str = "") -> TagLine:
        """The platform tag of this name, or local id. Raises NotFoundError, ConflictError('tag_several')."""
        found = [
            line
            for line in await self.lines()
            if line.account_id is not None
            and name in (line.name, str(line.tag_id))
            and (not account or account in (line.account_name, str(line.account_id)))
        ]
        if not found:
            raise NotFoundError("tag_missing", tag_id=name)
        if len(found) > 1:
            raise ConflictError("tag_several", name=name)
        return found[0]

    async def accounts(self) -> list[TagAccount]:
        """The accounts that keep tags."""
        return await self._store.read(platform_tags.accounts)

    async def only_account(self) -> int:
        """The one account that keeps tags in groups. Raises NotFoundError('account_missing'),
        ConflictError('account_choose')."""
        found = [one for one in await self.accounts() if one.has_groups]
        if not found:
            raise NotFoundError("account_missing", account="")
        if len(found) > 1:
            raise ConflictError("account_choose", accounts=[one.name for one in found])
        return found[0].id

    # -- the shop's own

    async def add_own(self, name: str) -> int:
        """A new tag of the shop's own; its local id. One of that name is taken as it is."""
        wanted = tags.checked_name(name)
        return await self._store.write(
            lambda tx: tags.ensure(tx, wanted), kind="tag.add", payload={"name": wanted}
        )

    async def rename_own(self, tag_id: int, name: str) -> None:
        """Another name (undoable). Raises ConflictError('tag_name_taken', 'tag_platform_owned')."""
        wanted = tags.checked_name(name)
        await self._store.write(
            lambda tx: tags.rename(tx, tag_id, wanted),
            kind="tag.rename",
            payload={"tag_id": tag_id, "name": wanted},
        )

    async def delete_own(self, tag_id: int) -> int:
        """Take the tag off everybody and away (undoable); how many carried it."""
        return await self._store.write(
            lambda tx: tags.delete(tx, tag_id), kind="tag.delete", payload={"tag_id": tag_id}
        )

    # -- a platform's

    async def add(self, account_id: int, name: str, group_name: str, hold_s: float = HOLD_S) -> Queued:
        """A new tag at the platform, in a group of this name (made when missing).

        Raises InvalidInputError('tag_name_invalid'), ConflictError('tag_name_taken').
        """

        def work(tx: Transaction) -> Queued:
            account = accounts.get(tx.db.conn, account_id)
            platform = "" if account is None else account.platform
            wanted, group = (
                _named(platform, name),
                "" if platform == WECHAT else tags.checked_name(group_name),
            )
            kept = platform_tags.kept(tx.db.conn, account_id)
            if any((one.group_name, one.name) == (group, wanted) for one in _live(tx, kept)):
                raise ConflictError("tag_name_taken", name=wanted)
            group_id = next((one.group_id for one in kept if one.group_name == group and one.group_id), "")
            tag_id = platform_tags.insert(tx, account_id, group_id, group, wanted)
            write = tag_add(platform, wanted, group, group_id)
            return self._queue(tx, account_id, tag_id, write, wanted, hold_s)

        return await self._store.write(work, kind="tag.add", payload={"name": name, "group": group_name})

    async def rename(self, tag_id: int, name: str, hold_s: float = HOLD_S) -> Queued:
        """Another name at the platform. Raises as add(), ConflictError('tag_waits') before it is made."""

        def work(tx: Transaction) -> Queued:
            kept = platform_tags.kept_one(tx.db.conn, tag_id)
            wanted = _named(kept.platform, name)
            peers = platform_tags.kept(tx.db.conn, kept.account_id)
            if any(p.name == wanted and p.group_id == kept.group_id and p.id != tag_id for p in peers):
                raise ConflictError("tag_name_taken", name=wanted)
            stop_open(tx, ENTITY, tag_id, f"tag:{tag_id}", "replaced_by_newer")
            if wanted == kept.name:
                return Queued(str(tag_id), (), tx.now_ms)
            write = tag_edit(kept, _made(kept), wanted)
            return self._queue(tx, kept.account_id, tag_id, write, wanted, hold_s)

        return await self._store.write(work, kind="tag.edit", payload={"tag_id": tag_id, "name": name})

    async def delete(self, tag_id: int, hold_s: float = HOLD_S) -> Queued:
        """Take it away at the platform, and so off everybody. The last tag of a group takes the group along."""

        def work(tx: Transaction) -> Queued:
            kept = platform_tags.kept_one(tx.db.conn, tag_id)
            edits = pending(tx.db.conn, ENTITY, [tag_id], TAG_KINDS, tx.now_ms).get(tag_id, [])
            platform_edits.refuse_while_unclear(edits)
            stop_open(tx, ENTITY, tag_id, f"tag:{tag_id}", "replaced_by_newer")
            if not kept.external_id:
                platform_tags.remove(tx, [tag_id])
                return Queued(str(tag_id), (), tx.now_ms)
            return self._queue(tx, kept.account_id, tag_id, tag_delete(kept), kept.name, hold_s)

        return await self._store.write(work, kind="tag.remove", payload={"tag_id": tag_id})

    async def mark(
        self, fan_ids: Sequence[int], tag_id: int, *, remove: bool = False, hold_s: float = HOLD_S
    ) -> Marked:
        """Put a platform tag on fans, or take it off: one item for each friendship that is not so yet.

        Raises ConflictError('tag_waits') for a tag the platform does not have yet, InvalidInputError
        ('too_many_at_once').
        """

        def work(tx: Transaction) -> Marked:
            kept = platform_tags.kept_one(tx.db.conn, tag_id)
            return _Marking(tx, self._store, kept, remove=remove).run(list(fan_ids), hold_s)

        payload = {"tag_id": tag_id, "fans": len(fan_ids), "remove": remove}
        return await self._store.write(work, kind="tag.mark", payload=payload)

    async def take_back(self, uids: Sequence[str]) -> int:
        """Stop changes that have not left; how many. Raises ConflictError('outbox_too_late')."""
        return await platform_edits.take_back(self._store, uids)

    def _queue(
        self, tx: Transaction, account_id: int, tag_id: int, write: Write, name: str, hold_s: float
    ) -> Queued:
        wish = Wish(account_id, ENTITY, tag_id, write, {"title": name}, f"tag:{tag_id}")
        uids = platform_edits.queue(tx, self._store, [wish], hold_s)
        return Queued(str(tag_id), tuple(uids), tx.now_ms + int(hold_s * 1000))


class _Marking:
    """Putting one tag on many fans, or taking it off, inside one transaction."""

    def __init__(self, tx: Transaction, store: Store, tag: KeptTag, *, remove: bool) -> None:
        self._tx = tx
        self._store = store
        self._tag = tag
        self._tag_id = _made(tag)
        self._remove = remove
        self._stopped = 0

    def run(self, fan_ids: list[int], hold_s: float) -> Marked:
        conn = self._tx.db.conn
        friends = [
            one
            for one in customer_notes.friendships(conn, fan_ids)
            if one.account_id == self._tag.account_id
        ]
        if len(friends) > MOST_AT_ONCE:
            raise InvalidInputError("too_many_at_once", n=len(friends), most=MOST_AT_ONCE)
        waiting = self._waiting(fan_ids)
        names = {row.fan_id: row.name for row in fans.rows(conn, fan_ids)}
        wishes = [
            self._wish(one, names.get(one.fan_id, ""))
            for one in friends
            if not self._is_so(one, waiting[one.external_id, one.staff_external_id])
        ]
        uids = platform_edits.queue(self._tx, self._store, wishes, hold_s)
        wished = {wish.entity_id for wish in wishes}
        known = {one.fan_id for one in friends}
        return Marked(
            tuple(uids),
            fans=len(wished),
            already=len(known - wished),
            strangers=len(set(fan_ids) - known),
            stopped=self._stopped,
            hold_until=self._tx.now_ms + int(hold_s * 1000),
        )

    def _waiting(self, fan_ids: list[int]) -> dict[tuple[str, str], list[PendingEdit]]:
        found: dict[tuple[str, str], list[PendingEdit]] = defaultdict(list)
        edits = pending(self._tx.db.conn, customer_notes.ENTITY, fan_ids, MARKS, self._tx.now_ms)
        for edit in (edit for group in edits.values() for edit in group if edit.is_open):
            add, gone = marks_of(edit)
            if self._tag_id in (*add, *gone):
                found[edit.target, staff_of(edit)].append(edit)
        return found

    def _is_so(self, friend: Friendship, waiting: Sequence[PendingEdit]) -> bool:
        """Whether it is, or will be, as wanted. A waiting change to the contrary is stopped."""
        carried = self._tag_id in friend.tags
        for edit in waiting:
            adds = self._tag_id in marks_of(edit)[0]
            if edit.state in CANCELLABLE and adds == self._remove:
                item = outbox_rows.by_uid(self._tx.db.conn, edit.uid)
                outbox_rows.move(self._tx, item.id, State.CANCELLED, reason={"code": "replaced_by_newer"})
                self._stopped += 1
            else:
                carried = adds
        return carried != self._remove

    def _wish(self, friend: Friendship, name: str) -> Wish:
        summary = {"title": self._tag.name, "for": name, "recipients": 1, "removes": self._remove}
        return Wish(
            friend.account_id,
            customer_notes.ENTITY,
            friend.fan_id,
            marks_write(friend, self._tag_id, remove=self._remove),
            summary,
            f"marks:{friend.external_id}:{friend.staff_external_id}",
            (friend.target,),
        )


def _named(platform: str, name: str) -> str:
    """A name the platform takes. Raises InvalidInputError('tag_name_invalid', 'wechat_tag_name')."""
    wanted = tags.checked_name(name)
    if platform == WECHAT and len(wanted.encode()) > FOLLOWER_TAG_BYTES:
        raise InvalidInputError("wechat_tag_name", platform_code="")
    return wanted


def _made(tag: KeptTag) -> str:
    """The tag's id at the platform. Raises ConflictError('tag_waits') before there is one."""
    if not tag.external_id:
        raise ConflictError("tag_waits", name=tag.name)
    return tag.external_id


def _live(tx: Transaction, kept: Sequence[KeptTag]) -> list[KeptTag]:
    """Those the platform has or will get; one whose making was refused or taken back does not count."""
    edits = pending(tx.db.conn, ENTITY, None, TAG_ADDS, tx.now_ms)
    return [one for one in kept if one.external_id or any(e.is_open for e in edits.get(one.id, []))]


def _lines(conn: Any, now: int) -> list[TagLine]:
    edits = pending(conn, ENTITY, None, TAG_KINDS, now)
    lines = [
        TagLine(
            row.tag_id,
            row.name,
            row.group_name,
            "",
            None,
            "",
            row.fans,
            Standing.READY,
            colour=row.colour,
            has_rule=row.has_rule,
        )
        for row in tags.tags(conn)
        if not row.is_platform
    ]
    for kept in platform_tags.kept(conn):
        changes = edits.get(kept.id, [])
        if kept.external_id or changes:
            lines.append(_line(kept, changes))
    return lines


def _line(kept: KeptTag, edits: Sequence[PendingEdit]) -> TagLine:
    renames = [edit for edit in edits if edit.is_open and edit.kind in TAG_EDITS]
    reason, platform_code = refusal_of(edits)
    return TagLine(
        kept.id,
        kept.name,
        kept.group_name,
        kept.group_id,
        kept.account_id,
        kept.account_name,
        kept.fans,
        standing_of(bool(kept.external_id), edits),
        new_name=str(renames[-1].body["name"]) if renames else "",
        items=tuple(edit.uid for edit in edits if edit.is_open),
        reason=reason,
        platform_code=platform_code,
        is_made=bool(kept.external_id),
    )
