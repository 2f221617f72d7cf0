"""The history of everything sent, where there is much of it."""

from __future__ import annotations

from typing import Any

from benchmarks.sent_history import fill
from desktop.domain.sent_history import SentFilter
from desktop.store.database import Store
from desktop.store.sends import sent_history

STEPS = 1000  # of SQLite's machine between two counts


def steps_of(conn: Any) -> int:
    """What a page costs, in thousands of steps of SQLite's machine: the same on every computer."""
    taken: list[int] = []
    conn.set_progress_handler(lambda: taken.append(1), STEPS)
    try:
        sent_history.listed(conn, SentFilter(), 100, 0)
    finally:
        conn.set_progress_handler(None, STEPS)
    return len(taken)


async def test_twice_as_many_cost_twice_as_much(store: Store) -> None:
    """Not four times: what went out here and what the platform lists are never compared each with each."""
    await store.write(lambda tx: fill(tx, 1000), kind=None)
    some = await store.read(steps_of)
    await store.write(lambda tx: tx.db.execute("DELETE FROM attempt"), kind=None)
    for table in ("outbox", "mass_send_record", "account"):
        await store.write(lambda tx, t=table: tx.db.execute(f"DELETE FROM {t}"), kind=None)
    await store.write(lambda tx: fill(tx, 2000), kind=None)
    assert await store.read(steps_of) < 2.5 * some


async def test_how_far_our_own_came_is_told_with_them(store: Store) -> None:
    def linked(tx: Any) -> None:
        fill(tx, 20)
        tx.db.execute(
            "INSERT INTO mass_send_record (account_id, external_id, chat_type, created_at, staff_asked,"
            " staff_confirmed, outbox_id) VALUES (1, 'msg1', 'single', 0, 3, 2, 1)"
        )
        tx.db.execute(
            "INSERT INTO moment (account_id, external_id, created_at, staff_asked, staff_published, outbox_id)"
            " VALUES (1, 'mom2', 0, 5, 4, 2)"
        )

    await store.write(linked, kind=None)
    rows = await store.read(lambda conn: sent_history.listed(conn, SentFilter(is_ours=True), 100, 0))
    told = {row.platform_id: (row.staff_asked, row.staff_confirmed) for row in rows}
    assert (told["msg0"], told["msg1"], told["msg2"]) == ((3, 2), (5, 4), (None, None))
