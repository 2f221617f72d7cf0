"""The heart of every page: when it reads, what it does with errors, and that its work ends with it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent

from desktop.domain.changes import ChangeSet, Topic
from desktop.domain.errors import DiskFullError
from desktop.qtkit.i18n import set_language, t
from desktop.qtkit.tasks import TaskScope
from desktop.views.page import Page, PageContext
from tests.gui.conftest import Opened

FAN = ChangeSet(frozenset({Topic.FAN}))


class FansPage(Page):
    """Counts its reads; `gate` holds a read open, `error` fails it."""

    topics = frozenset({Topic.FAN})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.reads = 0
        self.shown: list[Any] = []
        self.gate: asyncio.Event | None = None
        self.error: BaseException | None = None

    async def load(self) -> int:
        self.reads += 1
        read = self.reads
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        return read

    def populate(self, data: Any) -> None:
        self.shown.append(data)


def drop(page: Page) -> None:
    page.scope.cancel_all()
    page.hide()
    page.deleteLater()


async def test_a_hidden_page_only_goes_stale(opened: Opened, until: Callable[..., Any]) -> None:
    page = FansPage(opened.context)
    opened.feed.publish(FAN)
    opened.bridge.flush()
    await asyncio.sleep(0)
    assert page.reads == 0
    page.show()
    await until(lambda: page.shown == [1])
    drop(page)


async def test_many_changes_during_a_read_cause_one_more(opened: Opened, until: Callable[..., Any]) -> None:
    page = FansPage(opened.context)
    page.gate = asyncio.Event()
    page.show()
    await until(lambda: page.reads == 1)
    for _ in range(50):
        opened.feed.publish(FAN)
        opened.bridge.flush()
    assert page.reads == 1
    page.gate.set()
    await until(lambda: page.shown == [1, 2])
    await asyncio.sleep(0.02)
    assert page.reads == 2
    drop(page)


async def test_changes_of_its_own_or_of_other_topics_are_skipped(
    opened: Opened, until: Callable[..., Any]
) -> None:
    page = FansPage(opened.context)
    page.show()
    await until(lambda: page.shown == [1])
    opened.feed.publish(ChangeSet(frozenset({Topic.FAN}), origin=page))
    opened.bridge.flush()
    opened.feed.publish(ChangeSet(frozenset({Topic.DROP})))
    opened.bridge.flush()
    await asyncio.sleep(0.02)
    assert page.reads == 1
    drop(page)


async def test_an_error_shows_a_placeholder_with_retry(opened: Opened, until: Callable[..., Any]) -> None:
    page = FansPage(opened.context)
    page.error = DiskFullError()
    page.show()
    await until(lambda: page._states.currentWidget() is page._error)
    assert page._error.text.text() == t("error.disk_full")
    page.error = None
    page._error.button.click()
    await until(lambda: page._states.currentWidget() is page.content)
    assert opened.faults == []
    drop(page)


async def test_an_error_after_data_keeps_the_data_under_a_banner(
    opened: Opened, until: Callable[..., Any]
) -> None:
    page = FansPage(opened.context)
    page.show()
    await until(lambda: page.shown == [1])
    page.error = ValueError("surprise")
    page.refresh()
    await until(lambda: page.banner.isVisible())
    assert page._states.currentWidget() is page.content
    assert [type(error) for error in opened.faults] == [ValueError]
    drop(page)


async def test_a_failing_command_becomes_a_notice(opened: Opened, until: Callable[..., Any]) -> None:
    page = FansPage(opened.context)
    page.show()
    await until(lambda: page.shown == [1])

    async def command() -> None:
        raise DiskFullError

    page.scope.spawn(command(), name="save")
    page.scope.spawn(command(), name="save again")
    await until(lambda: opened.notices.kept and opened.notices.kept[0].count == 2)
    assert opened.notices.kept[0].level == "error"
    drop(page)


async def test_a_deleted_page_takes_its_tasks_along(opened: Opened, until: Callable[..., Any]) -> None:
    page = FansPage(opened.context)
    page.gate = asyncio.Event()
    page.show()
    await until(lambda: page.reads == 1)
    scope = page.scope
    page.hide()
    page.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    await until(lambda: not scope.is_running("refresh"))
    assert opened.faults == []


async def test_a_language_switch_shows_the_data_again(opened: Opened, until: Callable[..., Any]) -> None:
    page = FansPage(opened.context)
    page.head.set_title("kit.search")
    page.show()
    await until(lambda: page.shown == [1])
    set_language("en")
    await until(lambda: len(page.shown) == 2)
    assert page.head.title.text() == "Search"
    assert page.reads == 1
    drop(page)


async def test_scope_keeps_tasks_alive_replaces_by_name_and_routes_errors(
    opened: Opened, until: Callable[..., Any]
) -> None:
    errors: list[BaseException] = []
    done: list[str] = []
    scope = TaskScope(errors.append)

    async def wait(word: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        done.append(word)

    async def fail() -> None:
        raise ValueError

    scope.spawn(wait("first", 5), name="search")
    scope.spawn(wait("second", 0.01), name="search")
    scope.spawn(wait("third", 0.01), name="search", replace=False)
    scope.spawn(fail(), name="fail")
    gc.collect()
    await until(lambda: done == ["second"])
    assert [type(error) for error in errors] == [ValueError]
    scope.spawn(wait("never", 60), name="long")
    await scope.aclose()
    assert done == ["second"]
    assert not scope.is_running("long")
