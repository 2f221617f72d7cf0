"""Many rows in one statement: every row once, in order, whatever the number."""

import pytest

from desktop.store.bulk import PORTIONS, write_rows
from desktop.store.database import Store

ADD = "INSERT INTO setting (key, value, updated_at) VALUES {rows}"
PUT = ADD + " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
LARGEST = PORTIONS[0]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, LARGEST - 1, LARGEST, LARGEST + 9, 3 * LARGEST + 12])
async def test_every_row_arrives_once_in_its_order(shop: Store, count: int) -> None:
    rows = [(f"k{number}", str(number), number) for number in range(count)]
    await shop.write(lambda tx: write_rows(tx.db.conn, ADD, rows), kind=None)
    found = await shop.read(
        lambda conn: conn.execute(
            "SELECT key, value, updated_at FROM setting WHERE key GLOB 'k[0-9]*' ORDER BY rowid"
        ).fetchall()
    )
    assert [tuple(row) for row in found] == rows


async def test_of_two_rows_for_one_key_the_later_stands(shop: Store) -> None:
    rows = [(f"k{number % 5}", str(number), 1) for number in range(LARGEST + 20)]
    await shop.write(lambda tx: write_rows(tx.db.conn, PUT, rows), kind=None)
    found = await shop.read(
        lambda conn: conn.execute("SELECT key, value FROM setting WHERE key GLOB 'k[0-9]'").fetchall()
    )
    assert {row[0]: row[1] for row in found} == {key: value for key, value, _ in rows}
