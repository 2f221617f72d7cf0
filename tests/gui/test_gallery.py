"""Every widget of the kit on one page, in both languages and all themes: complete, unclipped, named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit import i18n, theme
from desktop.qtkit.formats import Formats
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.cards import Card, KpiTile
from desktop.views.widgets.charts import BarChart, FunnelChart, Legend, LineChart, Series
from desktop.views.widgets.chips import Badge, Chip, StateChip, TierChip
from desktop.views.widgets.fields import Choice, CountField, DateTimeField, Form, MoneyField
from desktop.views.widgets.inputs import Counter, ImeAwareLineEdit, ImeAwareTextEdit
from desktop.views.widgets.notices import Notices, ToastStack
from desktop.views.widgets.panels import BulkBar, FilterBar
from desktop.views.widgets.phone_preview import Message, PhonePreview
from desktop.views.widgets.progress import Check, CheckList, ProgressCard
from desktop.views.widgets.states import Banner, EmptyState
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel
from tests.fakes import FakeClock
from tests.gui.walk import clipped_labels, unnamed_focusables


@dataclass(frozen=True)
class Row:
    name: str
    tier: str
    orders: int
    spend: int
    score: float
    state: tuple[str, str]
    seen: int
    mark: str = ""


def rows(now: int) -> list[Row]:
    hour = 3_600_000
    return [
        Row("林小满", "devoted", 426, 1_824_000, 96, ("待员工确认", "warn"), now - hour // 2, "super"),
        Row("阿柚的厨房", "devoted", 388, 1_590_600, 91, ("已发送", "good"), now - 3 * hour, "koc"),
        Row("宝妈Cici", "favorable", 301, 987_200, 84, ("已发送", "good"), now - 26 * hour),
        Row("周周爱喝茶", "favorable", 254, 643_050, 77, ("结果不明", "bad"), now - 80 * hour),
        Row("南山跑者", "passerby", 173, 311_800, 63, ("排队中", "info"), now - 300 * hour),
        Row("大麦不麦", "prospect", 120, 146_000, 48, ("已过时间", "neutral"), now - 2000 * hour),
    ]


COLUMNS = [
    Column("name", "kit.search", lambda r: r.name, Kind.PERSON, stretch=True, badge=lambda r: r.mark),
    Column("tier", "kit.super_user", lambda r: r.tier, Kind.TIER, width=112),
    Column("orders", "kit.columns", lambda r: r.orders, Kind.COUNT, width=92),
    Column("spend", "kit.undo", lambda r: r.spend, Kind.MONEY, width=120),
    Column("score", "kit.koc", lambda r: r.score, Kind.SCORE, width=160),
    Column("state", "kit.notices", lambda r: r.state[0], Kind.STATE, width=120, tone=lambda r: r.state[1]),
    Column("seen", "kit.notices", lambda r: r.seen, Kind.WHEN, width=130),
    Column("next", "kit.columns", lambda r: "邀请共创", Kind.ACTION, width=110),
]


class Gallery(QWidget):
    """All of the kit."""

    def __init__(self, clock: FakeClock, picture: str) -> None:
        super().__init__()
        self.setProperty("canvas", "true")
        self.clock = clock
        self.formats = Formats(clock)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addLayout(self._buttons())
        column.addLayout(self._tiles())
        middle = QHBoxLayout()
        middle.setSpacing(16)
        left = QVBoxLayout()
        left.setSpacing(16)
        left.addWidget(self._table_card())
        left.addLayout(self._charts())
        left.addLayout(self._fields())
        middle.addLayout(left, 1)
        right = QVBoxLayout()
        self.phone = PhonePreview()
        self.phone.show_message(
            Message(
                "小满手作",
                "天冷了，桂圆红枣茶今晚8点补货！\n粉丝群内先开抢30分钟，老粉凭券再减¥30。<b>不是标签</b>",
                (Path(picture),),
                group="小满手作粉丝一群",
                members=312,
            )
        )
        right.addWidget(self.phone)
        right.addWidget(EmptyState("kit.empty_title", "kit.phone_note", action="kit.retry"))
        right.addStretch()
        middle.addLayout(right)
        column.addLayout(middle)
        column.addStretch()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(PlainLabel("早上好，小满", "h2"))
        row.addStretch()
        row.addWidget(Button("kit.columns", icon="calendar-days"))
        row.addWidget(Button("kit.undo", kind="danger", icon="trash-2"))
        row.addWidget(Button("kit.undo", kind="link"))
        disabled = Button("kit.cancel")
        disabled.setEnabled(False)
        row.addWidget(disabled)
        row.addWidget(IconButton("bell", "kit.notices"))
        row.addWidget(Badge(12))
        for tier in theme.TIERS:
            row.addWidget(TierChip(tier))
        for tone in theme.TONES:
            row.addWidget(Chip(tone, tone))
        row.addWidget(Chip("Ctrl K", "kbd"))
        row.addWidget(Button("kit.retry", kind="primary", icon="plus"))
        return row

    def _tiles(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        looks = [
            ("24,618", "较上周", "3.2%", True, "good", [1, 2, 2, 3, 4, 4, 6, 7, 7, 8]),
            ("¥18,240.00", "36.3%", "1.8%", True, "good", [3, 3, 4, 4, 5, 4, 5, 6, 7]),
            ("41.7%", "目标 45%", "2.1%", False, "bad", [9, 6, 7, 6, 5, 6, 4, 3, 2]),
            ("–", "暂无数据", "", None, "neutral", []),
        ]
        for series, (value, note, delta, rising, tone, values) in zip(theme.SERIES, looks, strict=False):
            tile = KpiTile("kit.super_user", series=series)
            tile.show_figure(value, note=note, delta=delta, rising=rising, tone=tone, values=values)
            row.addWidget(tile)
        return row

    def _table_card(self) -> Card:
        card = Card("kit.super_user")
        model = RowTableModel(COLUMNS, self.formats, key=lambda r: r.name)
        self.table = DataTable(model, name="kit.super_user")
        model.setParent(self.table)
        model.set_rows(rows(self.clock.now_ms()))
        self.table.show_sorted("spend", Qt.SortOrder.DescendingOrder)
        self.table.fit_height()
        self.table.selectRow(2)
        filters = FilterBar()
        choice = Choice(name="kit.columns")
        choice.set_options({"a": i18n.t("kit.no_data"), "b": "b"})
        filters.add_filter(choice)
        filters.set_active(True)
        filters.add_tool(self.table.columns_button())
        bulk = BulkBar()
        bulk.add_action(Button("kit.undo", compact=True))
        bulk.set_count(3)
        card.add(filters)
        card.add(bulk)
        card.add(self.table)
        return card

    def _charts(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        labels = [f"11-{day:02d}" for day in range(1, 22)]
        one = [1200, 1320, 1420, 1490, 1510, 1490, 1440, 1380, 1300, 1720, 1740, 1500, 1560, 1600, 1690]
        one += [1751, 1820, 1860, 1850, 1780, 1700]
        two = [value * 0.45 for value in one]
        self.line = LineChart("kit.notices", goal=1800)
        self.line.show_series(labels, [Series("活跃粉丝", one), Series("福利核销", two)])
        legend = Legend()
        legend.show_names(["活跃粉丝", "福利核销"])
        first = Card("kit.notices")
        first.add_tool(legend)
        first.add(self.line)
        bars = BarChart("kit.notices")
        bars.show_series(["周一", "周二", "周三"], [Series("a", [3, 8, 5]), Series("b", [2, 4, -1])])
        funnel = FunnelChart("kit.notices")
        funnel.show_steps(["已发送", "已领取", "已下单"], [1204, 530, 212])
        empty = LineChart("kit.notices")
        empty.show_series([], [])
        second = Card("kit.columns")
        second.add(bars)
        third = Card("kit.columns")
        third.add(funnel)
        third.add(empty)
        for card, stretch in ((first, 3), (second, 2), (third, 2)):
            row.addWidget(card, stretch)
        return row

    def _fields(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        form = Form()
        title = ImeAwareLineEdit("小雪进补 · 粉丝先享")
        text = ImeAwareTextEdit(placeholder="kit.phone_empty")
        text.setFixedHeight(72)
        text.set_text("天冷了，桂圆红枣茶今晚8点补货！")
        money = MoneyField(name="kit.selected")
        money.set_cents(1990)
        when = DateTimeField("Asia/Shanghai")
        when.set_ms(self.clock.now_ms())
        form.add_row("title", "kit.search", title, hint="kit.phone_note")
        form.add_row("text", "kit.undo", text, tool=Counter(text, 10))
        form.add_rows(
            ("price", "kit.selected", money),
            ("stock", "kit.columns", CountField(name="kit.columns")),
            ("when", "kit.pick_date", when),
        )
        form.show_problems({"price": i18n.t("kit.money_unclear")})
        left = Card("kit.search")
        left.add(form)
        right = QVBoxLayout()
        right.setSpacing(12)
        checks = Card("kit.check_pass")
        chip = StateChip()
        chip.show_state("4 / 5", "warn")
        checks.add_tool(chip)
        lines = CheckList()
        lines.show_checks(
            [
                Check("pass", "标题 10 字，长度合适"),
                Check("warn", "“先开抢”会被判为诱导？建议改“先享”", "kit.undo"),
                Check("bad", "结束时间早于开始时间"),
            ]
        )
        checks.add(lines)
        progress = ProgressCard()
        progress.show_progress("企业微信 · 客户", 640, 1000, note="1 分钟")
        right.addWidget(checks)
        right.addWidget(progress)
        for tone in ("info", "good", "warn", "bad"):
            banner = Banner(tone, dismissable=tone == "info")
            banner.show_text(i18n.t("kit.phone_note"))
            right.addWidget(banner)
        row.addWidget(left, 1)
        row.addLayout(right, 1)
        return row


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("look", ["light", "dark", "contrast"])
def test_gallery_is_whole_in_every_look(
    kit: theme.Theme,
    clock: FakeClock,
    tmp_path: Path,
    language: str,
    look: str,
    shot: Callable[[QWidget, str], None],
) -> None:
    picture = tmp_path / "cover.png"
    pixmap = QPixmap(400, 300)
    pixmap.fill(QColor("#e08a5a"))
    pixmap.save(str(picture))
    i18n.set_language(language)
    kit.set_choice(look)
    page = Gallery(clock, str(picture))
    notices = Notices(clock)
    stack = ToastStack(notices, page)
    page.resize(1560, 1180)
    page.show()
    notices.undoable("kit.retry", lambda: None)
    notices.error("kit.error_title")
    page.line.hover = 15
    shot(page, f"gallery_{language}_{look}")
    assert clipped_labels(page) == []
    assert unnamed_focusables(page) == []
    stack.clear()
    page.close()
    page.deleteLater()
