"""The outbox: what waits, what left, what nobody knows; unknown ones first, each with its next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QStackedWidget

from desktop.domain.changes import Topic
from desktop.domain.outbox import State
from desktop.domain.outbox_items import OutboxItem
from desktop.domain.write_kinds.wecom import MASS_SEND_REMIND, MOMENT
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import label, languages, t
from desktop.services.attesting import is_message
from desktop.services.follow_ups import STOPPED_BY
from desktop.services.outbox import OutboxDetail, OutboxRow, OutboxService
from desktop.views.composing.confirming import ask_moment, next_same_time
from desktop.views.outbox.bulk import OutboxBulk, bulk_steps
from desktop.views.outbox.detail import DetailPanel
from desktop.views.outbox.own_word import ask_own_word
from desktop.views.outbox.steps import (
    LOOKS,
    OWN_WORD,
    audience_of,
    first_step,
    page_of,
    shown_state,
    title_of,
)
from desktop.views.page import Page, PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.panels import FilterBar
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import Banner, EmptyState, NoMatchState
from desktop.views.widgets.table import DataTable
from desktop.wording.sentences import known_text

SHOWN = 1000


@dataclass(frozen=True)
class Listed:
    """Rows, counts by state, and the item in the drawer."""

    rows: Sequence[OutboxRow]
    counts: dict[str, int]
    detail: OutboxDetail | None


class OutboxPage(Page):
    """`go("outbox", uid=...)` opens one item, `go("outbox", state="unknown")` filters."""

    topics = frozenset({Topic.OUTBOX, Topic.POST, Topic.DROP, Topic.SYNC})
    scrolls = False

    def __init__(self, context: PageContext, outbox: OutboxService) -> None:
        super().__init__(context)
        self._outbox = outbox
        self._search = ""
        self._uid: str | None = None
        self.head.set_title("outbox.title")
        self.sync_button = changes(
            Button("outbox.do_sync", icon="refresh-cw", on_click=lambda: context.go("sync"))
        )
        history = Button("sent.title", icon="history", on_click=lambda: context.go("sent"))
        history.setObjectName("open_sent")
        self.head.add(history)
        self.head.add(self.sync_button)
        self.unknown = Banner("bad", parent=self)
        self.unknown.set_action("outbox.show_unknown", lambda: self._filter_by("unknown"))
        self.unknown.hide()
        self.body.addWidget(self.unknown)
        self._build_filters()
        self._build_table()
        self.panel = DetailPanel(self, context.formats, self._do)
        self.panel.closed.connect(self._on_closed)

    def _build_filters(self) -> None:
        self.filters = FilterBar("outbox.search", self)
        self.state = Choice(name="outbox.filter", parent=self)
        self.state.setObjectName("state")
        self.filters.add_filter(self.state)
        self.filters.searched.connect(self._on_search)
        self.filters.cleared.connect(self._on_cleared)
        self.state.chosen.connect(lambda _value: self.refresh())
        self._say_states({})

    def _say_states(self, counts: dict[str, int]) -> None:
        names: dict[object, str] = {"": t("outbox.all_states")}
        for state in State:
            name = label("outbox_state", state.value)
            count = counts.get(state.value, 0)
            names[state.value] = t("outbox.state_count", name=name, n=f"{count:,}") if count else name
        self.state.set_options(names)

    def _build_table(self) -> None:
        self.model = RowTableModel(self._columns(), self.context.formats, key=lambda row: row.item.uid)
        self.table = DataTable(self.model, name="outbox.title", parent=self)
        self.model.setParent(self.table)
        self.table.setObjectName("outbox")
        self.table.selection_counted.connect(self._on_selection)
        self.table.row_activated.connect(lambda row: self.open_item(self.model.row_data(row).item.uid))
        self.table.clicked.connect(self._on_clicked)
        self.table.action_clicked.connect(lambda row, _key: self._act(row))
        self.empty = EmptyState("outbox.empty", "outbox.empty_more", icon="send")
        self.no_match = NoMatchState(self.filters.clear)
        self.stack = QStackedWidget(self)
        for widget in (self.table, self.empty, self.no_match):
            self.stack.addWidget(widget)
        card = Card(parent=self)
        card.add(self.filters)
        self.bulk = OutboxBulk(self)
        self.bulk.wanted.connect(self._do_many)
        self.bulk.cleared.connect(self.table.clearSelection)
        card.add(self.bulk)
        card.add(self.stack, 1)
        self.body.addWidget(card, 1)

    def _columns(self) -> list[Column]:
        return [
            Column(
                "what", "outbox.column_what", lambda row: title_of(row.item), width=196, sortable=False,
                tooltip=lambda row: str(row.item.summary.get("text") or ""),
            ),
            Column("whom", "composing.to", lambda row: audience_of(row.item), width=160, sortable=False),
            Column(
                "when", "composing.when", lambda row: row.item.not_before, Kind.MOMENT, width=136, sortable=False
            ),
            Column(
                "state", "outbox.column_state", lambda row: row.item.state.value, Kind.STATE, width=132,
                sortable=False, display=lambda row: shown_state(row)[0], tone=lambda row: shown_state(row)[1],
            ),
            Column(
                "known", "outbox.column_known", lambda row: row.item.uid, width=240, stretch=True, sortable=False,
                display=self._known, tooltip=self._known,
            ),
            Column(
                "act", "composing.column_next", lambda row: t(f"outbox.step_{first_step(row)}"), Kind.ACTION,
                width=120, sortable=False, changes=lambda row: first_step(row) not in LOOKS,
            ),
        ]  # fmt: skip

    def _known(self, row: OutboxRow) -> str:
        return known_text(languages.wording, row.known, self.context.formats.zone)

    # -- data

    async def load(self) -> Listed:
        """Rows that pass the filter, counts, and the open item."""
        state = str(self.state.value() or "") or None
        rows = await self._outbox.rows(state, self._search, limit=SHOWN)
        detail = await self._outbox.detail(self._uid) if self._uid else None
        return Listed(rows, await self._outbox.counts(), detail)

    def populate(self, data: Listed) -> None:
        """List, banner, drawer."""
        self._say_states(data.counts)
        self.model.set_rows(data.rows)
        filtered = bool(self._search or self.state.value())
        self.filters.set_active(filtered)
        shown = self.table if data.rows else self.no_match if filtered else self.empty
        self.stack.setCurrentWidget(shown)
        waiting = data.counts["confirmed"] + data.counts["queued"]
        self.head.show_subtitle(t("outbox.subtitle", n=waiting, total=sum(data.counts.values())))
        unknown = data.counts["unknown"]
        if unknown:
            self.unknown.show_text(t("outbox.unknown_banner", n=unknown))
        else:
            self.unknown.hide()
        if data.detail is not None and self._uid == data.detail.row.item.uid:
            self.panel.show_detail(data.detail)

    def open_with(self, **arguments: Any) -> None:
        """One item, or a filter."""
        if arguments.get("state"):
            self._filter_by(str(arguments["state"]))
        if arguments.get("uid"):
            self.open_item(str(arguments["uid"]))

    def open_item(self, uid: str) -> None:
        """Show everything about one item."""
        self._uid = uid
        self.table.select_key(uid)
        self.refresh()

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.filters.search.setFocus()

    # -- many at once

    def _selected(self) -> list[OutboxRow]:
        return [self.model.rows[row] for row in self.table.selected_rows()]

    def _on_selection(self, _count: int) -> None:
        self.bulk.show_selected(self._selected())

    def _do_many(self, step: str) -> None:
        self.scope.spawn(self._ask_many(step, self._selected()), name="bulk")

    async def _ask_many(self, step: str, rows: Sequence[OutboxRow]) -> None:
        chosen = [row.item.uid for row in rows if step in bulk_steps(row)]
        title = t(f"outbox.bulk_{step}_title", n=len(chosen))
        text = t(f"outbox.bulk_{step}_text", n=len(chosen))
        accept = t(f"outbox.do_{step}")
        if not await dialogs.confirm(self, title, text, accept=accept, danger=step == "cancel"):
            return
        act = {
            "cancel": self._outbox.cancel_many,
            "release": self._outbox.release_many,
            "retry": self._outbox.retry_many,
        }[step]
        result = await act(chosen)
        self.table.clearSelection()
        if step == "retry" and result.done:
            self.context.notices.undoable(
                "outbox.bulk_retry_done",
                lambda: self.scope.spawn(self._outbox.cancel_many(result.done), name="undo"),
                n=len(result.done),
            )
        else:
            self.context.notices.info(f"outbox.bulk_{step}_done", n=len(result.done))
        if result.left_out:
            self.context.notices.warn("outbox.bulk_left_out", n=result.left_out)

    # -- operator

    def _on_clicked(self, index) -> None:  # type: ignore[no-untyped-def]
        is_one = len(self.table.selected_rows()) == 1  # several are being chosen for a bulk step else
        if is_one and self.model.columns[index.column()].kind is not Kind.ACTION:
            self.open_item(self.model.row_at(index).item.uid)

    def _on_closed(self) -> None:
        self._uid = None
        self.table.clearSelection()

    def _on_search(self, text: str) -> None:
        self._search = text
        self.refresh()

    def _on_cleared(self) -> None:
        self._search = ""
        self._filter_by("")

    def _filter_by(self, state: str) -> None:
        self.state.set_value(state)
        self.refresh()

    def _act(self, at: int) -> None:
        row: OutboxRow = self.model.row_data(at)
        step = first_step(row)
        if step in ("decide", "look"):
            self.open_item(row.item.uid)
        else:
            self._do(step, row.item)

    def _do(self, step: str, item: OutboxItem) -> None:
        if step == "sync":
            self.context.go("sync")
        elif step == "open":
            self.context.go(page_of(item), uid=str(item.summary.get("entity_uid", "")))
        elif step == "move" and item.entity == "drop":
            self.context.go("drops", move=str(item.summary.get("entity_uid", "")))
        else:
            self.scope.spawn(self._decide(step, item), name=f"{step} {item.uid}")

    async def _decide(self, step: str, item: OutboxItem) -> None:
        if step == "cancel":
            await self._outbox.cancel(item.uid)
            self.context.notices.info("outbox.cancelled")
        elif step == "retry":
            await self._show_new(await self._outbox.retry(item.uid))
        elif step == "move":
            await self._move(item)
        elif step == "release":
            await self._release(item)
        elif step == "remind":
            await self._show_new(await self._outbox.follow_up(item.uid, MASS_SEND_REMIND))
        elif step == "stop":
            await self._stop(item)
        else:
            await self._attest(step, item)

    async def _move(self, item: OutboxItem) -> None:
        first = next_same_time(item.not_before, self.context.clock.now_ms())
        zone = self.context.formats.zone
        moment = await ask_moment(self, t("outbox.move_title"), t("outbox.move_text"), zone, first)
        if moment is not None:
            await self._show_new(await self._outbox.reschedule(item.uid, moment))

    async def _show_new(self, uid: str) -> None:
        self.context.notices.undoable(
            "outbox.queued_again", lambda: self.scope.spawn(self._outbox.cancel(uid), name="undo")
        )
        self.open_item(uid)

    async def _release(self, item: OutboxItem) -> None:
        text = t("outbox.release_text", title=title_of(item), whom=audience_of(item))
        if await dialogs.confirm(self, t("outbox.release_title"), text, accept=t("outbox.do_release")):
            state = await self._outbox.release(item.uid)
            key = "outbox.released_late" if state is State.MISSED else "outbox.released"
            self.context.notices.info(key)

    async def _stop(self, item: OutboxItem) -> None:
        what = "stop_moment" if item.kind == MOMENT else "stop"
        text = t(f"outbox.{what}_text", title=title_of(item))
        if await dialogs.confirm(
            self, t(f"outbox.{what}_title"), text, accept=t("outbox.do_stop"), danger=True
        ):
            await self._show_new(await self._outbox.follow_up(item.uid, STOPPED_BY[item.kind]))

    async def _attest(self, word: str, item: OutboxItem) -> None:
        answer = await ask_own_word(self, word, item)
        if answer is not None:
            state = await self._outbox.attest(item.uid, OWN_WORD[word], platform_id=answer)
            told = "attested" if is_message(item.kind) else "attested_did"
            self.context.notices.info(f"outbox.{told}_{state.value}")
