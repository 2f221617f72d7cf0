"""One command on many fans, up to all of them: in portions of one transaction, with progress and a way out.

Whoever stops it finds nothing changed: the transaction is rolled back.
"""

from __future__ import annotations

import json
import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import CancelledByOperatorError, NotFoundError
from desktop.domain.fans import FanChoice, FanSort, Tier
from desktop.store.fans import fan_orders
from desktop.store.fans.fan_filters import LIVE
from desktop.store.fans.fans import chunks
from desktop.store.rules import TIER_RULES
from desktop.store.shop import set_setting
from desktop.store.tags import untags
from desktop.store.tiers import tiers
from desktop.store.transaction import Transaction

Who = Sequence[int] | FanChoice
PORTION = 2_000
NAMED = 10_000  # so many ids are told to the pages; of more only that there are many
GIVEN = "(SELECT value FROM json_each(?))"


class Steps:
    """Portions of a long command. `told(done, total)` is called on the thread that works; `stop` from any."""

    def __init__(self, told: Callable[[int, int], None] | None = None) -> None:
        self._told = told
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End at the next portion, as if nothing had been asked."""
        self._stopped.set()

    def portions(self, ids: Sequence[int]) -> Iterator[list[int]]:
        """The ids in portions. Raises CancelledByOperatorError between two when stopped."""
        for start in range(0, len(ids), PORTION):
            if self._stopped.is_set():
                raise CancelledByOperatorError
            if self._told is not None:
                self._told(start, len(ids))
            yield list(ids[start : start + PORTION])


AT_ONCE = Steps()


def chosen(conn: Any, who: Who, *, must: bool = True) -> Sequence[int]:
    """Live fans that are meant, best customers first for a filter, as given for ids.

    Raises NotFoundError('fan_missing') when there is none and there `must` be one.
    """
    if isinstance(who, FanChoice) and who.wanted is not None:
        everybody = fan_orders.everybody(conn, who.wanted, FanSort.SPEND)
        found: Sequence[int] = (
            array(everybody.typecode, (one for one in everybody if one not in who.but))
            if who.but
            else everybody
        )
        first = 0
    else:
        ids = who.ids if isinstance(who, FanChoice) else who
        live = {
            row[0]
            for marks, portion in chunks(ids)
            for row in conn.execute(f"SELECT id FROM fan WHERE {LIVE} AND id IN ({marks})", portion)
        }
        found = [fan_id for fan_id in dict.fromkeys(ids) if fan_id in live]
        first = next(iter(ids), 0)
    if not found and must:
        raise NotFoundError("fan_missing", fan_id=first)
    return found


def add_tag(tx: Transaction, ids: Sequence[int], tag_id: int, steps: Steps = AT_ONCE) -> list[int]:
    """Put a tag on live fans; returns those who did not have it."""
    fresh: list[int] = []
    for portion in steps.portions(ids):
        rows = tx.db.execute(
            "INSERT OR IGNORE INTO fan_tag (fan_id, tag_id, source, at)"
            " SELECT value, ?, 'operator', ? FROM json_each(?) RETURNING fan_id",
            (tag_id, tx.now_ms, json.dumps(portion)),
        )
        fresh += [row[0] for row in rows.fetchall()]
    tx.touch(Topic.TAG)
    _touched(tx, fresh)
    return fresh


def remove_tag(
    tx: Transaction, ids: Sequence[int], tag_id: int, steps: Steps = AT_ONCE
) -> list[dict[str, Any]]:
    """Take a tag off fans; returns the rows that stood there, for undo."""
    gone: list[dict[str, Any]] = []
    for portion in steps.portions(ids):
        rows = tx.db.execute(
            f"DELETE FROM fan_tag WHERE tag_id = ? AND fan_id IN {GIVEN} RETURNING fan_id, source, at",
            (tag_id, json.dumps(portion)),
        )
        gone += [{**dict(row), "gone_at": tx.now_ms} for row in rows.fetchall()]
    untags.note(tx, [(row["fan_id"], tag_id) for row in gone], "operator")
    tx.touch(Topic.TAG)
    _touched(tx, [row["fan_id"] for row in gone])
    return gone


def pin(
    tx: Transaction, ids: Sequence[int], tier: Tier | None, until: int | None, steps: Steps = AT_ONCE
) -> int:
    """Pin fans to a tier until a moment (None: for good), or unpin with tier None; decides anew."""
    before: list[dict[str, Any]] = []
    for portion in steps.portions(ids):
        given = json.dumps(portion)
        rows = tx.db.execute(
            f"SELECT id AS fan_id, tier_pinned, tier_pinned_until FROM fan WHERE id IN {GIVEN}", (given,)
        )
        before += [dict(row) for row in rows.fetchall()]
        tx.db.execute(
            f"UPDATE fan SET tier_pinned = ?, tier_pinned_until = ? WHERE id IN {GIVEN}",
            (tier.value if tier else None, until if tier else None, given),
        )
        tiers.recompute(tx, portion, tx.now_ms)
    tx.replaced = {"pins": before}
    _touched(tx, ids)
    return len(before)


def put_tier_rules(tx: Transaction, document: Any, steps: Steps = AT_ONCE) -> int:
    """Put tier rules in force (None: the shipped ones) and decide everybody anew; how many changed tier."""
    set_setting(tx, TIER_RULES, document)
    moved = 0
    for portion in steps.portions(tiers.everybody(tx.db)):
        moved += tiers.recompute(tx, portion, tx.now_ms)
    return moved


def suppress(tx: Transaction, ids: Sequence[int], channel: str, reason: str, steps: Steps = AT_ONCE) -> int:
    """Put fans on the do-not-contact list; how many were not on it for this channel."""
    fresh: list[int] = []
    for portion in steps.portions(ids):
        rows = tx.db.execute(
            "INSERT OR IGNORE INTO suppression (fan_id, channel, reason, at)"
            " SELECT value, ?, ?, ? FROM json_each(?) RETURNING fan_id",
            (channel, reason, tx.now_ms, json.dumps(portion)),
        )
        fresh += [row[0] for row in rows.fetchall()]
    tx.replaced = {"channel": channel, "added": fresh}
    _touched(tx, fresh)
    return len(fresh)


def unsuppress(tx: Transaction, ids: Sequence[int], channel: str, steps: Steps = AT_ONCE) -> int:
    """Take fans off the list for a channel; how many were on it."""
    gone: list[dict[str, Any]] = []
    for portion in steps.portions(ids):
        rows = tx.db.execute(
            f"DELETE FROM suppression WHERE channel = ? AND fan_id IN {GIVEN}"
            " RETURNING fan_id, channel, reason, at",
            (channel, json.dumps(portion)),
        )
        gone += [dict(row) for row in rows.fetchall()]
    tx.replaced = {"channel": channel, "removed": gone}
    _touched(tx, [row["fan_id"] for row in gone])
    return len(gone)


def _touched(tx: Transaction, ids: Sequence[int]) -> None:
    tx.touch(Topic.FAN, ids if len(ids) <= NAMED else None)
