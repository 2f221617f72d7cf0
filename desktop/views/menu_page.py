"""The menu of an official account: edited where it stands, at the foot of the phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain import account_menu as rules
from desktop.domain.account_menu import Entry
from desktop.domain.changes import Topic
from desktop.domain.outbox import HOLD_S
from desktop.qtkit import dialogs, plain
from desktop.qtkit.i18n import languages, t
from desktop.services.account_menu import AccountMenuService, MenuState
from desktop.views.composing.checks import problem_words
from desktop.views.page import Page, PageContext
from desktop.views.posts.article.names import article_name
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.states import EmptyState
from desktop.views.widgets.texts import PlainLabel, say
from desktop.wording.sentences import reason_text

Place = tuple[int, int]  # (button, entry); entry -1 is the button itself
ARTICLE_ID = "article_id"
FIELDS = ("url", "appid", "pagepath")
OF_KIND = {
    rules.VIEW: ("url",),
    rules.MINI_PROGRAM: ("url", "appid", "pagepath"),
    rules.ARTICLE: (ARTICLE_ID,),
}


class MenuPage(Page):
    """What is typed stays on the page until it is put into the outbox; undo takes one step back."""

    topics = frozenset({Topic.ACCOUNT, Topic.OUTBOX})

    def __init__(self, context: PageContext, menus: AccountMenuService) -> None:
        super().__init__(context)
        self._menus = menus
        self._account: int | None = None
        self.entries: tuple[Entry, ...] = ()
        self._before: list[tuple[Entry, ...]] = []
        self._place: Place | None = None
        self.head.set_title("menu.title")
        self.account = Choice(name="menu.account", parent=self)
        self.account.setObjectName("menu_account")
        self.account.chosen.connect(self._on_account)
        self.undo = self._head_button("undo", "undo-2", self._step_back)
        self.delete = self._head_button("delete", "trash-2", self._ask_delete)
        self.publish = self._head_button("publish", "send", self._ask_publish, "primary")
        self.head.add(self.account)
        for button in (self.undo, self.delete, self.publish):
            self.head.add(button)
        self._build()

    def _head_button(self, name: str, icon: str, act: object, kind: str = "") -> Button:
        button = Button(f"menu.{name}", icon=icon, kind=kind, on_click=act, parent=self)  # type: ignore[arg-type]
        button.setObjectName(f"menu_{name}")
        return button

    def _build(self) -> None:
        self.board = Card("menu.board", parent=self)
        self._columns = QHBoxLayout()
        self._columns.setSpacing(8)
        holder = QWidget(self.board)
        holder.setLayout(self._columns)
        holder.setMinimumHeight(300)
        self.board.add(holder)
        self.board.add(PlainLabel(kind="muted", key="menu.board_hint", wrap=True, parent=self.board))
        self.form_card = Card("menu.entry", parent=self)
        self.form = Form(self.form_card)
        self.name = self._line("name")
        self.kind = Choice(name="menu.kind", parent=self)
        self.kind.setObjectName("menu_kind")
        self.form.add_row("name", "menu.name", self.name)
        self.form.add_row("kind", "menu.kind", self.kind)
        self.fields = {name: self._line(name) for name in FIELDS}
        for name, field in self.fields.items():
            self.form.add_row(name, f"menu.{name}", field)
        self.article = Choice(name="menu.article_id", parent=self)
        self.article.setObjectName("menu_article_id")
        self.article.chosen.connect(lambda id_: self._edit(lambda one: one.with_fact(ARTICLE_ID, str(id_))))
        self.form.add_row(ARTICLE_ID, "menu.article_id", self.article, hint="menu.article_id_hint")
        self.kind.chosen.connect(lambda kind: self._edit(lambda one: replace(one, kind=str(kind))))
        self.remove = Button("menu.remove", icon="x", compact=True, on_click=self._remove, parent=self)
        self.remove.setObjectName("menu_remove")
        self.form_card.add_tool(self.remove)
        self.form_card.add(self.form)
        self.told = PlainLabel("", "secondary", wrap=True, parent=self)
        self.told.setObjectName("menu_told")
        whole = QWidget(self)
        columns = QHBoxLayout(whole)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(16)
        columns.addWidget(self.board, 3, Qt.AlignmentFlag.AlignTop)
        columns.addWidget(self.form_card, 2, Qt.AlignmentFlag.AlignTop)
        self._cards = QStackedWidget(self)
        self._cards.addWidget(whole)
        self._cards.addWidget(
            EmptyState(
                "menu.none_title", "menu.none", icon="menu", action="matrix.connect",
                on_action=lambda: self.context.go("sync", connect="wechat"), parent=self,
            )
        )  # fmt: skip
        self.body.addWidget(self.told)
        self.body.addWidget(self._cards, 1)

    def _line(self, name: str) -> ImeAwareLineEdit:
        field = ImeAwareLineEdit(name=f"menu.{name}", parent=self)
        field.setObjectName(f"menu_{name}")
        if name == "name":
            field.edited.connect(lambda text: self._edit(lambda one: replace(one, name=text)))
        else:
            field.edited.connect(lambda text, name=name: self._edit(lambda one: one.with_fact(name, text)))
        return field

    # -- reading

    async def load(self) -> list[MenuState]:
        """Every official account's menu."""
        return await self._menus.states()

    def populate(self, data: list[MenuState]) -> None:
        """The chosen account's, unless something is being changed."""
        self._cards.setCurrentIndex(0 if data else 1)
        for widget in (self.account, self.undo, self.delete, self.publish):
            widget.setVisible(bool(data))
        self.account.set_options({one.account_id: one.account_name for one in data})
        self.account.setVisible(len(data) > 1)
        if self._account is None and data:
            self._account = data[0].account_id
        self.account.set_value(self._account)
        if not self._before:
            state, shown = self._state(), self.entries
            self.entries = () if state is None else state.now if state.wanted is None else state.wanted
            if self.entries != shown:
                self._place = None
        self._show_menu()

    def _state(self) -> MenuState | None:
        rows: list[MenuState] = self.data or []
        return next((one for one in rows if one.account_id == self._account), None)

    def _on_account(self, account: object) -> None:
        self._account, self._before = (account if isinstance(account, int) else None), []
        self.populate(self.data or [])

    # -- showing

    def _show_menu(self) -> None:
        self._show_board()
        self._show_form()
        state = self._state()
        words = ""
        if state is not None and state.reason:
            words = t("menu.refused", reason=reason_text(languages.wording, state.reason))
        elif state is not None and state.items:
            words = t("menu.waits")
        self.told.setText(words)
        self.told.setVisible(bool(words))
        for button in (self.undo, self.publish):
            button.setEnabled(bool(self._before))
            say(button, f"menu.{'changed' if self._before else 'unchanged'}", role="tip")

    def _show_board(self) -> None:
        while (item := self._columns.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for at, button in enumerate(self.entries):
            column = self._column(at, button)
            self._columns.addWidget(column, 1)
            column.show()
        if len(self.entries) < rules.MOST_BUTTONS:
            add = self._cell(t("menu.add"), (len(self.entries), -1), "menu_add", self._add_button)
            self._columns.addWidget(add, 1, Qt.AlignmentFlag.AlignBottom)
            add.show()

    def _column(self, at: int, button: Entry) -> QWidget:
        holder = QWidget(self.board)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addStretch()
        if len(button.below) < rules.MOST_ENTRIES:
            name = f"menu_add_{at}"
            column.addWidget(self._cell(t("menu.add_entry"), (at, -2), name, partial(self._add_entry, at)))
        for below, entry in enumerate(button.below):
            column.addWidget(self._entry_cell(entry, (at, below)))
        column.addWidget(self._entry_cell(button, (at, -1)))
        return holder

    def _entry_cell(self, entry: Entry, place: Place) -> Button:
        name = plain.one_line(entry.name) or t("menu.unnamed")
        if place[1] < 0 and entry.below:
            name = f"≡ {name}"
        return self._cell(name, place, f"menu_{place[0]}_{place[1]}", partial(self._choose, place))

    def _cell(self, text: str, place: Place, name: str, act: object) -> Button:
        kind = "ghost" if name.startswith("menu_add") else ""
        cell = Button(text=text[:24], kind=kind, on_click=act, parent=self.board)  # type: ignore[arg-type]
        cell.setObjectName(name)
        cell.setCheckable(not kind)
        cell.setChecked(place == self._place)
        return cell

    def _show_form(self) -> None:
        entry = self._chosen()
        self.form_card.setVisible(entry is not None)
        if entry is None:
            return
        self.name.set_text(entry.name) if self.name.text() != entry.name else None
        kinds: dict[object, str] = {kind: t(f"menu.kind_{kind}") for kind in rules.MADE_HERE}
        if entry.kind not in kinds:
            kinds[entry.kind] = t("menu.kind_other", kind=entry.kind)
        self.kind.set_options(kinds)
        self.kind.set_value(entry.kind)
        is_leaf = not entry.below
        self.form.rows["kind"].setVisible(is_leaf)
        for name, field in self.fields.items():
            if field.text() != entry.fact(name):
                field.set_text(entry.fact(name))
        for name in (*FIELDS, ARTICLE_ID):
            self.form.rows[name].setVisible(is_leaf and name in OF_KIND.get(entry.kind, ()))
        self._show_articles(entry.fact(ARTICLE_ID))
        self._show_problems()

    def _show_articles(self, chosen: str) -> None:
        """The published articles; one that is not among them keeps its number."""
        state, formats = self._state(), self.context.formats
        known = () if state is None else state.articles
        options: dict[object, str] = {
            one.external_id: article_name(one.title, one.published_at, formats) for one in known
        }
        if chosen not in options:
            none = t("menu.article_pick" if known else "menu.article_none")
            options = {chosen: t("menu.article_other", number=chosen) if chosen else none, **options}
        self.article.set_options(options)
        self.article.set_value(chosen)

    def _show_problems(self) -> None:
        button, below = self._place or (0, -1)
        place = str(button) if below < 0 else f"{button}.{below}"
        rows = {"menu_no_name": "name", "menu_name": "name", "menu_url": "url", "menu_program": "appid"}
        found = [one for one in rules.check(self.entries) if one.field == place]
        said = {rows.get(one.code, "article_id"): problem_words(one) for one in found}
        self.form.show_problems(said if self._before else {})

    # -- changing

    def _chosen(self) -> Entry | None:
        if self._place is None or self._place[0] >= len(self.entries):
            return None
        button = self.entries[self._place[0]]
        return button if self._place[1] < 0 else button.below[self._place[1]]

    def _choose(self, place: Place) -> None:
        self._place = place
        self._show_menu()

    def _put(self, entries: Sequence[Entry]) -> None:
        self._before.append(self.entries)
        self.entries = tuple(entries)

    def _edit(self, change: object) -> None:
        entry = self._chosen()
        if entry is None or self._place is None or not callable(change):
            return
        at, below = self._place
        button, changed = self.entries[at], change(entry)
        if below >= 0:
            rows = list(button.below)
            rows[below] = changed
            changed = replace(button, below=tuple(rows))
        self._put([changed if n == at else one for n, one in enumerate(self.entries)])
        self._show_menu()

    def _add_button(self) -> None:
        self._put([*self.entries, Entry()])
        self._choose((len(self.entries) - 1, -1))
        self.name.setFocus()

    def _add_entry(self, at: int) -> None:
        button = self.entries[at]
        grown = replace(button, below=(*button.below, Entry()))
        self._put([grown if n == at else one for n, one in enumerate(self.entries)])
        self._choose((at, len(grown.below) - 1))
        self.name.setFocus()

    def _remove(self) -> None:
        if self._place is None:
            return
        at, below = self._place
        rows = list(self.entries)
        if below < 0:
            del rows[at]
        else:
            kept = tuple(one for n, one in enumerate(rows[at].below) if n != below)
            rows[at] = replace(rows[at], below=kept)
        self._put(rows)
        self._place = None
        self._show_menu()

    def _step_back(self) -> None:
        if self._before:
            self.entries = self._before.pop()
            self._place = None
            self._show_menu()

    # -- sending

    def _ask_publish(self) -> None:
        self.scope.spawn(self._publish(), name="publish menu")

    async def _publish(self) -> None:
        wrong = rules.check(self.entries)
        if wrong:
            self.context.notices.warn("menu.mend", text=problem_words(wrong[0]))
        elif self._account is not None:
            queued = await self._menus.save(self._account, self.entries)
            self._queued("menu.queued", queued.items)

    def _ask_delete(self) -> None:
        self.scope.spawn(self._delete(), name="delete menu")

    async def _delete(self) -> None:
        if self._account is None:
            return
        title, text = t("menu.delete_title"), t("menu.delete_text")
        if await dialogs.confirm(self, title, text, accept=t("menu.delete"), danger=True):
            queued = await self._menus.delete(self._account)
            self._queued("menu.queued_delete", queued.items)

    def _queued(self, key: str, uids: Sequence[str]) -> None:
        self._before = []

        def back() -> None:
            self.scope.spawn(self._take_back(uids), name="take back")

        self.context.notices.held(round(HOLD_S * 1000), key, back)
        self.refresh()

    async def _take_back(self, uids: Sequence[str]) -> None:
        await self._menus.take_back(uids)
        self.context.notices.info("menu.taken_back")
        self.refresh()
