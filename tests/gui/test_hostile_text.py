"""Names and cells from outside that try to be markup: shown letter by letter, nothing loaded, nothing red."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap, QTextDocument
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop.domain.clock import Clock
from desktop.models.found import Entry
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit import dialogs
from desktop.qtkit.tasks import TaskScope
from desktop.views.command_palette import CommandPalette
from desktop.views.widgets.charts import LineChart, Series
from desktop.views.widgets.chips import Chip, StateChip
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.inputs import ImeAwareTextEdit
from desktop.views.widgets.notices import Notice, Toast
from desktop.views.widgets.panels import SidePanel
from desktop.views.widgets.phone_preview import Message, PhonePreview
from desktop.views.widgets.progress import Check, CheckList, ProgressCard
from desktop.views.widgets.states import Banner, ErrorState
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel
from tests.gui.conftest import Opened
from tests.gui.walk import HOSTILE, red_pixels


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    picture = QPixmap(300, 300)
    picture.fill(QColor(Qt.GlobalColor.red))
    file = tmp_path / "red.png"
    assert picture.save(str(file))
    return HOSTILE.format(path=str(file).lstrip("/"))


def everything(opened: Opened, hostile: str) -> QWidget:
    """Each kind of place that shows data, showing the hostile text."""
    page = QWidget()
    page.setProperty("canvas", "true")
    column = QVBoxLayout(page)
    columns = [
        Column("a", "kit.search", lambda row: row, Kind.PERSON, width=200, tooltip=lambda row: row),
        Column("b", "kit.search", lambda row: row, Kind.TEXT, width=200),
        Column("c", "kit.search", lambda row: row, Kind.STATE, width=200),
        Column("d", "kit.search", lambda row: [row], Kind.TAGS, width=200),
    ]
    model = RowTableModel(columns, opened.context.formats)
    table = DataTable(model, name="kit.search")
    model.setParent(table)
    model.set_rows([hostile])
    table.setObjectName("table")
    form, checks, phone, card = Form(), CheckList(), PhonePreview(), ProgressCard()
    choice, text, chart = (
        Choice(name="kit.search"),
        ImeAwareTextEdit(name="kit.search"),
        LineChart("kit.search"),
    )
    form.add_row("x", "kit.search", choice)
    form.show_problems({"x": hostile})
    choice.set_options({1: hostile})
    text.set_text(hostile)
    chart.show_series([hostile, "b"], [Series(hostile, [1, 2])])
    chart.hover = 0
    checks.show_checks([Check("bad", hostile)])
    phone.show_message(Message(hostile, hostile, group=hostile))
    card.show_progress(hostile, 1, 2, note=hostile)
    state, banner, error = StateChip(), Banner("warn"), ErrorState(lambda: None)
    state.show_state(hostile, "good")
    banner.show_text(hostile)
    error.set_text(hostile)
    toast = Toast(Notice("k", "error", hostile, 0), page)
    labels = [PlainLabel(hostile), PlainLabel(hostile, wrap=True), PlainLabel(hostile, elide=True)]
    for widget in (
        table, form, checks, phone, card, text, chart, state, Chip(hostile), banner, error, toast, *labels,
    ):  # fmt: skip
        column.addWidget(widget)
    page.resize(900, 2400)
    return page


def test_no_red_pixel_anywhere(opened: Opened, hostile: str, shot: Callable[[QWidget, str], None]) -> None:
    page = everything(opened, hostile)
    page.show()
    shot(page, "hostile")
    assert red_pixels(page.grab().toImage()) == 0
    panel = SidePanel(page)
    panel.open_panel(hostile)
    assert red_pixels(panel.grab().toImage()) == 0
    page.close()
    page.deleteLater()


def test_a_tool_tip_says_the_letters(opened: Opened, hostile: str) -> None:
    page = everything(opened, hostile)
    page.show()
    table = page.findChild(DataTable, "table")
    assert table is not None
    tip = table.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    said = QTextDocument()
    said.setHtml(tip)
    assert said.toPlainText() == hostile
    shown = QLabel(tip)  # read as QToolTip reads it: HTML where it looks like it
    shown.show()
    assert red_pixels(shown.grab().toImage()) == 0
    shown.close()
    page.close()
    page.deleteLater()


def test_dialogs_and_the_palette_show_the_letters(opened: Opened, hostile: str) -> None:
    dialog = dialogs.MessageDialog(None, hostile, hostile, accept="OK")
    dialog.show()
    assert red_pixels(dialog.grab().toImage()) == 0
    dialog.close()
    window = QWidget()
    window.resize(800, 600)
    window.show()
    entry = Entry(hostile, "user-round", hostile, lambda: None)
    palette = CommandPalette(window, TaskScope(opened.faults.append), lambda: [entry])
    palette.open_palette()
    assert red_pixels(palette.grab().toImage()) == 0
    window.close()
    window.deleteLater()


def test_the_check_itself_sees_red(kit: object, clock: Clock, hostile: str) -> None:
    label = QLabel(hostile)
    label.show()
    assert red_pixels(label.grab().toImage()) > 0
    label.close()
