"""The guards of conftest.py hold: a test that leaves something behind fails and is told what."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import keyring
import pytest
from qasync import QEventLoop

from desktop.domain.errors import StoreError
from tests.guards import is_here

ROOT = Path(__file__).resolve().parent.parent

# Each of these must fail, and the report must hold the words beside its name.
LEAKY = """
import asyncio, logging, socket, threading
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

KEPT = []

async def nap():
    await asyncio.sleep(60)

async def test_task():
    KEPT.append(asyncio.create_task(nap(), name="forgotten nap"))

async def test_task_under_qt(qapp):
    KEPT.append(asyncio.create_task(nap(), name="forgotten qt nap"))

async def test_loop_fault():
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(0.01)

async def test_lost_error():
    async def breaks():
        raise ValueError("nobody fetched me")
    task = asyncio.create_task(breaks())
    await asyncio.sleep(0.01)
    del task

def test_thread():
    stop = threading.Event()
    KEPT.append(stop)
    threading.Thread(target=stop.wait, name="lonely thread", daemon=True).start()

def test_log():
    logging.getLogger("shop").warning("the till is open")

def test_log_that_never_came(expected_log):
    expected_log("the till is shut")

def test_timer(qapp):
    timer = QTimer()
    timer.setObjectName("egg timer")
    timer.start(10_000)
    KEPT.append(timer)

def test_window(qapp):
    window = QWidget()
    window.setObjectName("stray window")
    window.show()
    KEPT.append(window)

def test_call_out():
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)

def test_call_out_in_a_coroutine_test():
    with pytest.raises(OSError):
        socket.getaddrinfo("example.com", 443)

async def test_too_slow(monkeypatch):
    await asyncio.sleep(60)

async def test_tidy(qapp, clock):
    await asyncio.gather(asyncio.create_task(asyncio.sleep(0.01)), clock.sleep(60))
"""
TOLD = (
    "*forgotten nap*started at*",
    "*forgotten qt nap*",
    "*ZeroDivisionError*",
    "*nobody fetched me*",
    "*thread still running: lonely thread*",
    "*logged: WARNING shop: the till is open*",
    "*announced but not logged: the till is shut*",
    "*timer still active: QTimer egg timer*",
    "*window still visible: QWidget stray window*",
    "*call to the outside: 192.0.2.1*",
    "*call to the outside: example.com*",
)


PLAIN = "[pytest]\nqt_api = pyside6\naddopts = -p no:randomly -p no:cacheprovider\n"
SAME = (
    "from tests import conftest\nconftest.TEST_S = 1\n"
    "globals().update({name: thing for name, thing in vars(conftest).items() if name[:2] != '__'})\n"
)


@pytest.mark.slow
def test_leaky_tests_fail_and_say_why(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini(PLAIN)
    pytester.makeconftest(SAME)
    pytester.makepyfile(LEAKY)

    result = pytester.runpytest_subprocess("-q")

    told = result.parseoutcomes()
    assert told["errors" if "errors" in told else "error"] == len(TOLD)
    assert told["failed"] == 1
    assert told["passed"] == len(TOLD) + 1
    for words in TOLD:
        result.stdout.fnmatch_lines_random([words])


LITTER = """
import gc, threading
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

FREED_BY = []

class Circle(QObject):
    def __init__(self):
        super().__init__()
        self.me = self

    def __del__(self):
        FREED_BY.append(threading.current_thread())

def test_leaves_a_circle(qapp):
    circle = Circle()
    gc.collect()  # old by now: only a whole collection finds it

def test_works_on_a_thread():
    kept = []
    thread = threading.Thread(target=lambda: kept.extend([] for _ in range(1_000_000)))
    thread.start()
    thread.join()
    assert FREED_BY == [threading.main_thread()]

def test_leaves_a_key_down(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    QTest.keyClick(widget, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.ControlModifier

def test_finds_no_key_down(qapp):
    assert QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier
"""


@pytest.mark.slow
def test_what_a_screen_test_left_reaches_no_other(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini(PLAIN)
    pytester.makeconftest(SAME)
    pytester.makepyfile(LITTER)
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=4)


async def test_plain_coroutine_tests_run_without_qt() -> None:
    assert "qasync" not in type(asyncio.get_running_loop()).__module__


async def test_qt_coroutine_tests_run_on_qt(qapp) -> None:
    assert isinstance(asyncio.get_running_loop(), QEventLoop)


async def test_until_waits_and_gives_up(until) -> None:
    seen: list[int] = []
    asyncio.get_running_loop().call_later(0.02, seen.append, 1)
    await until(lambda: seen)
    with pytest.raises(AssertionError, match="the cows come home"):
        await until(lambda: False, timeout=0.02, what="the cows come home")


async def test_the_clock_moves_only_by_sleeping(clock) -> None:
    before = clock.now_ms(), clock.monotonic_s()
    await clock.sleep(90)
    assert (clock.now_ms() - before[0], clock.monotonic_s() - before[1]) == (90_000, 90.0)
    assert clock.slept == [90]


async def test_a_shop_is_there_and_its_operation_logged(shop) -> None:
    name = await shop.read(lambda conn: conn.execute("SELECT name FROM shop").fetchone()["name"])
    kinds = await shop.read(
        lambda conn: [row["kind"] for row in conn.execute("SELECT kind FROM operation")]
    )
    assert (name, kinds) == ("小满鲜果", ["shop.init"])


def test_a_store_serves_plain_tests_through_the_runner(store, runner) -> None:
    with pytest.raises(StoreError):
        runner.run(store.read(lambda conn: conn.execute("SELECT * FROM nothing")))


def test_an_expected_warning_is_no_failure(expected_log) -> None:
    expected_log("stock is low")
    logging.getLogger("shop").warning("the stock is low: %s", 3)


def test_secrets_go_to_memory(memory_keyring, tmp_home) -> None:
    keyring.set_password("fankeeper", "wecom", "s3cret")
    assert memory_keyring.secrets == {("fankeeper", "wecom"): "s3cret"}
    assert os.environ["FANKEEPER_HOME"] == str(tmp_home)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("", True),
        (None, True),
        ("0.0.0.0", True),
        ("10.0.0.1", False),
        ("qyapi.weixin.qq.com", False),
        (b"127.0.0.1", True),
    ],
)
def test_what_counts_as_this_computer(host, expected) -> None:
    assert is_here(host) is expected
