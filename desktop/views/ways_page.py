"""Ways in: codes of staff, codes of groups, and what newcomers to a group read; three parts of one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from desktop.domain.changes import Topic
from desktop.domain.entry_ways import CONTACT, JOIN, EntryWayDraft
from desktop.domain.outbox import HOLD_S
from desktop.domain.welcomes import WelcomeDraft
from desktop.models.row_table import Column, RowTableModel
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.services import qr_codes
from desktop.services.entry_ways import EntryWayService, WayChoices, WayRow
from desktop.services.platform_edits import Queued, Standing
from desktop.services.welcomes import WelcomeRow, WelcomeService
from desktop.views.page import Page, PageContext
from desktop.views.ways.columns import way_columns, welcome_columns
from desktop.views.ways.panel import WayPanel
from desktop.views.ways.way_dialog import WayDialog
from desktop.views.ways.welcome_dialog import WelcomeDialog
from desktop.views.ways.welcome_panel import WelcomePanel
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import EmptyState
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import say

WELCOME = "welcome"
PARTS = (CONTACT, JOIN, WELCOME)
ICONS = {CONTACT: "qr-code", JOIN: "users-round", WELCOME: "message-circle"}


@dataclass(frozen=True)
class WaysData:
    """All three lists, and whom ways may lead to."""

    ways: Mapping[str, Sequence[WayRow]]
    welcomes: Sequence[WelcomeRow]
    choices: WayChoices

    def rows(self, part: str) -> Sequence[Any]:
        """The rows of one part."""
        return self.welcomes if part == WELCOME else self.ways[part]


class WaysPage(Page):
    """`open_with(part="join")` shows one part, `open_with(uid=...)` a drawer."""

    topics = frozenset({Topic.ENTRY_WAY, Topic.WELCOME, Topic.OUTBOX, Topic.GROUP, Topic.ACCOUNT})
    scrolls = False

    def __init__(
        self,
        context: PageContext,
        ways: EntryWayService,
        welcomes: WelcomeService,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, parent)
        self._ways = ways
        self._welcomes = welcomes
        self._wanted_uid = ""
        say(self, "ways.title", role="name")
        self.head.set_title("ways.title")
        self.new_button = changes(
            Button(icon="plus", kind="primary", on_click=self.create_new, parent=self)
        )
        self.new_button.setObjectName("new_way")
        self.head.add(self.new_button)
        self.tabs = QTabBar(self)
        self.tabs.setObjectName("ways_tabs")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        say(self.tabs, "ways.title", role="name")
        self.stack = QStackedWidget(self)
        self.models: dict[str, RowTableModel] = {}
        self.tables: dict[str, DataTable] = {}
        self._cards: dict[str, QStackedWidget] = {}
        for part in PARTS:
            self.tabs.addTab("")
            self.stack.addWidget(self._build_part(part))
        self.tabs.currentChanged.connect(lambda _at: self._show_part())
        self.body.addWidget(self.tabs)
        self.body.addWidget(self.stack, 1)
        self._build_panels()
        self.retranslate()

    def _build_part(self, part: str) -> QStackedWidget:
        model = RowTableModel(_columns(part), self.context.formats, key=lambda row: row.uid)
        table = DataTable(model, name=f"ways.part_{part}", parent=self)
        table.setObjectName(f"{part}_table")
        model.setParent(table)
        table.row_activated.connect(self._open_row)
        table.clicked.connect(lambda index: self._open_row(index.row()))
        table.row_pointed.connect(self._on_pointed)
        self.models[part], self.tables[part] = model, table
        card = Card(margin=12, parent=self)
        card.body.setContentsMargins(8, 4, 8, 4)
        card.add(table)
        empty = changes(
            EmptyState(
                f"ways.empty_{part}",
                f"ways.empty_{part}_more",
                icon=ICONS[part],
                action=f"ways.new_{part}",
                on_action=self.create_new,
                parent=self,
            )
        )
        stack = QStackedWidget(self)
        stack.addWidget(card)
        stack.addWidget(empty)
        self._cards[part] = stack
        return stack

    def _build_panels(self) -> None:
        self.panel = WayPanel(self, self.context.formats)
        self.welcome_panel = WelcomePanel(self, self._welcomes.picture_path)
        for panel in (self.panel, self.welcome_panel):
            panel.edit_asked.connect(self._edit)
            panel.delete_asked.connect(self._delete)
            panel.back_asked.connect(self._take_back)
            panel.outbox_asked.connect(self._see_outbox)
            panel.closed.connect(lambda: self.tables[self.part].setFocus())
        self.panel.code.save_asked.connect(lambda: self.scope.spawn(self._save(), name="ways.save"))
        self.panel.code.copy_asked.connect(self._copy)
        self.panel.code.open_asked.connect(self._open_picture)

    # -- reading

    async def load(self) -> WaysData:
        """All three lists."""
        ways = {kind: await self._ways.rows(kind) for kind in (CONTACT, JOIN)}
        return WaysData(ways, await self._welcomes.rows(), await self._ways.choices())

    def populate(self, data: WaysData) -> None:
        """Show them; an open drawer follows."""
        for part in PARTS:
            rows = data.rows(part)
            self.models[part].set_rows(list(rows))
            self._cards[part].setCurrentIndex(0 if rows else 1)
        came = sum(row.came for kind in (CONTACT, JOIN) for row in data.ways[kind])
        self.head.show_subtitle(t("ways.subtitle", n=self.context.formats.count(came)) if came else "")
        self._show_part(keep_panels=True)
        self._follow(data)

    def retranslate(self) -> None:
        """Names of the parts and of what can be made."""
        for at, part in enumerate(PARTS):
            self.tabs.setTabText(at, t(f"ways.part_{part}"))
        say(self.new_button, f"ways.new_{self.part}")

    def _follow(self, data: WaysData) -> None:
        """Show again what a drawer shows, and what somebody asked to see."""
        if self._wanted_uid:
            wanted, self._wanted_uid = self._wanted_uid, ""
            for part in PARTS:
                if any(row.uid == wanted for row in data.rows(part)):
                    self.tabs.setCurrentIndex(PARTS.index(part))
                    self._open(next(row for row in data.rows(part) if row.uid == wanted))
            return
        shown = self._shown_row()
        if shown is None:
            return
        for row in data.rows(self.part):
            if row.uid == shown.uid:
                self._open(row)
                return
        self._close_panels()

    # -- choosing

    @property
    def part(self) -> str:
        """Which part is shown."""
        return PARTS[max(self.tabs.currentIndex(), 0)]

    def open_with(self, **arguments: Any) -> None:
        """One part, or one drawer."""
        if arguments.get("part") in PARTS:
            self.tabs.setCurrentIndex(PARTS.index(str(arguments["part"])))
        if arguments.get("uid"):
            self._wanted_uid = str(arguments["uid"])
            self.refresh()

    def create_new(self) -> None:
        """Ctrl+N."""
        part = self.part
        work = self._new_welcome() if part == WELCOME else self._new_way(part)
        self.scope.spawn(work, name="ways.new")

    def focus_filter(self) -> None:
        """Ctrl+F: the list itself, where typing finds a row."""
        self.tables[self.part].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_part(self, *, keep_panels: bool = False) -> None:
        part = self.part
        self.stack.setCurrentIndex(PARTS.index(part))
        say(self.new_button, f"ways.new_{part}")
        self.new_button.setVisible(self.data is not None and bool(self.data.rows(part)))
        if not keep_panels:
            self._close_panels()

    def _open_row(self, row: int) -> None:
        if self.data is not None and 0 <= row < self.models[self.part].rowCount():
            self._open(self.models[self.part].row_data(row))

    def _on_pointed(self, row: int) -> None:
        if self._shown_row() is not None and self.tables[self.part].hasFocus():
            self._open_row(row)

    def _open(self, row: WayRow | WelcomeRow) -> None:
        if isinstance(row, WelcomeRow):
            self.panel.hide()
            self.welcome_panel.show_welcome(row)
        else:
            self.welcome_panel.hide()
            self.panel.show_way(row)

    def _shown_row(self) -> WayRow | WelcomeRow | None:
        if not self.panel.isHidden():
            return self.panel.row
        return None if self.welcome_panel.isHidden() else self.welcome_panel.row

    def _close_panels(self) -> None:
        self.panel.hide()
        self.welcome_panel.hide()

    # -- doing

    async def _new_way(self, kind: str) -> None:
        choices = await self._ways.choices()
        if not (choices.staff if kind == CONTACT else choices.groups):
            self.context.notices.warn(f"ways.nobody_{kind}")
            return
        dialog = WayDialog(self, EntryWayDraft(kind, ""), choices, is_new=True)
        if await dialogs.answer(dialog):
            self._told("ways.added", await self._ways.add(dialog.draft()))

    async def _new_welcome(self) -> None:
        dialog = WelcomeDialog(self, WelcomeDraft(""), self._welcomes, self.scope, is_new=True)
        if await dialogs.answer(dialog):
            self._told("ways.added", await self._welcomes.add(dialog.draft()))

    def _edit(self) -> None:
        row = self._shown_row()
        if row is not None:
            self.scope.spawn(self._change(row), name="ways.edit")

    async def _change(self, row: WayRow | WelcomeRow) -> None:
        if isinstance(row, WelcomeRow):
            dialog = WelcomeDialog(self, row.shown, self._welcomes, self.scope, is_new=False)
            if await dialogs.answer(dialog):
                self._told("ways.changed", await self._welcomes.edit(row.uid, dialog.draft()))
            return
        way = WayDialog(self, row.shown, await self._ways.choices(), is_new=False)
        if await dialogs.answer(way):
            self._told("ways.changed", await self._ways.edit(row.uid, way.draft()))

    def _delete(self) -> None:
        row = self._shown_row()
        if row is not None:
            self.scope.spawn(self._remove(row), name="ways.delete")

    async def _remove(self, row: WayRow | WelcomeRow) -> None:
        part = WELCOME if isinstance(row, WelcomeRow) else row.draft.kind
        what = "unlinked" if row.standing is Standing.UNLINKED else part
        title, text = t("ways.delete_title"), t(f"ways.delete_{what}")
        if not await dialogs.confirm(self, title, text, accept=t("ways.delete"), danger=True):
            return
        service: EntryWayService | WelcomeService = self._welcomes if part == WELCOME else self._ways
        self._told("ways.deleted", await service.delete(row.uid))

    def _take_back(self) -> None:
        row = self._shown_row()
        if row is not None:
            self.scope.spawn(self._stop(row.items), name="ways.back")

    async def _stop(self, items: Sequence[str]) -> None:
        await self._ways.take_back(items)
        self.context.notices.info("ways.taken_back")
        self.refresh()

    def _told(self, key: str, queued: Queued) -> None:
        """Say that it waits for the next sync, with the way back while it lasts."""
        self._wanted_uid = queued.uid if key == "ways.added" else ""
        if queued.items:
            self.context.notices.held(
                int(HOLD_S * 1000),
                key,
                lambda: self.scope.spawn(self._stop(queued.items), name="ways.back"),
            )
        else:
            self.context.notices.info("ways.nothing_left")
        self.refresh()

    def _see_outbox(self) -> None:
        row = self._shown_row()
        if row is not None and row.items:
            self.context.go("outbox", uid=row.items[-1])

    def _copy(self) -> None:
        if self.panel.row is not None:
            QGuiApplication.clipboard().setText(self.panel.row.qr_url)
            self.context.notices.info("ways.copied")

    def _open_picture(self) -> None:
        address = QUrl(self.panel.row.qr_url) if self.panel.row is not None else QUrl()
        if address.scheme() in ("https", "http"):
            QDesktopServices.openUrl(address)

    async def _save(self) -> None:
        row = self.panel.row
        if row is None:
            return
        target = await dialogs.save_file(
            self, t("ways.save_code"), [t("ways.png_files")], name=_file_name(row.shown.name), suffix="png"
        )
        if target is not None:
            qr_codes.save_png(row.qr_url, target)
            self.context.notices.info("ways.saved", file=target.name)


def _columns(part: str) -> list[Column]:
    return welcome_columns() if part == WELCOME else way_columns(f"ways.field_{part}")


def _file_name(name: str) -> str:
    plain = "".join(ch if ch.isalnum() else "-" for ch in name).strip("-")
    return f"{plain or 'code'}.png"
