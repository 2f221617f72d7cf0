"""What the command palette finds: entries by any part of their name, by pinyin, and by pinyin initials."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from desktop.services.spelling import spellings


@dataclass(frozen=True)
class Entry:
    """One thing that can be chosen: a page, a command, or a fan. `run` does it."""

    title: str
    icon: str
    hint: str
    run: Callable[[], Any]


def find(entries: Iterable[Entry], typed: str, limit: int = 12) -> list[Entry]:
    """The entries that fit, best first; all of them, in order, for an empty text."""
    wanted = "".join(typed.casefold().split())
    if not wanted:
        return list(entries)[:limit]
    scored = [(score, at, entry) for at, entry in enumerate(entries) if (score := _score(entry, wanted))]
    scored.sort(key=lambda one: (-one[0], one[1]))
    return [entry for _, _, entry in scored[:limit]]


def _score(entry: Entry, wanted: str) -> int:
    title = "".join(entry.title.casefold().split())
    if title.startswith(wanted):
        return 5
    if wanted in title:
        return 4
    full, initials = spellings(entry.title)
    if initials.startswith(wanted):
        return 3
    if full.startswith(wanted):
        return 2
    return 1 if wanted in initials or wanted in full else 0
