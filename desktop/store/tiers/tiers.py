"""Bring fans' tiers up to date with what is known; called inside imports' and sync's transactions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.fans import Tier
from desktop.domain.periods import DAY_MS
from desktop.domain.tiers import Event, TierDecision, TierFacts, TierRules, decide
from desktop.store.bulk import write_rows
from desktop.store.database import as_json
from desktop.store.fans.fans import LIVE, chunks
from desktop.store.rules import tier_rules, zone_of
from desktop.store.transaction import Transaction

# `{these}` narrows the answer to some fans, or is empty.
CONNECTED = (
    "SELECT i.fan_id FROM follow AS f JOIN identity AS i ON i.id = f.identity_id"
    " WHERE f.removed_at IS NULL AND i.removed_at IS NULL{these}"
    " UNION SELECT i.fan_id FROM group_member AS m JOIN identity AS i ON i.id = m.identity_id"
    " WHERE m.left_at IS NULL{these}"
    " UNION SELECT i.fan_id FROM interaction AS i WHERE i.kind = 'follow'{these}"
)
BOTH = (False, True)
ADD_CHANGE = "INSERT INTO tier_change (fan_id, from_tier, to_tier, reason, at) VALUES {rows}"
SET_TIER = (
    "UPDATE fan SET tier = new.column1, tier_reason = new.column2, tier_since = new.column3"
    " FROM (VALUES {rows}) AS new WHERE fan.id = new.column4"
)


def everybody(conn: Any) -> list[int]:
    """Ids of the fans who have a tier: all but removed and merged ones."""
    return [row[0] for row in conn.execute(f"SELECT id FROM fan WHERE {LIVE} ORDER BY id")]


def recompute(tx: Transaction, fan_ids: Iterable[int], now: int) -> int:
    """Decide the tiers of these fans as of `now`; returns how many changed tier.

    Writes tier, reasons and since; each change of tier adds a tier_change row (the first decision
    has no `from`). Removed and merged fans are left alone, and those who came in with theirs just now.
    """
    ids = sorted(set(fan_ids) - tx.with_tier)
    if not ids:
        return 0
    rules, zone = tier_rules(tx.db), zone_of(tx.db)
    moved: list[int] = []
    decisions: dict[TierFacts, tuple[str, str]] = {}  # most fans share theirs: nothing happened yet

    def decision_on(facts: TierFacts) -> tuple[str, str]:
        known = decisions.get(facts)
        if known is None:
            decided = decide(facts, rules, now, zone)
            known = decided.tier.value, as_json(decided.as_json())
            if not facts.orders and not facts.interactions:
                decisions[facts] = known
        return known

    for marks, portion in chunks(ids):
        facts = facts_of(tx.db, portion, rules, now)
        known = tx.db.execute(
            f"SELECT id, tier, tier_reason, tier_since FROM fan WHERE {LIVE} AND id IN ({marks})", portion
        ).fetchall()
        moved.extend(_store(tx, [(row, *decision_on(facts[row["id"]])) for row in known], now))
    if moved:
        tx.touch(Topic.TIER, moved)
        tx.touch(Topic.FAN, moved)
    return len(moved)


class FirstTiers:
    """What tier and reasons (JSON) a fan starts with of whom friendships are known and nothing else."""

    def __init__(self, conn: Any, now: int, channel: str) -> None:
        self._channel = channel
        self._rules, self._zone, self._now = tier_rules(conn), zone_of(conn), now
        self._since = now - self._rules.longest_days * DAY_MS
        self._plain = self._decided(TierFacts(True, False))
        self._follows_count = "follow" in self._rules.interaction_kinds

    def of(self, began: Sequence[int]) -> tuple[str, str]:
        """The tier of somebody whose friendships began at these times (UTC ms)."""
        if not self._follows_count:
            return self._plain
        events = tuple(Event(at, 1, self._channel) for at in began if self._since < at <= self._now)
        return self._decided(TierFacts(True, False, interactions=events))

    def _decided(self, facts: TierFacts) -> tuple[str, str]:
        decision = decide(facts, self._rules, self._now, self._zone)
        return decision.tier.value, as_json(decision.as_json())


def decision_on(conn: Any, fan_id: int, now: int) -> TierDecision:
    """One fan's tier by the rules in force, whatever is stored."""
    rules = tier_rules(conn)
    return decide(facts_of(conn, [fan_id], rules, now)[fan_id], rules, now, zone_of(conn))


