"""Orders of the interface and of files meet in the same rows: none doubled, no status back, in any sequence."""

import random
from dataclasses import replace

import pytest

from desktop.domain.accounts import Account, AccountState
from desktop.domain.identity import IdentityKey, phone_key
from desktop.domain.imports import OrderLine, OrderRecord
from desktop.domain.live_orders import LiveOrder
from desktop.domain.order_merge import FORWARD
from desktop.store.accounts import accounts
from desktop.store.database import Store
from desktop.store.effects import NO_EFFECTS
from desktop.store.imports.import_orders import OrderImport
from desktop.store.pulled import platform_orders
from desktop.store.transaction import Transaction

START = 1_700_000_000_000
LIVES = ("unpaid", "paid", "shipped", "done", "closed")
NUMBERS = ("401", "402", "403")


def record(number: str, status: str, *, by_file: bool) -> OrderRecord:
    is_paid = status != "unpaid"
    return OrderRecord(
        "doudian",
        "",
        number,
        5000,
        buyer=phone_key("13800000001") if by_file else None,
        buyer_name="张三" if by_file else "张*",
        buyer_phone="13800000001" if by_file else None,
        status=status,
        status_text=status,
        refund_status="none",
        refund_cents=0,
        created_at=START,
        paid_at=START + 1000 if is_paid else None,
        receiver={"name": "张*", "name_kind": "masked"},
        lines=(OrderLine(f"{number}1", "茶", quantity=1, paid_cents=5000),),
        is_partial=by_file,
    )


def bring_file(tx: Transaction, orders: list[OrderRecord], exported_at: int) -> None:
    one = OrderImport("update", "import:x", exported_at)
    one.prepare(tx.db.conn, orders)
    for order in orders:
        one.bring(tx, order, NO_EFFECTS, set())
    one.flush(tx)


@pytest.mark.parametrize("seed", range(12))
async def test_whoever_tells_and_in_whatever_order(shop: Store, seed: int) -> None:
    chance = random.Random(seed)

    def connect(tx: Transaction) -> Account:
        id_ = accounts.save(tx, "acc", "doudian", "抖店", "http://127.0.0.1:1", "55")
        return Account(id_, "acc", "doudian", "抖店", "http://127.0.0.1:1", "55", AccountState.NEW, 0)

    account = await shop.write(connect, kind=None)
    buyer = IdentityKey("doudian", "55", "open-1")
    reached = dict.fromkeys(NUMBERS, "unknown")
    told = set()
    for _ in range(14):
        number, status = chance.choice(NUMBERS), chance.choice(LIVES)
        seen_at = START + chance.randrange(10) * 1000
        told.add(number)
        if chance.random() < 0.5:
            order = record(number, status, by_file=True)
            await shop.write(lambda tx, o=order, at=seen_at: bring_file(tx, [o], at), kind=None)
        else:
            live = LiveOrder(replace(record(number, status, by_file=False), buyer=buyer), (buyer,), seen_at)
            await shop.write(
                lambda tx, o=live, at=seen_at: platform_orders.ingest(tx, account, [o, o], at), kind=None
            )
        before = reached[number]
        reached[number] = max(before, status, key=FORWARD.index)
        rows = await shop.read(
            lambda conn: [tuple(r) for r in conn.execute('SELECT order_no, status, fan_id FROM "order"')]
        )
        assert {row[0]: row[1] for row in rows} == {one: reached[one] for one in told}
        assert len(rows) == len(told)
    lines = await shop.read(
        lambda conn: [tuple(r) for r in conn.execute("SELECT line_no FROM order_line ORDER BY line_no")]
    )
    assert lines == [(f"{number}1",) for number in sorted(told)]


async def test_an_open_id_joins_the_fan_a_file_named_for_the_same_order(shop: Store) -> None:
    def work(tx: Transaction) -> list[tuple[object, ...]]:
        id_ = accounts.save(tx, "acc", "doudian", "抖店", "http://127.0.0.1:1", "55")
        account = Account(id_, "acc", "doudian", "抖店", "http://127.0.0.1:1", "55", AccountState.NEW, 0)
        bring_file(tx, [record("401", "paid", by_file=True)], START)
        buyer = IdentityKey("doudian", "55", "open-1")
        live = LiveOrder(replace(record("401", "paid", by_file=False), buyer=buyer), (buyer,), START)
        platform_orders.ingest(tx, account, [live], START + 5000)
        bring_file(tx, [record("401", "shipped", by_file=True)], START + 9000)
        rows = tx.db.execute(
            "SELECT i.platform, i.fan_id, o.identity_id = i.id FROM identity i"
            ' JOIN "order" o ON o.fan_id = i.fan_id ORDER BY i.id'
        )
        return [tuple(row) for row in rows.fetchall()]

    found = await shop.write(work, kind=None)
    assert [(row[0], row[2]) for row in found] == [("phone", 0), ("doudian", 1)]
