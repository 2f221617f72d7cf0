"""Reads single conditions from JSON, and refuses what makes no sense before it is stored or asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import InteractionKind, Tier
from desktop.domain.periods import parsed_day
from desktop.domain.segments import conditions as kinds
from desktop.domain.segments.conditions import Condition

MOST_DAYS = 3650
MOST_TEXT = 60
MOST_LISTED = 200
WAYS = ("within", "not_since", "never", "between")
BIGGEST = 10**15

E = TypeVar("E", bound=StrEnum)


def invalid(part: str) -> InvalidInputError:
    """What is raised for a part of a rule that makes no sense."""
    return InvalidInputError("segment_invalid", part=part)


def condition(value: Mapping[str, Any]) -> Condition:
    """One condition from its JSON. Raises InvalidInputError('segment_invalid') naming the part."""
    name = value.get("is")
    read = READERS.get(name) if isinstance(name, str) else None
    if read is None:
        raise invalid(f"is: {str(name)[:40]}")
    made = read(value)
    unknown = set(value) - {"is"} - set(made.__dataclass_fields__)
    if unknown:
        raise invalid(sorted(unknown)[0][:40])
    return made


def _enums(
    value: Mapping[str, Any], key: str, kind: type[E], *, may_be_empty: bool = False
) -> tuple[E, ...]:
    chosen = _words(value, key, {each.value for each in kind}, may_be_empty=may_be_empty)
    return tuple(kind(each) for each in chosen)


def _words(
    value: Mapping[str, Any], key: str, known: Collection[str], *, may_be_empty: bool = False
) -> tuple[str, ...]:
    found = value.get(key, [] if may_be_empty else None)
    if not isinstance(found, list) or not all(isinstance(each, str) and each in known for each in found):
        raise invalid(key)
    if not found and not may_be_empty:
        raise invalid(key)
    return tuple(sorted(set(found)))


def _ids(value: Mapping[str, Any], key: str) -> tuple[int, ...]:
    found = value.get(key)
    if not isinstance(found, list) or not 0 < len(found) <= MOST_LISTED:
        raise invalid(key)
    if any(isinstance(each, bool) or not isinstance(each, int) for each in found):
        raise invalid(key)
    return tuple(sorted(set(found)))


def _match(value: Mapping[str, Any]) -> str:
    match = value.get("match", "any")
    if match not in kinds.MATCHES:
        raise invalid("match")
    return str(match)


def _number(value: Mapping[str, Any], key: str, least: int, most: int) -> int | None:
    number = value.get(key)
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
        raise invalid(key)
    return number


def _span(value: Mapping[str, Any]) -> dict[str, int | None]:
    least, most = _number(value, "least", 0, BIGGEST), _number(value, "most", 0, BIGGEST)
    if least is None and most is None:
        raise invalid("least")
    if least is not None and most is not None and least > most:
        raise invalid("most")
    return {"least": least, "most": most, "days": _number(value, "days", 1, MOST_DAYS)}


def _text(value: Mapping[str, Any]) -> str:
    words = value.get("words")
    if not isinstance(words, str) or not 0 < len(words.strip()) <= MOST_TEXT:
        raise invalid("words")
    return words.strip()


def _said(value: Mapping[str, Any]) -> Condition:
    places = _words(value, "places", kinds.PLACES) if "places" in value else kinds.PLACES
    return kinds.Said(_text(value), places, _number(value, "days", 1, MOST_DAYS))


def _yes(value: Mapping[str, Any]) -> bool:
    wanted = value.get("value", True)
    if not isinstance(wanted, bool):
        raise invalid("value")
    return wanted


def _dated(value: Mapping[str, Any]) -> Condition:
    what, way = value.get("what"), value.get("way", "within")
    if what not in [each.value for each in kinds.Moment]:
        raise invalid("what")
    if way not in WAYS:
        raise invalid("way")
    days = _number(value, "days", 1, MOST_DAYS)
    start, end = _day(value, "start"), _day(value, "end")
    if (days is not None) != (way in ("within", "not_since")):
        raise invalid("days")
    if (start is not None or end is not None) != (way == "between"):
        raise invalid("start")
    if start and end and start > end:
        raise invalid("end")
    return kinds.Dated(kinds.Moment(what), str(way), days, start, end)


def _day(value: Mapping[str, Any], key: str) -> str | None:
    text = value.get(key)
    if text is None:
        return None
    if not isinstance(text, str):
        raise invalid(key)
    try:
        return parsed_day(text).isoformat()
    except (InvalidInputError, ValueError) as error:
        raise invalid(key) from error


READERS: Mapping[str, Callable[[Mapping[str, Any]], Condition]] = {
    kinds.TierIs.name: lambda value: kinds.TierIs(_enums(value, "tiers", Tier)),
    kinds.HasTags.name: lambda value: kinds.HasTags(_ids(value, "tags"), _match(value)),
    kinds.InGroups.name: lambda value: kinds.InGroups(_ids(value, "groups"), _match(value)),
    kinds.OnPlatforms.name: lambda value: kinds.OnPlatforms(
        _words(value, "platforms", kinds.PLATFORMS), _match(value)
    ),
    kinds.ConsentIs.name: lambda value: kinds.ConsentIs(_words(value, "consents", kinds.CONSENTS)),
    kinds.IsSuppressed.name: lambda value: kinds.IsSuppressed(_yes(value)),
    kinds.HasPhone.name: lambda value: kinds.HasPhone(_yes(value)),
    kinds.Orders.name: lambda value: kinds.Orders(**_span(value)),
    kinds.Spend.name: lambda value: kinds.Spend(**_span(value)),
    kinds.Bought.name: lambda value: kinds.Bought(**_span(value), words=_text(value)),
    kinds.Interacted.name: lambda value: kinds.Interacted(
        **_span(value), kinds=_enums(value, "kinds", InteractionKind, may_be_empty=True)
    ),
    kinds.Reached.name: lambda value: kinds.Reached(**_span(value)),
    kinds.CameFrom.name: lambda value: kinds.CameFrom(_words(value, "domains", kinds.DOMAINS)),
    kinds.LearntBy.name: lambda value: kinds.LearntBy(_words(value, "origins", kinds.ORIGINS)),
    kinds.Said.name: _said,
    kinds.Dated.name: _dated,
}
