"""Two fans side by side, and why they may be one person."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.fans import FanRow
from desktop.domain.matching.clues import AGAINST
from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.services.matching import Suggestion
from desktop.views.fans.columns import source_of
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel, say
from desktop.wording.matching import clue_text

FACTS = ("name", "source", "phone", "tier", "orders", "spend", "first_seen", "tags", "note")
LONGEST = 60


class PairView(QWidget):
    """`kept_changed` when another of both is to stand for them."""

    kept_changed = Signal()

    def __init__(self, formats: Formats, parent: QWidget) -> None:
        super().__init__(parent)
        self._formats = formats
        self._pair: Suggestion | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self.reasons = PlainLabel("", wrap=True, selectable=True, parent=self)
        self.reasons.setObjectName("match_reasons")
        column.addWidget(self.reasons)
        frame = QFrame(self)
        frame.setProperty("kind", "card")
        self._grid = QGridLayout(frame)
        self._grid.setContentsMargins(16, 12, 16, 12)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(2, 1)
        self._keep = QButtonGroup(self)
        self.keepers = [changes(QRadioButton(frame)) for _ in range(2)]
        for place, button in enumerate(self.keepers):
            button.setObjectName(f"keep_{place}")
            say(button, "match.keep")
            self._keep.addButton(button, place)
            self._grid.addWidget(button, 0, place + 1)
        self._keep.idClicked.connect(lambda _id: self.kept_changed.emit())
        self._cells: dict[tuple[str, int], PlainLabel] = {}
        for row, fact in enumerate(FACTS, start=1):
            self._grid.addWidget(PlainLabel(kind="muted", key=f"match.fact.{fact}", parent=frame), row, 0)
            for place in range(2):
                cell = PlainLabel("", wrap=True, selectable=True, parent=frame)
                cell.setObjectName(f"match_{fact}_{place}")
                self._grid.addWidget(cell, row, place + 1)
                self._cells[fact, place] = cell
        column.addWidget(frame)

    def show_pair(self, pair: Suggestion | None) -> None:
        """Show a pair; None shows nothing."""
        self._pair = pair
        self.setVisible(pair is not None)
        if pair is None:
            return
        self.keepers[0].setChecked(True)
        told = [
            (clue_text(t, found.clue, plain.one_line(found.shown)), found.clue)
            for found in pair.candidate.found
        ]
        self.reasons.setText("\n".join(f"{'−' if clue in AGAINST else '✓'} {text}" for text, clue in told))
        for place, row in enumerate((pair.kept, pair.other)):
            for fact, text in self._facts(row).items():
                self._cells[fact, place].setText(text)

    def kept(self) -> tuple[int, int]:
        """(who is to stand for both, the other one)."""
        assert self._pair is not None
        ids = self._pair.kept.fan_id, self._pair.other.fan_id
        return ids if self.keepers[0].isChecked() else (ids[1], ids[0])

    def _facts(self, row: FanRow) -> dict[str, str]:
        formats = self._formats
        return {
            "name": plain.one_line(row.name) or "–",
            "source": source_of(row) or "–",
            "phone": row.phone_masked or "–",
            "tier": label("tier", row.tier.value),
            "orders": formats.count(row.orders),
            "spend": formats.money(row.spend_cents),
            "first_seen": formats.day(row.first_seen_at),
            "tags": plain.one_line("、".join(tag.name for tag in row.tags))[:LONGEST] or "–",
            "note": plain.one_line(row.note)[:LONGEST] or "–",
        }
