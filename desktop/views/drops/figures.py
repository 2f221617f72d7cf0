"""The figures of a drop: each with its formula on hover, and a dash with the reason where unknowable."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.domain.drops import DropResult, Figure
from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.views.widgets.cards import Card
from desktop.views.widgets.texts import PlainLabel, restyle

COUNTS = ("targets", "sent", "waiting", "failed", "claimed", "sold", "left", "persons")
MONEY = ("revenue_cents", "cost_cents", "margin_cents", "discount_cents")
ACROSS = 4
NOTHING = "—"


class FigureCell(QWidget):
    """Value over name; why it is not known below."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"figure_{name}")
        self.name = PlainLabel(kind="muted", key=f"drops.figure_{name}", parent=self)
        self.value = PlainLabel(NOTHING, "h2", parent=self)
        self.value.setObjectName("value")
        self.reason = PlainLabel("", "hint", wrap=True, parent=self)
        self.reason.setObjectName("reason")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for label_ in (self.name, self.value, self.reason):
            column.addWidget(label_)
        column.addStretch()

    def show_figure(self, figure: Figure, text: str) -> None:
        """`text` is the value, already worded."""
        reason = label("drop_unsaid", figure.reason) if figure.value is None and figure.reason else ""
        self.value.setText(NOTHING if figure.value is None else text)
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        formula = label("drop_formula", figure.formula)
        self.setToolTip(plain.tip(t("drops.formula", text=formula)))
        self.setAccessibleName(f"{self.name.text()}: {self.value.text()} {reason}".strip())
        self.setAccessibleDescription(formula)


class FiguresCard(Card):
    """All figures in a grid of four."""

    def __init__(self, formats: Formats, parent: QWidget) -> None:
        super().__init__("drops.result", parent=parent)
        self.setObjectName("figures")
        self._formats = formats
        self.add_tool(PlainLabel(kind="muted", key="drops.formula_hint", parent=self))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(14)
        self.cells: dict[str, FigureCell] = {}
        for at, name in enumerate((*COUNTS, *MONEY)):
            self.cells[name] = FigureCell(name, self)
            grid.addWidget(self.cells[name], at // ACROSS, at % ACROSS, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(at % ACROSS, 1)
        self.body.addLayout(grid)

    def show_result(self, result: DropResult) -> None:
        """Show every figure."""
        for name, cell in self.cells.items():
            figure: Figure = getattr(result, name)
            written = self._formats.money if name in MONEY else self._formats.count
            cell.show_figure(figure, written(figure.value))
        margin = result.margin_cents.value
        tone = None if margin is None else "good" if margin > 0 else "bad"
        restyle(self.cells["margin_cents"].value, tone=tone)
