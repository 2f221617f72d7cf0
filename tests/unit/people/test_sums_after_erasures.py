"""Erasing anybody, in any order, changes no sum of money and no count of orders, and leaves the file whole."""

import asyncio
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.errors import ConflictError
from desktop.store import upkeep
from desktop.store.boards import home
from desktop.store.database import Store
from desktop.store.erasures import erasing
from desktop.store.erasures.going import person
from tests.fakes import ZONE
from tests.unit.segments.random_shop import fill

FANS, DAY = 25, date(2026, 5, 20)
MONEY = (
    "SELECT platform, count(*), sum(is_sale), sum(paid_cents), sum(refund_cents), sum(is_sale * net_cents)"
    ' FROM "order" GROUP BY 1'
)
GOODS = (
    'SELECT item, sum(l.quantity) FROM order_line l JOIN "order" o ON o.id = order_id GROUP BY 1 ORDER BY 1'
)
REACHED = "SELECT status, count(*) FROM delivery WHERE status = 'sent' GROUP BY 1"


class _BackAgain(Exception):
    """Ends a trial: nothing of it stays."""


def sums(conn: Any) -> list[Any]:
    """What boards say of money, goods and sends."""
    chart = home.activity(conn, DAY, 400, ZONE)
    tables = [[tuple(row) for row in conn.execute(sql).fetchall()] for sql in (MONEY, GOODS, REACHED)]
    sales = [kpi.value for kpi in home.kpis(conn, DAY, ZONE, chart) if kpi.key == "sales"]
    return [*tables, chart.sales_cents, chart.orders, sales]


@pytest.fixture
def filled(shop: Store, runner: asyncio.Runner) -> Store:
    def work(tx: Any) -> None:
        fill(tx, 7, FANS)
        post = tx.db.execute("INSERT INTO post (id, uid, created_at, updated_at) VALUES (1, 'p', 0, 0)")
        assert post.rowcount == 1
        tx.db.execute("UPDATE outbox SET payload = '{\"targets\": [], \"version\": 2}', platform_id = 'm'")

    runner.run(shop.write(work, kind=None))
    return shop


def test_sums_stay_whoever_goes(filled: Store, runner: asyncio.Runner) -> None:
    fans = runner.run(filled.read(lambda conn: [row[0] for row in conn.execute("SELECT id FROM fan")]))
    broken = runner.run(filled.read(upkeep.domain))

    @settings(max_examples=20)
    @given(st.lists(st.sampled_from(fans), min_size=1, max_size=6, unique=True))
    def trial(who: list[int]) -> None:
        def work(tx: Any) -> None:
            before = sums(tx.db)
            for fan_id in who:
                erasing.erase(tx, person(tx.db, fan_id), "tester")
            assert sums(tx.db) == before
            assert upkeep.foreign_keys(tx.db.conn) == []
            assert {one.code for one in upkeep.domain(tx.db)} <= {one.code for one in broken}
            left = tx.db.execute("SELECT count(*) FROM fan").fetchone()[0]
            assert left == len(fans) - len(who)
            raise _BackAgain

        with pytest.raises(_BackAgain):
            runner.run(filled.write(work, kind=None))

    trial()
    with pytest.raises(ConflictError):
        runner.run(filled.write(lambda tx: _with_open_end(tx, fans[3]), kind=None))


def _with_open_end(tx: Any, fan_id: int) -> None:
    identity = tx.db.execute("SELECT id FROM identity WHERE fan_id = ?", (fan_id,)).fetchone()[0]
    tx.db.execute("UPDATE outbox SET state = 'unknown'")
    tx.db.execute(
        "INSERT INTO delivery (outbox_id, target_kind, target_external_id, identity_id, status, updated_at)"
        " VALUES (1, 'fan', 'open', ?, 'unknown', 0)",
        (identity,),
    )
    erasing.erase(tx, person(tx.db, fan_id), "tester")
