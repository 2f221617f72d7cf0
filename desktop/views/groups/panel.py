"""A group's drawer: what it is for, how it grew, and who is in it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.group_texts import GroupTexts
from desktop.domain.groups import GROUP_KINDS, MemberRow
from desktop.models.row_table import RowTableModel
from desktop.qtkit.i18n import label, t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.services.groups import GroupDetail, GroupService
from desktop.services.public_accounts import PublicAccountService
from desktop.services.statistics import StatisticsService, TalkDay
from desktop.views.groups.columns import group_name, kind_name, member_columns
from desktop.views.groups.talk_chart import TalkChart
from desktop.views.groups.texts_box import GroupTextsBox
from desktop.views.page import PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.charts import BarChart, Legend, Series
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.panels import SidePanel, heading
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel

WIDTH = 470
PAGE = 50


class GroupPanel(SidePanel):
    """`kind_chosen(group id, kind or None)`, `fans_asked(group id, name)`, `fan_asked(fan id)`."""

    kind_chosen = Signal(int, object)
    fans_asked = Signal(int, str)
    fan_asked = Signal(int)
    say_asked = Signal(int, str, str)  # group id, what, the group's name
    recall_asked = Signal(str)

    def __init__(
        self,
        host: QWidget,
        context: PageContext,
        groups: GroupService,
        scope: TaskScope,
        statistics: StatisticsService | None = None,
        public: PublicAccountService | None = None,
    ) -> None:
        super().__init__(host, width=WIDTH)
        self.setObjectName("group_panel")
        self._formats = context.formats
        self._groups = groups
        self._scope = scope
        self._statistics = statistics
        self._public = public
        self.group_id = 0
        self._detail: GroupDetail | None = None
        self._talk: list[TalkDay] = []
        self._told: GroupTexts | None = None
        self.texts = GroupTextsBox(context.formats, self)
        self.texts.asked.connect(self._ask_say)
        self.texts.recall_asked.connect(self.recall_asked)
        self.about = PlainLabel("", "muted", wrap=True, parent=self)
        self.activity = PlainLabel("", "secondary", wrap=True, parent=self)
        self.kind = changes(Choice(name="groups.panel.kind", parent=self))
        self.kind.setObjectName("group_kind")
        self.kind.chosen.connect(lambda kind: self.kind_chosen.emit(self.group_id, kind or None))
        self.chart = BarChart("groups.panel.weeks", parent=self)
        self.chart.setFixedHeight(current().px(170))
        self.legend = Legend(self)
        self.talk = TalkChart(context.formats, self)
        self._build()

    def _build(self) -> None:
        self.body.addWidget(self.about)
        line = QHBoxLayout()
        line.addWidget(PlainLabel(kind="strong", key="groups.panel.kind", parent=self))
        line.addStretch(1)
        line.addWidget(self.kind)
        self.body.addLayout(line)
        self.body.addWidget(self._figures())
        self.body.addWidget(self.activity)
        self.body.addWidget(self.texts)
        self._people = QWidget(self)
        people = QVBoxLayout(self._people)
        people.setContentsMargins(0, 0, 0, 0)
        people.setSpacing(self.body.spacing())
        head = QHBoxLayout()
        head.addWidget(heading("groups.panel.weeks", self))
        head.addStretch(1)
        head.addWidget(self.legend)
        people.addLayout(head)
        people.addWidget(self.chart)
        people.addWidget(self.talk)
        foot = QHBoxLayout()
        foot.addWidget(heading("groups.members", self))
        foot.addStretch(1)
        foot.addWidget(Button("groups.panel.see_fans", kind="link", on_click=self._ask_fans, parent=self))
        people.addLayout(foot)
        self.body.addWidget(self._people)
        self.members = RowTableModel(member_columns(), self._formats, key=lambda row: row.external_id)
        self.table = DataTable(self.members, name="groups.members", parent=self)
        self.table.setObjectName("group_members")
        self.members.setParent(self.table)
        self.table.row_activated.connect(self._open_member)
        people.addWidget(self.table)
        self.more = Button(text="", kind="link", on_click=self._ask_more, parent=self)
        people.addWidget(self.more)
        self.counted = PlainLabel(kind="muted", key="group_texts.counted", wrap=True, parent=self)
        self.body.addWidget(self.counted)
        self.body.addStretch(1)

    def _figures(self) -> QFrame:
        frame = QFrame(self)
        frame.setProperty("surface", "inset")
        grid = QGridLayout(frame)
        grid.setContentsMargins(14, 10, 14, 10)
        grid.setVerticalSpacing(2)
        self._values: dict[str, PlainLabel] = {}
        for at, name in enumerate(("fans", "buyers", "spend", "joined")):
            grid.addWidget(PlainLabel(kind="muted", key=f"groups.panel.{name}", parent=frame), 0, at)
            self._values[name] = PlainLabel("", "strong", parent=frame)
            grid.addWidget(self._values[name], 1, at)
        return frame

    # -- showing

    def open_group(self, group_id: int) -> None:
        """Show a group."""
        self._scope.spawn(self._open(group_id), name="groups.panel")

    def reload(self) -> None:
        """Read the group again while the drawer is open."""
        if not self.isHidden() and self.group_id:
            self.open_group(self.group_id)

    async def _open(self, group_id: int) -> None:
        detail = await self._groups.detail(group_id, members=PAGE)
        if group_id != self.group_id:
            self._scroll.verticalScrollBar().setValue(0)
        self.group_id, self._detail = group_id, detail
        self._talk = [] if self._statistics is None else await self._statistics.talk(group_id)
        self._told = None if self._public is None else await self._public.group_texts(group_id)
        self.members.set_rows(detail.members)
        self.show_texts()
        self.open_panel(group_name(detail.row))

    def show_texts(self) -> None:
        """Show what was read, in the present language."""
        if self._detail is None:
            return
        row, formats = self._detail.row, self._formats
        about = [
            t("groups.panel.owner", name=row.owner_name or t("groups.no_owner"), account=row.account_name)
        ]
        if row.founded_at is not None:
            about.append(t("groups.panel.founded", day=formats.day(row.founded_at)))
        if row.is_crowded:
            about.append(t("groups.crowded"))
        if row.unknown_members:
            about.append(t("groups.unknown_members", n=row.unknown_members))
        self.about.setText(" · ".join(about))
        self.kind.set_options({"": kind_name(None), **{kind: kind_name(kind) for kind in GROUP_KINDS}})
        self.kind.set_value(row.kind or "")
        share = formats.percent(row.buyers / row.fans, 0) if row.fans else "–"
        self._values["fans"].setText(formats.count(row.fans))
        told = (
            f"{formats.count(row.buyers)} · {share}",
            formats.money(row.spend_cents, whole=True),
            f"+{row.joined_30_days} / −{row.left_30_days}",
        )
        for name, value in zip(("buyers", "spend", "joined"), told, strict=True):
            self._values[name].setText(value if row.names_members else "–")
        self.activity.setText(self._activity())
        self.texts.show_texts(self._told)
        self._people.setVisible(row.names_members)
        self.counted.setVisible(not row.names_members)
        self._show_weeks(self._detail)
        self.talk.show_days(self._talk)
        self._fit_members()

    def _activity(self) -> str:
        assert self._detail is not None
        row = self._detail.row
        if row.messages_7_days is None:
            return t("groups.no_messages")
        health = t("groups.panel.activity", health=label("group_health", row.health))
        said = t("groups.panel.messages", n=row.messages_7_days, speakers=row.speakers_7_days)
        return f"{health} · {said}"

    def _show_weeks(self, detail: GroupDetail) -> None:
        joined: list[float] = [week.joined for week in detail.weeks]
        left: list[float] = [week.left for week in detail.weeks]
        if not any(joined) and not any(left):
            self.chart.show_series([], [])
            self.legend.show_names([])
            return
        series = [Series(t("groups.panel.join"), joined), Series(t("groups.panel.leave"), left)]
        self.chart.show_series([f"{week.last:%m-%d}" for week in detail.weeks], series)
        self.legend.show_names([one.name for one in series])

    def _fit_members(self) -> None:
        assert self._detail is not None
        row = self._detail.row
        self.table.setMinimumHeight(0)
        self.table.fit_height()
        rest = row.fans + row.staff - self.members.rowCount()
        self.more.setVisible(rest > 0)
        self.more.setText(t("groups.panel.more", n=min(PAGE, max(rest, 0))))

    # -- acting

    def _ask_fans(self) -> None:
        if self._detail is not None:
            self.fans_asked.emit(self.group_id, group_name(self._detail.row))

    def _ask_say(self, what: str) -> None:
        if self._detail is not None:
            self.say_asked.emit(self.group_id, what, group_name(self._detail.row))

    def _ask_more(self) -> None:
        self._scope.spawn(self._more(self.group_id), name="groups.more")

    async def _more(self, group_id: int) -> None:
        found = await self._groups.members(group_id, limit=PAGE, offset=self.members.rowCount())
        if group_id == self.group_id:
            self.members.set_rows([*self.members.rows, *found])
            self._fit_members()

    def _open_member(self, row: int) -> None:
        member: MemberRow = self.members.rows[row]
        if member.fan_id is not None:
            self.fan_asked.emit(member.fan_id)
