import asyncio
from pathlib import Path
from typing import Any

import pytest

from benchmarks.synthetic_shop import AS_OF, Size, share_of_best, write_shop
from desktop.domain.clock import SystemClock
from desktop.services.rankings import RankingService
from desktop.store import upkeep
from desktop.store.database import Store


def read(path: Path, work: Any) -> Any:
    async def run() -> Any:
        store = Store(path, SystemClock())
        await store.open()
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


def fingerprint(conn: Any) -> list[tuple[Any, ...]]:
    return [
        *map(tuple, conn.execute("SELECT uid, name, pinyin, tier FROM fan ORDER BY id")),
        *map(tuple, conn.execute('SELECT order_no, paid_cents, paid_at FROM "order" ORDER BY id')),
    ]


def test_a_seeded_shop_is_whole_the_same_twice_and_unequal_as_shops_are(tmp_path: Path) -> None:
    first = asyncio.run(write_shop(tmp_path / "a", Size(1500), seed=7))
    second = asyncio.run(write_shop(tmp_path / "b", Size(1500), seed=7))
    other = asyncio.run(write_shop(tmp_path / "c", Size(20), seed=8))

    async def look(store: Store) -> Any:
        report = await store.read(upkeep.check)
        board = await RankingService(store, SystemClock()).super_board(AS_OF)
        return report, board, await store.read(fingerprint)

    report, board, rows = read(first, look)
    assert report.is_whole, report.findings
    assert report.counts["fan"] == 1500
    assert read(second, look)[2] == rows
    assert read(other, look)[2][:20] != rows[:20]
    assert 0.12 < share_of_best(first) < 0.30
    assert board.super_users >= 1
    with pytest.raises(FileExistsError):
        asyncio.run(write_shop(tmp_path / "a", Size(1), seed=1))
