"""All drops, the next opening first; missed ones get a new time with one click."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.changes import Topic
from desktop.domain.progress import Progress
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.i18n import label, t
from desktop.services.drops import DropRow, DropService
from desktop.views.composing.outcome import progress_tone
from desktop.views.drop_editor import move_drop
from desktop.views.page import Page, PageContext
from desktop.views.posts.list import GROUPS
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.panels import BulkBar, FilterBar
from desktop.views.widgets.states import EmptyState, NoMatchState
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import IconLabel, PlainLabel

SHOWN = 1000


class NextDrop(QFrame):
    """The next opening, across the page."""

    def __init__(self, context: PageContext, on_open: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.setObjectName("next_drop")
        self._context = context
        self._uid = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        row.addWidget(IconLabel("gift", "deal", 24, parent=self))
        words = QVBoxLayout()
        words.setSpacing(2)
        self.title = PlainLabel("", "title", elide=True, parent=self)
        self.line = PlainLabel("", "secondary", elide=True, parent=self)
        words.addWidget(self.title)
        words.addWidget(self.line)
        row.addLayout(words, 1)
        self.chip = StateChip(parent=self)
        row.addWidget(self.chip)
        row.addWidget(Button("drops.open_next", on_click=lambda: on_open(self._uid), parent=self))
        self.hide()

    def show_row(self, row: DropRow | None) -> None:
        """Show it, or nothing."""
        self.setVisible(row is not None)
        if row is None:
            return
        draft, formats = row.drop.draft, self._context.formats
        self._uid = row.drop.uid
        self.title.setText(t("drops.next_title", item=draft.item, when=formats.relative(draft.opens_at)))
        self.line.setText(
            t(
                "drops.next_line",
                when=formats.moment(draft.opens_at),
                minutes=draft.window_minutes,
                groups=len(draft.group_ids),
                stock=formats.count(draft.stock),
                price=formats.money(draft.price_cents),
            )
        )
        self.chip.show_state(label("progress", row.progress.value), progress_tone(row.progress))


class DropList(Page):
    """`on_open(uid)` opens one, None a new one."""

    topics = frozenset({Topic.DROP, Topic.OUTBOX, Topic.CLAIM})
    scrolls = False

    def __init__(
        self, context: PageContext, drops: DropService, on_open: Callable[[str | None], object]
    ) -> None:
        super().__init__(context)
        self._drops, self._open = drops, on_open
        self._search = ""
        self.head.set_title("drops.title")
        self.new_button = Button("drops.new", kind="primary", icon="plus", on_click=self.create_new)
        self.new_button.setObjectName("new")
        self.head.add(self.new_button)
        self.next = NextDrop(context, on_open, self)
        self.body.addWidget(self.next)
        self._build_filters()
        self._build_table()

    def _build_filters(self) -> None:
        self.filters = FilterBar("drops.search", self)
        self.state = Choice(name="composing.filter_state", parent=self)
        self.state.setObjectName("state")
        self.filters.add_filter(self.state)
        self.filters.searched.connect(self._on_search)
        self.filters.cleared.connect(self._on_cleared)
        self.state.chosen.connect(lambda _value: self._show_rows())
        self.retranslate()

    def _build_table(self) -> None:
        self.bulk = BulkBar(self)
        self.bulk.add_action(Button("drops.duplicate", icon="copy", compact=True, on_click=self._duplicate))
        delete = Button("composing.delete", icon="trash-2", compact=True, on_click=self._delete)
        delete.setObjectName("delete")
        self.bulk.add_action(delete)
        self.model = RowTableModel(self._columns(), self.context.formats, key=lambda row: row.drop.uid)
        self.table = DataTable(self.model, name="drops.title", parent=self)
        self.model.setParent(self.table)
        self.table.setObjectName("drops")
        self.table.row_activated.connect(lambda row: self._open(self.model.row_data(row).drop.uid))
        self.table.action_clicked.connect(lambda row, _key: self._act(row))
        self.table.selection_counted.connect(self.bulk.set_count)
        self.bulk.cleared.connect(self.table.clearSelection)
        self.empty = EmptyState(
            "drops.empty", "drops.empty_more", icon="gift", action="drops.new", on_action=self.create_new
        )
        self.no_match = NoMatchState(self.filters.clear)
        self.stack = QStackedWidget(self)
        for widget in (self.table, self.empty, self.no_match):
            self.stack.addWidget(widget)
        card = Card(parent=self)
        card.add(self.filters)
        card.add(self.bulk)
        card.add(self.stack, 1)
        self.body.addWidget(card, 1)

    def _columns(self) -> list[Column]:
        return [
            Column("item", "drops.item", _name, width=160, stretch=True, sortable=False),
            Column(
                "kind", "drops.kind", lambda row: row.drop.draft.kind, Kind.STATE, width=104, sortable=False,
                display=lambda row: label("drop_kind", row.drop.draft.kind), tone=lambda _row: "deal",
            ),
            Column(
                "opens", "drops.opens", lambda row: row.drop.draft.opens_at, Kind.MOMENT, width=136,
                sortable=False,
            ),
            Column(
                "state", "composing.column_state", lambda row: row.progress.value, Kind.STATE, width=172,
                sortable=False, display=lambda row: label("progress", row.progress.value),
                tone=lambda row: progress_tone(row.progress),
            ),
            Column(
                "groups", "drops.column_groups", lambda row: len(row.drop.draft.group_ids), Kind.COUNT,
                width=76, sortable=False, display=_groups,
            ),
            Column(
                "price", "drops.price", lambda row: row.drop.draft.price_cents, Kind.MONEY, width=92,
                sortable=False,
            ),
            Column(
                "claimed", "drops.column_claimed", lambda row: row.claims.claimed, Kind.COUNT, width=108,
                sortable=False, display=_claimed,
            ),
            Column("act", "composing.column_next", _step, Kind.ACTION, width=96, sortable=False),
        ]  # fmt: skip

    # -- data

    async def load(self) -> Sequence[DropRow]:
        """Drops."""
        return await self._drops.rows(self._search, limit=SHOWN)

    def populate(self, data: Sequence[DropRow]) -> None:
        """The next opening above, then all that pass the filter."""
        now = self.context.clock.now_ms()
        ahead = [row for row in data if row.progress in GROUPS["waiting"] and _opens(row) > now]
        self.next.show_row(min(ahead, key=_opens, default=None))
        missed = sum(row.progress is Progress.MISSED for row in data)
        key = "drops.subtitle_missed" if missed else "drops.subtitle"
        self.head.show_subtitle(t(key, n=len(data), ahead=len(ahead), missed=missed) if data else "")
        self._show_rows()

    def retranslate(self) -> None:
        """States in the other language."""
        names: dict[object, str] = {"": t("composing.state_all")}
        names |= {key: t(f"composing.state_{key}") for key in GROUPS}
        self.state.set_options(names)

    def _show_rows(self) -> None:
        if self.data is None:
            return
        wanted = GROUPS.get(str(self.state.value() or ""))
        now = self.context.clock.now_ms()
        rows = [row for row in self.data if wanted is None or row.progress in wanted]
        self.model.set_rows(sorted(rows, key=lambda row: _place(row, now)))
        filtered = bool(self._search or wanted)
        self.filters.set_active(filtered)
        shown = self.table if rows else self.no_match if filtered else self.empty
        self.stack.setCurrentWidget(shown)
        for widget in (self.new_button, self.filters):  # the empty page has its own way to begin
            widget.setVisible(shown is not self.empty)

    # -- doing

    def _on_search(self, text: str) -> None:
        self._search = text
        self.refresh()

    def _on_cleared(self) -> None:
        self._search = ""
        self.state.set_value("")
        self.refresh()

    def create_new(self) -> None:
        """A new drop."""
        self._open(None)

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.filters.search.setFocus()

    def _act(self, at: int) -> None:
        row: DropRow = self.model.row_data(at)
        if row.progress is Progress.MISSED:
            self.move_on(row.drop.uid)
        else:
            self._open(row.drop.uid)

    def move_on(self, uid: str) -> None:
        """Give a missed drop the next such hour and open it."""
        self.scope.spawn(self._move(uid), name="move")

    async def _move(self, uid: str) -> None:
        await move_drop(self._drops, uid, self.context.clock.now_ms())
        self.context.notices.info("composing.rescheduled")
        self._open(uid)

    def _duplicate(self) -> None:
        chosen = [str(key) for key in self.table.selected_keys()]
        if chosen:
            self.scope.spawn(self._copy(chosen), name="duplicate")

    async def _copy(self, uids: Sequence[str]) -> None:
        for uid in uids:
            await self._drops.duplicate(uid)
        self.context.notices.info("composing.duplicated")

    def _delete(self) -> None:
        chosen = [str(key) for key in self.table.selected_keys()]
        if chosen:
            self.scope.spawn(self._remove(chosen), name="delete")

    async def _remove(self, uids: Sequence[str]) -> None:
        removed: list[str] = []
        try:
            for uid in uids:
                await self._drops.delete(uid)
                removed.append(uid)
        finally:
            if removed:
                self.context.notices.undoable(
                    "drops.deleted", lambda: self.scope.spawn(self._restore(removed), name="restore"),
                    n=len(removed),
                )  # fmt: skip

    async def _restore(self, uids: Sequence[str]) -> None:
        for uid in uids:
            await self._drops.restore(uid)
        self.context.notices.info("composing.restored", n=len(uids))


def _opens(row: DropRow) -> int:
    return row.drop.draft.opens_at or 0


def _place(row: DropRow, now: int) -> tuple[int, int]:
    """Missed ones wait for the operator; then what is ahead, the next first; drafts; the past."""
    if row.progress is Progress.MISSED:
        return 0, -_opens(row)
    if row.drop.draft.opens_at is None:
        return 2, -row.drop.updated_at
    return (1, _opens(row)) if _opens(row) > now else (3, -_opens(row))


def _name(row: DropRow) -> str:
    return row.drop.draft.item.strip() or t("composing.untitled")


def _groups(row: DropRow) -> str:
    counts = row.deliveries
    if counts.sent or counts.failed:
        return f"{counts.sent:,} / {counts.total:,}"
    return f"{len(row.drop.draft.group_ids):,}"


def _claimed(row: DropRow) -> str:
    stock = row.drop.draft.stock
    if not row.claims.claims:
        return f"– / {stock:,}" if stock else "–"
    return f"{row.claims.claimed:,} / {stock or 0:,}"


def _step(row: DropRow) -> str:
    if row.progress is Progress.DRAFT:
        return t("composing.go_on")
    return t("composing.move" if row.progress is Progress.MISSED else "composing.look")
