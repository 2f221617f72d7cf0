"""The import page from file to undo, by the names of its widgets, on a real store."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QWidget

from desktop.domain.clock import Clock
from desktop.qtkit.i18n import set_language
from desktop.services.imports import ImportService
from desktop.store.database import Store
from desktop.views.import_wizard import ImportPage
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.table import DataTable
from tests.gui import walk
from tests.gui.conftest import Opened
from tests.unit.files.makers import DOUDIAN, csv_bytes, doudian, xlsx_bytes

HEADER = ["order_id", "buyer_id", "buyer_name", "paid_at", "amount", "item", "status"]
Until = Callable[..., Any]
Shot = Callable[[QWidget, str], None]


@pytest.fixture
def page(opened: Opened, shop: Store, clock: Clock) -> Iterator[ImportPage]:
    made = ImportPage(opened.context, ImportService(shop, clock))
    made.resize(1180, 800)
    made.show()
    yield made
    made.scope.cancel_all()
    made.hide()
    made.deleteLater()


def orders_file(folder: Path, rows: list[list[str]], name: str = "订单.csv") -> Path:
    path = folder / name
    path.write_bytes(csv_bytes(HEADER, rows))
    return path


def row(number: str, name: str = "小满", amount: str = "28.90", status: str = "已发货") -> list[str]:
    return [number, f"u{number}", name, "2026-05-01 10:00:00", amount, "红枣", status]


def step(page: ImportPage) -> str:
    return page.steps.currentWidget().objectName()


def press(page: QWidget, name: str) -> None:
    button = page.findChild(QPushButton, name)
    assert button is not None
    assert button.isEnabled()
    button.click()


def texts(table: DataTable) -> list[list[str]]:
    model = table.model()
    return [
        [str(model.index(r, c).data()) for c in range(model.columnCount())] for r in range(model.rowCount())
    ]


def preview(page: ImportPage) -> list[list[str]]:
    table = page.findChild(DataTable, "import_preview")
    assert table is not None
    return texts(table)


def check(page: ImportPage) -> None:
    assert walk.unnamed_focusables(page) == []
    assert walk.clipped_labels(page) == []


async def open_files(page: ImportPage, until: Until, *files: Path) -> None:
    page.refresh()
    await until(lambda: page.is_loaded)
    page.open_with(files=list(files))


async def to_preview(page: ImportPage, until: Until, *files: Path) -> None:
    await open_files(page, until, *files)
    await until(lambda: step(page) == "step_mapping")
    press(page, "preview")
    await until(lambda: step(page) == "step_preview")


async def test_from_file_to_undo(
    page: ImportPage, shop: Store, until: Until, tmp_path: Path, shot: Shot, opened: Opened
) -> None:
    page.refresh()
    await until(lambda: page.is_loaded)
    check(page)
    shot(page, "import_choose")
    hostile = walk.HOSTILE.format(path=tmp_path)
    file = orders_file(
        tmp_path, [row("1"), row("2", hostile), row("3", amount="十元"), row("4", status="神秘")]
    )
    await open_files(page, until, file)
    await until(lambda: step(page) == "step_mapping")
    check(page)
    shot(page, "import_mapping")
    press(page, "preview")
    await until(lambda: step(page) == "step_preview")
    assert preview(page)[0][:2] == ["4", "不合格"]
    assert "不是金额" in preview(page)[0][6]
    hidden = [page.preview.table.isColumnHidden(at) for at in range(7)]
    assert hidden == [False, False, True, True, True, True, False]  # of what was not read only the reason
    assert "神秘" in page.preview.warning.text.text()
    press(page, "show_new")
    assert [cells[3] for cells in preview(page)] == ["小满", hostile, "小满"]
    assert not any(page.preview.table.isColumnHidden(at) for at in range(7))
    check(page)
    shot(page, "import_preview")
    press(page, "commit")
    await until(lambda: step(page) == "step_result")
    assert page.result.figures["new"].text() == "3"
    check(page)
    shot(page, "import_result")
    press(page, "undo_import")
    await until(lambda: page.findChild(QDialog) is not None)
    press(page, "accept")
    await until(lambda: step(page) == "step_choose")
    assert await shop.read(lambda conn: conn.execute('SELECT count(*) FROM "order"').fetchone()[0]) == 0
    assert opened.faults == []


async def bring_in(page: ImportPage, until: Until, file: Path) -> None:
    """A file, and back to the first step."""
    await to_preview(page, until, file)
    press(page, "commit")
    await until(lambda: step(page) == "step_result")
    press(page, "import_again")


async def test_changes_are_shown_old_and_new(
    page: ImportPage, until: Until, tmp_path: Path, shot: Shot
) -> None:
    await bring_in(page, until, orders_file(tmp_path, [row("1")]))
    await to_preview(page, until, orders_file(tmp_path, [row("1", amount="30", status="已完成")]))
    [cells] = preview(page)
    assert cells[1] == "有变化"
    assert "实付金额：¥28.90 → ¥30.00" in cells[6]
    assert "状态：已发货 → 已完成" in cells[6]
    shot(page, "import_changes")


async def test_what_an_older_file_says_is_shown_and_not_taken(
    page: ImportPage, until: Until, tmp_path: Path, shot: Shot
) -> None:
    await bring_in(page, until, orders_file(tmp_path, [row("1")]))
    older = orders_file(tmp_path, [row("1", amount="30"), row("2")])
    os.utime(older, (1_700_000_000, 1_700_000_000))
    await to_preview(page, until, older)
    press(page, "show_kept")
    [cells] = preview(page)
    assert cells[1] == "有冲突"
    assert cells[6].startswith("实付金额：保留 ¥28.90，文件里是 ¥30.00 · 商品明细")
    assert "文件比已有数据旧" in page.preview.warning.text.text()
    shot(page, "import_conflict")
    press(page, "show_same")
    assert preview(page) == []


async def test_a_platform_file_needs_no_columns(
    page: ImportPage, until: Until, tmp_path: Path, shot: Shot
) -> None:
    path = tmp_path / "1779249500_订单.csv"
    path.write_bytes(csv_bytes(DOUDIAN, [doudian()]))
    await open_files(page, until, path)
    await until(lambda: step(page) == "step_mapping")
    assert page.mapping.kind.text() == "抖店订单"
    assert "主订单编号" in page.mapping.because.text()
    assert page.mapping.columns_card.isHidden()
    shot(page, "import_doudian")
    press(page, "preview")
    await until(lambda: step(page) == "step_preview")
    assert "不算到任何粉丝名下" in page.preview.warning.text.text()


async def test_any_table_after_matching_columns(
    page: ImportPage, until: Until, tmp_path: Path, shot: Shot
) -> None:
    path = tmp_path / "自家.csv"
    path.write_bytes(
        csv_bytes(["流水", "会员卡", "付款时间", "实付金额"], [["1", "k1", "2026-05-01", "12"]], "gb18030")
    )
    await open_files(page, until, path)
    await until(lambda: step(page) == "step_mapping")
    assert "订单号" in page.mapping.missing.text()
    assert not page.mapping.go_button.isEnabled()
    for field, header in (("order_id", "流水"), ("buyer_id", "会员卡")):
        choice = page.findChild(Choice, f"field_{field}")
        assert choice is not None
        choice.set_value(header)
        choice.chosen.emit(header)
    shot(page, "import_match")
    check(page)
    press(page, "preview")
    await until(lambda: step(page) == "step_preview")
    assert [cells[1] for cells in preview(page)] == ["新增"]


async def test_a_file_that_cannot_be_read_is_told(
    page: ImportPage, until: Until, tmp_path: Path, opened: Opened
) -> None:
    path = tmp_path / "空.csv"
    path.write_bytes(b"")
    await open_files(page, until, path)
    await until(lambda: not page.problem.isHidden())
    assert "空" in page.problem.text.text()
    assert step(page) == "step_choose"
    assert opened.faults == []


async def test_a_locked_workbook_asks_for_the_password(
    page: ImportPage, until: Until, tmp_path: Path
) -> None:
    path = tmp_path / "锁.xlsx"
    with path.open("wb") as out:
        OOXMLFile(io.BytesIO(xlsx_bytes({"表": [HEADER, row("1")]}))).encrypt("1234", out)
    await open_files(page, until, path)
    for word in ("错", "1234"):
        await until(lambda: any(d.isVisible() for d in page.findChildren(QDialog)))
        [dialog] = [d for d in page.findChildren(QDialog) if d.isVisible()]
        line = dialog.findChild(QLineEdit, "line")
        assert line is not None
        assert line.echoMode() == QLineEdit.EchoMode.Password
        line.setText(word)
        press(dialog, "accept")
        await until(lambda d=dialog: not d.isVisible())
    await until(lambda: step(page) == "step_mapping")


async def test_cancelling_leaves_nothing(
    page: ImportPage, shop: Store, until: Until, tmp_path: Path
) -> None:
    await to_preview(page, until, orders_file(tmp_path, [row(str(n)) for n in range(4000)]))
    press(page, "commit")
    await until(lambda: step(page) == "step_working")
    page.progress.cancel_button.click()
    await until(lambda: step(page) == "step_preview")
    assert await shop.read(lambda conn: conn.execute('SELECT count(*) FROM "order"').fetchone()[0]) == 0


async def test_dropped_files_come_one_by_one(page: ImportPage, until: Until, tmp_path: Path) -> None:
    files = [orders_file(tmp_path, [row(str(n))], f"{n}.csv") for n in (1, 2)]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.choose.area.dropEvent(event)
    for file in files:
        await until(
            lambda f=file: page.mapping.file_name.whole_text() == f.name and step(page) == "step_mapping"
        )
        press(page, "preview")
        await until(lambda: step(page) == "step_preview")
        press(page, "commit")
        await until(lambda: step(page) == "step_result")
        press(page, "import_again")
    assert step(page) == "step_choose"


async def test_both_languages(page: ImportPage, until: Until, tmp_path: Path, shot: Shot) -> None:
    await to_preview(page, until, orders_file(tmp_path, [row("1"), row("2", amount="x")]))
    set_language("en")
    await until(lambda: walk.clipped_labels(page) == [])
    assert preview(page)[0][1] == "Refused"
    check(page)
    shot(page, "import_preview_en")


async def test_an_earlier_import_opens_with_its_refused_rows(
    page: ImportPage, shop: Store, clock: Clock, until: Until, tmp_path: Path
) -> None:
    service = ImportService(shop, clock)
    done = await service.commit(await service.plan(orders_file(tmp_path, [row("1"), row("2", amount="x")])))
    page.refresh()
    page.open_with(import_uid=done.batch)
    await until(lambda: step(page) == "step_result")
    assert page.result.figures["rejected"].text() == "1"
    assert not page.result.save_button.isHidden()
