"""Tables: what cells say, how rows are kept through a refresh, copying, sorting, and a million rows by window."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.models.row_table import Column, Kind, Role, RowTableModel
from desktop.models.windowed_table import KEPT_PAGES, PAGE_ROWS, WindowedTableModel
from desktop.qtkit.i18n import set_language
from desktop.views.widgets.table import DataTable
from tests.gui.conftest import Opened

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Fan:
    id: int
    name: str
    spend: int | None = None
    seen: int | None = None
    tier: str = "devoted"


COLUMNS = [
    Column("name", "kit.search", lambda fan: fan.name, Kind.PERSON, stretch=True),
    Column("spend", "kit.columns", lambda fan: fan.spend, Kind.MONEY),
    Column("seen", "kit.notices", lambda fan: fan.seen, Kind.WHEN),
    Column("tier", "kit.retry", lambda fan: fan.tier, Kind.TIER, shown=False),
    Column("next", "kit.undo", lambda fan: "回访", Kind.ACTION, sortable=False),
]


@pytest.fixture
def model(opened: Opened) -> RowTableModel:
    return RowTableModel(COLUMNS, opened.context.formats, key=lambda fan: fan.id)


@pytest.fixture
def table(model: RowTableModel) -> Iterator[DataTable]:
    made = DataTable(model, name="kit.search")
    made.resize(900, 400)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def fans(opened: Opened) -> list[Fan]:
    now = opened.context.clock.now_ms()
    return [Fan(3, "林小满", 123450, now - 2 * DAY_MS), Fan(1, "Amy\n二", None, None, "passerby")]


def test_the_model_keeps_qts_rules(model: RowTableModel, opened: Opened, qtmodeltester: Any) -> None:
    model.set_rows(fans(opened))
    qtmodeltester.check(model)


def test_cells_say_what_people_read(model: RowTableModel, opened: Opened) -> None:
    model.set_rows(fans(opened))
    said = [[model.index(row, column).data() for column in range(4)] for row in range(2)]
    assert said == [["林小满", "¥1,234.50", "2 天前", "真爱粉"], ["Amy 二", "–", "–", "路人粉"]]
    assert model.index(0, 1).data(Role.VALUE) == 123450
    assert model.index(0, 0).data(Role.KEY) == 3
    spoken = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "林小满" in spoken
    assert "¥1,234.50" in spoken
    assert model.row_of(1) == 1
    assert model.row_of(99) is None


def test_headings_follow_the_language(model: RowTableModel, table: DataTable) -> None:
    assert model.headerData(0, Qt.Orientation.Horizontal) == "搜索"
    set_language("en")
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Search"


def test_selection_survives_a_refresh_by_key(
    model: RowTableModel, table: DataTable, opened: Opened
) -> None:
    counted: list[int] = []
    table.selection_counted.connect(counted.append)
    model.set_rows(fans(opened))
    table.select_key(1)
    model.set_rows([Fan(1, "Amy"), Fan(7, "新"), Fan(3, "林小满")])
    assert table.selected_keys() == [1]
    model.set_rows([Fan(7, "新")])
    assert table.selected_keys() == []
    assert counted[-1] == 0


@pytest.mark.parametrize(
    "held",
    [
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.ControlModifier,
        Qt.KeyboardModifier.ShiftModifier,
    ],
)
def test_a_row_is_chosen_whatever_keys_are_held(
    model: RowTableModel, table: DataTable, opened: Opened, held: Qt.KeyboardModifier
) -> None:
    model.set_rows([*fans(opened), Fan(7, "新")])
    table.select_key(1)
    QTest.keyPress(table, Qt.Key.Key_Control, held)
    assert QGuiApplication.keyboardModifiers() == held
    try:
        for key in (3, 3, 7, 1):
            table.select_key(key)
            assert table.selected_keys() == [key]
    finally:
        QTest.keyRelease(table, Qt.Key.Key_Control)
    assert QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier


def test_copy_gives_rows_with_a_heading(model: RowTableModel, table: DataTable, opened: Opened) -> None:
    model.set_rows(fans(opened))
    table.setFocus()
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == (
        "搜索\t列\t通知\t撤销\n林小满\t¥1,234.50\t2 天前\t回访\nAmy 二\t–\t–\t回访"
    )


def test_a_heading_only_asks_for_an_order(model: RowTableModel, table: DataTable, opened: Opened) -> None:
    model.set_rows(fans(opened))
    asked: list[Any] = []
    model.sort_requested.connect(lambda key, order: asked.append((key, order)))
    for column in (1, 1, 0, 4):
        table.horizontalHeader().sectionClicked.emit(column)
    assert asked == [
        ("spend", Qt.SortOrder.DescendingOrder),
        ("spend", Qt.SortOrder.AscendingOrder),
        ("name", Qt.SortOrder.AscendingOrder),
    ]
    assert [fan.id for fan in model.rows] == [3, 1]
    assert model.headerData(0, Qt.Orientation.Horizontal) == "搜索 ↑"


def test_enter_opens_a_row_and_runs_an_action(
    model: RowTableModel, table: DataTable, opened: Opened
) -> None:
    model.set_rows(fans(opened))
    heard: list[Any] = []
    table.row_activated.connect(lambda row: heard.append(row))
    table.action_clicked.connect(lambda row, key: heard.append((row, key)))
    table.setCurrentIndex(model.index(1, 0))
    QTest.keyClick(table, Qt.Key.Key_Return)
    table.setCurrentIndex(model.index(1, 4))
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert heard == [1, (1, "next")]


def test_columns_are_kept_by_key(model: RowTableModel, table: DataTable) -> None:
    assert table.isColumnHidden(3)
    table.setColumnWidth(1, 177)
    table.setColumnHidden(3, False)
    table.horizontalHeader().moveSection(1, 0)
    kept = table.layout_state()
    table.reset_columns()
    assert table.isColumnHidden(3)
    table.restore_layout(kept)
    assert table.columnWidth(1) == 177
    assert not table.isColumnHidden(3)
    assert table.horizontalHeader().logicalIndex(0) == 1
    table.restore_layout({"order": ["gone"], "widths": {"gone": 5}, "hidden": "nonsense"})


async def test_a_million_rows_come_by_window(opened: Opened, until: Any, qtmodeltester: Any) -> None:
    model = WindowedTableModel(COLUMNS, opened.context.formats)
    asked: list[tuple[int, int]] = []
    model.page_needed.connect(lambda first, last: asked.append((first, last)))
    table = DataTable(model, name="kit.search")
    table.resize(900, 500)
    table.show()
    model.set_order(range(1_000_000))
    await until(lambda: asked == [(0, PAGE_ROWS)])
    assert model.index(0, 0).data() == "读取中…"
    model.put_rows(0, [Fan(key, f"粉{key}") for key in model.ids(0, PAGE_ROWS)])
    assert model.index(5, 0).data() == "粉5"
    table.scrollToBottom()
    await until(lambda: asked[-1] == (1_000_000 - PAGE_ROWS, 1_000_000))
    assert model.key_of(999_999) == 999_999
    assert model.row_of(123_456) == 123_456
    assert len(asked) < 5
    before = model.generation
    model.set_order([3, 2, 1])
    assert model.generation == before + 1
    model.put_rows(0, [Fan(key, str(key)) for key in (3, 2, 1)])
    assert [model.index(row, 0).data() for row in range(3)] == ["3", "2", "1"]
    qtmodeltester.check(model)
    table.close()
    table.deleteLater()


def test_rows_read_with_the_order_are_not_asked_for(opened: Opened) -> None:
    model = WindowedTableModel(COLUMNS, opened.context.formats)
    asked: list[tuple[int, int]] = []
    model.page_needed.connect(lambda first, last: asked.append((first, last)))
    model.set_order(range(PAGE_ROWS), [Fan(key, f"粉{key}") for key in range(PAGE_ROWS)])
    assert model.index(PAGE_ROWS - 1, 0).data() == f"粉{PAGE_ROWS - 1}"
    model.complete(array("i", range(PAGE_ROWS + 1)))
    assert model.index(0, 0).data() == "粉0"
    assert model.index(PAGE_ROWS, 0).data() == "读取中…"
    model._ask()
    assert asked == [(PAGE_ROWS, PAGE_ROWS + 1)]
    model._soon.stop()


def test_pages_far_away_are_forgotten(opened: Opened) -> None:
    model = WindowedTableModel(COLUMNS, opened.context.formats)
    total = (KEPT_PAGES + 5) * PAGE_ROWS
    model.set_order(range(total))
    for first in range(0, total, PAGE_ROWS):
        model.put_rows(first, [Fan(key, str(key)) for key in model.ids(first, first + PAGE_ROWS)])
    assert model.row_data(total - 1) is not None
    assert model.row_data(0) is None
    model._soon.stop()
