"""Builds of the program that are wrong on purpose: the harness must find them out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from desktop.store import database
from desktop.store.sends import outbox as outbox_rows


@contextlib.contextmanager
def applied(name: str) -> Iterator[None]:
    """The program with one promise broken; "" is the program as it is."""
    with contextlib.ExitStack() as ending:
        for target, attribute, value in MUTANTS[name]() if name else ():
            ending.callback(setattr, target, attribute, getattr(target, attribute))
            setattr(target, attribute, value)
        yield


def lazy_sync() -> list[tuple[Any, str, Any]]:
    """Commits return before they are on the disk."""
    changed = tuple(pragma.replace("= FULL", "= NORMAL") for pragma in database.PRAGMAS)
    assert changed != database.PRAGMAS
    return [(database, "PRAGMAS", changed)]


def no_mark() -> list[tuple[Any, str, Any]]:
    """The mark before a request is no commit of its own: it goes with the outcome's."""
    begin = outbox_rows.begin_attempt
    open_marks: list[int] = []

    def marked(tx: Any, *args: Any, **more: Any) -> int:
        open_marks.append(1)
        return begin(tx, *args, **more)

    @contextlib.contextmanager
    def merging(db: Any) -> Iterator[Any]:
        if not db.conn.in_transaction:
            db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            if open_marks:
                open_marks.clear()
                return
            db.execute("COMMIT")
        except BaseException:
            if db.conn.in_transaction:
                db.conn.rollback()
            raise

    return [(outbox_rows, "begin_attempt", marked), (database, "immediate", merging)]


MUTANTS: dict[str, Callable[[], list[tuple[Any, str, Any]]]] = {"lazy_sync": lazy_sync, "no_mark": no_mark}
