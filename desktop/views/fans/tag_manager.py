"""All tags in one list, the shop's own and the platforms': how many carry each; new, rename, delete."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.domain.accounts import TagAccount
from desktop.domain.errors import AppError
from desktop.domain.outbox import HOLD_S
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit import dialogs, plain
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.services.platform_edits import Queued
from desktop.services.platform_tags import PlatformTagService, TagLine
from desktop.views.ways.columns import TONES, standing_text
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.notices import Notices, error_text
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel

OWN = 0  # stands for the shop's own tags among the accounts
HEIGHT = 340


class NewTagDialog(MessageDialog):
    """A new tag: its name, whose it is, and the platform's group it stands in."""

    def __init__(self, parent: QWidget, accounts: Sequence[TagAccount], group: str) -> None:
        super().__init__(parent, t("tags.new"), t("tags.new_text"), accept=t("tags.add"))
        self.setObjectName("new_tag_dialog")
        self.form = Form(self)
        self.name = ImeAwareLineEdit(parent=self)
        self.name.setObjectName("tag_name")
        self.where = Choice(name="tags.where", parent=self)
        self.where.setObjectName("tag_where")
        self.where.set_options(
            {OWN: t("tags.own"), **{one.id: plain.one_line(one.name) for one in accounts}}
        )
        self._grouped = {one.id for one in accounts if one.has_groups}
        self.group = ImeAwareLineEdit(group, parent=self)
        self.group.setObjectName("tag_group")
        self.form.add_row("name", "tags.name", self.name)
        self.form.add_row("where", "tags.where", self.where)
        self.form.add_row("group", "tags.group", self.group, hint="tags.group_hint")
        self.body.insertWidget(2, self.form)
        self.where.currentIndexChanged.connect(lambda _at: self._follow())
        self.name.textChanged.connect(lambda _text: self._follow())
        self.group.textChanged.connect(lambda _text: self._follow())
        self._follow()
        self.name.setFocus()

    def account_id(self) -> int:
        """Whose it is; OWN for the shop's own."""
        value = self.where.value()
        return value if isinstance(value, int) else OWN

    def _follow(self) -> None:
        is_grouped = self.account_id() in self._grouped
        self.form.rows["group"].setVisible(is_grouped)
        whole = self.name.text().strip() and (not is_grouped or self.group.text().strip())
        self.accept_button.setEnabled(bool(whole))


