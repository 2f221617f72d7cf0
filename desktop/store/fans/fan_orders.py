"""In which order fans stand: the first page at once from an index, then everybody's ids, four bytes each."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass
from typing import Any

from desktop.domain.fans import FanFilter, FanSort
from desktop.store.fans.fan_filters import GONE, HIT, Part, Parts, joined, narrowest, parts_of

IDS = "i"  # a signed integer of four bytes: two thousand million fans
# One text: SQLite makes it without Python's lock, which a cursor would take and give back at each row.
PACKED = "SELECT group_concat(id) FROM ({ids})"
PIECE = 1 << 16  # signs of it that are read at once: a thousandth of a second with the lock


@dataclass(frozen=True, slots=True)
class Key:
    """What an order goes by. `falls` tells that the index has the largest first; ids break ties
    as the index has them, so that the two directions are each other's mirror."""

    text: str
    of_fan: bool = False
    has_blanks: bool = False
    falls: bool = True
    indexed: bool = True


KEYS: dict[FanSort, Key] = {
    FanSort.SPEND: Key("s.spend_cents"),
    FanSort.ORDERS: Key("s.orders"),
    FanSort.INTERACTIONS: Key("s.interactions"),
    FanSort.REFUND: Key("s.refund_cents", indexed=False),
    FanSort.FIRST_ORDER: Key("s.first_order_at", has_blanks=True, indexed=False),
    FanSort.LAST_ORDER: Key("s.last_order_at", has_blanks=True),
    FanSort.LAST_TOUCH: Key("s.last_touch_at", has_blanks=True),
    FanSort.NAME: Key(
        "nullif(CASE WHEN fan.pinyin <> '' THEN fan.pinyin ELSE fan.name END, '')", True, True, falls=False
    ),
    # devoted, favorable, passerby, prospect: the alphabet happens to have the highest first
    FanSort.TIER: Key("fan.tier", True),
    FanSort.FIRST_SEEN: Key("fan.first_seen_at", True),
    FanSort.FAN_ID: Key("fan.id", True, falls=False),
    FanSort.PHONE: Key("fan.phone", True, True, falls=False),
    FanSort.NOTE: Key("nullif(fan.note, '')", True, True, falls=False, indexed=False),
    FanSort.TAGS: Key("(SELECT count(*) FROM fan_tag AS x WHERE x.fan_id = fan.id)", True, indexed=False),
    FanSort.SOURCE: Key(
        "(SELECT min(x.platform) FROM identity AS x WHERE x.fan_id = fan.id"
        " AND x.platform NOT IN ('phone', 'wechat_union'))",
        True,
        True,
        falls=False,
        indexed=False,
    ),
}


def everybody(
    conn: Any, wanted: FanFilter, sort: FanSort = FanSort.SPEND, *, descending: bool = True
) -> array[int]:
    """Ids of all fans that pass the filter, in order; fans without a value come last."""
    key, parts = KEYS[sort], parts_of(conn, wanted)
    part, _ = narrowest(conn, parts)
    found: array[int] = array(IDS)
    for blank in (False, True) if key.has_blanks else (None,):
        if not parts.parts and key.indexed:
            ids = _plain(sort, key, descending, blank, _are_some_gone(conn))
        elif part is None:
            ids = _walked(sort, key, descending, blank, parts)
        else:
            ids = _gathered(sort, key, descending, blank, parts, part)
        _append(found, conn, ids, parts)
    return found


def first(
    conn: Any,
    wanted: FanFilter,
    sort: FanSort = FanSort.SPEND,
    *,
    descending: bool = True,
    limit: int = 128,
) -> array[int]:
    """The beginning of `everybody`, without putting the rest in order."""
    key, parts = KEYS[sort], parts_of(conn, wanted)
    part, are_few = narrowest(conn, parts)
    found: array[int] = array(IDS)
    for blank in (False, True) if key.has_blanks else (None,):
        if part is not None and (are_few or not key.indexed):
            ids = _gathered(sort, key, descending, blank, parts, part)
        elif not parts.parts and key.indexed:
            ids = _plain(sort, key, descending, blank, _are_some_gone(conn))
        else:
            ids = _walked(sort, key, descending, blank, parts)
        _append(found, conn, f"{ids} LIMIT {limit - len(found)}", parts)
        if len(found) >= limit:
            break
    return found


def _are_some_gone(conn: Any) -> bool:
    """Whether any fan was removed or merged: where none was, nobody has to be asked."""
    return bool(conn.execute(f"SELECT EXISTS ({GONE})").fetchone()[0])


def _append(found: array[int], conn: Any, ids: str, parts: Parts) -> None:
    packed = conn.execute(_packed(ids), parts.parameters).fetchone()[0] or ""
    at = 0
    while at < len(packed):
        end = packed.find(",", at + PIECE)
        end = len(packed) if end < 0 else end
        found.extend(json.loads(f"[{packed[at:end]}]"))
        at = end + 1


def _packed(ids: str) -> str:
    """A CTE has to stand first."""
    head, mark, rest = ids.partition("/* then */")
    return f"{head}{PACKED.format(ids=rest)}" if mark else PACKED.format(ids=ids)


def _ordered(sort: FanSort, key: Key, descending: bool, blank: bool | None, ids: str) -> tuple[str, str]:
    """(condition on the key, ORDER BY) for one of the two halves: fans with a value, fans without."""
    if blank:
        return f"{key.text} IS NULL", f"{ids} ASC"
    is_forward = descending == key.falls
    rises = descending if sort is FanSort.TIER else not descending
    ties = "ASC" if is_forward else "DESC"
    by = f"{key.text} {'ASC' if rises else 'DESC'}"
    order = by if sort is FanSort.FAN_ID else f"{by}, {ids} {ties}"
    return "" if blank is None else f"{key.text} IS NOT NULL", order


def _plain(sort: FanSort, key: Key, descending: bool, blank: bool | None, some_gone: bool) -> str:
    """Everybody from the index alone."""
    table, ids = ("fan", "fan.id") if key.of_fan else ("fan_stats AS s", "s.fan_id")
    test, order = _ordered(sort, key, descending, blank, ids)
    where = " AND ".join(filter(None, (test, f"{ids} NOT IN ({GONE})" if some_gone else ""))) or "1"
    return f"SELECT {ids} AS id FROM {table} WHERE {where} ORDER BY {order}"


def _walked(sort: FanSort, key: Key, descending: bool, blank: bool | None, parts: Parts) -> str:
    """Along the index of the order, asking each fan."""
    ids = "fan.id" if key.of_fan else "s.fan_id"
    tables = (
        "fan CROSS JOIN fan_stats AS s ON s.fan_id = fan.id"
        if key.of_fan
        else "fan_stats AS s CROSS JOIN fan ON fan.id = s.fan_id"
    )
    test, order = _ordered(sort, key, descending, blank, ids)
    where = " AND ".join(filter(None, (test, parts.others())))
    return f"SELECT {ids} AS id FROM {tables} WHERE {where} ORDER BY {order}"


def _gathered(
    sort: FanSort, key: Key, descending: bool, blank: bool | None, parts: Parts, part: Part
) -> str:
    """The ids of the narrowest part, then asked the rest and put in order."""
    test, order = _ordered(sort, key, descending, blank, "hit.id")
    tables, rest = joined(parts, part, needs_fan=key.of_fan)
    where = " AND ".join(filter(None, (test, rest)))
    return (
        f"{HIT.format(ids=part.ids)} /* then */"
        f" SELECT hit.id AS id FROM {tables} WHERE {where} ORDER BY {order}"
    )
