"""What the window is told about a screen or a command: its key, icon, name, and how it is built."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from desktop.domain.changes import Topic
from desktop.views.page import Page, PageContext

HOME, CONTENT, PEOPLE, BUSINESS = "", "shell.group_content", "shell.group_people", "shell.group_business"


@dataclass(frozen=True)
class Screen:
    """One page of the navigation. `title` and `group` are wording keys; pages are built when first opened.

    `badge` counts what asks for attention; it is asked again after commits that touch `badge_topics`.
    """

    key: str
    icon: str
    title: str
    group: str
    build: Callable[[PageContext], Page]
    badge: Callable[[], Awaitable[int]] | None = None
    badge_topics: frozenset[Topic] = frozenset()


@dataclass(frozen=True)
class Command:
    """Something the palette can do that is no page. `shortcut` is shown, and bound by the window.

    `changes`: not to be had where a shop is only looked at.
    """

    key: str
    icon: str
    title: str
    run: Callable[[], object]
    shortcut: str = ""
    changes: bool = False
