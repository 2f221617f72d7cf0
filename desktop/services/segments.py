"""Saved audiences: make, count while editing, explain, compare, freeze, and hand over as a list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import and_, or_
from pathlib import Path
from typing import Any

from desktop.domain import handover as handing
from desktop.domain.clock import Clock, local_day
from desktop.domain.errors import InvalidInputError, NotFoundError
from desktop.domain.handover import Handover
from desktop.domain.ids import new_uid
from desktop.domain.segments import fan_bits, rules
from desktop.domain.segments.conditions import Condition, ConsentIs, IsSuppressed
from desktop.domain.segments.facts import AsOf
from desktop.domain.segments.rules import Rule
from desktop.domain.segments.saved import (
    MOST_OVERLAPPED,
    Membership,
    Overlap,
    Segment,
    SegmentCount,
    SegmentDraft,
    SegmentLine,
    checked,
    checked_name,
)
from desktop.services.segment_sets import FanSets, names_of_first
from desktop.services.sending import account_of
from desktop.services.table_files import name_it, place_of, written_beside
from desktop.store.audiences import handovers, reach_rules, recipients, segments
from desktop.store.database import Store
from desktop.store.fans import fan_bulk, fan_facts
from desktop.store.fans.fan_bulk import AT_ONCE, Steps, Who
from desktop.store.rules import zone_of
from desktop.store.transaction import Transaction

SAMPLE = 50
KEPT_HANDOVERS = 200


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids in rules are called, for sentences."""

    tags: Mapping[int, str]
    groups: Mapping[int, str]


