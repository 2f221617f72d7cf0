"""The boards: super users by spend and KOCs by score, as of any day, each figure opened down to events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import InvalidInputError
from desktop.domain.periods import Window, today, trailing_year
from desktop.domain.rankings import (
    PARTS,
    Board,
    KocScale,
    PartRule,
    PartScore,
    SuperRule,
    SuperStanding,
    koc_order,
    moves,
    parsed_weights,
    super_standing,
    weights_as_json,
)
from desktop.services.kept_sets import KeptSets
from desktop.store import rules
from desktop.store.boards import rankings
from desktop.store.boards.rankings import ScoreEvent
from desktop.store.database import Store
from desktop.store.fans import fans
from desktop.store.shop import set_setting

__all__ = [
    "BoardRow",
    "Explanation",
    "KocBoard",
    "MoveRow",
    "RankingService",
    "ScoreEvent",
    "SuperBoard",
]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One place. `score` is net cents on the super board, 0 to 100 on the KOC board (None: nothing
    could be measured). `parts` is empty on the super board."""

    rank: int
    fan_id: int
    name: str
    tier: str
    external_ids: tuple[str, ...]
    orders: int
    spend_cents: int
    refund_cents: int
    score: float | None
    is_super: bool
    parts: Mapping[str, PartScore]


@dataclass(frozen=True, slots=True)
class SuperBoard:
    """Rows and figures of the whole window; `rows` may be only the first ones, `total_cents` is of all."""

    as_of: date
    window: Window
    rows: tuple[BoardRow, ...]
    buyers: int
    super_users: int
    share_of_sales: float | None
    threshold_cents: int
    floor_cents: int
    percent: int
    multiple: float | None
    total_cents: int = 0


