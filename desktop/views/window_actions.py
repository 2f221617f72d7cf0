"""What pages may ask of the window they stand in: another shop, other preferences, the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Preferences(Protocol):
    """How this person likes the window. `theme`: system, light, dark, contrast; `text_scale` in percent."""

    @property
    def language(self) -> str:
        """system, zh_CN or en."""
        ...

    @property
    def theme(self) -> str:
        """One of qtkit.theme.CHOICES."""
        ...

    @property
    def text_scale(self) -> int:
        """One of qtkit.theme.TEXT_SCALES."""
        ...

    @property
    def density(self) -> str:
        """comfortable or compact."""
        ...

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing moves."""
        ...

    @property
    def operator(self) -> str:
        """Who works here; '' is the system's user name."""
        ...


@dataclass(frozen=True)
class WindowActions:
    """Given to the content. Everything returns at once; what fails is told as a notice.

    `try_demo`, `leave_demo` and `erase_demo` rebuild the content. `prefer(theme="dark")` applies and
    keeps; `preferences()` are the present ones. `quit` asks as closing the window does.
    """

    try_demo: Callable[[], None]
    leave_demo: Callable[[], None]
    erase_demo: Callable[[], None]
    preferences: Callable[[], Preferences]
    prefer: Callable[..., None]
    quit: Callable[[], None]
    is_demo: bool = False
