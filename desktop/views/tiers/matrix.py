"""From which tier to which: four by four, each number opening its fans."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.domain.fans import Tier
from desktop.domain.tier_moves import TierMatrix
from desktop.qtkit.i18n import label, t
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import TierChip
from desktop.views.widgets.texts import restyle

MIDDLE = Qt.AlignmentFlag.AlignCenter


class MatrixView(QWidget):
    """`cell_asked(from, to)` when a number is pressed. Rows are tiers now, columns tiers by the new rules."""

    cell_asked = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(6)
        self.cells: dict[tuple[Tier, Tier], Button] = {}
        tiers = list(reversed(Tier))
        for at, tier in enumerate(tiers, 1):
            grid.addWidget(TierChip(tier.value, parent=self), 0, at, MIDDLE)
            grid.addWidget(TierChip(tier.value, parent=self), at, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.setColumnStretch(at, 1)
        for row, before in enumerate(tiers, 1):
            for column, after in enumerate(tiers, 1):
                cell = Button(text="–", kind="ghost", compact=True, parent=self)
                cell.setObjectName(f"cell_{before}_{after}")
                cell.clicked.connect(partial(self.cell_asked.emit, before, after))
                cell.setMinimumWidth(0)
                self.cells[before, after] = cell
                grid.addWidget(cell, row, column)
        self.show_matrix(None)

    def show_matrix(self, matrix: TierMatrix | None) -> None:
        """Show who would move; None while it is not known."""
        for (before, after), cell in self.cells.items():
            count = 0 if matrix is None else matrix.count(before, after)
            cell.setText(f"{count:,}" if count else "–")
            cell.setEnabled(bool(count))
            restyle(cell, kind="ghost" if before is after or not count else "")
            said = {"before": label("tier", before), "after": label("tier", after), "n": f"{count:,}"}
            cell.setAccessibleName(t("tiers.cell", **said))
            cell.setToolTip(t("tiers.cell", **said))
