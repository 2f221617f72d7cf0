"""The fan directory: find people, look at one, and change what the operator may change."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from desktop.domain.clock import Clock, day_start_ms
from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import (
    FanChoice,
    FanDetail,
    FanFilter,
    FanRow,
    FanSort,
    InteractionKind,
    Tier,
    TimelineEntry,
)
from desktop.domain.periods import today
from desktop.domain.tiers import TierDecision
from desktop.services.fan_files import write_table
from desktop.services.table_files import place_of
from desktop.store import saved_views
from desktop.store.database import Store
from desktop.store.fans import fan_bulk, fan_edits, fan_orders, fan_purchases, fans, timeline
from desktop.store.fans.fan_bulk import AT_ONCE, Steps, Who
from desktop.store.fans.fan_edits import TypedInteraction
from desktop.store.rules import zone_of
from desktop.store.saved_views import SavedView
from desktop.store.tags import tags
from desktop.store.tags.tags import TagRow
from desktop.store.tiers import tier_flow, tiers
from desktop.store.transaction import Transaction

__all__ = ["FanService", "SavedView", "Steps", "TagRow", "Who"]

T = TypeVar("T")
LONGEST_NOTE = 4_000
LONGEST_NAME = 100
TIER_PORTION = 2_000  # fans whose tiers one transaction decides
TIER_DAY = "tiers_day"  # setting: the shop's day of the last whole recompute


class FanService:
    """Reads give frozen rows; commands are one operation each and can be undone where said.

    Methods that take fan ids raise NotFoundError('fan_missing') when none of them exists.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def order(
        self, wanted: FanFilter, sort: FanSort = FanSort.SPEND, *, descending: bool = True
    ) -> list[int]:
        """Ids of every fan that passes the filter, in order."""
        return await self._store.read(lambda conn: fans.order(conn, wanted, sort, descending=descending))

    async def first_ids(
        self, wanted: FanFilter, sort: FanSort = FanSort.SPEND, *, descending: bool = True, limit: int = 200
    ) -> array[int]:
        """The beginning of the order, at once whatever the size of the shop."""
        return await self._store.read(
            lambda conn: fan_orders.first(conn, wanted, sort, descending=descending, limit=limit)
        )

    async def first_rows(
        self, wanted: FanFilter, sort: FanSort = FanSort.SPEND, *, descending: bool = True, limit: int = 200
    ) -> list[FanRow]:
        """The rows at the beginning of the order, in one look at the file."""

        def work(conn: Any) -> list[FanRow]:
            ids = fan_orders.first(conn, wanted, sort, descending=descending, limit=limit)
            return fans.rows(conn, ids)

        return await self._store.read(work)

    async def all_ids(
        self, wanted: FanFilter, sort: FanSort = FanSort.SPEND, *, descending: bool = True
    ) -> array[int]:
        """`order` in four bytes an id."""
        return await self._store.read(
            lambda conn: fan_orders.everybody(conn, wanted, sort, descending=descending)
        )

    async def rows(self, fan_ids: Sequence[int]) -> list[FanRow]:
        """Rows of these fans in the order given; fans that are gone are left out."""
        return await self._store.read(lambda conn: fans.rows(conn, fan_ids))

    async def count(self, wanted: FanFilter) -> int:
        """How many fans pass the filter."""
        return await self._store.read(lambda conn: fans.count(conn, wanted))

    async def tier_counts(self) -> dict[Tier, int]:
        """Fans per tier."""
        return await self._store.read(fans.tier_counts)

    async def tags(self) -> list[TagRow]:
        """Every tag with the number of fans who carry it."""
        return await self._store.read(tags.tags)

    async def tags_named(self, name: str) -> list[int]:
        """Ids of the tags of this name, the shop's own and the platforms'."""
        return await self._store.read(lambda conn: tags.named(conn, name))

    async def detail(self, fan_id: int) -> FanDetail:
        """The side panel's facts. Raises NotFoundError."""
        return await self._store.read(lambda conn: _detail(conn, fan_id))

    async def timeline(self, fan_id: int, *, limit: int = 50, offset: int = 0) -> list[TimelineEntry]:
        """One page of what happened, newest first."""
        return await self._store.read(
            lambda conn: timeline.timeline(conn, fan_id, limit=limit, offset=offset)
        )

    async def explain_tier(self, fan_id: int) -> TierDecision:
        """The tier as the rules see it now, with reasons and the day it falls back."""
        now = self._clock.now_ms()

        def work(conn: Any) -> TierDecision:
            fans.fan(conn, fan_id)
            return tiers.decision_on(conn, fan_id, now)

        return await self._store.read(work)

    async def set_note(self, fan_id: int, note: str) -> None:
        """Replace the note (undoable). Raises InvalidInputError('note_too_long')."""
        if len(note) > LONGEST_NOTE:
            raise InvalidInputError("note_too_long", longest=LONGEST_NOTE)
        await self._write(
            lambda tx: fan_edits.set_note(tx, fan_id, note), "fan.note", fan_id=fan_id, note=note
        )

    async def rename(self, fan_id: int, name: str) -> None:
        """Give the fan a name of the operator's choice (undoable)."""
        wanted = " ".join(name.split())
        if not 1 <= len(wanted) <= LONGEST_NAME:
            raise InvalidInputError("fan_name_invalid", longest=LONGEST_NAME)
        await self._write(
            lambda tx: fan_edits.rename(tx, fan_id, wanted), "fan.rename", fan_id=fan_id, name=wanted
        )

    async def add_tag(self, who: Who, name: str, *, steps: Steps = AT_ONCE) -> int:
        """Put the shop's own tag on fans (undoable); how many did not have it."""
        wanted = tags.checked_name(name)

        def work(tx: Transaction) -> int:
            live = fan_bulk.chosen(tx.db, who)
            tag_id = tags.ensure(tx, wanted)
            added = fan_bulk.add_tag(tx, live, tag_id, steps)
            tx.replaced = {"tag_id": tag_id, "added": added}
            return len(added)

        return await self._write(work, "fan.tag_add", **_said(who), name=wanted)

    async def remove_tag(self, who: Who, tag_id: int, *, steps: Steps = AT_ONCE) -> int:
        """Take one of the shop's own tags off fans (undoable); how many had it.

        Raises ConflictError('tag_platform_owned') for a tag that belongs to a platform.
        """

        def work(tx: Transaction) -> int:
            tags.own(tx.db, tag_id)
            removed = fan_bulk.remove_tag(tx, fan_bulk.chosen(tx.db, who, must=False), tag_id, steps)
            tx.replaced = {"tag_id": tag_id, "removed": removed}
            return len(removed)

        return await self._write(work, "fan.tag_remove", **_said(who), tag_id=tag_id)

    async def pin_tier(
        self,
        who: Who,
        tier: Tier,
        *,
        last_day: date | None = None,
        days: int | None = None,
        steps: Steps = AT_ONCE,
    ) -> int:
        """Pin fans to a tier through `last_day`, or for today and so many `days` after it (neither: until
        unpinned; undoable); how many."""
        zone = await self._store.read(zone_of)
        if days is not None:
            last_day = today(self._clock.now_ms(), zone) + timedelta(days=days)
        until = None if last_day is None else day_start_ms(last_day + timedelta(days=1), zone)
        if until is not None and until <= self._clock.now_ms():
            raise InvalidInputError("pin_day_past")
        return await self._write(
            lambda tx: fan_bulk.pin(tx, fan_bulk.chosen(tx.db, who), tier, until, steps),
            "fan.pin_tier",
            **_said(who),
            tier=tier.value,
            until=until,
        )

    async def unpin_tier(self, who: Who, *, steps: Steps = AT_ONCE) -> int:
        """Let the rules decide again (undoable); how many."""
        return await self._write(
            lambda tx: fan_bulk.pin(tx, fan_bulk.chosen(tx.db, who), None, None, steps),
            "fan.unpin_tier",
            **_said(who),
        )

    async def suppress(
        self, who: Who, *, channel: str = "", reason: str = "", steps: Steps = AT_ONCE
    ) -> int:
        """Put fans on the do-not-contact list ('' is every channel; undoable); how many are new on it."""
        return await self._write(
            lambda tx: fan_bulk.suppress(tx, fan_bulk.chosen(tx.db, who), channel, reason, steps),
            "fan.suppress",
            **_said(who),
            channel=channel,
            reason=reason,
        )

    async def unsuppress(self, who: Who, *, channel: str = "", steps: Steps = AT_ONCE) -> int:
        """Take fans off the list (undoable); how many were on it."""
        return await self._write(
            lambda tx: fan_bulk.unsuppress(tx, fan_bulk.chosen(tx.db, who, must=False), channel, steps),
            "fan.unsuppress",
            **_said(who),
            channel=channel,
        )

    async def views(self, page: str) -> list[SavedView]:
        """Named looks at a page."""
        return await self._store.read(lambda conn: saved_views.views(conn, page))

    async def save_view(self, page: str, name: str, state: Mapping[str, Any]) -> str:
        """Keep a look under a name, over the one that had it (undoable). Raises InvalidInputError."""
        return await self._write(
            lambda tx: saved_views.save(tx, page, name, state), "view.save", page=page, name=name
        )

    async def delete_view(self, uid: str) -> None:
        """Forget a look (undoable). Raises NotFoundError('view_missing')."""
        await self._write(lambda tx: saved_views.delete(tx, uid), "view.delete", uid=uid)

    async def record_interaction(
        self,
        fan_id: int,
        kind: InteractionKind,
        *,
        at: int | None = None,
        quantity: int = 1,
        note: str = "",
        group_id: int | None = None,
        referred_fan_id: int | None = None,
    ) -> int:
        """Add an interaction the operator saw. Raises InvalidInputError for a future time, a count
        below 1, or a referral of oneself."""
        now = self._clock.now_ms()
        moment = now if at is None else at
        if moment > now or quantity < 1 or referred_fan_id == fan_id:
            raise InvalidInputError("interaction_invalid")
        typed = TypedInteraction(fan_id, kind, moment, quantity, note, group_id, referred_fan_id)
        return await self._write(
            lambda tx: fan_edits.record(tx, typed),
            "fan.interaction",
            fan_id=fan_id,
            interaction=kind.value,
            at=moment,
            quantity=quantity,
        )

    async def reveal_phone(self, fan_id: int) -> str:
        """The whole phone number, '' when none is known. Who looked is logged."""
        phone: str | None = await self._write(
            lambda tx: fans.fan(tx.db, fan_id)["phone"], "fan.reveal_phone", fan_id=fan_id
        )
        return phone or ""

    async def export(
        self,
        who: Who,
        target: Path,
        *,
        headers: Mapping[str, str],
        with_phones: bool = False,
        steps: Steps = AT_ONCE,
    ) -> int:
        """Write these fans to an .xlsx or .csv file; how many rows. The export is logged first.

        `headers` maps column keys (fan_files.COLUMNS) to their titles, in order. Phones are masked
        unless `with_phones`. Raises InvalidInputError('export_kind') for another file ending.
        """
        if target.suffix.lower() not in (".xlsx", ".csv"):
            raise InvalidInputError("export_kind", ending=target.suffix)
        ids = await self._store.read(lambda conn: fan_bulk.chosen(conn, who, must=False))
        await self._write(
            lambda tx: None,
            "fan.export",
            file=target.name,
            rows=len(ids),
            with_phones=with_phones,
            to=place_of(target),
        )

        def write(conn: Any) -> None:  # where the rows are read: the window stays free, memory flat
            def phone_of(fan_id: int) -> str:
                return fan_edits.phones(conn, [fan_id]).get(fan_id, "")

            rows = (row for portion in steps.portions(ids) for row in fans.rows(conn, portion))
            write_table(target, rows, headers, phone_of if with_phones else None, zone_of(conn))

        await self._store.read(write)
        return len(ids)

    async def refresh_tiers(self) -> int:
        """Decide every tier anew once a day of the shop, for tiers fall back without any event.

        Returns how many changed; 0 at once when today's pass was made.
        """
        now = self._clock.now_ms()

        def is_due(conn: Any) -> bool:
            day = today(now, zone_of(conn)).isoformat()
            row = conn.execute("SELECT value FROM setting WHERE key = ?", (TIER_DAY,)).fetchone()
            return row is None or json.loads(row[0]) != day

        def note_day(tx: Transaction) -> None:
            tx.db.execute(
                "INSERT INTO setting (key, value, updated_at) VALUES (?, ?, ?) ON CONFLICT (key)"
                " DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
                (TIER_DAY, json.dumps(today(now, zone_of(tx.db)).isoformat()), now),
            )

        if not await self._store.read(is_due):
            return 0
        moved = 0
        everybody = await self._store.read(tiers.everybody)
        for start in range(0, len(everybody), TIER_PORTION):  # others may write in between
            moved += await self._decide(everybody[start : start + TIER_PORTION], now)
        await self._store.write(note_day, kind=None)
        return moved

    async def _decide(self, fan_ids: Sequence[int], now: int) -> int:
        def work(tx: Transaction) -> int:
            moved = tiers.recompute(tx, fan_ids, now)
            tx.is_bookkeeping = not moved
            return moved

        return await self._store.write(work, kind="tier.daily")

    async def _write(self, work: Callable[[Transaction], T], kind: str, **payload: object) -> T:
        return await self._store.write(work, kind=kind, payload=payload)


def _said(who: Who) -> dict[str, object]:
    """Who was meant, for the log: ids, or the filter in place of a million of them."""
    if not isinstance(who, FanChoice):
        return {"fan_ids": list(who)}
    if who.wanted is None:
        return {"fan_ids": list(who.ids)}
    only = {"only": None if who.wanted.only is None else len(who.wanted.only)}
    return {"filter": {**asdict(who.wanted), **only}, "but": sorted(who.but)}


def _detail(conn: Any, fan_id: int) -> FanDetail:
    raw = fans.fan(conn, fan_id)
    row = fans.rows(conn, [fan_id])[0]
    return FanDetail(
        row=row,
        tier_reasons=tuple(json.loads(raw["tier_reason"])),
        tier_since=raw["tier_since"],
        tier_before=tier_flow.before(conn, fan_id),
        tier_pinned=Tier(raw["tier_pinned"]) if raw["tier_pinned"] else None,
        tier_pinned_until=raw["tier_pinned_until"],
        groups=fans.memberships(conn, fan_id),
        suppressions=fans.suppressions(conn, fan_id),
        recent_orders=fan_purchases.orders(conn, fan_id, limit=20),
        average_order_cents=round(row.spend_cents / row.orders) if row.orders else None,
    )
