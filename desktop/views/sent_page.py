"""Everything that ever went out, also what was made elsewhere: look through it, copy it, take it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QStackedWidget

from desktop.domain.changes import Topic
from desktop.domain.sent_history import Sent, SentFilter
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import has, label, t
from desktop.services.sent_history import COLUMNS, SentHistoryService
from desktop.views.page import Page, PageContext
from desktop.views.sent.panel import SentPanel
from desktop.views.sent.words import made, proof, reached, state, title
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.panels import FilterBar
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import EmptyState, NoMatchState
from desktop.views.widgets.table import DataTable

SHOWN = 1000
MADE: Mapping[object, bool | None] = {"": None, "here": True, "elsewhere": False}


@dataclass(frozen=True)
class SentView:
    """What the page shows: the first rows, how many there are, which kinds there are."""

    rows: Sequence[Sent]
    total: int
    kinds: Sequence[str]


class SentPage(Page):
    """Key "sent"."""

    topics = frozenset({Topic.OUTBOX, Topic.MOMENT, Topic.SYNC})
    scrolls = False

    def __init__(self, context: PageContext, sent: SentHistoryService) -> None:
        super().__init__(context)
        self.setObjectName("sent_page")
        self._sent = sent
        self._search = ""
        self.head.set_title("sent.title")
        self.export_button = changes(
            Button("sent.export", icon="download", on_click=self._ask_export, parent=self)
        )
        self.export_button.setObjectName("export")
        self.head.add(self.export_button)
        self._build_filters()
        self._build_table()
        self.panel = SentPanel(self, context.formats)
        self.panel.item_asked.connect(lambda uid: context.go("outbox", uid=uid))

    def _build_filters(self) -> None:
        self.filters = FilterBar("sent.search", self)
        self.made = Choice(name="sent.column.made", parent=self)
        self.made.setObjectName("made")
        self.kind = Choice(name="sent.column.what", parent=self)
        self.kind.setObjectName("kind")
        for choice in (self.made, self.kind):
            self.filters.add_filter(choice)
            choice.chosen.connect(lambda _value: self.refresh())
        self.filters.searched.connect(self._on_search)
        self.filters.cleared.connect(self._on_cleared)
        self._say_options(())

    def _say_options(self, kinds: Sequence[str]) -> None:
        self.made.set_options(
            {"": t("sent.made_all"), "here": t("sent.made_here"), "elsewhere": t("sent.made_elsewhere")}
        )
        named: dict[object, str] = {"": t("sent.kinds_all")}
        self.kind.set_options(named | {kind: label("write_kind", kind) for kind in kinds})

    def _build_table(self) -> None:
        formats = self.context.formats
        columns = [
            Column("when", "sent.column.when", lambda row: row.at, Kind.MOMENT, 136, sortable=False),
            Column("what", "sent.column.what", lambda row: label("write_kind", row.kind), width=150,
                   sortable=False),
            Column("text", "sent.column.text", title, width=190, stretch=True, sortable=False,
                   tooltip=lambda row: row.text),
            Column("made", "sent.column.made", made, Kind.STATE, 92, sortable=False,
                   tone=lambda row: "neutral" if row.is_ours else "info"),
            Column("who", "sent.column.who", lambda row: row.who or t("sent.nobody"), width=90,
                   sortable=False),
            Column("reached", "sent.column.reached", lambda row: reached(row, formats), width=96,
                   sortable=False),
            Column("state", "sent.column.state", lambda row: row.state, Kind.STATE, 140, sortable=False,
                   display=lambda row: state(row)[0], tone=lambda row: state(row)[1],
                   tooltip=lambda row: state(row)[0]),
            Column("proof", "sent.column.proof", proof, width=160, sortable=False, tooltip=proof),
            Column("account", "sent.column.account", lambda row: row.account_name, width=120,
                   sortable=False, shown=False),
            Column("platform_id", "sent.column.platform_id", lambda row: row.platform_id, width=150,
                   sortable=False, shown=False),
            Column("sha256", "sent.column.sha256", lambda row: row.sha256, width=150, sortable=False,
                   shown=False),
        ]  # fmt: skip
        self.model = RowTableModel(columns, formats, key=lambda row: row.key)
        self.table = DataTable(self.model, name="sent.title", parent=self)
        self.model.setParent(self.table)
        self.table.setObjectName("sent")
        self.table.row_activated.connect(self._open_row)
        self.table.clicked.connect(lambda index: self._open_row(index.row()))
        self.filters.add_tool(self.table.columns_button())
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(EmptyState("sent.empty", "sent.empty_more", icon="history"))
        self.stack.addWidget(NoMatchState(self.filters.clear))
        card = Card(parent=self)
        card.add(self.filters)
        card.add(self.stack, 1)
        self.body.addWidget(card, 1)

    # -- reading

    def wanted(self) -> SentFilter:
        """What is looked for."""
        return SentFilter(self._search, MADE[self.made.value() or ""], str(self.kind.value() or ""))

    async def load(self) -> SentView:
        """The first rows that pass the filter."""
        wanted = self.wanted()
        return SentView(
            await self._sent.rows(wanted, SHOWN), await self._sent.total(wanted), await self._sent.kinds()
        )

    def populate(self, data: SentView) -> None:
        """Show them."""
        self._say_options(data.kinds)
        self.model.set_rows(data.rows)
        filtered = self.wanted() != SentFilter()
        self.filters.set_active(filtered)
        self.stack.setCurrentIndex(0 if data.rows else 2 if filtered else 1)
        self.export_button.setEnabled(bool(data.rows))
        key = "sent.subtitle" if data.total <= SHOWN else "sent.subtitle_first"
        self.head.show_subtitle(t(key, n=self.context.formats.count(data.total), shown=SHOWN))

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.filters.search.setFocus()

    # -- acting

    def _open_row(self, row: int) -> None:
        if 0 <= row < self.model.rowCount():
            self.panel.show_sent(self.model.rows[row])

    def _on_search(self, text: str) -> None:
        self._search = text
        self.refresh()

    def _on_cleared(self) -> None:
        self._search = ""
        self.made.set_value("")
        self.kind.set_value("")
        self.refresh()

    def _ask_export(self) -> None:
        self.scope.spawn(self._export(), name="export")

    async def _export(self) -> None:
        target = await dialogs.save_file(
            self,
            t("sent.export"),
            [t("fans.export_xlsx"), t("fans.export_csv")],
            name=t("sent.export_name") + ".xlsx",
            suffix="xlsx",
        )
        if target is None:
            return
        headers = {key: t(f"sent.column.{key}") for key in COLUMNS}
        written = await self._sent.export(target, self.wanted(), headers, _word)
        self.context.notices.info("sent.exported", n=written, file=target.name)


def _word(family: str, value: str) -> str:
    return label(family, value) if has(f"{family}.{value}") else value
