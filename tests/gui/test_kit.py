"""The rest of the kit: notices, formats, charts' arithmetic, the change bridge, dialogs, the exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from desktop.domain.changes import ChangeSet, Topic
from desktop.domain.errors import ConflictError, RejectedError
from desktop.domain.sync_reports import AccountReport, Outcome, SyncProgress, SyncReport
from desktop.models.found import Entry, find
from desktop.qtkit import dialogs
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, set_language, t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import Theme
from desktop.views.exchange import Exchange, ProgressLine
from desktop.views.navigation import Navigation
from desktop.views.widgets import scales
from desktop.views.widgets.charts import LineChart, Series
from desktop.views.widgets.notices import ToastStack
from tests.fakes import FakeClock
from tests.gui.conftest import Opened

HOUR = 3_600_000


# -- notices


def test_ten_failures_are_one_notice_with_a_count(opened: Opened) -> None:
    for _ in range(10):
        opened.notices.failed(ConflictError("sync_running"))
    assert [(notice.count, notice.level) for notice in opened.notices.kept] == [(10, "error")]
    assert "10" in opened.notices.kept[0].worded
    assert opened.notices.unread == 10
    opened.notices.read()
    assert opened.notices.unread == 0


def test_an_error_without_words_is_still_told(opened: Opened) -> None:
    opened.notices.failed(RejectedError("never_heard_of"))
    assert "never_heard_of" in opened.notices.kept[0].text


def test_undo_runs_once_and_the_toast_goes(opened: Opened) -> None:
    window = QWidget()
    window.resize(900, 600)
    window.show()
    stack = ToastStack(opened.notices, window)
    undone: list[bool] = []
    opened.notices.undoable("kit.undo", lambda: undone.append(True))
    toast = stack.toasts[0]
    action = toast.findChild(QPushButton, "action")
    assert action is not None
    action.click()
    assert undone == [True]
    assert stack.toasts == []
    for level in range(6):
        opened.notices.offer("error", f"k{level}", str(level), "kit.undo", lambda: None)
    assert [toast.notice.text for toast in stack.toasts] == ["2", "3", "4", "5"]
    stack.clear()
    window.close()
    window.deleteLater()


# -- formats


def test_figures_as_people_read_them(kit: Theme, clock: FakeClock) -> None:
    formats = Formats(clock)
    assert formats.money(123450) == "¥1,234.50"
    assert formats.money(-5) == "-¥0.05"
    assert formats.money(10000, whole=True) == "¥100"
    assert formats.money(None) == "–"
    assert formats.count(24618) == "24,618"
    assert formats.count(24618, short=True) == "2.5万"
    assert formats.count(320_000_000, short=True) == "3.2亿"
    assert formats.percent(0.4172) == "41.7%"
    assert formats.masked_phone("13812345678") == "138****5678"
    assert formats.masked_phone("138****5678") == "138****5678"
    set_language("en")
    assert formats.count(24618, short=True) == "24.6k"
    assert formats.count(3_000_000, short=True) == "3M"


@pytest.mark.parametrize(
    ("gap", "chinese", "english"),
    [
        (0, "刚刚", "just now"),
        (60_000, "1 分钟前", "1 minute ago"),
        (5 * 60_000, "5 分钟前", "5 minutes ago"),
        (-5 * 60_000, "5 分钟后", "in 5 minutes"),
        (3 * HOUR, "3 小时前", "3 hours ago"),
        (16 * HOUR, "昨天 20:00", "yesterday 20:00"),
        (-20 * HOUR, "明天 08:00", "tomorrow 08:00"),
        (72 * HOUR, "3 天前", "3 days ago"),
        (24 * 100 * HOUR, "2026-02-09", "2026-02-09"),
        (-24 * 9 * HOUR, "2026-05-29", "2026-05-29"),
    ],
)
def test_how_long_ago(kit: Theme, clock: FakeClock, gap: int, chinese: str, english: str) -> None:
    formats = Formats(clock)
    assert formats.relative(clock.now_ms() - gap) == chinese
    set_language("en")
    assert formats.relative(clock.now_ms() - gap) == english


def test_times_are_the_shops(kit: Theme, clock: FakeClock) -> None:
    assert Formats(clock, "Asia/Tokyo").moment(clock.now_ms()) == "2026-05-20 13:00"
    assert Formats(clock).moment(clock.now_ms(), seconds=True) == "2026-05-20 12:00:00"
    assert Formats(clock).day_words(clock.now_ms()) == "5月20日 周三"
    assert Formats(clock).day_words(date(2027, 1, 3)) == "2027年1月3日 周日"
    set_language("en")
    assert Formats(clock).day_words(clock.now_ms()) == "Wed 20 May"


def test_an_unknown_value_is_shown_bare(kit: Theme) -> None:
    assert label("tier", "devoted") == "真爱粉"
    assert label("tier", "platinum") == "platinum"


# -- charts


@given(
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 2)),
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 2)),
)
@example(0.03, -100_000_100.0)
@settings(max_examples=100)
def test_axis_covers_its_values_with_few_round_steps(first: float, second: float) -> None:
    low, high = min(first, second), max(first, second)
    ticks = scales.axis_ticks(low, high)
    assert ticks[0] <= min(low, 0)
    assert ticks[-1] >= max(high, 0) * (1 - 1e-9)
    assert 2 <= len(ticks) <= 8
    assert 0 in ticks


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=20))
@settings(max_examples=100)
def test_curves_never_leave_their_neighbours(values: list[int]) -> None:
    points = [(float(at), float(value)) for at, value in enumerate(values)]
    for (begin, end), (first, second, _) in zip(pairwise(points), scales.controls(points), strict=True):
        low, high = sorted((begin[1], end[1]))
        assert low - 1e-6 <= first[1] <= high + 1e-6
        assert low - 1e-6 <= second[1] <= high + 1e-6


def test_funnel_shares_and_label_stride() -> None:
    assert scales.funnel_ratios([200, 50, 0, 0]) == [None, 0.25, 0.0, None]
    assert scales.label_stride(21, 400, 60) == 4
    assert scales.label_stride(1, 10, 60) == 1
    assert scales.nearest(4.4, [0, 4, 9]) == 1
    assert scales.nearest(4.4, []) is None


def test_a_chart_speaks_and_has_a_table(kit: Theme) -> None:
    chart = LineChart("kit.notices")
    assert "暂无数据" in chart.accessibleDescription()
    chart.show_series(["一", "二", "三"], [Series("粉丝", [1, None, 3]), Series("空", [None, None, None])])
    assert chart.accessibleDescription() == "粉丝：共 2 个点，最低 1，最高 3，最后 3"
    assert chart.table() == [["", "粉丝"], ["一", "1"], ["二", "–"], ["三", "3"]]
    chart.resize(400, 220)
    assert not chart.grab().toImage().isNull()


# -- bridge, dialogs, palette


async def test_commits_within_a_tenth_of_a_second_are_one(
    opened: Opened, until: Callable[..., Any]
) -> None:
    heard: list[ChangeSet] = []
    opened.bridge.changed.connect(heard.append)
    for topic in (Topic.FAN, Topic.ORDER, Topic.FAN):
        opened.feed.publish(ChangeSet(frozenset({topic})))
    await until(lambda: heard)
    assert [changes.topics for changes in heard] == [frozenset({Topic.FAN, Topic.ORDER})]


async def test_a_question_is_answered_without_a_nested_loop(kit: Theme, until: Callable[..., Any]) -> None:
    beats: list[int] = []
    answers: list[bool] = []
    scope = TaskScope(lambda error: None)

    async def beat() -> None:
        while True:
            beats.append(1)
            await asyncio.sleep(0.005)

    async def ask() -> None:
        answers.append(
            await dialogs.confirm(None, "发给 1,204 人？", accept="发送", type_to_confirm="1204")
        )

    scope.spawn(beat(), name="beat")
    scope.spawn(ask(), name="ask")
    await until(lambda: _dialog() is not None)
    dialog = _dialog()
    assert dialog is not None
    assert not dialog.accept_button.isEnabled()
    line = dialog.findChild(QWidget, "line")
    line.setText("1204")
    seen = len(beats)
    await until(lambda: len(beats) > seen + 3)
    dialog.accept_button.click()
    await until(lambda: answers == [True])
    await scope.aclose()


async def test_a_cancelled_question_closes_its_dialog(kit: Theme, until: Callable[..., Any]) -> None:
    scope = TaskScope(lambda error: None)

    async def ask() -> None:
        await dialogs.ask_text(None, "名字")

    scope.spawn(ask(), name="ask")
    await until(lambda: _dialog() is not None)
    await scope.aclose()
    assert _dialog() is None


def _dialog() -> dialogs.MessageDialog | None:
    found = [
        widget
        for widget in QApplication.topLevelWidgets()
        if isinstance(widget, dialogs.MessageDialog) and widget.isVisible()
    ]
    return found[0] if found else None


def test_the_palette_knows_names_sounds_and_initials() -> None:
    entries = [
        Entry(name, "x", "", lambda: None) for name in ("工作台", "粉丝群", "粉丝", "Outbox", "重庆店")
    ]

    def titles(typed: str) -> list[str]:
        return [entry.title for entry in find(entries, typed)]

    assert titles("fsq") == ["粉丝群"]
    assert titles("粉丝") == ["粉丝群", "粉丝"]
    assert titles("OUT") == ["Outbox"]
    assert titles("chongqing") == ["重庆店"]
    assert titles("zzz") == []
    assert len(titles("")) == 5


# -- exchange


class Engine:
    """Tells some progress, then what it was given to tell."""

    def __init__(self, report: SyncReport | Exception) -> None:
        self.report = report
        self.calls = 0
        self.gate = asyncio.Event()

    async def run(self, account_ids: Any = None, **options: Any) -> SyncReport:
        self.calls += 1
        options["progress"](SyncProgress({"name": "a"}, "customers", 640, 1000, 100.0, 60.0))
        await self.gate.wait()
        if isinstance(self.report, Exception):
            raise self.report
        return self.report


@pytest.mark.parametrize(
    ("outcome", "key"), [(Outcome.OK, "shell.sync_ok"), (Outcome.FAILED, "shell.sync_failed")]
)
async def test_one_exchange_at_a_time_is_told_as_it_goes(
    opened: Opened, until: Callable[..., Any], outcome: Outcome, key: str
) -> None:
    report = AccountReport(
        1, "u", "n", "wecom", outcome, error_code="auth" if key.endswith("failed") else None
    )
    engine = Engine(SyncReport((report,)))
    exchange = Exchange(engine, opened.context)
    rail = Navigation([])
    ProgressLine(exchange, rail, opened.context)
    exchange.start()
    exchange.start()
    await until(lambda: engine.calls == 1 and "64%" in rail._progress_text.whole_text())
    assert rail._progress_text.whole_text() == "客户 64% · 约剩 1 分钟"
    engine.gate.set()
    await until(lambda: not exchange.is_running)
    await until(lambda: opened.notices.kept)
    assert opened.notices.kept[0].text == t(key)
    assert rail._progress_text.isHidden()
    rail.deleteLater()


async def test_a_failed_exchange_is_a_notice(opened: Opened, until: Callable[..., Any]) -> None:
    engine = Engine(ConflictError("sync_running"))
    exchange = Exchange(engine, opened.context)
    exchange.start()
    engine.gate.set()
    await until(lambda: opened.notices.kept)
    assert opened.notices.kept[0].level == "error"
    assert not exchange.is_running
    assert opened.faults == []
