"""All drops, the next opening first; missed ones get a new time with one click."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.changes import Topic
from desktop.domain.progress import Progress
from desktop.models.row_table import Column, Kind
from desktop.qtkit.i18n import label, t
from desktop.services.drops import DropRow, DropService
from desktop.views.composing.content_list import GROUPS, SHOWN, ContentList, ListWords
from desktop.views.composing.outcome import progress_tone
from desktop.views.drop_editor import move_drop
from desktop.views.page import PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.texts import IconLabel, PlainLabel


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


class DropList(ContentList):
    """All drops, the next opening above them."""

    topics = frozenset({Topic.DROP, Topic.OUTBOX, Topic.CLAIM})
    words = ListWords(
        name="drops",
        icon="gift",
        title="drops.title",
        new="drops.new",
        search="drops.search",
        duplicate="drops.duplicate",
        deleted="drops.deleted",
        empty="drops.empty",
        empty_more="drops.empty_more",
    )

    def __init__(
        self, context: PageContext, drops: DropService, on_open: Callable[[str | None], object]
    ) -> None:
        super().__init__(context, drops, on_open)
        self._drops = drops
        self.next = NextDrop(context, on_open, self)
        self.body.addWidget(self.next)
        self.build()

    def uid_of(self, row: DropRow) -> str:
        """Whose row it is."""
        return row.drop.uid

    def arranged(self, rows: list[DropRow]) -> list[DropRow]:
        """Missed ones first, then what is ahead."""
        now = self.context.clock.now_ms()
        return sorted(rows, key=lambda row: _place(row, now))

    def columns(self) -> list[Column]:
        """Item, kind, opening, state, and what to do next."""
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
            Column("act", "composing.column_next", _step, Kind.ACTION, width=96, sortable=False, changes=_moves),
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
        self.show_rows(data)

    # -- doing

    def _act(self, row: DropRow) -> None:
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


def _moves(row: DropRow) -> bool:
    return row.progress is Progress.MISSED


def _step(row: DropRow) -> str:
    if row.progress is Progress.DRAFT:
        return t("composing.go_on")
    return t("composing.move" if row.progress is Progress.MISSED else "composing.look")
