"""Two commands started in the same moment on one folder."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from desktop.store import upkeep
from desktop.store.engine import sqlite3
from tests.e2e.command_line import Shop, document, environment, new_shop, refusal
from tests.e2e.forks import Forks
from tests.e2e.orders import seeded_orders, write_csv

ROUNDS = 20


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_both_write_in_turn_or_one_is_refused(tmp_path: Path) -> None:
    """Held at a gate until both are ready; then 20 rounds of two notes on the same fan."""
    shop = new_shop(tmp_path)
    file = write_csv(shop.cwd / "orders.csv", seeded_orders(5, buyers=3))
    shop.ok("import", file, "--source", "generic_orders")
    written = 0
    gate = tmp_path / "go"
    with closing(Forks()) as one, closing(Forks()) as two, ThreadPoolExecutor(2) as both:
        for number in range(ROUNDS):
            gate.unlink(missing_ok=True)
            for each, name in ((one, "one"), (two, "two")):
                words = ("--data-dir", str(shop.data), "fan", "note", "1", f"{name} {number}", "--json")
                each.begin(words, shop.cwd, environment(), gate=gate)
            gate.touch()
            ended = list(both.map(lambda each: each.ended(()), (one, two)))
            worked = [done for done in ended if done.returncode == 0]
            assert worked
            notes = {document(done.stdout)["note"] for done in worked}
            for done in ended:
                if done.returncode != 0:
                    error = refusal(done)
                    assert (error["code"], error["data_changed"]) == ("store_locked", False)
            written += len(worked)
            with opened(shop) as conn:
                assert conn.execute("SELECT note FROM fan WHERE id = 1").fetchone()[0] in notes
    with opened(shop) as conn:
        logged = conn.execute("SELECT count(*) FROM operation WHERE kind = 'fan.note'").fetchone()
        assert logged[0] == written
        assert upkeep.check(conn).is_whole
    assert shop.is_whole()


@contextmanager
def opened(shop: Shop) -> Iterator[Any]:
    """The file, read beside the program."""
    with closing(sqlite3.connect(str(shop.data / "shop.db"))) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


@pytest.mark.slow
def test_cold_starts_wait_for_each_other(tmp_path: Path) -> None:
    """The same with whole processes: imports of two files, begun together."""
    shop = new_shop(tmp_path)
    files = [
        write_csv(shop.cwd / f"{seed}.csv", seeded_orders(30, buyers=9, seed=seed)[:30]) for seed in (1, 2)
    ]
    started = [shop.start("import", file, "--source", "generic_orders") for file in files]
    ended = [child.communicate("", timeout=60) for child in started]
    assert [child.returncode for child in started] == [0, 0], ended
    assert sum(document(out)["new"] for out, _ in ended) == 60
    assert shop.ok("check")["counts"]["order"] == 60
