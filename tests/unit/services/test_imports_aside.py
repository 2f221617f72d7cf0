"""Imports in a process of their own: the same results, cancel and kill without trace, errors as they are."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.domain.changes import ChangeSet, Topic
from desktop.domain.errors import CancelledByOperatorError, ImportFileError
from desktop.domain.tasks import CancelToken
from desktop.services.imports import ImportService
from desktop.services.imports_aside import ImportsAside
from desktop.store.database import Store
from tests.fakes import FakeClock
from tests.unit.services.test_imports import figures, order, orders_file, state


@pytest.fixture
def aside(shop: Store, clock: FakeClock, runner: asyncio.Runner) -> Iterator[ImportsAside]:
    made = ImportsAside(shop, clock)
    yield made
    runner.run(made.let_go())
    assert multiprocessing.active_children() == []


def only_child() -> multiprocessing.process.BaseProcess:
    (child,) = multiprocessing.active_children()
    return child


async def test_the_same_as_in_place(
    aside: ImportsAside, shop: Store, clock: FakeClock, tmp_path: Path
) -> None:
    path = orders_file(tmp_path, [order("A1", "b1"), order("A2", "b2"), order("A3", "b3", amount="x")])
    before = await state(shop)
    heard: list[ChangeSet] = []
    shop.feed.subscribe(heard.append)
    told: list[tuple[str, int, int]] = []

    assert [table.source for table in (await aside.inspect(path)).tables] == ["generic_orders"]
    plan = await aside.plan(path, progress=lambda *step: told.append(step))
    here = await ImportService(shop, clock).plan(path)
    assert (plan.counts, plan.shown, plan.rejections) == (here.counts, here.shown, here.rejections)
    assert plan.records == ()
    result = await aside.commit(plan, progress=lambda *step: told.append(step), origin=plan)

    assert figures(result.counts) == (2, 0, 0, 1)
    assert result.rejections == here.rejections
    assert [change.origin for change in heard] == [plan]
    assert {Topic.ORDER, Topic.FAN, Topic.IMPORT} <= heard[0].topics
    assert ("commit", 2, 2) in told
    assert await shop.read(
        lambda conn: [tuple(row) for row in conn.execute("SELECT kind, device_id FROM operation")]
    ) == [("shop.init", shop.device_id), ("import.commit", shop.device_id)]
    with pytest.raises(ImportFileError) as gone:
        await aside.commit(plan)
    assert gone.value.code == "import_plan_gone"
    undone = await aside.undo(result.batch)
    assert undone.removed == 4
    assert await state(shop) == before


async def test_cancel_and_kill_leave_no_trace(aside: ImportsAside, shop: Store, tmp_path: Path) -> None:
    path = orders_file(tmp_path, [order(f"A{n}", f"b{n}") for n in range(3_000)])
    before = await state(shop)
    plan = await aside.plan(path)
    cancel = CancelToken()

    def cancel_on(step: str, done: int, _total: int) -> None:
        if step == "commit" and done:
            cancel.cancel()

    with pytest.raises(CancelledByOperatorError):
        await aside.commit(plan, cancel_on, cancel)
    assert await state(shop) == before

    child = only_child()

    def kill_on(step: str, done: int, _total: int) -> None:
        if step == "commit" and done:
            child.kill()

    with pytest.raises(ImportFileError) as ended:
        await aside.commit(plan, kill_on)
    assert ended.value.code == "import_process_ended"
    assert await state(shop) == before
    assert multiprocessing.active_children() == []
    result = await aside.commit(await aside.plan(path))
    assert result.counts["new"] == 3_000


async def test_who_does_not_answer_is_ended(
    aside: ImportsAside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a large workbook is one long call that cannot be asked to stop."""
    path = orders_file(tmp_path, [order("A1", "b1")])
    await aside.inspect(path)
    child = only_child()
    cancel = CancelToken()
    cancel.cancel()
    monkeypatch.setattr("desktop.services.imports_aside.PATIENCE", 1)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGSTOP)
    with pytest.raises(CancelledByOperatorError):
        await aside.plan(path, cancel=cancel)
    assert multiprocessing.active_children() == []


async def test_errors_arrive_as_they_are(aside: ImportsAside, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError) as error:
        await aside.inspect(tmp_path / "none.csv")
    assert (error.value.code, error.value.params["file"]) == ("import_no_file", str(tmp_path / "none.csv"))


async def test_the_process_ends_with_the_window(aside: ImportsAside, tmp_path: Path) -> None:
    await aside.inspect(orders_file(tmp_path, [order("A1", "b1")]))
    child = only_child()
    assert aside._helper is not None
    aside._helper._line.close()  # what the system does when the window is killed
    await asyncio.to_thread(child.join, 20)
    assert child.exitcode == 0