class TagManager(MessageDialog):
    """`lines` are shown; every change is read again."""

    def __init__(
        self,
        parent: QWidget,
        tags: PlatformTagService,
        formats: Formats,
        notices: Notices,
        scope: TaskScope,
    ) -> None:
        super().__init__(parent, t("tags.title"), t("tags.text"), accept=t("kit.close"))
        self.setObjectName("tag_manager")
        self.setMinimumWidth(680)
        self.cancel_button.hide()
        self._tags = tags
        self._notices = notices
        self._scope = scope
        self.model = RowTableModel(_columns(), formats, key=lambda line: line.tag_id)
        self.table = DataTable(self.model, name="tags.title", parent=self)
        self.table.setObjectName("tags_table")
        self.model.setParent(self.table)
        self.table.setFixedHeight(current().px(HEIGHT))
        self.table.selection_counted.connect(lambda _n: self._follow())
        self.table.row_activated.connect(lambda _row: self._rename())
        self.problem = PlainLabel("", "problem", wrap=True, parent=self)
        self.problem.setObjectName("tags_problem")
        self.body.insertWidget(2, self.table)
        self.body.insertLayout(3, self._actions())
        self.body.insertWidget(4, self.problem)
        self.problem.hide()
        self._follow()
        self._do(self._load())

    def _actions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.new = Button("tags.new", icon="plus", compact=True, on_click=self._new, parent=self)
        self.rename = Button("tags.rename", icon="pencil", compact=True, on_click=self._rename, parent=self)
        self.delete = Button(
            "tags.delete", icon="trash-2", compact=True, on_click=self._delete, parent=self
        )
        self.back = Button("ways.take_back", icon="undo-2", compact=True, on_click=self._back, parent=self)
        for button, name in (
            (self.new, "new"),
            (self.rename, "rename"),
            (self.delete, "delete"),
            (self.back, "back"),
        ):
            button.setObjectName(f"tags_{name}")
            row.addWidget(button)
        row.addStretch(1)
        return row

    def chosen(self) -> TagLine | None:
        """The one line selected."""
        keys = self.table.selected_keys()
        lines: Sequence[TagLine] = self.model.rows
        return next((line for line in lines if len(keys) == 1 and line.tag_id == keys[0]), None)

    async def _load(self) -> None:
        self.model.set_rows(await self._tags.lines())
        self._follow()

    def _follow(self) -> None:
        line = self.chosen()
        for button in (self.rename, self.delete):
            button.setEnabled(line is not None)
        self.rename.setEnabled(line is not None and line.is_made)
        self.back.setVisible(line is not None and bool(line.items))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        self._scope.spawn(self._guarded(work), name="tags.manage", replace=False)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
            self.problem.hide()
        except AppError as error:  # said where the operator looks, not behind the dialog
            self.problem.setText(error_text(error))
            self.problem.show()

    # -- acting

    def _new(self) -> None:
        self._do(self._add())

    async def _add(self) -> None:
        line = self.chosen()
        group = line.group_name if line is not None and line.account_id else ""
        dialog = NewTagDialog(self, await self._tags.accounts(), group)
        if not await dialogs.answer(dialog):
            return
        account_id, name, group = dialog.account_id(), dialog.name.text(), dialog.group.text()
        if account_id == OWN:
            await self._tags.add_own(name)
        else:
            self._wait(await self._tags.add(account_id, name, group))
        await self._load()

    def _rename(self) -> None:
        line = self.chosen()
        if line is not None and line.is_made:
            self._do(self._rename_to(line))

    async def _rename_to(self, line: TagLine) -> None:
        text = t("tags.rename_own" if line.account_id is None else "tags.rename_platform")
        now = line.new_name or line.name
        name = await dialogs.ask_text(self, t("tags.rename"), text, value=now, accept=t("tags.rename"))
        if name is None or not name.strip() or name.strip() == now:
            return
        if line.account_id is None:
            await self._tags.rename_own(line.tag_id, name)
        else:
            self._wait(await self._tags.rename(line.tag_id, name))
        await self._load()

    def _delete(self) -> None:
        line = self.chosen()
        if line is not None:
            self._do(self._remove(line))

    async def _remove(self, line: TagLine) -> None:
        key = "tags.delete_own" if line.account_id is None else "tags.delete_platform"
        text = t(key, tag=plain.one_line(line.name), n=f"{line.fans:,}")
        if not await dialogs.confirm(self, t("tags.delete"), text, accept=t("tags.delete"), danger=True):
            return
        if line.account_id is None:
            await self._tags.delete_own(line.tag_id)
        else:
            self._wait(await self._tags.delete(line.tag_id))
        await self._load()

    def _back(self) -> None:
        line = self.chosen()
        if line is not None and line.items:
            self._do(self._stop(line.items))

    async def _stop(self, uids: Sequence[str]) -> None:
        await self._tags.take_back(uids)
        await self._load()

    def _wait(self, queued: Queued) -> None:
        if queued.items:
            uids = queued.items
            self._notices.held(
                int(HOLD_S * 1000),
                "tags.waits",
                lambda: self._scope.spawn(self._take(uids), name="tags.back"),
            )

    async def _take(self, uids: Sequence[str]) -> None:
        """From the notice, when the list may be closed already."""
        await self._tags.take_back(uids)
        self._notices.info("ways.taken_back")


def _columns() -> list[Column]:
    return [
        Column("name", "tags.name", _name, width=180, stretch=True, sortable=False),
        Column("group", "tags.group", lambda line: line.group_name or "–", width=130, sortable=False),
        Column("whose", "tags.where", _whose, width=120, sortable=False),
        Column("fans", "tags.fans", lambda line: line.fans, Kind.COUNT, width=80, sortable=False),
        Column(
            "standing",
            "ways.column_standing",
            lambda line: line.standing.value,
            Kind.STATE,
            width=130,
            sortable=False,
            display=lambda line: label("standing", line.standing.value),
            tone=lambda line: TONES[line.standing],
            tooltip=lambda line: standing_text(line.standing, line.reason),
        ),
    ]


def _name(line: TagLine) -> str:
    name = plain.one_line(line.name)
    return t("tags.renaming", old=name, new=plain.one_line(line.new_name)) if line.new_name else name


def _whose(line: TagLine) -> str:
    return t("tags.own") if line.account_id is None else plain.one_line(line.account_name)
