"""Whom notes and messages name besides their own person: by phone, order number or platform id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from desktop.domain.matching.clues import Clue
from desktop.domain.matching.texts import numbers_in, phones_in

DIGITS = "*" + "[0-9]" * 6 + "*"
TOLD = """
SELECT id, note, 1 FROM fan WHERE note GLOB :digits
UNION ALL SELECT i.fan_id, f.remark || ' ' || f.description, 1 FROM follow AS f
    JOIN identity AS i ON i.id = f.identity_id WHERE f.remark GLOB :digits OR f.description GLOB :digits
UNION ALL SELECT i.fan_id, m.text, 0 FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id
    JOIN identity AS i ON i.id = c.identity_id WHERE m.direction = 'in' AND m.text GLOB :digits
"""
# By the index of endings, then exactly.
ORDER = (
    'SELECT fan_id FROM "order" WHERE substr(order_no, -5) = substr(:no, -5) COLLATE NOCASE'
    " AND order_no = :no AND fan_id IS NOT NULL"
)
IDENTITY = (
    "SELECT fan_id FROM identity WHERE substr(external_id, -5) = substr(:no, -5) COLLATE NOCASE"
    " AND external_id = :no AND platform NOT IN ('phone', 'wechat_union')"
)
COUPON = "SELECT fan_id FROM drop_claim WHERE code = :no AND code <> '' AND fan_id IS NOT NULL"


class Told(NamedTuple):
    """A text about or of a fan; `is_note` where the shop wrote it."""

    fan_id: int
    text: str
    is_note: bool


def told(conn: Any) -> list[Told]:
    """Texts that hold numbers."""
    return [Told(row[0], row[1], bool(row[2])) for row in conn.execute(TOLD, {"digits": DIGITS}).fetchall()]


def phones(texts: Iterable[Told]) -> Iterator[tuple[str, int]]:
    """(phone, fan) where the shop noted it as this fan's own."""
    for one in texts:
        if one.is_note:
            for phone in phones_in(one.text):
                yield phone, one.fan_id


def named(conn: Any, texts: Iterable[Told]) -> Iterator[tuple[int, int, Clue, str]]:
    """(fan, the other one, clue, number) for orders and coupons anybody named, ids that the shop noted."""
    for one in texts:
        for number in numbers_in(one.text):
            asked = {"no": number}
            for row in conn.execute(ORDER, asked).fetchall():
                yield one.fan_id, row[0], Clue.ORDER_TOLD, number
            for row in conn.execute(COUPON, asked).fetchall():
                yield one.fan_id, row[0], Clue.COUPON, number
            if one.is_note:
                for row in conn.execute(IDENTITY, asked).fetchall():
                    yield one.fan_id, row[0], Clue.ID_IN_NOTE, number
