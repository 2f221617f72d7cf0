"""The KOC weights: change them, see who would move, then keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.domain.errors import AppError
from desktop.domain.rankings import PARTS, PartRule
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.services.rankings import MoveRow, RankingService
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import CountField
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.texts import PlainLabel

FIELDS = (
    ("weight", "rank.weight", 0, 100),
    ("day_cap", "rank.day_cap", 1, 1000),
    ("cap", "rank.cap", 1, 9999),
)
SHOWN = 6
WAIT_MS = 300
MIDDLE = Qt.AlignmentFlag.AlignVCenter


class WeightsDialog(MessageDialog):
    """`weights()` is what stands in the fields; the preview follows every change."""

    def __init__(
        self,
        parent: QWidget,
        rankings: RankingService,
        scope: TaskScope,
        weights: Mapping[str, PartRule],
        defaults: Mapping[str, PartRule],
    ) -> None:
        super().__init__(
            parent, t("rank.weights_title"), t("rank.weights_text"), accept=t("rank.weights_save")
        )
        self.setObjectName("weights_dialog")
        self.setMinimumWidth(560)
        self._rankings = rankings
        self._scope = scope
        self._defaults = defaults
        self.fields: dict[tuple[str, str], CountField] = {}
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._ask)
        self.body.insertWidget(2, self._grid())
        self.moves = PlainLabel("", "strong", wrap=True, parent=self)
        self.moves.setObjectName("moves")
        self.lines = PlainLabel("", "secondary", wrap=True, parent=self)
        self.lines.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.lines.setFixedHeight(self.lines.fontMetrics().lineSpacing() * (SHOWN + 1) + 4)
        self.body.insertWidget(3, self.moves)
        self.body.insertWidget(4, self.lines)
        reset = Button("rank.reset_weights", on_click=self._reset, parent=self)
        reset.setObjectName("reset_weights")
        self.buttons.addButton(reset, self.buttons.ButtonRole.ResetRole)
        self._put(weights)
        self._fit()
        self._ask()

    def weights(self) -> dict[str, PartRule]:
        """The weights as they stand in the fields."""
        return {part: PartRule(*(self.fields[part, name].value() for name, *_ in FIELDS)) for part in PARTS}

    def show_moves(self, rows: Sequence[MoveRow]) -> None:
        """Who would move."""
        self.accept_button.setEnabled(True)
        self.moves.setText(t("rank.moves_n", n=len(rows)) if rows else t("rank.moves_none"))
        said = [
            t("rank.move", name=row.name, old=_place(row.old_rank), new=_place(row.new_rank))
            for row in rows[:SHOWN]
        ]
        if len(rows) > SHOWN:
            said.append(t("rank.moves_more", n=len(rows) - SHOWN))
        self.lines.setText("\n".join(said))
        self._fit()

    def _fit(self) -> None:
        """As high as everything needs at this width: lines that wrap do not tell the window themselves."""
        self.body.invalidate()
        self.setMinimumHeight(self.body.totalHeightForWidth(max(self.width(), self.minimumWidth())))

    def _grid(self) -> QWidget:
        box = QWidget(self)
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        grid.setSizeConstraint(QGridLayout.SizeConstraint.SetMinimumSize)  # texts may not squeeze it
        grid.addWidget(PlainLabel(t("rank.weights_part"), "muted", parent=box), 0, 0)
        for at, (_, title, *_range) in enumerate(FIELDS, 1):
            grid.addWidget(PlainLabel(t(title), "muted", parent=box), 0, at)
        for line, part in enumerate(PARTS, 1):
            grid.addWidget(PlainLabel(t(f"koc_part.{part}"), parent=box), line, 0, MIDDLE)
            for at, (name, title, low, high) in enumerate(FIELDS, 1):
                field = CountField(name=title, low=low, high=high, parent=box)
                field.setProperty("say_name", None)
                field.setAccessibleName(t("rank.field_of", part=t(f"koc_part.{part}"), field=t(title)))
                field.setObjectName(f"{part}_{name}")
                field.valueChanged.connect(lambda _value: self._wait.start())
                self.fields[part, name] = field
                grid.addWidget(field, line, at)
        return box

    def _put(self, weights: Mapping[str, PartRule]) -> None:
        for part in PARTS:
            for name, *_ in FIELDS:
                self.fields[part, name].setValue(getattr(weights[part], name))

    def _reset(self) -> None:
        self._put(self._defaults)

    def _ask(self) -> None:
        self._scope.spawn(self._preview(), name="ranking.preview")

    async def _preview(self) -> None:
        try:
            self.show_moves(await self._rankings.preview_weights(self.weights()))
        except AppError as error:
            self.accept_button.setEnabled(False)
            self.moves.setText(error_text(error))
            self.lines.setText("")


def _place(rank: int | None) -> str:
    return t("rank.off_board") if rank is None else str(rank)
