"""What the lists of ways and of welcomes show, and how a standing is said."""

from __future__ import annotations

from collections.abc import Iterable

from desktop.models.row_table import Column, Kind
from desktop.qtkit import plain
from desktop.qtkit.i18n import label, languages, t
from desktop.services.entry_ways import WayRow
from desktop.services.platform_edits import Standing
from desktop.services.welcomes import WelcomeRow
from desktop.wording.sentences import reason_text

TONES = {
    Standing.READY: "good",
    Standing.ADDING: "primary",
    Standing.CHANGING: "primary",
    Standing.DELETING: "warn",
    Standing.CHECKING: "info",
    Standing.ASKS: "bad",
    Standing.REFUSED: "bad",
    Standing.UNLINKED: "warn",
}


def standing_text(standing: Standing, reason: str, *, is_listed: bool = False) -> str:
    """What is known and what comes next; `is_listed`: the platform lists things of this sort."""
    why = reason_text(languages.wording, reason)
    if standing is Standing.UNLINKED and is_listed:
        return t("ways.standing_unlinked_contact")
    return t(f"ways.standing_{standing.value}", reason=why)


def said_list(parts: Iterable[str]) -> str:
    """Parts one after the other, divided as the language divides them."""
    return ("、" if languages.wording.language == "zh_CN" else ", ").join(parts)


def names_text(names: tuple[str, ...], most: int = 3) -> str:
    """The first names, and how many more there are."""
    shown = said_list(plain.one_line(name) for name in names[:most])
    return shown if len(names) <= most else t("ways.and_more", names=shown, n=len(names) - most)


def way_columns(title: str) -> list[Column]:
    """The list of ways of one kind; `title` names the column of whom they lead to."""
    return [
        Column(
            "name",
            "ways.column_name",
            lambda row: row.shown.name,
            width=200,
            stretch=True,
            sortable=False,
        ),
        Column("leads_to", title, _leads_to, width=240, sortable=False),
        Column("came", "ways.column_came", lambda row: row.came, Kind.COUNT, width=90, sortable=False),
        _standing_column(),
        Column("made", "ways.column_made", lambda row: row.created_at, Kind.DAY, 110, sortable=False),
    ]


def welcome_columns() -> list[Column]:
    """The list of welcomes."""
    return [
        Column(
            "text",
            "ways.column_text",
            lambda row: plain.one_line(row.shown.text),
            width=320,
            stretch=True,
            sortable=False,
            tooltip=lambda row: row.shown.text[:300],
        ),
        Column(
            "picture",
            "ways.column_picture",
            lambda row: t("ways.with_picture") if row.shown.media else "–",
            width=90,
            sortable=False,
        ),
        _standing_column(),
        Column("made", "ways.column_made", lambda row: row.created_at, Kind.DAY, 110, sortable=False),
    ]


def _standing_column() -> Column:
    return Column(
        "standing",
        "ways.column_standing",
        lambda row: row.standing.value,
        Kind.STATE,
        width=150,
        sortable=False,
        display=lambda row: label("standing", row.standing.value),
        tone=lambda row: TONES[row.standing],
        tooltip=_why,
    )


def _why(row: WayRow | WelcomeRow) -> str:
    return standing_text(row.standing, row.reason)


def _leads_to(row: WayRow) -> str:
    return names_text(row.waiting_for or row.leads_to)
