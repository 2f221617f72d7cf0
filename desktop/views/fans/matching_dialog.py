"""Fans who may be one person, pair by pair, and those who were made one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget
from shiboken6 import isValid

from desktop.domain.tasks import CancelToken
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.services.matching import MatchingService, Merge, Suggestion
from desktop.views.fans.acting_dialog import ActingDialog
from desktop.views.fans.pair_view import PairView
from desktop.views.undoing import Undo
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.notices import Notices
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel
from desktop.wording.matching import clue_text, proof_text

SIZE = (940, 700)
TABLE_HEIGHT = 152
CERTAIN = 0.999
OPEN, MERGED = "open", "merged"


class MatchingDialog(ActingDialog):
    """Reads itself again after every answer; the pair below the list is the one selected."""

    def __init__(
        self,
        parent: QWidget,
        service: MatchingService,
        formats: Formats,
        notices: Notices,
        undo: Undo,
        scope: TaskScope,
    ) -> None:
        super().__init__(parent, t("match.title"), t("match.text"), scope, "fans.match")
        self.setObjectName("matching_dialog")
        self.resize(*(current().px(side) for side in SIZE))
        self._service, self._formats, self._notices = service, formats, notices
        self._undo = undo
        self._stop = CancelToken()
        self.finished.connect(lambda _code: self._stop.cancel())
        self.which = Choice(name="match.show", parent=self)
        self.which.setObjectName("match_show")
        self.which.set_options({each: t(f"match.show_{each}") for each in (OPEN, MERGED)})
        self.which.chosen.connect(lambda _which: self.do(self.load()))
        self.told = PlainLabel("", "muted", wrap=True, parent=self)
        self.told.setObjectName("match_told")
        self.pairs = RowTableModel(_pair_columns(), formats, key=_pair_key)
        self.merged = RowTableModel(_merge_columns(), formats, key=lambda merge: merge.uid)
        self.table = self._table(self.pairs, "match_pairs")
        self.merges = self._table(self.merged, "match_merges")
        self.view = PairView(formats, self)
        scroll = QScrollArea(self)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self.view)
        self._scroll = scroll
        self.problem.setObjectName("match_problem")
        self._lay_out()
        self._show(OPEN)
        self.do(self.load())

    def _table(self, model: RowTableModel, name: str) -> DataTable:
        table = DataTable(model, name="match.title", parent=self)
        table.setObjectName(name)
        model.setParent(table)
        table.selection_counted.connect(lambda _n: self._follow())
        return table

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.which)
        head.addWidget(self.told, 1)
        self.body.insertLayout(2, head)
        self.table.setFixedHeight(current().px(TABLE_HEIGHT))
        self.body.insertWidget(3, self.table)
        self.body.insertWidget(4, self.merges, 1)
        self.body.insertWidget(5, self._scroll, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.acts = {
            name: changes(
                Button(f"match.{name}", icon=icon, kind=kind, compact=True, on_click=act, parent=self)
            )
            for name, icon, kind, act in (
                ("merge", "git-merge", "primary", self._merge),
                ("refuse", "x", "", self._refuse),
                ("part", "undo-2", "", self._part),
            )
        }
        self.later = Button("match.later", compact=True, on_click=self._next, parent=self)
        for name, button in (*self.acts.items(), ("later", self.later)):
            button.setObjectName(f"match_{name}")
            row.addWidget(button)
        row.addStretch(1)
        self.body.insertLayout(6, row)
        self.body.insertWidget(7, self.problem)
        for keys, act in (("Ctrl+Return", "merge"), ("Ctrl+Backspace", "refuse")):
            changes(QShortcut(QKeySequence(keys), self)).activated.connect(self.acts[act].click)

    # -- reading

    async def load(self) -> None:
        """Look for pairs again, or read the merges."""
        which = str(self.which.value())
        self._show(which)
        if which == MERGED:
            self.merged.set_rows(await self._service.merges())
            self._tell(t("match.merged_count", n=len(self.merged.rows)))
        else:
            self._tell(t("match.looking"))
            found, total = await self._service.suggest(cancel=self._stop)
            if not isValid(self) or self.which.value() != which:
                return
            self._show_pairs(found, total)
            return
        if isValid(self):
            self._select(0)

    def _show_pairs(self, found: Sequence[Suggestion], total: int) -> None:
        """Show pairs read anew; whoever is being looked at stays selected."""
        looked_at = self.chosen()
        key = None if looked_at is None else _pair_key(looked_at)
        self.pairs.set_rows(found)
        self._tell(self._counted(len(found), total))
        self._select(next((n for n, pair in enumerate(found) if _pair_key(pair) == key), 0))

    def _counted(self, shown: int, total: int) -> str:
        if not total:
            return t("match.none")
        return t("match.count", n=total) if shown == total else t("match.count_first", n=total, shown=shown)

    def _tell(self, text: str) -> None:
        if isValid(self):
            self.told.setText(text)

    def _show(self, which: str) -> None:
        is_open = which == OPEN
        self.table.setVisible(is_open)
        self._scroll.setVisible(is_open)
        self.merges.setVisible(not is_open)
        for name in ("merge", "refuse"):
            self.acts[name].setVisible(is_open)
        self.later.setVisible(is_open)
        self.acts["part"].setVisible(not is_open)
        self._follow()

    def _select(self, place: int) -> None:
        table, model = (
            (self.table, self.pairs) if self.which.value() == OPEN else (self.merges, self.merged)
        )
        if model.rows:
            table.select_rows([range(place, place + 1)])
            table.setFocus()
        self._follow()

    def _follow(self) -> None:
        pair, merge = self.chosen(), self.chosen_merge()
        self.view.show_pair(pair)
        for name in ("merge", "refuse"):
            self.acts[name].setEnabled(pair is not None)
        self.later.setEnabled(pair is not None and len(self.pairs.rows) > 1)
        self.acts["part"].setEnabled(merge is not None)

    def chosen(self) -> Suggestion | None:
        """The pair selected."""
        pair: Suggestion | None = _selected(self.table, self.pairs)
        return pair

    def chosen_merge(self) -> Merge | None:
        """The merge selected."""
        merge: Merge | None = _selected(self.merges, self.merged)
        return merge

    # -- acting

    def _merge(self) -> None:
        pair = self.chosen()
        if pair is not None:
            kept, other = self.view.kept()
            self.do(self._do_merge(kept, other, pair))

    async def _do_merge(self, kept: int, other: int, pair: Suggestion) -> None:
        await self._service.merge(kept, other, pair.candidate.proof)
        names = {row.fan_id: plain.one_line(row.name) for row in (pair.kept, pair.other)}
        await self._undo.offer("fan.merge", "match.merged", kept=names[kept], other=names[other])
        self._drop(pair)
        await self.load()

    def _refuse(self) -> None:
        pair = self.chosen()
        if pair is not None:
            self.do(self._do_refuse(pair))

    async def _do_refuse(self, pair: Suggestion) -> None:
        one = pair.candidate
        await self._service.refuse(one.fan_id, one.other_id, one.marks)
        await self._undo.offer("fan.not_same", "match.refused")
        self._drop(pair)

    def _drop(self, pair: Suggestion) -> None:
        """Take an answered pair out of the list and go on to the next."""
        if isValid(self):
            place = next((n for n, each in enumerate(self.pairs.rows) if each is pair), 0)
            rest = [each for each in self.pairs.rows if each is not pair]
            self.pairs.set_rows(rest)
            self._tell(self._counted(len(rest), len(rest)))
            self._select(min(place, max(0, len(rest) - 1)))

    def _next(self) -> None:
        rows: Sequence[Suggestion] = self.pairs.rows
        pair = self.chosen()
        if pair is not None and rows:
            self._select((list(rows).index(pair) + 1) % len(rows))

    def _part(self) -> None:
        merge = self.chosen_merge()
        if merge is not None:
            self.do(self._do_part(merge))

    async def _do_part(self, merge: Merge) -> None:
        await self._service.part(merge.uid)
        self._notices.info(
            "match.parted", kept=plain.one_line(merge.kept_name), other=plain.one_line(merge.merged_name)
        )
        await self.load()


def _selected(table: DataTable, model: RowTableModel) -> Any:
    spans = table.selected_spans()
    rows = [place for span in spans for place in span]
    return model.rows[rows[0]] if len(rows) == 1 and rows[0] < len(model.rows) else None


def _pair_key(pair: Suggestion) -> tuple[int, int]:
    return pair.candidate.fan_id, pair.candidate.other_id


def _is_certain(pair: Suggestion) -> bool:
    return pair.candidate.probability >= CERTAIN


def _reason(pair: Suggestion) -> str:
    first = pair.candidate.found[0]
    return clue_text(t, first.clue, plain.one_line(first.shown))


def _pair_columns() -> list[Column]:
    return [
        Column("kept", "match.column_one", lambda pair: pair.kept.name, width=190, sortable=False),
        Column("other", "match.column_other", lambda pair: pair.other.name, width=190, sortable=False),
        Column(
            "sure",
            "match.column_sure",
            lambda pair: pair.candidate.probability,
            Kind.STATE,
            width=110,
            sortable=False,
            display=lambda pair: t("match.certain" if _is_certain(pair) else "match.likely"),
            tone=lambda pair: "good" if _is_certain(pair) else "info",
        ),
        Column(
            "why", "match.column_why", _reason, width=320, stretch=True, sortable=False, tooltip=_reason
        ),
    ]


def _merge_columns() -> list[Column]:
    return [
        Column("kept", "match.column_kept", lambda merge: merge.kept_name, width=190, sortable=False),
        Column("other", "match.column_merged", lambda merge: merge.merged_name, width=190, sortable=False),
        Column("at", "match.column_at", lambda merge: merge.at, Kind.WHEN, width=130, sortable=False),
        Column("who", "match.column_who", lambda merge: merge.operator, width=110, sortable=False),
        Column("why", "match.column_why", _proof, width=260, stretch=True, sortable=False, tooltip=_proof),
    ]


def _proof(merge: Merge) -> str:
    return proof_text(t, merge.proof)
