"""What two fans have in common, or against each other, and how much each of it says.

The weights are those of Fellegi and Sunter ("A Theory for Record Linkage", 1969): the binary logarithm of
how much more often a clue is met with one person than with two. How often two people share a name, a town or a dish
is counted in the shop itself, so that a rare name says much and a common one little.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from math import log2


class Clue(StrEnum):
    """What speaks for or against; the first ones prove, the middle ones only help, the last speak against."""

    UNION = "union"  # the platform itself says so
    ADDED = (
        "added"  # a console's list and the platform name one adding: who, in which minute, under which name
    )
    ID_IN_NOTE = "id_in_note"  # staff wrote the other's platform id
    PHONE = "phone"  # a plain number of their own on both sides
    PHONE_SENT = "phone_sent"  # parcels of the one went to the number of the other
    ORDER_TOLD = "order_told"  # the one named an order of the other
    COUPON = "coupon"  # one coupon code of both, or the one named a code of the other
    ADDRESS = "address"  # parcels to one name at one address
    PARCEL = "parcel"  # parcels to one name in one town with the same goods within days
    NICKNAME = "nickname"
    PHONES_DIFFER = "phones_differ"
    IDS_DIFFER = "ids_differ"
    UNIONS_DIFFER = "unions_differ"


PROVES = frozenset(
    {
        Clue.UNION, Clue.ADDED, Clue.ID_IN_NOTE, Clue.PHONE, Clue.PHONE_SENT, Clue.ORDER_TOLD, Clue.COUPON,
        Clue.ADDRESS, Clue.PARCEL,
    }
)  # fmt: skip
DESTINATION = frozenset({Clue.PHONE_SENT, Clue.ADDRESS, Clue.PARCEL})
SUGGESTED = 0.98  # from this probability on a pair is suggested
SMALLEST_SHOP = 1_000  # shares counted among fewer people say too little

# Bits above "one in all the fans of the shop". A number of one's own is shared by some in a hundred families;
# an order is now and then asked about for a friend; a parcel to somebody's number is more often a gift.
# A coupon is easily passed on: its code alone stays below the line, and a nickname lifts it above.
ABOVE_ANYBODY = {
    Clue.UNION: 30.0,
    Clue.ADDED: 12.0,
    Clue.ID_IN_NOTE: 9.0,
    Clue.PHONE: 8.0,
    Clue.PHONE_SENT: 1.0,
    Clue.ORDER_TOLD: 7.0,
    Clue.COUPON: 5.0,
}
AGAINST = {Clue.PHONES_DIFFER: -3.0, Clue.IDS_DIFFER: -6.0, Clue.UNIONS_DIFFER: -14.0}
NICKNAME_MOST = 4.0  # anybody may take anybody's nickname
NAME_MOST = 12.0
TOWN_MOST = 6.0
GOODS_MOST = 5.0
ADDRESS_BITS = 4.0  # beyond the town; a parcel to somebody's door may be a present
HABIT_BITS = 4.0  # both have had it so more than once
NEAR_DAYS = 7
NEAR_BITS = log2(365 / (2 * NEAR_DAYS + 1))
DEPENDENT = -2.0  # name, town and goods are not independent of each other


@dataclass(frozen=True, slots=True)
class Found:
    """One clue: `shown` is what both sides have, for the owner; `bits` how much it says."""

    clue: Clue
    bits: float
    shown: str = ""

    @property
    def mark(self) -> str:
        """The same for the same clue, without what it shows."""
        return f"{self.clue}:{hashlib.sha256(self.shown.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two fans, the lower id first, and what was found. `probability` that they are one person."""

    fan_id: int
    other_id: int
    found: tuple[Found, ...]
    probability: float

    @property
    def proof(self) -> tuple[tuple[str, str], ...]:
        """(clue, what both have), as a merge keeps it."""
        return tuple((str(one.clue), one.shown) for one in self.found)

    @property
    def marks(self) -> frozenset[str]:
        """What the owner looked at, when they said no."""
        return frozenset(one.mark for one in self.found if one.clue in PROVES)


class Shares:
    """How common a thing is among the people of the shop, in bits: 0 where everybody has it."""

    def __init__(self, people: int) -> None:
        self.people = max(people, SMALLEST_SHOP)

    def bits(self, sharing: int, most: float) -> float:
        """What it says that two share a thing which so many people have."""
        return min(most, log2(self.people / max(sharing, 1)))

    @property
    def anybody(self) -> float:
        """The bits that single out one of all people."""
        return log2(self.people)


def sure(clue: Clue, shares: Shares, shown: str = "", sharing: int = 2) -> Found:
    """A clue that names its person. A number shared by more than two names each of them less."""
    crowd = 2.0 * log2(max(sharing - 1, 1))
    return Found(clue, shares.anybody + ABOVE_ANYBODY[clue] - crowd, shown)


def parcel(
    shares: Shares,
    shown: str,
    *,
    named: int,
    in_town: int,
    is_address: bool,
    is_habit: bool,
    buying: int | None,
) -> Found:
    """Parcels to one name: at one address, or in one town with the same goods within `NEAR_DAYS`.

    `named`, `in_town`, `buying`: how many people of the shop have that name, live in that town, buy those
    goods (None: no goods in common).
    """
    bits = shares.bits(named, NAME_MOST) + shares.bits(in_town, TOWN_MOST) + DEPENDENT
    bits += ADDRESS_BITS * is_address + HABIT_BITS * is_habit
    if buying is None:
        return Found(Clue.ADDRESS, bits, shown)
    return Found(Clue.PARCEL, bits + shares.bits(buying, GOODS_MOST) + NEAR_BITS, shown)


def nickname(shares: Shares, shown: str, named: int) -> Found:
    """The same nickname: helps a proof, and proves nothing alone."""
    return Found(Clue.NICKNAME, shares.bits(named, NICKNAME_MOST), shown)


def against(clue: Clue) -> Found:
    """What speaks against."""
    return Found(clue, AGAINST[clue])


def candidate(fan_id: int, other_id: int, found: list[Found], shares: Shares) -> Candidate | None:
    """The pair judged; None where nothing proves anything. Of each kind of clue the strongest counts."""
    strongest: dict[Clue, Found] = {}
    for one in found:
        if one.clue not in strongest or one.bits > strongest[one.clue].bits:
            strongest[one.clue] = one
    ways = sorted(DESTINATION & strongest.keys(), key=lambda one: strongest[one].bits)
    for weaker in ways[:-1]:  # all tell of the same door
        del strongest[weaker]
    if not PROVES & strongest.keys():
        return None
    order = list(Clue)
    told = tuple(sorted(strongest.values(), key=lambda one: order.index(one.clue)))
    bits = sum(one.bits for one in told) - shares.anybody
    low, high = sorted((fan_id, other_id))
    return Candidate(low, high, told, 1 / (1 + 2.0 ** -max(min(bits, 60.0), -60.0)))
