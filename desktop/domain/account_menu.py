"""The menu at the foot of an official account: three buttons, five entries in each. Pure rules.

Platform facts (as of 2026-11): a button's name has at most 16 bytes, an entry's 60; addresses at most 1,024 bytes.
Entries that need an answer of the shop's own server (click and its kin) are kept as they are but not made here:
this computer cannot be reached by WeChat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from desktop.domain.content import Problem

MOST_BUTTONS, MOST_ENTRIES = 3, 5
NAME_BYTES, ENTRY_NAME_BYTES, URL_BYTES = 16, 60, 1024
VIEW, MINI_PROGRAM, ARTICLE = "view", "miniprogram", "article_id"
MADE_HERE = (VIEW, MINI_PROGRAM, ARTICLE)
KEYED = (
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
)
BY_CALL = frozenset({*MADE_HERE, *KEYED, "media_id", "view_limited", "article_view_limited"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A button or an entry. `facts` is what its kind needs, as the platform calls it; `below` are its entries."""

    name: str = ""
    kind: str = VIEW
    facts: Mapping[str, str] = field(default_factory=dict)
    below: tuple[Entry, ...] = ()

    def fact(self, name: str) -> str:
        """One fact; '' without it."""
        return self.facts.get(name, "")

    def with_fact(self, name: str, value: str) -> Entry:
        """The same with another fact."""
        return replace(self, facts={**self.facts, name: value})


def entries_of(buttons: Sequence[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """A menu as the platform keeps it."""
    return tuple(
        Entry(
            str(one.get("name", "")),
            str(one.get("type", VIEW)),
            {key: str(value) for key, value in one.items() if key not in ("name", "type", "sub_button")},
            entries_of(one.get("sub_button") or ()),
        )
        for one in buttons
    )


def buttons_of(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """A menu as the platform takes it."""
    return [
        {"name": one.name.strip(), "sub_button": buttons_of(one.below)}
        if one.below
        else {"name": one.name.strip(), "type": one.kind, **one.facts}
        for one in entries
    ]


def check(entries: Sequence[Entry]) -> list[Problem]:
    """What the platform would refuse; `field` is the place: '0' the first button, '0.2' its third entry."""
    found = [Problem("menu_empty")] if not entries else []
    if len(entries) > MOST_BUTTONS:
        found.append(Problem("menu_many", {"limit": MOST_BUTTONS}))
    for at, button in enumerate(entries):
        if len(button.below) > MOST_ENTRIES:
            found.append(Problem("menu_many", {"limit": MOST_ENTRIES}, str(at)))
        found += _check(button, str(at), NAME_BYTES)
        for below, entry in enumerate(button.below):
            found += _check(entry, f"{at}.{below}", ENTRY_NAME_BYTES)
    return found


def _check(entry: Entry, place: str, most: int) -> list[Problem]:
    found = []
    if not entry.name.strip():
        found.append(Problem("menu_no_name", field=place))
    elif len(entry.name.strip().encode()) > most:
        found.append(
            Problem("menu_name", {"name": entry.name, "limit": 4 if most == NAME_BYTES else 20}, place)
        )
    if entry.below:
        return found
    if entry.kind not in BY_CALL:
        return [*found, Problem("menu_console_kind", {"name": entry.name}, place)]
    if entry.kind in (VIEW, MINI_PROGRAM):
        address = urlsplit(entry.fact("url"))
        is_sound = address.scheme in ("http", "https") and bool(address.hostname)
        if not is_sound or len(entry.fact("url").encode()) > URL_BYTES:
            found.append(Problem("menu_url", {"name": entry.name}, place))
    if entry.kind == MINI_PROGRAM and not (entry.fact("appid") and entry.fact("pagepath")):
        found.append(Problem("menu_program", {"name": entry.name}, place))
    if entry.kind == ARTICLE and not entry.fact("article_id"):
        found.append(Problem("menu_article", {"name": entry.name}, place))
    return found
