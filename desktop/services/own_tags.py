"""The shop's own tags: how they look, rules that put them on, merging, and tags nobody needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from desktop.domain.clock import Clock, local_day
from desktop.domain.errors import InvalidInputError
from desktop.domain.outbox import HOLD_S
from desktop.domain.own_tags import COLOURS, TagPair, nearly_same
from desktop.domain.segments import rules
from desktop.domain.segments.facts import AsOf
from desktop.domain.segments.rules import Rule, is_complete
from desktop.services.kept_sets import LOOKED_AT
from desktop.services.platform_tags import Marked, PlatformTagService
from desktop.store.database import Store
from desktop.store.rules import zone_of
from desktop.store.tags import own_tags, tags
from desktop.store.transaction import Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TagOverview:
    """Own tags that nobody carries, and pairs carried by nearly the same fans. Ids, named in `names`."""

    orphans: tuple[int, ...]
    pairs: tuple[TagPair, ...]
    names: dict[int, str]


class OwnTagService:
    """Methods about one tag raise NotFoundError('tag_missing'), ConflictError('tag_platform_owned')."""

    def __init__(self, store: Store, clock: Clock, platform: PlatformTagService) -> None:
        self._store = store
        self._clock = clock
        self._platform = platform
        self._applied: tuple[int, date | None] = (0, None)

    async def dress(self, tag_id: int, group: str, colour: str) -> None:
        """Another group and colour (undoable). Raises InvalidInputError('tag_colour', 'tag_name_invalid')."""
        if colour not in COLOURS:
            raise InvalidInputError("tag_colour", colour=colour)
        wanted = tags.checked_name(group) if group.strip() else ""
        await self._write(
            lambda tx: own_tags.dress(tx, tag_id, wanted, colour),
            "tag.dress",
            tag_id=tag_id,
            group=wanted,
            colour=colour,
        )

    async def rule(self, tag_id: int) -> Rule | None:
        """The rule that puts it on; None when only people do."""
        return (await self._store.read(own_tags.ruled)).get(tag_id)

    async def set_rule(self, tag_id: int, rule: Rule | None) -> int:
        """Let a rule of the audience language put it on and take it off again (undoable); how many by rule.

        Raises InvalidInputError('segment_incomplete'), ConflictError('tag_rule_loop') where rules of tags
        would lean on each other.
        """
        if rule is not None and not is_complete(rule):
            raise InvalidInputError("segment_incomplete")
        now = self._clock.now_ms()
        return await self._write(
            lambda tx: own_tags.set_rule(tx, tag_id, rule, AsOf(now, zone_of(tx.db.conn))),
            "tag.rule",
            tag_id=tag_id,
            rule=None if rule is None else rules.as_json(rule),
        )

    async def refresh(self) -> int:
        """Put every tag with a rule on who belongs now; how many fans changed. Done at once when nothing
        happened since the last time."""
        if not await self._store.read(own_tags.ruled):
            return 0
        now = self._clock.now_ms()
        zone = await self._store.read(zone_of)
        state = (self._age(), local_day(now, zone))
        if state == self._applied:
            return 0

        def work(tx: Transaction) -> int:
            as_of = AsOf(now, zone)
            changed = sum(
                own_tags.apply(tx, tag_id, rule, as_of) for tag_id, rule in own_tags.ruled(tx.db).items()
            )
            tx.is_bookkeeping = not changed
            return changed

        changed = await self._write(work, "tag.auto")
        self._applied = state
        return changed

    async def catch_up(self) -> int:
        """`refresh()` where something was committed since the last time, by whatever way; how many fans changed.

        What ends every command; the window refreshes by the minute, for its days turn too.
        """
        return await self.refresh() if self._age() != self._applied[0] else 0

    async def merge(self, source: int, target: int) -> int:
        """Make one own tag part of another (undoable); how many fans got the second by that.

        Raises InvalidInputError('tag_merge_self'), ConflictError('tag_merge_rule') for tags with rules.
        """
        return await self._write(
            lambda tx: own_tags.merge(tx, source, target), "tag.merge", tag_id=source, target=target
        )

    async def overview(self) -> TagOverview:
        """Tags that could go, and tags that could be one."""

        def work(conn: Any) -> TagOverview:
            carried = own_tags.carried(conn)
            orphans = tuple(tag_id for tag_id, members in carried.items() if not members)
            return TagOverview(orphans, tuple(nearly_same(carried)), tags.names(conn, list(carried)))

        return await self._store.read(work)

    async def push(
        self, tag_id: int, account_id: int, group: str, *, hold_s: float = HOLD_S
    ) -> Marked | None:
        """Take an own tag to a platform: its carriers get the platform's tag of this name at the next sync.

        None: the platform has no such tag yet, making it was queued; push again when it is there.
        Raises as PlatformTagService.add() and mark().
        """
        name, fan_ids = await self._store.read(
            lambda conn: (tags.own(conn, tag_id), tags.carriers(conn, tag_id))
        )
        lines = [
            line
            for line in await self._platform.lines()
            if line.account_id == account_id and line.name == name
        ]
        if not lines:
            await self._platform.add(account_id, name, group, hold_s)
            return None
        if not lines[0].can_mark:
            return None
        return await self._platform.mark(fan_ids, lines[0].tag_id, hold_s=hold_s)

    def _age(self) -> int:
        """Grows with each commit that may change who meets a rule."""
        return self._store.feed.commits(LOOKED_AT)

    async def _write(self, work: Callable[[Transaction], T], kind: str, **payload: object) -> T:
        return await self._store.write(work, kind=kind, payload=payload)
