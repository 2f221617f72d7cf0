"""Everything conditions of audiences look at, read for some fans: for explaining, not for counting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from desktop.domain.fans import InteractionKind, Tier
from desktop.domain.segments.facts import FanFacts, Sale, Touch
from desktop.store.fans.fans import LIVE, chunks

LISTS = (
    "tags", "groups", "platforms", "sales", "touches", "reached", "origins", "remarks", "messages"
)  # fmt: skip


def facts_of(conn: Any, ids: Sequence[int]) -> list[FanFacts]:
    """The living ones of these fans, in the order given."""
    found: dict[int, FanFacts] = {}
    for marks, portion in chunks(ids):
        lists = _lists(conn, marks, portion)
        for row in conn.execute(
            "SELECT id, tier, marketing, first_seen_at, note, phone,"
            " EXISTS (SELECT 1 FROM suppression WHERE fan_id = fan.id) AS shut"
            f" FROM fan WHERE {LIVE} AND id IN ({marks})",
            portion,
        ):
            fan_id = row["id"]
            found[fan_id] = FanFacts(
                fan_id=fan_id,
                tier=Tier(row["tier"]),
                tags=frozenset(lists["tags"][fan_id]),
                groups=frozenset(lists["groups"][fan_id]),
                platforms=frozenset(lists["platforms"][fan_id]),
                marketing=row["marketing"],
                is_suppressed=bool(row["shut"]),
                phone=row["phone"],
                first_seen_at=row["first_seen_at"],
                sales=tuple(lists["sales"][fan_id]),
                touches=tuple(lists["touches"][fan_id]),
                reached=tuple(lists["reached"][fan_id]),
                origins=frozenset(lists["origins"][fan_id]),
                notes=(row["note"], *lists["remarks"][fan_id]),
                messages=tuple(lists["messages"][fan_id]),
            )
    return [found[fan_id] for fan_id in ids if fan_id in found]


def _lists(conn: Any, marks: str, portion: list[int]) -> dict[str, defaultdict[int, list[Any]]]:
    """What a fan has several of, by name and fan id."""
    lists: dict[str, defaultdict[int, list[Any]]] = {name: defaultdict(list) for name in LISTS}
    _texts(conn, marks, portion, lists)
    for row in conn.execute(f"SELECT fan_id, tag_id FROM fan_tag WHERE fan_id IN ({marks})", portion):
        lists["tags"][row[0]].append(row[1])
    for row in conn.execute(
        "SELECT i.fan_id, m.group_id FROM group_member AS m JOIN identity AS i ON i.id = m.identity_id"
        f" WHERE m.left_at IS NULL AND i.fan_id IN ({marks})",
        portion,
    ):
        lists["groups"][row[0]].append(row[1])
    for row in conn.execute(
        f"SELECT fan_id, platform FROM identity WHERE removed_at IS NULL AND fan_id IN ({marks})", portion
    ):
        lists["platforms"][row[0]].append(row[1])
    items: defaultdict[int, list[str]] = defaultdict(list)
    for row in conn.execute(
        'SELECT l.order_id, l.item FROM order_line AS l JOIN "order" AS o ON o.id = l.order_id'
        f" WHERE o.is_sale = 1 AND o.fan_id IN ({marks})",
        portion,
    ):
        items[row[0]].append(row[1])
    for row in conn.execute(
        f'SELECT id, fan_id, paid_at, net_cents FROM "order" WHERE is_sale = 1 AND fan_id IN ({marks})',
        portion,
    ):
        lists["sales"][row[1]].append(Sale(row[2], row[3], tuple(items[row[0]])))
    for row in conn.execute(
        f"SELECT fan_id, kind, at, quantity, domain FROM interaction WHERE fan_id IN ({marks})", portion
    ):
        lists["touches"][row[0]].append(Touch(InteractionKind(row[1]), row[2], row[3], row[4]))
    for row in conn.execute(
        "SELECT i.fan_id, d.sent_at FROM delivery AS d JOIN identity AS i ON i.id = d.identity_id"
        f" WHERE d.status = 'sent' AND d.sent_at IS NOT NULL AND i.fan_id IN ({marks})",
        portion,
    ):
        lists["reached"][row[0]].append(row[1])
    return lists


def _texts(
    conn: Any, marks: str, portion: list[int], lists: dict[str, defaultdict[int, list[Any]]]
) -> None:
    """How the shop learnt of them, what staff remarked, what they wrote."""
    for row in conn.execute(f"SELECT fan_id, origin FROM identity WHERE fan_id IN ({marks})", portion):
        lists["origins"][row[0]].append(row[1].partition(":")[0])
    for row in conn.execute(
        "SELECT i.fan_id, f.remark, f.description FROM follow AS f JOIN identity AS i ON i.id = f.identity_id"
        f" WHERE i.fan_id IN ({marks})",
        portion,
    ):
        lists["remarks"][row[0]] += [row[1], row[2]]
    for row in conn.execute(
        "SELECT i.fan_id, m.at, m.text FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id"
        f" JOIN identity AS i ON i.id = c.identity_id WHERE m.direction = 'in' AND i.fan_id IN ({marks})",
        portion,
    ):
        lists["messages"][row[0]].append((row[1], row[2]))
