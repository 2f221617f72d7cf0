"""What an article that is out is called in a list."""

from __future__ import annotations

from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t

TITLE_SIGNS = 30


def article_name(title: str, published_at: int | None, formats: Formats) -> str:
    """Its title, shortened, and its day."""
    name = title[:TITLE_SIGNS] or t("comments.untitled")
    return name if published_at is None else f"{name} · {formats.day(published_at)}"