def standing(conn: Any, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Tier, reasons and since of fans as stored, by fan."""
    found: dict[int, dict[str, Any]] = {}
    for marks, portion in chunks(ids):
        for row in conn.execute(
            f"SELECT id, tier, tier_reason, tier_since FROM fan WHERE id IN ({marks})", portion
        ):
            found[row[0]] = {"tier": row[1], "tier_reason": row[2], "tier_since": row[3]}
    return found


def _store(tx: Transaction, decided: Iterable[tuple[Any, str, str]], now: int) -> list[int]:
    """Write tiers and reasons that differ from the rows as they stood; the fans whose tier changed."""
    moves: list[tuple[Any, ...]] = []
    news: list[tuple[Any, ...]] = []
    for (fan_id, stood, stood_reason, since), tier, reason in decided:
        is_first = since is None
        has_moved = is_first or stood != tier
        if has_moved:
            moves.append((fan_id, None if is_first else stood, tier, reason, now))
        if has_moved or stood_reason != reason:
            news.append((tier, reason, now if has_moved else since, fan_id))
    write_rows(tx.db.conn, ADD_CHANGE, moves)
    write_rows(tx.db.conn, SET_TIER, news)
    return [move[0] for move in moves]


def facts_of(conn: Any, ids: Sequence[int], rules: TierRules, now: int) -> dict[int, TierFacts]:
    """What the rules look at, for at most a portion of fans (see `fans.chunks`)."""
    marks = ",".join("?" * len(ids))
    since = now - rules.longest_days * DAY_MS
    connected = {
        row[0]
        for row in conn.execute(CONNECTED.format(these=f" AND i.fan_id IN ({marks})"), [*ids, *ids, *ids])
    }
    orders: dict[int, list[Event]] = defaultdict(list)
    bought: set[int] = set()
    for fan_id, at, net_cents, platform in conn.execute(
        'SELECT fan_id, paid_at, net_cents, platform FROM "order" WHERE is_sale = 1 AND net_cents > 0'
        f" AND paid_at <= ? AND fan_id IN ({marks})",
        [now, *ids],
    ):
        bought.add(fan_id)
        if at > since:
            orders[fan_id].append(Event(at, net_cents, platform))
    interactions: dict[int, list[Event]] = defaultdict(list)
    for fan_id, at, quantity, kind, channel in conn.execute(
        "SELECT fan_id, at, quantity, kind, channel FROM interaction"
        f" WHERE at > ? AND at <= ? AND fan_id IN ({marks})",
        [since, now, *ids],
    ):
        if kind in rules.interaction_kinds:
            interactions[fan_id].append(Event(at, quantity, channel))
    pins = {
        row[0]: (row[1], row[2])
        for row in conn.execute(
            f"SELECT id, tier_pinned, tier_pinned_until FROM fan WHERE id IN ({marks})", list(ids)
        )
    }
    plain = {(linked, bought_one): TierFacts(linked, bought_one) for linked in BOTH for bought_one in BOTH}
    return {
        fan_id: TierFacts(
            is_connected=fan_id in connected,
            bought_ever=fan_id in bought,
            orders=tuple(orders[fan_id]),
            interactions=tuple(interactions[fan_id]),
            pinned=Tier(pin[0]) if pin[0] else None,
            pinned_until=pin[1],
        )
        if pin[0] or fan_id in orders or fan_id in interactions
        else plain[fan_id in connected, fan_id in bought]
        for fan_id, pin in pins.items()
    }
