"""The ground every test stands on: offscreen Qt, coroutine tests, and guards against leftovers."""

from __future__ import annotations

import asyncio
import gc
import inspect
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.update(
    {
        "QT_QPA_PLATFORM": "offscreen",
        "QT_API": "pyside6",
        "QT_SCALE_FACTOR": "1",
        "TZ": "Asia/Shanghai",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",  # for processes that tests start
    }
)
for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]
if hasattr(time, "tzset"):
    time.tzset()

MEMORY = Path("/dev/shm")  # an fsync costs nothing there; what it protects from, no test can play
MEMORY_NEEDED = 2_000_000_000
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

import hypothesis  # noqa: E402
import keyring  # noqa: E402
import pytest  # noqa: E402

from desktop.store.database import Store  # noqa: E402
from tests import garbage, guards, waiting  # noqa: E402
from tests.e2e.forks import FORKS  # noqa: E402
from tests.fakes import ZONE, FakeClock, MemoryKeyring  # noqa: E402
from tests.sandbox_process import sandbox, shared_sandbox, shared_sandbox_process  # noqa: E402, F401

# How long an example takes says more of the computer than of the program.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")

ROOT = Path(__file__).resolve().parent.parent
TEST_S, SLOW_TEST_S = 90, 180  # of a busy computer; a free one needs a tenth


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--deep`: the whole space where a normal run takes a sample, and no time limits."""
    parser.addoption("--deep", action="store_true", help="try far more cases; no time limits")


def is_deep(config: pytest.Config) -> bool:
    """Whether this run takes its time: tests that sample try everything, or far more."""
    return bool(config.getoption("--deep"))


@pytest.fixture(scope="session")
def deep(pytestconfig: pytest.Config) -> bool:
    """`is_deep` of this run."""
    return is_deep(pytestconfig)


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item) -> bool | None:
    """A deep run has no time limit a test, whatever a mark says."""
    return is_deep(item.config) or None


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine test on the test's own event loop."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    runner: asyncio.Runner = pyfuncitem.funcargs["runner"]
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs}
    limit: float | None = SLOW_TEST_S if pyfuncitem.get_closest_marker("slow") else TEST_S
    if is_deep(pyfuncitem.config):
        limit = None
    runner.run(asyncio.wait_for(pyfuncitem.obj(**arguments), limit))
    return True


def pytest_itemcollected(item: pytest.Item) -> None:
    """Coroutine tests take a runner without asking for it; it is the first fixture in, the last out."""
    if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.fixturenames.insert(0, "runner")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side the long ones go first, so that no process is left alone with one at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """From here on garbage is collected between tests, here; what is loaded by now is not looked at again."""
    garbage.begin()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol() -> Iterator[None]:
    """Each test begins without the garbage of those before it."""
    result = yield
    garbage.collect()
    return result


@pytest.fixture
def runner(request: pytest.FixtureRequest, _leaves_no_thread: None) -> Iterator[asyncio.Runner]:
    """The event loop of this test: Qt's where the test uses Qt, plain asyncio otherwise."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    if "qapp" in request.fixturenames:
        from tests.qt_loop import QtLoop

        app = request.getfixturevalue("qapp")
        app.setQuitOnLastWindowClosed(False)
        factory = lambda: QtLoop(app)  # noqa: E731
    with asyncio.Runner(loop_factory=factory) as loop_runner:
        if "qapp" in request.fixturenames:  # as the window does: qasync's own threads are no Python threads
            loop_runner.get_loop().set_default_executor(ThreadPoolExecutor(2, thread_name_prefix="work"))
        watch = guards.LoopWatch(loop_runner.get_loop())
        yield loop_runner
        gc.collect()  # an exception nobody fetched is told when its task is collected
        complaints = watch.complaints()
    report(complaints)


def report(complaints: list[str]) -> None:
    """Fail with all that was left behind, one a line."""
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


@pytest.fixture(scope="session", autouse=True)
def _temporary_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is left in the system's folder for temporary files, by processes killed on purpose too, goes too."""
    folder = str(tmp_path_factory.mktemp("tmp"))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TMPDIR", "TEMP", "TMP"):
            patch.setenv(name, folder)
        patch.setattr(tempfile, "tempdir", None)
        yield
        FORKS.close()


@pytest.fixture(autouse=True)
def _leaves_no_thread() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    report(guards.leaked_threads(before))


@pytest.fixture(autouse=True)
def _log_watch() -> Iterator[guards.LogWatch]:
    watch = guards.LogWatch()
    logging.getLogger().addHandler(watch)
    yield watch
    logging.getLogger().removeHandler(watch)
    report(watch.complaints())


@pytest.fixture
def expected_log(_log_watch: guards.LogWatch) -> Callable[[str], None]:
    """`expected_log("pattern")`: a warning or error matching it belongs to this test, and must come."""
    return _log_watch.expect


@pytest.fixture(autouse=True)
def _stays_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    watch = guards.NetworkWatch()
    watch.install(monkeypatch)
    yield
    report(watch.tries)


@pytest.fixture(autouse=True)
def _leaves_no_window(request: pytest.FixtureRequest) -> Iterator[None]:
    if "qapp" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("qapp")
    watch = guards.QtWatch()
    yield
    report(watch.complaints())


@pytest.fixture(autouse=True)
def memory_keyring() -> Iterator[MemoryKeyring]:
    """An empty keyring in place of the operator's."""
    before = keyring.get_keyring()
    mine = MemoryKeyring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def tmp_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program keeps its data in this test (FANKEEPER_HOME); not yet made."""
    home = tmp_path / "home"
    monkeypatch.setenv("FANKEEPER_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def qapp(qapp: Any) -> Any:
    """pytest-qt's application, looking the same on every machine: own fonts, Fusion, nothing moving."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QFont, QFontDatabase

    for file in sorted((ROOT / "resources" / "fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(file))
    font = QFont("Fankeeper Sans")
    font.setPixelSize(14)
    qapp.setFont(font)
    qapp.setStyle("Fusion")
    qapp.setEffectEnabled(Qt.UIEffect.UI_General, False)
    return qapp


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands at noon, 20 May 2026, Shanghai, until moved."""
    return FakeClock()


@pytest.fixture
def until() -> Callable[..., Any]:
    """`await until(lambda: ..., timeout=5)` for coroutine tests."""
    return waiting.until


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock, runner: asyncio.Runner) -> Iterator[Store]:
    """An open, empty shop file; closed when the test ends."""
    opened = Store(tmp_path / "shop.db", clock, operator="tester", device_id="test-device")
    runner.run(opened.open())
    yield opened
    runner.run(opened.close())


@pytest.fixture
def shop(store: Store, runner: asyncio.Runner) -> Store:
    """The store with its shop row: a small fruit shop, sold often and online, in Shanghai."""

    def found(tx: Any) -> None:
        tx.db.execute(
            "INSERT INTO shop (id, uid, name, industry, timezone, device_id, created_at)"
            " VALUES (1, ?, ?, ?, ?, ?, ?)",
            (tx.new_uid(), "小满鲜果", "frequent-online", ZONE, "test-device", tx.now_ms),
        )

    runner.run(store.write(found, kind="shop.init"))
    return store