@dataclass(frozen=True, slots=True)
class KocBoard:
    """Rows best first; `ranked` fans have any counted event. Parts not in `measured` have no data."""

    as_of: date
    window: Window
    rows: tuple[BoardRow, ...]
    ranked: int
    weights: Mapping[str, PartRule]
    measured: frozenset[str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What stands behind one fan's place: per part the score and its events, oldest first."""

    fan_id: int
    name: str
    board: Board
    window: Window
    rank: int | None
    score: float | None
    parts: Mapping[str, PartScore]
    events: Mapping[str, tuple[ScoreEvent, ...]]


@dataclass(frozen=True, slots=True)
class MoveRow:
    """How a fan's place would change; None is off the board."""

    fan_id: int
    name: str
    old_rank: int | None
    new_rank: int | None


class RankingService:
    """`as_of` None means today in the shop's zone. Boards are computed from rows each time."""

    def __init__(self, store: Store, clock: Clock, rule: SuperRule | None = None) -> None:
        self._store = store
        self._clock = clock
        self._rule = rule or SuperRule()
        self._kept = KeptSets(store.feed)

    async def super_board(self, as_of: date | None = None, *, top: int | None = None) -> SuperBoard:
        """Every buyer of the trailing year by net spend, the super users marked."""

        def work(conn: Any) -> SuperBoard:
            day, span, _ = self._span(conn, as_of)
            return self._super_board(conn, day, span, self._standing(conn, span), top)

        return await self._store.read(work)

    async def super_users(self, as_of: date | None = None) -> frozenset[int]:
        """Fan ids of the super users, for badges."""

        def work(conn: Any) -> frozenset[int]:
            _, span, _ = self._span(conn, as_of)
            return self._kept.get(span, lambda: rankings.super_ids(conn, span, self._rule))

        return await self._store.read(work)

    async def koc_board(self, as_of: date | None = None, *, top: int | None = None) -> KocBoard:
        """Fans with any counted event of the trailing year, by KOC score."""

        def work(conn: Any) -> KocBoard:
            day, span, zone = self._span(conn, as_of)
            return _koc_board(conn, day, span, zone, self._standing(conn, span), top)

        return await self._store.read(work)

    async def boards(
        self, as_of: date | None = None, *, top: int | None = None
    ) -> tuple[SuperBoard, KocBoard]:
        """Both boards, for which the buyers of the year are summed once."""

        def work(conn: Any) -> tuple[SuperBoard, KocBoard]:
            day, span, zone = self._span(conn, as_of)
            standing = self._standing(conn, span)
            return (
                self._super_board(conn, day, span, standing, top),
                _koc_board(conn, day, span, zone, standing, top),
            )

        return await self._store.read(work)

    async def explain(
        self, fan_id: int, board: Board, part: str | None = None, as_of: date | None = None
    ) -> Explanation:
        """The score opened down to events; one `part` or all. Raises NotFoundError, InvalidInputError."""
        if part is not None and part not in (*PARTS, "spend"):
            raise InvalidInputError("rank_part_unknown", part=part)

        def work(conn: Any) -> Explanation:
            name = str(fans.fan(conn, fan_id)["name"])
            _, span, zone = self._span(conn, as_of)
            standing = self._standing(conn, span)
            if board is Board.SUPER:
                return _explain_super(conn, fan_id, name, span, zone, standing)
            weights = rules.koc_weights(conn)
            measured = rankings.measured_parts(conn, span.to_ms)
            counts = rankings.koc_counts(conn, span, weights, zone)
            scale = KocScale(measured, weights)
            ranked = _koc_ranked(counts, scale, standing)
            place = ranked.index(fan_id) + 1 if fan_id in counts else None
            score = scale.opened(fan_id, counts.get(fan_id, {}))
            wanted = PARTS if part is None else (part,)
            events = {
                key: tuple(rankings.part_events(conn, fan_id, key, weights[key], span, zone))
                for key in wanted
                if key in measured
            }
            return Explanation(
                fan_id, name, board, span, place, score.score if place else None, score.parts, events
            )

        return await self._store.read(work)

    async def weights(self) -> dict[str, PartRule]:
        """The KOC weights in force."""
        return await self._store.read(rules.koc_weights)

    async def default_weights(self) -> dict[str, PartRule]:
        """The KOC weights as shipped."""
        return parsed_weights(rules.shipped("koc")["parts"])

    async def preview_weights(
        self, weights: Mapping[str, PartRule], *, top: int = 100, as_of: date | None = None
    ) -> list[MoveRow]:
        """Who moves among the first places if these weights were kept. Changes nothing."""
        checked = parsed_weights(weights_as_json(weights))

        def work(conn: Any) -> list[MoveRow]:
            _, span, zone = self._span(conn, as_of)
            measured = rankings.measured_parts(conn, span.to_ms)
            standing = self._standing(conn, span)
            orders = [
                _koc_ranked(rankings.koc_counts(conn, span, each, zone), KocScale(measured, each), standing)
                for each in (rules.koc_weights(conn), checked)
            ]
            moved = moves(orders[0], orders[1], top)
            people = rankings.people(conn, [move.fan_id for move in moved])
            return [
                MoveRow(move.fan_id, people[move.fan_id].name, move.old_rank, move.new_rank)
                for move in moved
            ]

        return await self._store.read(work)

    async def set_weights(self, weights: Mapping[str, PartRule] | None) -> None:
        """Keep weights (undoable); None goes back to the shipped ones. Raises InvalidInputError."""
        value = None
        if weights is not None:
            value = weights_as_json(parsed_weights(weights_as_json(weights)))
        await self._store.write(
            lambda tx: set_setting(tx, rules.KOC_WEIGHTS, value),
            kind="setting.set",
            payload={"key": rules.KOC_WEIGHTS, "value": value},
        )

    def _standing(self, conn: Any, span: Window) -> SuperStanding:
        return super_standing(rankings.buyers(conn, span), self._rule)

    def _super_board(
        self, conn: Any, day: date, span: Window, standing: SuperStanding, top: int | None
    ) -> SuperBoard:
        return SuperBoard(
            as_of=day,
            window=span,
            rows=_super_rows(conn, standing, top),
            buyers=len(standing.ranked),
            super_users=len(standing.super_ids),
            share_of_sales=standing.share_of_sales,
            threshold_cents=standing.threshold_cents,
            floor_cents=self._rule.floor_cents,
            percent=self._rule.percent,
            multiple=standing.multiple,
            total_cents=sum(buyer.spend_cents for buyer in standing.ranked),
        )

    def _span(self, conn: Any, as_of: date | None) -> tuple[date, Window, str]:
        zone = rules.zone_of(conn)
        day = as_of or today(self._clock.now_ms(), zone)
        return day, trailing_year(day, zone), zone


def _super_rows(conn: Any, standing: SuperStanding, top: int | None) -> tuple[BoardRow, ...]:
    shown = standing.ranked[:top]
    people = rankings.people(conn, [buyer.fan_id for buyer in shown])
    return tuple(
        BoardRow(
            rank=place,
            fan_id=buyer.fan_id,
            name=people[buyer.fan_id].name,
            tier=people[buyer.fan_id].tier,
            external_ids=people[buyer.fan_id].external_ids,
            orders=buyer.orders,
            spend_cents=buyer.spend_cents,
            refund_cents=buyer.refund_cents,
            score=float(buyer.spend_cents),
            is_super=buyer.fan_id in standing.super_ids,
            parts={},
        )
        for place, buyer in enumerate(shown, 1)
    )


def _koc_ranked(
    counts: Mapping[int, Mapping[str, int]], scale: KocScale, standing: SuperStanding
) -> list[int]:
    scores = {fan_id: scale.score(counted) for fan_id, counted in counts.items()}
    return koc_order(scores, {buyer.fan_id: buyer.spend_cents for buyer in standing.ranked})


def _koc_board(
    conn: Any, day: date, span: Window, zone: str, standing: SuperStanding, top: int | None
) -> KocBoard:
    weights = rules.koc_weights(conn)
    measured = rankings.measured_parts(conn, span.to_ms)
    counts = rankings.koc_counts(conn, span, weights, zone)
    scale = KocScale(measured, weights)
    ranked = _koc_ranked(counts, scale, standing)
    bought = {buyer.fan_id: buyer for buyer in standing.ranked}
    people = rankings.people(conn, ranked[:top])
    rows = []
    for place, fan_id in enumerate(ranked[:top], 1):
        person, buyer, score = people[fan_id], bought.get(fan_id), scale.opened(fan_id, counts[fan_id])
        rows.append(
            BoardRow(
                rank=place,
                fan_id=fan_id,
                name=person.name,
                tier=person.tier,
                external_ids=person.external_ids,
                orders=buyer.orders if buyer else 0,
                spend_cents=buyer.spend_cents if buyer else 0,
                refund_cents=buyer.refund_cents if buyer else 0,
                score=score.score,
                is_super=fan_id in standing.super_ids,
                parts=score.parts,
            )
        )
    return KocBoard(day, span, tuple(rows), len(ranked), weights, measured)


def _explain_super(
    conn: Any, fan_id: int, name: str, span: Window, zone: str, standing: SuperStanding
) -> Explanation:
    place = next((n for n, b in enumerate(standing.ranked, 1) if b.fan_id == fan_id), None)
    score = float(standing.ranked[place - 1].spend_cents) if place else None
    events = {"spend": tuple(rankings.order_events(conn, fan_id, span, zone))}
    return Explanation(fan_id, name, Board.SUPER, span, place, score, {}, events)
