"""The shop itself: its name, industry quadrant and time zone, and the rules for each."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desktop.domain.errors import InvalidInputError

INDUSTRIES = ("frequent-online", "frequent-offline", "rare-online", "rare-offline")
DEFAULT_ZONE = "Asia/Shanghai"
NAME_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Shop:
    """One database is one shop. `timezone` is an IANA name; `industry` one of INDUSTRIES."""

    uid: str
    name: str
    industry: str
    timezone: str
    is_demo: bool
    created_at: int


def checked_name(name: str) -> str:
    """The name without surrounding blanks. Raises InvalidInputError when empty or over the limit."""
    cleaned = " ".join(name.split())
    if not cleaned:
        raise InvalidInputError("shop_name_empty")
    if len(cleaned) > NAME_LIMIT:
        raise InvalidInputError("shop_name_long", limit=NAME_LIMIT)
    return cleaned


def checked_zone(name: str) -> str:
    """An IANA zone name that exists. Raises InvalidInputError otherwise."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError("timezone_unknown", timezone=name) from error
    return name


def checked_industry(name: str) -> str:
    """One of the four quadrants. Raises InvalidInputError otherwise."""
    if name not in INDUSTRIES:
        raise InvalidInputError("industry_unknown", industry=name, known=list(INDUSTRIES))
    return name
