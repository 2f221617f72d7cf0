"""The window from opening to end: demo shop and back, a damaged shop, a restore, and closing with sends due."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from desktop.app import content, lifecycle
from desktop.app.config import SettingsFile, load
from desktop.app.faults import Faults
from desktop.app.garbage import collected_here
from desktop.app.problem_page import ProblemPage
from desktop.app.shell import Shell
from desktop.app.single_instance import SingleInstance, files_in
from desktop.composition import demo, lock
from desktop.composition.graph import GraphConfig, open_graph
from desktop.domain.errors import StoreLockedError, StoreReadOnlyError
from desktop.qtkit import i18n, theme
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.states import LoadingState
from tests.fakes import FakeClock

ROOT = Path(__file__).resolve().parents[2]
SECOND = """
import sys
import threading
from pathlib import Path
from desktop.app.single_instance import hand_over
folder, *files = map(Path, sys.argv[1:])
print(hand_over(folder, files), hand_over(folder / "other"))
"""

pytestmark = pytest.mark.usefixtures("kit")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GraphConfig:
    monkeypatch.setattr(demo, "SAMPLES", tmp_path / "none")
    monkeypatch.setattr(demo, "FANS", 20)
    return GraphConfig(tmp_path / "data", operator="tester")


async def made_shop(config: GraphConfig, name: str = "小满鲜果") -> None:
    graph = await open_graph(config)
    await graph.shop.create(name, "rare-online", "Asia/Shanghai")
    await graph.close()


class Running:
    """A shell on its way."""

    def __init__(self, config: GraphConfig) -> None:
        self.stop = asyncio.Event()
        self.faults = Faults()
        self.settings = SettingsFile(config.data_dir)
        self.shell = Shell(config, self.settings, self.faults, None)
        self.code: int | None = None

    @property
    def page(self) -> Any:
        return self.shell.frame.content

    @property
    def is_shown(self) -> bool:
        return self.shell.session.graph is not None and self.shell._content is not None

    async def go(self) -> None:
        self.code = await self.shell.run(self.stop)


@asynccontextmanager
async def running(config: GraphConfig) -> AsyncIterator[Running]:
    window = Running(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(window.go())
        try:
            yield window
        finally:
            window.stop.set()
    assert not window.faults.seen


async def test_to_the_demo_shop_and_back(qapp, config: GraphConfig, until: Callable[..., Any]) -> None:
    await made_shop(config)
    async with running(config) as window:
        await until(lambda: window.is_shown)
        first = window.shell.session.graph
        assert not window.shell.session.is_demo
        window.shell._actions().try_demo()
        await until(lambda: window.shell.session.is_demo and window.is_shown, timeout=25)
        assert (await window.shell.session.graph.shop.get()).is_demo
        with pytest.raises(StoreLockedError):
            lock.take(config.data_dir, lock.COMMAND)
        window.shell._actions().erase_demo()
        await until(lambda: not window.shell.session.is_demo and window.is_shown, timeout=25)
        assert window.shell.session.graph is not first
        assert (await window.shell.session.graph.shop.get()).name == "小满鲜果"
        assert not demo.folder_of(config.data_dir).exists()
    assert window.code == 0
    lock.take(config.data_dir, lock.COMMAND).release()


async def test_a_damaged_shop_comes_back_from_its_backup(
    qapp, config: GraphConfig, until: Callable[..., Any]
) -> None:
    await made_shop(config)
    graph = await open_graph(config)
    assert await graph.backups.daily() is not None
    await graph.close()
    (config.data_dir / "shop.db").write_bytes(b"\0" * 5000)
    async with running(config) as window:
        await until(lambda: isinstance(window.page, ProblemPage))
        assert window.page.error.code == "store_corrupt"
        assert "没有" in window.page.text.text()
        window.page.findChild(Button, "restore").click()
        await until(lambda: window.is_shown)
        assert (await window.shell.session.graph.shop.get()).name == "小满鲜果"
    assert window.code == 0


async def test_a_locked_shop_is_told_and_tried_again(
    qapp, config: GraphConfig, until: Callable[..., Any]
) -> None:
    await made_shop(config)
    held = lock.take(config.data_dir, lock.WINDOW)
    async with running(config) as window:
        await until(lambda: isinstance(window.page, ProblemPage))
        assert window.page.error.code == "store_locked"
        first = window.page
        first.retry_button.click()
        await until(lambda: window.page is not first and isinstance(window.page, ProblemPage))
        held.release()
        window.page.retry_button.click()
        await until(lambda: window.is_shown)
    assert window.code == 0


async def test_a_shop_that_cannot_be_written_is_shown_with_a_line_that_says_so(
    qapp, config: GraphConfig, until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, shot: Any
) -> None:
    await made_shop(config)

    def refuse(folder: Path, what: str) -> lock.FolderLock:
        raise StoreReadOnlyError(path=str(folder))

    monkeypatch.setattr(lock, "take", refuse)
    before = sorted((p.name, p.stat().st_mtime_ns) for p in config.data_dir.iterdir() if p.suffix == ".db")
    async with running(config) as running_now:
        shell = running_now.shell
        await until(lambda: shell._content is not None and shell._content.window is not None)
        window = shell._content.window
        assert window.read_only.isVisible()
        assert str(config.data_dir) in window.read_only.text.text()
        window.go("posts")
        await until(
            lambda: (
                window.page.is_loaded
                and not any(state.isVisible() for state in window.page.findChildren(LoadingState))
            )
        )
        for language in ("zh_CN", "en"):
            for look in ("light", "dark"):
                i18n.set_language(language)
                theme.current().set_choice(look)
                shell.frame.resize(1366, 768)
                await asyncio.sleep(0)
                shot(shell.frame, f"read-only-{language}-{look}")
        i18n.set_language("zh_CN")
        theme.current().set_choice("light")
    after = sorted((p.name, p.stat().st_mtime_ns) for p in config.data_dir.iterdir() if p.suffix == ".db")
    assert after == before


async def test_restoring_from_a_page_outlives_the_page(
    qapp, config: GraphConfig, until: Callable[..., Any], tmp_path: Path
) -> None:
    await made_shop(config, "旧名字")
    graph = await open_graph(config)
    await graph.backups.backup(tmp_path / "old.db")
    await graph.shop.change("新名字", "rare-online", "Asia/Shanghai")
    await graph.close()
    async with running(config) as window:
        await until(lambda: window.is_shown)
        shown = window.shell._content
        page, backups = shown.widget, window.shell.session.graph.backups

        async def restore() -> None:
            await backups.restore(tmp_path / "old.db")

        page.scope.spawn(restore(), name="restore")
        await until(lambda: window.is_shown and window.shell._content is not shown)
        assert (await window.shell.session.graph.shop.get()).name == "旧名字"
        assert [notice.key for notice in window.shell.notices.kept] == ["upkeep.restore_done"]


async def test_a_failed_restore_leaves_the_shop_open(
    qapp, config: GraphConfig, until: Callable[..., Any], tmp_path: Path
) -> None:
    await made_shop(config)
    async with running(config) as window:
        await until(lambda: window.is_shown)
        shown = window.shell._content

        def swap() -> Any:
            raise StoreLockedError

        async def restore() -> None:
            await window.shell.session.config.reopen(swap)

        shown.widget.scope.spawn(restore(), name="restore")
        await until(lambda: window.is_shown and window.shell._content is not shown)
        assert [notice.key for notice in window.shell.notices.kept] == ["error.store_locked"]


async def test_closing_twice_ends_once_and_keeps_the_place(
    qapp, config: GraphConfig, until: Callable[..., Any]
) -> None:
    await made_shop(config)
    async with running(config) as window:
        await until(lambda: window.is_shown)
        window.shell.frame.close()
        assert window.shell.frame.isVisible()
        await until(window.stop.is_set)
        window.shell.frame.close()
    assert window.code == 0
    assert load(config.data_dir).geometry


async def test_closing_asks_when_something_is_due(
    qapp, config: GraphConfig, until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await made_shop(config)
    asked: list[str] = []
    answers = iter([False, True])

    async def confirm(_parent: Any, _title: str, text: str, **_words: Any) -> bool:
        asked.append(text)
        return next(answers)

    async with running(config) as window:
        await until(lambda: window.is_shown)
        monkeypatch.setattr("desktop.app.shell.dialogs.confirm", confirm)

        async def due_soon() -> list[str]:
            return ["one", "two"]

        monkeypatch.setattr(window.shell.session.graph.outbox, "due_soon", due_soon)
        window.shell.frame.close()
        await until(lambda: len(asked) == 1)
        await asyncio.sleep(0)
        assert not window.stop.is_set()
        window.shell.frame.close()
        await until(window.stop.is_set)
    assert "2" in asked[0]


async def test_preferences_apply_at_once_and_stay(
    qapp, config: GraphConfig, until: Callable[..., Any]
) -> None:
    from desktop.qtkit import i18n, theme

    await made_shop(config)
    async with running(config) as window:
        await until(lambda: window.is_shown)
        actions = window.shell._actions()
        actions.prefer(language="en", theme="dark", operator="阿满")
        assert i18n.language() == "en"
        assert theme.current().is_dark
        assert window.shell.session.graph.store.operator == "阿满"
        assert window.shell.frame.windowTitle() == "Fankeeper"
        assert actions.preferences().theme == "dark"
    assert load(config.data_dir).language == "en"


async def test_files_are_handed_to_the_first_window(
    qapp, tmp_path: Path, until: Callable[..., Any]
) -> None:
    (tmp_path / "订单.csv").write_text("x")
    heard: list[list[Path]] = []
    first = SingleInstance(tmp_path, heard.append)
    assert first.listen()
    try:
        files = [tmp_path / "订单.csv", tmp_path / "missing.csv"]
        second = subprocess.Popen(  # noqa: ASYNC220 - it only starts
            [sys.executable, "-c", SECOND, str(tmp_path), *map(str, files)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        await until(lambda: second.poll() is not None)
        assert second.communicate()[0].split() == [b"True", b"False"]
        assert heard == [[tmp_path / "订单.csv"]]
    finally:
        first.close()


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b'{"files": 3}', b'{"files": [3]}', b'{"files": ["rel.csv"]}', b"\xff"]
)
def test_messages_that_make_no_sense_open_nothing(line: bytes) -> None:
    assert files_in(line) == []


async def test_ending_goes_on_behind_a_step_that_fails_or_hangs(qapp, expected_log) -> None:
    expected_log("hangs took longer")
    expected_log("breaks failed")
    done: list[str] = []

    async def hangs() -> None:
        await asyncio.sleep(60)

    async def breaks() -> None:
        raise ValueError("x")

    async def works() -> None:
        done.append("works")

    steps = [("hangs", hangs, 0.2), ("breaks", breaks, 1.0), ("works", works, 1.0)]
    assert await lifecycle.end_in_order(steps) == ["hangs", "breaks"]
    assert done == ["works"]


async def test_content_ends_the_tasks_of_its_pages(
    qapp, config: GraphConfig, until: Callable[..., Any], clock: FakeClock
) -> None:
    await made_shop(config)
    async with running(config) as window:
        await until(lambda: window.is_shown)
        shown: content.Content = window.shell._content
        ended: list[str] = []

        async def work() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                ended.append("work")

        shown.widget.scope.spawn(work(), name="work")
        await asyncio.sleep(0)
    assert ended == ["work"]


async def test_garbage_is_collected_on_this_thread_only(qapp, until: Callable[..., Any]) -> None:
    where: list[str] = []

    class Circle:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            where.append(threading.current_thread().name)

    def litter() -> None:
        for _ in range(5_000):
            Circle()

    with collected_here():
        await asyncio.to_thread(litter)
        assert where == []
        await until(lambda: len(where) == 5_000)
    assert set(where) == {threading.main_thread().name}
