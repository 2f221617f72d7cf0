"""Whatever nobody caught is recorded once and shown once; known errors are told, not counted as bugs."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Signal, qWarning

from desktop.app.faults import Fault, Faults, kind_of
from desktop.domain.errors import AppError, DiskFullError
from desktop.qtkit.tasks import TaskScope


@pytest.fixture
def faults() -> Iterator[Faults]:
    made = Faults()
    made.install()
    yield made
    made.remove()


@pytest.fixture
def shown(faults: Faults) -> list[Fault]:
    found: list[Fault] = []
    faults.show = found.append
    return found


class Button(QObject):
    clicked = Signal()


def breaks() -> None:
    raise ZeroDivisionError("in here")


def kinds(faults: Faults) -> list[int]:
    return list(faults.seen.values())


def test_a_slot_that_breaks(qapp, faults: Faults, shown: list[Fault], expected_log) -> None:
    expected_log("fault .* in slot")
    button = Button()
    button.clicked.connect(breaks)
    for _ in range(3):
        button.clicked.emit()
    assert kinds(faults) == [3]
    assert len(shown) == 1
    assert "ZeroDivisionError: in here" in shown[0].summary
    assert "breaks" in shown[0].report


def test_a_thread_that_breaks(faults: Faults, shown: list[Fault], expected_log) -> None:
    expected_log("fault .* in thread worker")
    for _ in range(2):
        thread = threading.Thread(target=breaks, name="worker")
        thread.start()
        thread.join()
    assert kinds(faults) == [2]
    assert len(shown) == 1


def test_a_task_that_breaks(faults: Faults, shown: list[Fault], expected_log) -> None:
    expected_log("fault .* in task")

    async def run() -> None:
        scope = TaskScope(faults.report)

        async def work() -> None:
            await asyncio.sleep(0)
            breaks()

        for _ in range(2):
            scope.spawn(work(), name="work")
            await asyncio.sleep(0.01)
        await scope.aclose()

    with asyncio.Runner() as runner:
        faults.watch(runner.get_loop())
        runner.run(run())
    assert kinds(faults) == [2]
    assert len(shown) == 1


def test_a_callback_of_the_loop_that_breaks(faults: Faults, shown: list[Fault], expected_log) -> None:
    expected_log("fault .* in loop")

    async def run() -> None:
        asyncio.get_running_loop().call_soon(breaks)
        await asyncio.sleep(0.01)

    with asyncio.Runner() as runner:
        faults.watch(runner.get_loop())
        runner.run(run())
    assert len(shown) == 1


def test_known_errors_are_told_and_are_no_bugs(faults: Faults, shown: list[Fault]) -> None:
    told: list[AppError] = []
    faults.tell = told.append
    error = DiskFullError()
    faults.report(error)
    assert told == [error]
    assert kinds(faults) == []
    assert shown == []


def test_cancellation_is_no_fault(faults: Faults, shown: list[Fault]) -> None:
    faults.report(asyncio.CancelledError())
    assert shown == []


def test_a_notice_that_breaks_does_not_break_the_catcher(faults: Faults, expected_log) -> None:
    expected_log("fault .* in task")
    expected_log("could not be reported")

    def show(_fault: Fault) -> None:
        raise RuntimeError("no window")

    faults.show = show
    faults.report(ValueError("x"))


def test_the_same_place_is_the_same_kind_whatever_the_text() -> None:
    def at(text: str) -> str:
        try:
            raise ValueError(text)
        except ValueError as error:
            return kind_of(error)

    assert len({at(text) for text in ("a", "b")}) == 1
    try:
        breaks()
    except ZeroDivisionError as error:
        assert kind_of(error) != at("a")


def test_hooks_are_put_back() -> None:
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    faults = Faults()
    faults.install()
    assert sys.excepthook != before[0]
    faults.remove()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def test_qt_says_the_same_thing_once(qapp, faults: Faults, expected_log) -> None:
    expected_log("strange window")
    for _ in range(3):
        qWarning("strange window")
    assert kinds(faults) == [1]
