"""Foreign text made safe to show: never markup, never invisible, counted as people count."""

from __future__ import annotations

import html
import unicodedata

from PySide6.QtCore import QTextBoundaryFinder


def tip(text: str) -> str:
    """`text` for a tool-tip, shown letter by letter: Qt would take some texts for HTML."""
    return "<qt>" + html.escape(text).replace("\n", "<br>") + "</qt>" if text else ""


def one_line(text: str) -> str:
    """`text` for a cell or a title: line breaks and control characters become blanks."""
    return " ".join("".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text).split())


def length(text: str) -> int:
    """How many characters a person sees: a family emoji is one."""
    if text.isascii():
        return len(text)
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Grapheme, text)
    seen = 0
    while finder.toNextBoundary() >= 0:
        seen += 1
    return seen


def half_width(text: str) -> str:
    """Full-width digits, letters, signs and blanks as their ASCII twins: ￥１２ becomes ¥12."""
    return unicodedata.normalize("NFKC", text)


def initial(name: str) -> str:
    """The first sign of a name, for a round picture; "?" when it has none to show."""
    for sign in name:
        if unicodedata.category(sign)[0] in "LNSP":
            return sign.upper()
    return "?"
