"""Orders from a CSV file into the shop, beside what others need for the same rows, as ratios in one run.

    python -m benchmarks.imports [--rows 20000] [--rounds 3]

Each way is timed in turn, round by round (interleaved, medians of CPU seconds). Only ours checks every
cell, knows the buyers, keeps what undo needs, and decides tiers; the others put text into one table.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.synthetic_shop import ZONE, nickname
from desktop.domain.clock import SystemClock
from desktop.services.imports import ImportService
from desktop.services.shop import ShopService
from desktop.store.database import Store

HEADERS = (
    "order_id", "buyer_id", "buyer_name", "buyer_phone", "paid_at", "amount", "item", "quantity", "status",
)  # fmt: skip
BARE = "ready tuples, executemany"


def write_file(path: Path, rows: int, seed: int = 1) -> None:
    chance = random.Random(seed)
    people = [
        (f"b{i:07d}", nickname(chance), f"138{chance.randrange(10**8):08d}")
        for i in range(max(1, rows // 3))
    ]
    with path.open("w", newline="", encoding="utf-8") as handle:
        out = csv.writer(handle)
        out.writerow(HEADERS)
        for i in range(rows):
            day = f"2026-{chance.randrange(1, 11):02d}-{chance.randrange(1, 28):02d}"
            moment = f"{day} {chance.randrange(24):02d}:{chance.randrange(60):02d}:00"
            cents = chance.randrange(500, 60_000)
            money = f"{cents // 100}.{cents % 100:02d}"
            out.writerow(
                [f"69{10**16 + i * 7919}", *chance.choice(people), moment, money, "秋月梨", 1, "已完成"]
            )


def cpu() -> float:
    mine = os.times()
    return mine.user + mine.system + mine.children_user + mine.children_system


async def ours(folder: Path, path: Path, times: dict[str, list[float]]) -> None:
    store = Store(folder / "shop.db", SystemClock())
    await store.open()
    try:
        await ShopService(store).create("Benchmark", "frequent-online", ZONE)
        imports = ImportService(store, SystemClock())
        for name in ("new orders", "the same file again"):
            started = cpu()
            await imports.commit(await imports.plan(path, source="generic_orders"))
            times.setdefault(name, []).append(cpu() - started)
    finally:
        await store.close()


def sqlite_utils_cli(folder: Path, path: Path) -> None:
    command = ["insert", str(folder / "cli.db"), "orders", str(path), "--csv", "--pk", "order_id"]
    subprocess.run([sys.executable, "-m", "sqlite_utils", *command], check=True, capture_output=True)


def bare(folder: Path, tuples: list[list[str]]) -> None:
    db = sqlite3.connect(folder / "bare.db")
    db.execute(f"CREATE TABLE orders ({', '.join(HEADERS)}, PRIMARY KEY (order_id))")
    with db:
        db.executemany(f"INSERT INTO orders VALUES ({', '.join('?' * len(HEADERS))})", tuples)
    db.close()


def timed(times: dict[str, list[float]], name: str, work: Callable[[], None]) -> None:
    started = cpu()
    work()
    times.setdefault(name, []).append(cpu() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "orders.csv"
        write_file(path, args.rows)
        with path.open(encoding="utf-8") as handle:
            tuples = list(csv.reader(handle))[1:]
        for turn in range(args.rounds):
            folder = Path(scratch) / str(turn)
            folder.mkdir()
            asyncio.run(ours(folder, path, times))
            timed(times, "sqlite-utils insert --csv", lambda f=folder: sqlite_utils_cli(f, path))
            timed(times, BARE, lambda f=folder: bare(f, tuples))
    floor = statistics.median(times[BARE])
    print(f"{args.rows:,} orders, CPU seconds, median of {args.rounds}")
    for name, spent in times.items():
        middle = statistics.median(spent)
        print(f"{name:28}{middle:8.2f} s{middle / floor:8.1f} x {BARE}")


if __name__ == "__main__":
    main()
