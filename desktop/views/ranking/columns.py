"""What both boards show of a place."""

from __future__ import annotations

from collections.abc import Callable

from desktop.domain.rankings import PARTS
from desktop.models.row_table import Column, Kind
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.services.rankings import BoardRow, SuperBoard

Now = Callable[[], SuperBoard]


def _first_columns() -> list[Column]:
    return [
        Column("rank", "rank.column.rank", lambda row: row.rank, Kind.COUNT, width=64, sortable=False),
        Column(
            "name",
            "rank.column.name",
            lambda row: row.name,
            Kind.PERSON,
            width=220,
            stretch=True,
            sortable=False,
            badge=lambda row: "super" if row.is_super else "",
        ),
        Column("tier", "fans.column.tier", lambda row: row.tier, Kind.TIER, width=104, sortable=False),
    ]


def super_columns(formats: Formats, now: Now) -> list[Column]:
    """The board of buyers; `now` gives the board that is shown."""
    return [
        *_first_columns(),
        Column("orders", "rank.column.orders", lambda row: row.orders, Kind.COUNT, 76, sortable=False),
        Column("spend", "rank.column.spend", lambda row: row.spend_cents, Kind.MONEY, 116, sortable=False),
        Column(
            "refund", "rank.column.refund", lambda row: row.refund_cents, Kind.MONEY, 96, sortable=False
        ),
        Column(
            "share",
            "rank.column.share",
            lambda row: _bar(row, now()),
            Kind.SCORE,
            width=160,
            sortable=False,
            display=lambda row: formats.percent(_share(row, now())),
        ),
        Column(
            "mark",
            "rank.column.mark",
            lambda row: "yes" if row.is_super else "no",
            Kind.STATE,
            width=136,
            sortable=False,
            display=lambda row: mark_text(row, now(), formats),
            tone=lambda row: "tier_super" if row.is_super else "neutral",
        ),
        _why_column(),
    ]


def koc_columns() -> list[Column]:
    """The board of advocates: the score and each part of it."""
    score = Column("score", "rank.column.score", lambda row: row.score, Kind.SCORE, 124, sortable=False)
    return [*_first_columns(), score, *map(_part_column, PARTS), _why_column()]


def _part_column(part: str) -> Column:
    """One part as a small bar, or that the shop has no data of the kind."""

    def points(row: BoardRow) -> float | None:
        return row.parts[part].points

    def shown(row: BoardRow) -> str:
        found = points(row)
        return t("rank.no_data") if found is None else f"{found:.0f}"

    def hint(row: BoardRow) -> str:
        return t("rank.no_data_hint" if points(row) is None else f"koc_part.{part}")

    return Column(
        part,
        f"rank.part.{part}",
        points,
        Kind.SCORE,
        width=106,
        sortable=False,
        display=shown,
        tooltip=hint,
    )


def mark_text(row: BoardRow, board: SuperBoard, formats: Formats) -> str:
    """Whether a buyer is a super user, or what is missing."""
    if row.is_super:
        return t("rank.super_yes")
    gap = board.floor_cents - row.spend_cents
    if gap > 0:
        return t("rank.super_gap", money=formats.money(gap, whole=True))
    return t("rank.super_place", percent=board.percent)


def _why_column() -> Column:
    return Column(
        "why", "rank.column.why", lambda row: t("rank.why"), Kind.ACTION, width=84, sortable=False
    )


def _share(row: BoardRow, board: SuperBoard) -> float:
    return row.spend_cents / board.total_cents if board.total_cents > 0 else 0.0


def _bar(row: BoardRow, board: SuperBoard) -> float:
    best = board.rows[0].spend_cents if board.rows else 0
    return 100.0 * row.spend_cents / best if best > 0 else 0.0