class SegmentService:
    """Everything about audiences; `key` is a uid or a name. Raises NotFoundError('segment_missing')."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._sets = FanSets(store.feed)

    async def lines(self) -> tuple[SegmentLine, ...]:
        """Every audience by name with how many belong now; the first reading of a day notes the day's change."""
        now = self._clock.now_ms()

        def work(conn: Any) -> tuple[SegmentLine, ...]:
            as_of = AsOf(now, zone_of(conn))
            return tuple(
                SegmentLine(
                    each,
                    self._sets.members(conn, each, as_of).bit_count(),
                    segments.days(conn, each.id),
                )
                for each in segments.listing(conn)
            )

        if not self._store.is_read_only:  # there, looking leaves no mark
            await self._note_days(now)
        return await self._store.read(work)

    async def get(self, key: str) -> Segment:
        """One audience."""
        return await self._store.read(lambda conn: segments.get(conn, key))

    async def save(self, draft: SegmentDraft, uid: str | None = None) -> str:
        """Make an audience, or change the one with this uid (undoable); its uid.

        Raises InvalidInputError for what `checked` refuses, ConflictError('segment_name_taken').
        """
        tidy = checked(draft)
        return await self._store.write(
            lambda tx: segments.save(tx, uid, tidy),
            kind="segment.save",
            payload={"name": tidy.name, "rule": rules.as_json(tidy.rule)},
        )

    async def remove(self, key: str) -> None:
        """Put an audience away (undoable)."""
        await self._change("segment.remove", key, segments.remove)

    async def freeze(self, key: str) -> int:
        """Fix the members as they are now (undoable); how many. A frozen one stays as it is."""
        now = self._clock.now_ms()

        def work(tx: Transaction, segment: Segment) -> int:
            if segment.is_frozen:
                tx.is_bookkeeping = True
                return segments.size_of_list(tx.db.conn, segment.id)
            return segments.freeze(tx, segment, AsOf(now, zone_of(tx.db.conn)))

        size: int = await self._change("segment.freeze", key, work)
        return size

    async def add_fans(self, who: Who, key: str, *, steps: Steps = AT_ONCE) -> int:
        """Put fans on a frozen list, by uid or name; a name nobody bears makes one (undoable). How many are new
        on it.

        Raises ConflictError('segment_lives') for an audience whose rule decides, NotFoundError('fan_missing').
        """
        name = checked_name(key)

        def work(tx: Transaction) -> int:
            ids = fan_bulk.chosen(tx.db, who)
            known = segments.find(tx.db.conn, name)
            segment = known or segments.make_list(tx, name)
            added = [
                fan_id
                for portion in steps.portions(ids)
                for fan_id in segments.add_members(tx, segment, portion)
            ]
            tx.replaced = {"segment": segment.id, "is_new": known is None, "added": added}
            return len(added)

        return await self._store.write(work, kind="segment.add", payload={"name": name})

    async def thaw(self, key: str) -> None:
        """Let the rule decide again; the list is given up."""
        await self._change("segment.thaw", key, segments.thaw)

    async def count(self, rule: Rule, account_uid: str | None = None) -> SegmentCount:
        """Who meets a rule now, with a sample by spend; fast enough for each keystroke.

        `reach` tells how a mass send of the account (None: the only one) would split them now.
        """
        now = self._clock.now_ms()

        def work(conn: Any) -> SegmentCount:
            as_of = AsOf(now, zone_of(conn))
            return self._split(conn, self._sets.of_rule(conn, rule, as_of), account_uid, as_of)

        return await self._store.read(work)

    async def meeting(self, rule: Rule) -> list[int]:
        """Local ids of the living fans who meet a rule now, ascending."""
        now = self._clock.now_ms()
        return await self._store.read(
            lambda conn: fan_bits.ids(self._sets.of_rule(conn, rule, AsOf(now, zone_of(conn))))
        )

    async def count_of(self, key: str, account_uid: str | None = None) -> SegmentCount:
        """As `count`, of the people of an audience: a frozen one counts its list."""
        now = self._clock.now_ms()

        def work(conn: Any) -> SegmentCount:
            as_of = AsOf(now, zone_of(conn))
            members = self._sets.members(conn, segments.get(conn, key), as_of)
            return self._split(conn, members, account_uid, as_of)

        return await self._store.read(work)

    async def titles(self) -> dict[str, str]:
        """Names of all audiences by uid, without counting anybody."""
        found = await self._store.read(segments.listing)
        return {each.uid: each.draft.name for each in found}

    async def lists(self) -> tuple[Segment, ...]:
        """The frozen ones, by name."""
        return tuple(each for each in await self._store.read(segments.listing) if each.is_frozen)

    async def members(self, key: str) -> list[int]:
        """Local ids of all who belong now, ascending."""
        now = self._clock.now_ms()

        def work(conn: Any) -> list[int]:
            segment = segments.get(conn, key)
            return fan_bits.ids(self._sets.members(conn, segment, AsOf(now, zone_of(conn))))

        return await self._store.read(work)

    async def why(self, key: str, fan_id: int) -> Membership:
        """Which conditions a fan meets, and whether it belongs. Raises NotFoundError('fan_missing')."""
        now = self._clock.now_ms()

        def work(conn: Any) -> Membership:
            segment = segments.get(conn, key)
            as_of = AsOf(now, zone_of(conn))
            found = fan_facts.facts_of(conn, [fan_id])
            if not found:
                raise NotFoundError("fan_missing", fan_id=fan_id)
            answers = tuple(
                (each, each.holds(found[0], as_of)) for each in rules.conditions(segment.draft.rule)
            )
            members = self._sets.members(conn, segment, as_of)
            return Membership(bool(members >> fan_id & 1), answers)

        return await self._store.read(work)

    async def overlap(self, keys: Sequence[str]) -> Overlap:
        """How two to five audiences lie over each other. Raises InvalidInputError('segment_overlap')."""
        if not 2 <= len(set(keys)) <= MOST_OVERLAPPED or len(set(keys)) != len(keys):
            raise InvalidInputError("segment_overlap", most=MOST_OVERLAPPED)
        now = self._clock.now_ms()

        def work(conn: Any) -> Overlap:
            as_of = AsOf(now, zone_of(conn))
            chosen = [segments.get(conn, key) for key in keys]
            sets = [self._sets.members(conn, each, as_of) for each in chosen]
            return Overlap(
                tuple(each.draft.name for each in chosen),
                tuple(s.bit_count() for s in sets),
                _regions(sets),
            )

        return await self._store.read(work)

    async def tags_named(self, names: Sequence[str]) -> list[int]:
        """Local ids of tags by name or id. Raises NotFoundError('tag_unknown')."""
        return await self._store.read(lambda conn: recipients.tags_named(conn, names))

    async def groups_named(self, names: Sequence[str]) -> list[int]:
        """Local ids of groups by name or id. Raises NotFoundError('group_missing'), ConflictError."""
        return await self._store.read(lambda conn: recipients.groups_named(conn, names))

    async def names(self) -> Names:
        """Names of all tags and groups that rules may mention."""

        def work(conn: Any) -> Names:
            tags = conn.execute("SELECT id, name FROM tag").fetchall()
            groups = conn.execute("SELECT id, name FROM fan_group").fetchall()
            return Names({row[0]: row[1] for row in tags}, {row[0]: row[1] for row in groups})

        return await self._store.read(work)

    async def hand_over(self, key: str, preset: str, purpose: str, target: Path) -> Handover:
        """Write who may be handed over as a file in a taker's form, and log it.

        Only people who agreed to marketing, are on no do-not-disturb list and have a valid phone are in it.
        Raises InvalidInputError('handover_preset' / 'handover_purpose' / 'handover_nobody'), and as
        `table_files.written_beside`; then nothing is logged and no file is left.
        """
        form = handing.preset_named(preset)
        reason = handing.checked_purpose(form, purpose)
        now = self._clock.now_ms()

        def read(conn: Any) -> tuple[Segment, list[str], dict[str, int]]:
            segment = segments.get(conn, key)
            people = handovers.people(conn, segment, AsOf(now, zone_of(conn)))
            return segment, *handing.chosen(people)

        segment, phones, left_out = await self._store.read(read)
        if not phones:
            raise InvalidInputError("handover_nobody", left_out=sum(left_out.values()))
        content = form.packed(phones)
        done = Handover(
            new_uid(now),
            segment.draft.name,
            preset,
            reason,
            target.name,
            handing.digest(content),
            len(phones),
            left_out,
            now,
            self._store.operator,
        )
        beside = await asyncio.to_thread(written_beside, target, content)
        # Logged before it gets its name: a list that left is never without its entry, wherever this ends.
        await self._store.write(
            lambda tx: handovers.note(tx, segment.id, done),
            kind="segment.hand_over",
            payload={
                "preset": preset,
                "purpose": reason,
                "rows": done.rows,
                "left_out": left_out,
                "to": place_of(target),
            },
        )
        await asyncio.to_thread(name_it, beside, target)
        return done

    async def handovers(self) -> tuple[Handover, ...]:
        """The last lists that left, newest first."""
        return await self._store.read(lambda conn: handovers.listing(conn, KEPT_HANDOVERS))

    async def _change(self, kind: str, key: str, work: Callable[[Transaction, Segment], Any]) -> Any:
        segment = await self.get(key)
        return await self._store.write(
            lambda tx: work(tx, segments.get(tx.db.conn, segment.uid)),
            kind=kind,
            payload={"uid": segment.uid, "name": segment.draft.name},
        )

    async def _note_days(self, now: int) -> None:
        """Write down today's change of every audience that was not counted today."""

        def due(conn: Any) -> list[tuple[int, str, int]]:
            as_of = AsOf(now, zone_of(conn))
            day = local_day(now, as_of.zone).isoformat()
            return [
                (each.id, day, self._sets.members(conn, each, as_of))
                for each in segments.listing(conn)
                if not segments.day_is_noted(conn, each.id, day)
            ]

        found = await self._store.read(due)
        if found:
            await self._store.write(lambda tx: segments.note_days(tx, found), kind=None)

    def _split(self, conn: Any, members: int, account_uid: str | None, as_of: AsOf) -> SegmentCount:
        return SegmentCount(
            total=members.bit_count(),
            sample=names_of_first(conn, members, SAMPLE),
            refused=self._part(conn, members, ConsentIs(("refused",)), as_of),
            unknown=self._part(conn, members, ConsentIs(("unknown",)), as_of),
            suppressed=self._part(conn, members, IsSuppressed(), as_of),
            over_quota=self._over_quota(conn, members, account_uid, as_of),
        )

    def _part(self, conn: Any, members: int, condition: Condition, as_of: AsOf) -> int:
        return (members & self._sets.of_condition(conn, condition, as_of)).bit_count()

    def _over_quota(self, conn: Any, members: int, account_uid: str | None, as_of: AsOf) -> int | None:
        """How many of them had this month's sends already; None where no account could send."""
        account, _problem = account_of(conn, account_uid)
        if account is None:
            return None
        rule = reach_rules.quota_rule(conn, account.platform, as_of.now_ms, as_of.zone)
        reach = recipients.reach_of(account, rule, as_of.now_ms, as_of.zone)
        return (members & fan_bits.of(recipients.used_up(conn, reach))).bit_count()


def _regions(sets: Sequence[int]) -> dict[tuple[int, ...], int]:
    """How many are in exactly these sets and no other, for every choice of sets that holds somebody."""
    found = {}
    for size in range(1, len(sets) + 1):
        for places in combinations(range(len(sets)), size):
            inside = reduce(and_, (sets[place] for place in places))
            outside = reduce(or_, (s for place, s in enumerate(sets) if place not in places), 0)
            if count := (inside & ~outside).bit_count():
                found[places] = count
    return found
