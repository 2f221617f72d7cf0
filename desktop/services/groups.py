"""Fan groups: the list with members and buyers, one group with its weeks, and what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import InvalidInputError
from desktop.domain.groups import GROUP_KINDS, GroupRow, MemberRow
from desktop.store.database import Store
from desktop.store.groups import groups
from desktop.store.groups.groups import WeekCount
from desktop.store.rules import zone_of


@dataclass(frozen=True, slots=True)
class GroupDetail:
    """One group with its first members and the last 12 weeks, oldest first."""

    row: GroupRow
    members: tuple[MemberRow, ...]
    weeks: tuple[WeekCount, ...]


class GroupService:
    """Methods about one group raise NotFoundError('group_missing')."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def groups(self) -> list[GroupRow]:
        """Every group, the largest first."""
        now = self._clock.now_ms()
        return await self._store.read(lambda conn: groups.groups(conn, now))

    async def detail(self, group_id: int, *, members: int = 200) -> GroupDetail:
        """One group with its first `members` members."""
        now = self._clock.now_ms()

        def work(conn: Any) -> GroupDetail:
            row = groups.group(conn, group_id, now)
            return GroupDetail(
                row,
                tuple(groups.members(conn, group_id, limit=members)),
                tuple(groups.weeks(conn, group_id, now, zone_of(conn))),
            )

        return await self._store.read(work)

    async def members(self, group_id: int, *, limit: int = 200, offset: int = 0) -> list[MemberRow]:
        """A page of members: best buyers first, staff last."""
        return await self._store.read(
            lambda conn: groups.members(conn, group_id, limit=limit, offset=offset)
        )

    async def set_kind(self, group_id: int, kind: str | None) -> None:
        """Say what the group is for (undoable). Raises InvalidInputError('group_kind_invalid')."""
        if kind is not None and kind not in GROUP_KINDS:
            raise InvalidInputError("group_kind_invalid", kind=kind)
        await self._store.write(
            lambda tx: groups.set_kind(tx, group_id, kind),
            kind="group.set_kind",
            payload={"group_id": group_id, "kind": kind},
        )
