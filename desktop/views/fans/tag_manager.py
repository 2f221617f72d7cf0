"""All tags in one list, the shop's own and the platforms': how many carry each; new, rename, delete."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget
from shiboken6 import isValid

from desktop.domain.outbox import HOLD_S
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit import dialogs, plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.services.own_tags import TagOverview
from desktop.services.platform_edits import Queued
from desktop.services.platform_tags import TagLine
from desktop.views.fans.acting_dialog import ActingDialog
from desktop.views.fans.own_tag_bar import OwnTagBar
from desktop.views.fans.services import FanPlatform
from desktop.views.fans.tag_dialogs import OWN, NewTagDialog
from desktop.views.undoing import Undo
from desktop.views.ways.columns import TONES, standing_text
from desktop.views.widgets.buttons import Button, allow
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.notices import Notices
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel

HEIGHT = 320
SAID = 3  # pairs told in words
ALL, ORPHANS, PAIRS = "all", "orphans", "pairs"


class TagManager(ActingDialog):
    """`lines` are shown; every change is read again."""

    def __init__(
        self,
        parent: QWidget,
        services: FanPlatform,
        formats: Formats,
        notices: Notices,
        scope: TaskScope,
        undo: Undo,
    ) -> None:
        super().__init__(parent, t("tags.title"), t("tags.text"), scope, "tags.manage")
        self.setObjectName("tag_manager")
        self.setMinimumWidth(880)
        self._tags, self._own = services.tags, services.own
        self._undo = undo
        self._overview = TagOverview((), (), {})
        self._notices = notices
        self.model = RowTableModel(_columns(), formats, key=lambda line: line.tag_id)
        self.table = DataTable(self.model, name="tags.title", parent=self)
        self.table.setObjectName("tags_table")
        self.model.setParent(self.table)
        self.table.setFixedHeight(current().px(HEIGHT))
        self.table.selection_counted.connect(lambda _n: self._follow())
        self.table.row_activated.connect(lambda _row: self.rename.click())
        self.problem.setObjectName("tags_problem")
        self.show_choice = Choice(name="tags.show", parent=self)
        self.show_choice.setObjectName("tags_show")
        self.show_choice.set_options({each: t(f"tags.show_{each}") for each in (ALL, ORPHANS, PAIRS)})
        self.show_choice.chosen.connect(lambda _which: self.do(self.load()))
        self.told = PlainLabel("", "muted", wrap=True, parent=self)
        self.told.setObjectName("tags_told")
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.show_choice)
        head.addWidget(self.told, 1)
        self.body.insertLayout(2, head)
        self.body.insertWidget(3, self.table)
        self.body.insertLayout(4, self._actions())
        self.own = OwnTagBar(self, services, notices, scope, undo)
        self.body.insertWidget(5, self.own)
        self.body.insertWidget(6, self.problem)
        self._follow()
        self.do(self.load())

    def _actions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.new = changes(Button("tags.new", icon="plus", compact=True, on_click=self._new, parent=self))
        self.rename = changes(
            Button("tags.rename", icon="pencil", compact=True, on_click=self._rename, parent=self)
        )
        self.delete = changes(
            Button("tags.delete", icon="trash-2", compact=True, on_click=self._delete, parent=self)
        )
        self.back = changes(
            Button("ways.take_back", icon="undo-2", compact=True, on_click=self._back, parent=self)
        )
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

    async def load(self) -> None:
        """Read the list again."""
        lines = await self._tags.lines()
        overview = await self._own.overview()
        if not isValid(self):  # closed meanwhile, and gone
            return
        self._overview = overview
        which = self.show_choice.value()
        if which != ALL:
            lines = self._in_need(lines, is_pairs=which == PAIRS)
        self.model.set_rows(lines)
        self._tell(str(which), len(lines))
        self._follow()

    def _in_need(self, lines: Sequence[TagLine], *, is_pairs: bool) -> list[TagLine]:
        """Tags nobody carries, or those of pairs that are nearly the same, side by side."""
        by_id = {line.tag_id: line for line in lines}
        wanted = (
            dict.fromkeys(tag for pair in self._overview.pairs for tag in (pair.first, pair.second))
            if is_pairs
            else self._overview.orphans
        )
        return [by_id[tag_id] for tag_id in wanted if tag_id in by_id]

    def _tell(self, which: str, count: int) -> None:
        said = [
            t(
                "tags.pair",
                first=plain.one_line(self._overview.names[pair.first]),
                second=plain.one_line(self._overview.names[pair.second]),
                percent=f"{pair.alike:.0%}",
            )
            for pair in self._overview.pairs[:SAID]
        ]
        text = "\n".join(said) if which == PAIRS and said else t(f"tags.told_{which}", n=count)
        self.told.setText(text)

    def _follow(self) -> None:
        line = self.chosen()
        allow(self.delete, "tags.why_choose" if line is None else "")
        allow(
            self.rename,
            "tags.why_choose" if line is None else "" if line.is_made else "tags.why_not_made",
        )
        self.back.setVisible(line is not None and bool(line.items))
        self.own.show_line(line, self._overview)

    # -- acting

    def _new(self) -> None:
        self.do(self._add())

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
        await self.load()

    def _rename(self) -> None:
        line = self.chosen()
        if line is not None and line.is_made:
            self.do(self._rename_to(line))

    async def _rename_to(self, line: TagLine) -> None:
        text = t("tags.rename_own" if line.account_id is None else "tags.rename_platform")
        now = line.new_name or line.name
        name = await dialogs.ask_text(self, t("tags.rename"), text, value=now, accept=t("tags.rename"))
        if name is None or not name.strip() or name.strip() == now:
            return
        if line.account_id is None:
            await self._tags.rename_own(line.tag_id, name)
            await self._undo.offer("tag.rename", "tags.renamed")
        else:
            self._wait(await self._tags.rename(line.tag_id, name))
        await self.load()

    def _delete(self) -> None:
        line = self.chosen()
        if line is not None:
            self.do(self._remove(line))

    async def _remove(self, line: TagLine) -> None:
        key = "tags.delete_own" if line.account_id is None else "tags.delete_platform"
        text = t(key, tag=plain.one_line(line.name), n=f"{line.fans:,}")
        if not await dialogs.confirm(self, t("tags.delete"), text, accept=t("tags.delete"), danger=True):
            return
        if line.account_id is None:
            await self._tags.delete_own(line.tag_id)
            await self._undo.offer("tag.delete", "tags.deleted")
        else:
            self._wait(await self._tags.delete(line.tag_id))
        await self.load()

    def _back(self) -> None:
        line = self.chosen()
        if line is not None and line.items:
            self.do(self._stop(line.items))

    async def _stop(self, uids: Sequence[str]) -> None:
        await self._tags.take_back(uids)
        await self.load()

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
        Column(
            "name",
            "tags.name",
            _name,
            Kind.STATE,
            width=180,
            stretch=True,
            sortable=False,
            display=_name,
            tone=lambda line: line.colour or ("primary" if line.account_id is None else "neutral"),
        ),
        Column("group", "tags.group", lambda line: line.group_name or "–", width=130, sortable=False),
        Column("whose", "tags.where", _whose, width=120, sortable=False),
        Column(
            "how",
            "tags.how",
            lambda line: t("tags.by_rule") if line.has_rule else "–",
            width=90,
            sortable=False,
        ),
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
