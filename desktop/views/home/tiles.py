"""The four figures at the top of the home page, each with its week before or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.domain.home import Kpi
from desktop.qtkit import plain
from desktop.qtkit.formats import DASH, Formats
from desktop.qtkit.i18n import t
from desktop.views.widgets.cards import KpiTile

SHOWN = ("fans_total", "active_fans", "sales", "repurchase")
SERIES = ("c1", "c5", "c2", "c3")


class KpiRow(QWidget):
    """`opened(key)` when a tile is clicked."""

    opened = Signal(str)

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self.tiles: dict[str, KpiTile] = {}
        for key, series in zip(SHOWN, SERIES, strict=True):
            tile = KpiTile(f"kpi.{key}", series=series, parent=self)
            tile.setObjectName(f"kpi_{key}")
            tile.set_clickable()
            tile.clicked.connect(lambda key=key: self.opened.emit(key))
            self.tiles[key] = tile
            row.addWidget(tile, 1)

    def show_kpis(self, kpis: Sequence[Kpi]) -> None:
        """Show the figures; those not shown as tiles fill the small lines."""
        known = {kpi.key: kpi for kpi in kpis}
        for key, tile in self.tiles.items():
            self._show(tile, known[key], known)

    def _show(self, tile: KpiTile, kpi: Kpi, known: Mapping[str, Kpi]) -> None:
        if kpi.value is None:
            reason = t(f"kpi_reason.{kpi.reason}")
            tile.show_figure(DASH, note=reason)
            tile.setToolTip(plain.tip(reason))
            return
        delta, rising, tone = self._change(kpi)
        note = self._beside(kpi, known) or t("home.vs_week" if delta else "home.no_before")
        tile.show_figure(
            self._figure(kpi.unit, kpi.value),
            note=note,
            delta=delta,
            rising=rising,
            tone=tone,
            values=kpi.series[-14:] if any(kpi.series) else (),
        )
        before = "" if kpi.before is None else self._figure(kpi.unit, kpi.before)
        tip = f"{t('home.vs_week')}: {before}" if before else t("home.no_before")
        tile.setToolTip(plain.tip(f"{t(f'kpi.{kpi.key}')} · {tip}"))

    def _figure(self, unit: str, value: float) -> str:
        if unit == "cents":
            return self._formats.money(round(value / 100) * 100, whole=True)
        return self._formats.percent(value) if unit == "share" else self._formats.count(value)

    def _change(self, kpi: Kpi) -> tuple[str, bool | None, str]:
        if kpi.value is None or kpi.before is None or (kpi.before == 0 and kpi.value == 0):
            return "", None, "neutral"
        gap = kpi.value - kpi.before
        if kpi.unit == "share":
            text, is_same = t("home.points", n=f"{abs(gap) * 100:.1f}"), round(gap, 3) == 0
        elif kpi.before == 0:
            return "", None, "neutral"
        else:
            text, is_same = self._formats.percent(abs(gap) / kpi.before), gap == 0
        if is_same:
            return t("home.same"), None, "neutral"
        return text, gap > 0, "good" if gap > 0 else "bad"

    def _beside(self, kpi: Kpi, known: Mapping[str, Kpi]) -> str:
        if kpi.key == "fans_total" and (new := known["fans_new"].value):
            return t("home.week_new", n=self._formats.count(new))
        if kpi.key == "sales" and (buyers := known["buyers"].value):
            return t("home.week_buyers", n=int(buyers))
        return ""
