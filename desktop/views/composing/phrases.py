"""Several words as one phrase, in the present language."""

from __future__ import annotations

from collections.abc import Iterable

from desktop.qtkit.i18n import language


def joined(words: Iterable[str]) -> str:
    """A、B、C in Chinese; A, B, C in English."""
    return ("、" if language() == "zh_CN" else ", ").join(words)
