"""A saved audience and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from desktop.domain.errors import InvalidInputError
from desktop.domain.segments.conditions import Condition
from desktop.domain.segments.rules import NOBODY, Rule, is_complete

MOST_NAME = 40
MOST_NOTE = 500
MOST_OVERLAPPED = 5


@dataclass(frozen=True, slots=True)
class SegmentDraft:
    """What the owner sets."""

    name: str = ""
    rule: Rule = NOBODY
    note: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One saved audience. `frozen_at` (UTC ms): a list fixed at that moment; None: a rule that lives."""

    id: int
    uid: str
    draft: SegmentDraft
    frozen_at: int | None
    created_at: int
    updated_at: int

    @property
    def is_frozen(self) -> bool:
        """Whether its members stay as they are."""
        return self.frozen_at is not None

    @property
    def is_by_hand(self) -> bool:
        """Whether people were put on it one by one: there is no rule behind it."""
        return not is_complete(self.draft.rule)


@dataclass(frozen=True, slots=True)
class DayChange:
    """An audience on one day ('YYYY-MM-DD'); joined and gone are None on the first day counted."""

    day: str
    size: int
    joined: int | None
    gone: int | None


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """One audience in the list: how many belong now, and its last days, oldest first."""

    segment: Segment
    size: int
    days: tuple[DayChange, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentCount:
    """Who belongs now, with names of those who spent most.

    `refused` said no to marketing, `unknown` were never asked, `suppressed` are on a do-not-disturb list,
    `over_quota` had this month's sends already; None while there is no account to send from.
    """

    total: int
    sample: tuple[str, ...]
    refused: int
    unknown: int
    suppressed: int
    over_quota: int | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """Why one fan does or does not belong: every condition of the rule with its answer."""

    belongs: bool
    answers: tuple[tuple[Condition, bool], ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """How some audiences lie over each other.

    `regions`: how many are in exactly the audiences at these places of `names`, empty ones left out.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    regions: Mapping[tuple[int, ...], int] = field(default_factory=dict)


def checked(draft: SegmentDraft) -> SegmentDraft:
    """The draft, tidied. Raises InvalidInputError for a name that is missing or long, or a rule with holes."""
    name, note = checked_name(draft.name), draft.note.strip()
    if len(note) > MOST_NOTE:
        raise InvalidInputError("segment_note", limit=MOST_NOTE)
    if not is_complete(draft.rule):
        raise InvalidInputError("segment_incomplete")
    return SegmentDraft(name, draft.rule, note)


def checked_name(name: str) -> str:
    """The name, tidied. Raises InvalidInputError('segment_name') for one that is missing or long."""
    tidy = name.strip()
    if not 0 < len(tidy) <= MOST_NAME:
        raise InvalidInputError("segment_name", limit=MOST_NAME)
    return tidy
