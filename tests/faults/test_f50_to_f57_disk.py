"""Faults of the disk, as far as sending and pulling are concerned; sweeps over system calls are in tests/crash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from desktop.domain.errors import StoreLockedError
from desktop.store.engine import sqlite3
from tests.faults.desk import LONG_S, Desk


@contextmanager
def taken_by_another(desk: Desk) -> Iterator[None]:
    """Another program has begun to write into the file."""
    other = sqlite3.connect(str(desk.folder / "shop.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def impatient(desk: Desk) -> None:
    """Five seconds are a long time in a test."""

    def work(tx: Any) -> None:
        tx.db.execute("PRAGMA busy_timeout = 20")

    desk.do(desk.life.graph.store.write(work, kind=None))


def test_f56_taken_by_another_program_is_told_and_nothing_is_sent(desk: Desk) -> None:
    desk.post()
    impatient(desk)
    with taken_by_another(desk), pytest.raises(StoreLockedError):
        desk.sync()
    assert desk.tasks == 0
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done"], 1)


def test_f56_taken_while_the_reply_is_on_its_way(desk: Desk) -> None:
    """The outcome cannot be written: the mark is in the file, and the platform is asked."""
    desk.post()
    impatient(desk)
    drawn, taken = desk.life.wires["wecom"]._trouble, []

    def taking(path: str) -> object:
        if "add_msg" in path:
            taken.append(taken_by_another(desk))
            taken[0].__enter__()
        return drawn(path)

    desk.life.wires["wecom"]._trouble = taking  # type: ignore[method-assign,assignment]
    with pytest.raises(StoreLockedError):
        desk.sync()
    desk.life.wires["wecom"]._trouble = drawn  # type: ignore[method-assign]
    taken[0].__exit__(None, None, None)
    assert (desk.states(), desk.tasks) == (["in_flight"], 1)
    for _ in range(2):
        desk.wait(LONG_S)
        desk.sync()
    assert (desk.states(), desk.tasks) == (["done"], 1)


def test_f57_a_write_takes_its_lock_at_the_start(desk: Desk) -> None:
    """A reader with an older view of the file, which could not be made a writer any more, stops nobody."""
    reader = sqlite3.connect(str(desk.folder / "shop.db"), isolation_level=None)
    reader.execute("BEGIN")
    before = reader.execute("SELECT count(*) FROM outbox").fetchone()
    heard: list[str] = []
    desk.life.graph.store._db.conn.set_trace_callback(heard.append)  # type: ignore[union-attr]
    desk.post()
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done"], 1)
    assert reader.execute("SELECT count(*) FROM outbox").fetchone() == before
    reader.close()
    begun = {line for line in heard if line.startswith("BEGIN")}
    assert begun == {"BEGIN IMMEDIATE"}
