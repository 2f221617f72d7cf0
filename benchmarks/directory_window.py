"""One process of the directory's benchmark: a window over a shop's fans, or the least Qt can do.

    python -m benchmarks.directory_window bare|constant|fans [FOLDER]

Prints one JSON line: CPU seconds of the process to the first painted rows, memory, milliseconds of the clock
from a click to the sorted rows, and CPU milliseconds of the window's thread for jumps with a repaint. `bare` is
a window with an empty stock table, `constant` a stock table whose model says one text in a million rows, `fans`
the directory's own page with its services and the shop's file, without navigation and the other pages; its
modules run when they are first used, as in the program (ADR 0037).
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from desktop import late

if sys.argv[1:2] == ["fans"]:
    late.install()
    late.load_qt()

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

JUMPS = 300
WIDTH, HEIGHT = 1158, 716
ROOT = QModelIndex()


class Constant(QAbstractTableModel):
    """One text everywhere: the least that a model written in Python costs."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def rowCount(self, parent: Any = ROOT) -> int:
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Any = ROOT) -> int:
        return 0 if parent.isValid() else 8

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return "一样的字" if role == Qt.ItemDataRole.DisplayRole else None


def memory_mb(name: str = "VmRSS") -> float:
    """Memory of this process, where the system tells."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name)), 0.0)


def jumps(table: QTableView, settle: Any = None) -> list[float]:
    """Milliseconds of jumps to seeded places, each with a whole repaint of the viewport."""
    chance, bar, spent = random.Random(1), table.verticalScrollBar(), []
    for _ in range(JUMPS):
        place = chance.randrange(bar.maximum() + 1)
        started = time.thread_time()
        bar.setValue(place)
        table.viewport().repaint()
        if settle is not None:
            settle()
        spent.append((time.thread_time() - started) * 1000)
    return spent


def stock(rows: int) -> dict[str, Any]:
    """A window with a stock table."""
    app = QApplication([])
    window, table = QMainWindow(), QTableView()
    table.setModel(Constant(rows))
    window.setCentralWidget(table)
    window.resize(WIDTH, HEIGHT)
    window.show()
    app.processEvents()
    table.viewport().repaint()
    found = {"first_s": time.process_time(), "start_mb": memory_mb()}
    if rows:
        found["jumps"] = jumps(table)
    return {**found, "end_mb": memory_mb(), "peak_mb": memory_mb("VmHWM")}


def fans(folder: Path) -> dict[str, Any]:
    """The directory's page as the window holds it, without navigation and the other pages."""
    from desktop.app.faults import Faults
    from desktop.app.lifecycle import run

    found: dict[str, Any] = {}

    async def main(stop: asyncio.Event) -> int:
        found.update(await _fans(folder))
        return 0

    run(QApplication([]), main, Faults())
    return found


async def _fans(folder: Path) -> dict[str, Any]:

    from desktop.domain.clock import SystemClock
    from desktop.qtkit import i18n, resources, theme
    from desktop.qtkit.change_bridge import ChangeBridge
    from desktop.qtkit.formats import Formats
    from desktop.services.backups import BackupService
    from desktop.services.fans import FanService
    from desktop.services.rankings import RankingService
    from desktop.store.database import Store
    from desktop.views.fans_page import FansPage
    from desktop.views.page import PageContext
    from desktop.views.widgets.notices import Notices

    clock = SystemClock()
    resources.load_fonts()
    theme.install(theme.current())
    theme.current().set_choice("light")
    i18n.set_language("zh_CN")
    store = Store(folder / "shop.db", clock)
    await store.open()
    bridge = ChangeBridge(store.feed)
    context = PageContext(
        bridge, Notices(clock), theme.current(), Formats(clock), clock, lambda *_: None, _raise
    )
    service = FanService(store, clock)
    page = FansPage(
        context, service, RankingService(store, clock), BackupService(store, clock, folder / "backups")
    )
    page.resize(WIDTH, HEIGHT)
    page.show()
    await _until(lambda: page.is_loaded and page.model.row_data(0) is not None)
    page.table.viewport().repaint()
    found: dict[str, Any] = {"first_s": time.process_time(), "start_mb": memory_mb()}
    total = await service.count(page.filters.wanted)
    await _until(lambda: page.model.rowCount() == total)
    found["whole_s"] = time.process_time()
    found["sorts_ms"] = [await _sorted(page, at) for at in (3, 5, 0, 4)]
    found["jumps"] = await _jumped(page)
    found |= {"end_mb": memory_mb(), "peak_mb": memory_mb("VmHWM")}
    await page.scope.aclose()
    bridge.close()
    page.deleteLater()
    await store.close()
    return found


async def _sorted(page: Any, column: int) -> float:
    """Milliseconds from a click on a heading to the first rows in the new order, painted."""
    shown = page.model.generation
    started = time.perf_counter()
    page.table.horizontalHeader().sectionClicked.emit(column)
    await _until(lambda: page.model.generation != shown and page.model.row_data(0) is not None)
    page.table.viewport().repaint()
    spent = (time.perf_counter() - started) * 1000
    await _until(lambda: not page.scope.is_running("fans.whole"))
    return spent


async def _jumped(page: Any) -> list[float]:
    """Jumps until the rows looked at stand there, read from the file."""
    chance, bar, spent = random.Random(1), page.table.verticalScrollBar(), []
    for _ in range(JUMPS):
        place = chance.randrange(bar.maximum() + 1)
        started = time.thread_time()
        bar.setValue(place)
        page.table.viewport().repaint()
        spent.append((time.thread_time() - started) * 1000)
        await _until(lambda place=place: page.model.row_data(place) is not None)
    return spent


async def _until(ready: Any) -> None:
    while not ready():
        await asyncio.sleep(0.001)  # a loop that never rests keeps Python's lock from the reading thread


def _raise(error: BaseException) -> None:
    raise error


def main() -> None:
    way = sys.argv[1]
    figures = fans(Path(sys.argv[2])) if way == "fans" else stock(1_000_000 if way == "constant" else 0)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
