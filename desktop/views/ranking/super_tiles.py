"""The figures of the super users, each with one sentence of what it means; others' figures apart."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.qtkit import plain
from desktop.qtkit.formats import DASH, Formats
from desktop.qtkit.i18n import language, t
from desktop.services.benchmarks import super_user_benchmark
from desktop.services.rankings import SuperBoard
from desktop.views.widgets.cards import KpiTile
from desktop.views.widgets.texts import IconLabel, PlainLabel

TILES = ("buyers", "super_users", "share", "threshold", "multiple")


class SuperTiles(QWidget):
    """Five tiles, and a line that compares."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.tiles: dict[str, KpiTile] = {}
        for name in TILES:
            tile = _Tile(f"rank.tile.{name}", self)
            tile.setObjectName(f"tile_{name}")
            self.tiles[name] = tile
            row.addWidget(tile, 1)
        column.addLayout(row)
        frame = QFrame(self)
        frame.setProperty("banner", "info")
        line = QHBoxLayout(frame)
        line.setContentsMargins(12, 8, 12, 8)
        line.setSpacing(8)
        line.addWidget(IconLabel("scale", "info", 16, parent=frame))
        self.benchmark = PlainLabel("", wrap=True, parent=frame)
        self.benchmark.setObjectName("benchmark")
        line.addWidget(self.benchmark, 1)
        column.addWidget(frame)

    def show_board(self, board: SuperBoard) -> None:
        """Show the shop's own figures; what cannot be computed says why."""
        formats = self._formats
        floor = formats.money(board.floor_cents, whole=True)
        rule = t("rank.mean.super_users", percent=board.percent, floor=floor)
        self._show("buyers", formats.count(board.buyers), t("rank.mean.buyers"))
        self._show("super_users", formats.count(board.super_users), rule)
        known = board.share_of_sales is not None
        self._show(
            "share", formats.percent(board.share_of_sales), t(f"rank.mean.{'' if known else 'none_'}share")
        )
        self._show("threshold", formats.money(board.threshold_cents, whole=True), t("rank.mean.threshold"))
        times = DASH if board.multiple is None else t("rank.times", times=f"{board.multiple:.1f}")
        self._show("multiple", times, t(f"rank.mean.{'none_' if board.multiple is None else ''}multiple"))
        self._show_benchmark()

    def _show(self, name: str, value: str, meaning: str) -> None:
        self.tiles[name].show_figure(value, note=meaning)
        self.tiles[name].setToolTip(plain.tip(meaning))

    def _show_benchmark(self) -> None:
        figures, formats = super_user_benchmark(), self._formats
        self.benchmark.setText(
            t(
                "rank.benchmark",
                percent=figures.percent_of_fans,
                floor=formats.money(figures.spend_floor_cents, whole=True),
                share=formats.percent(figures.share_of_sales, 0),
                other=formats.money(figures.other_buyer_cents, whole=True),
                times=figures.multiple_at_least,
                source=figures.source[language()],
            )
        )


class _Tile(KpiTile):
    """A tile without a line, narrow enough for five beside each other."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent=parent)
        self.note.hide()
        self.spark.hide()
        self.note = PlainLabel("", "muted", wrap=True, parent=self)
        self.body.addWidget(self.note)
        self.body.addStretch(1)
        policy = self.sizePolicy()
        self.setSizePolicy(policy.Policy.Expanding, policy.Policy.Preferred)
        self.setMinimumWidth(150)
