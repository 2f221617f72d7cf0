"""Moments as people type them: civil time in the shop's zone, or with an offset of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from desktop.domain.clock import at_ms
from desktop.domain.errors import InvalidInputError


def parsed_moment(text: str, zone: str) -> int:
    """UTC milliseconds of an ISO moment such as 2026-11-23T20:00 or 2026-11-23 20:00+08:00.

    Raises InvalidInputError: moment_invalid; moment_skipped and moment_twice where the clocks of the
    zone leave a moment out or show it twice, and no offset says which is meant.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInputError("moment_invalid", text=text[:40]) from error
    if moment.tzinfo is not None:
        return at_ms(moment)
    first = moment.replace(tzinfo=ZoneInfo(zone), fold=0)
    second = moment.replace(tzinfo=ZoneInfo(zone), fold=1)
    if first.utcoffset() != second.utcoffset():
        back = first.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        code = "moment_twice" if back == moment else "moment_skipped"
        raise InvalidInputError(code, text=text[:40], zone=zone)
    return at_ms(first)
