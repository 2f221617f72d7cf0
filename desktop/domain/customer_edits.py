"""What staff note about a customer at the platform: remark, description, phone numbers. Pure rules."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.domain.errors import InvalidInputError

LONGEST_REMARK = 20
LONGEST_OF_FOLLOWERS = 29  # of an official account
LONGEST_DESCRIPTION = 150
MOST_MOBILES = 5
LONGEST_MOBILE = 20


@dataclass(frozen=True, slots=True)
class CustomerNotes:
    """One staff member's notes about one customer."""

    remark: str = ""
    description: str = ""
    mobiles: tuple[str, ...] = ()


def checked(notes: CustomerNotes, longest: int = LONGEST_REMARK) -> CustomerNotes:
    """The notes, tidied. Raises InvalidInputError: remark_too_long, description_too_long, mobiles_invalid."""
    remark, description = " ".join(notes.remark.split()), notes.description.strip()
    if len(remark) > longest or not (not remark or remark.isprintable()):
        raise InvalidInputError("remark_too_long", longest=longest)
    if len(description) > LONGEST_DESCRIPTION or "\0" in description:
        raise InvalidInputError("description_too_long", longest=LONGEST_DESCRIPTION)
    mobiles = tuple(dict.fromkeys(filter(None, (one.strip() for one in notes.mobiles))))
    if len(mobiles) > MOST_MOBILES or not all(_is_number(one) for one in mobiles):
        raise InvalidInputError("mobiles_invalid", most=MOST_MOBILES)
    return CustomerNotes(remark, description, mobiles)


def _is_number(text: str) -> bool:
    digits = text.removeprefix("+").replace("-", "").replace(" ", "")
    return len(text) <= LONGEST_MOBILE and digits.isascii() and digits.isdigit()
