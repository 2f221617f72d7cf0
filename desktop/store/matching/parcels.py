"""Parcels of different fans to one name: at one address, or in one town with the same goods within days."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, groupby
from typing import Any, NamedTuple

from desktop.domain.matching import clues
from desktop.domain.matching.clues import Found, Shares
from desktop.domain.matching.texts import town_of
from desktop.domain.periods import DAY_MS
from desktop.domain.tasks import CancelToken

SAMPLED = 20_000  # orders from which shares of towns and goods are told
MOST_NAMED = 200  # a name that more people have says too little to look further
PLAIN = (
    "fan_id IS NOT NULL AND json_extract(receiver, '$.name') <> ''"
    " AND json_extract(receiver, '$.name_kind') IS NULL"
)
NAMES = f"""
SELECT json_extract(receiver, '$.name'), count(DISTINCT fan_id) FROM "order" WHERE {PLAIN}
GROUP BY 1 HAVING count(DISTINCT fan_id) BETWEEN 2 AND {MOST_NAMED}
"""
PARCELS = f"""
SELECT json_extract(receiver, '$.name') AS name, fan_id, json_extract(receiver, '$.address'),
    json_extract(receiver, '$.address_kind'), coalesce(paid_at, created_at),
    (SELECT json_group_array(item) FROM order_line WHERE order_id = "order".id),
    (SELECT count(*) FROM "order" AS each WHERE each.fan_id = "order".fan_id
        AND json_extract(each.receiver, '$.name') <> '')
FROM "order" WHERE {PLAIN} AND name IN (SELECT value FROM json_each(:names)) ORDER BY name
"""
SAMPLE = """
SELECT fan_id, json_extract(receiver, '$.address'),
    (SELECT json_group_array(item) FROM order_line WHERE order_id = "order".id)
FROM "order" WHERE fan_id IS NOT NULL AND id % :every = 0
"""


class Parcel(NamedTuple):
    """One order's goods on their way; `address` '' where it is hidden or not told, `of` all parcels of the fan."""

    fan_id: int
    town: str
    address: str
    day: int | None
    of: int
    items: frozenset[str]


class _Shares:
    """How many people of the shop live in a town or buy a thing, told from some of the orders."""

    def __init__(self, conn: Any, people: int) -> None:
        total = conn.execute('SELECT count(*) FROM "order"').fetchone()[0]
        self._people = people
        towns: defaultdict[str, set[int]] = defaultdict(set)
        goods: defaultdict[str, set[int]] = defaultdict(set)
        seen: set[int] = set()
        for fan_id, address, items in conn.execute(SAMPLE, {"every": total // SAMPLED + 1}):
            seen.add(fan_id)
            towns[town_of(address or "")].add(fan_id)
            for item in set(json.loads(items)):
                goods[item].add(fan_id)
        self._seen = max(len(seen), 1)
        self._towns = Counter({town: len(fans) for town, fans in towns.items()})
        self._goods = Counter({item: len(fans) for item, fans in goods.items()})

    def in_town(self, town: str) -> int:
        return self._of(self._towns[town])

    def buying(self, item: str) -> int:
        return self._of(self._goods[item])

    def _of(self, seen: int) -> int:
        return max(1, self._people * seen // self._seen)


def shared(conn: Any, shares: Shares, cancel: CancelToken) -> Iterator[tuple[int, int, Found]]:
    """(fan, the other one, clue) for each two who got parcels under one name. Raises CancelledByOperatorError."""
    named = dict(tuple(row) for row in conn.execute(NAMES).fetchall())
    if not named:
        return
    counted = _Shares(conn, shares.people)
    rows = conn.execute(PARCELS, {"names": json.dumps(list(named))})
    for name, group in groupby(rows, key=lambda row: row[0]):
        cancel.check()
        by_town: defaultdict[str, list[Parcel]] = defaultdict(list)
        parcels = _usual([_parcel(row) for row in group])
        had = Counter(parcel.fan_id for parcel in parcels)
        for parcel in parcels:
            by_town[parcel.town].append(parcel)
        for town, near in by_town.items():
            for one, other in combinations(near, 2):
                alike = None if one.fan_id == other.fan_id else _alike(one, other, counted)
                if alike is None:
                    continue
                found = clues.parcel(
                    shares,
                    " · ".join(part for part in (name, town, alike) if part),
                    named=named[name],
                    in_town=counted.in_town(town),
                    is_address=_is_address(one, other),
                    is_habit=min(had[one.fan_id], had[other.fan_id]) > 1,
                    buying=counted.buying(alike) if alike else None,
                )
                yield one.fan_id, other.fan_id, found


def _usual(parcels: Sequence[Parcel]) -> list[Parcel]:
    """Those of fans whose parcels mostly go to this name: the others are presents."""
    had = Counter(parcel.fan_id for parcel in parcels)
    return [one for one in parcels if one.town and 2 * had[one.fan_id] >= one.of]


def _parcel(row: Sequence[Any]) -> Parcel:
    _, fan_id, address, kind, at, items, of = row
    text = "".join((address or "").split())
    return Parcel(
        fan_id,
        town_of(text),
        "" if kind else text,
        None if at is None else at // DAY_MS,
        of,
        frozenset(item for item in json.loads(items) if item),
    )


def _is_address(one: Parcel, other: Parcel) -> bool:
    return bool(one.address) and one.address == other.address


def _alike(one: Parcel, other: Parcel, counted: _Shares) -> str | None:
    """The rarest goods that both got within days, '' for only one address, None for nothing in common."""
    is_near = one.day is not None and other.day is not None and abs(one.day - other.day) <= clues.NEAR_DAYS
    common = one.items & other.items if is_near else frozenset[str]()
    if common:
        return min(common, key=lambda item: (counted.buying(item), item))
    return "" if _is_address(one, other) else None
