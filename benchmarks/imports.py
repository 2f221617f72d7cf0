"""Orders from a file into the shop, beside what others need to put the same rows into one table.

    python -m benchmarks.imports [--rows 20000] [--rounds 3] [--xlsx-rows 20000] [--peers PYTHON]

Every way is a process of its own, each timed in turn, round by round (medians of CPU seconds, with the start of
its interpreter; the most memory it held). Only ours checks every cell, knows the buyers, keeps what undo needs,
and decides tiers. `--peers` names an interpreter that has pandas and openpyxl.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import xlsxwriter

from benchmarks.synthetic_shop import ZONE, nickname
from desktop.domain.clock import SystemClock
from desktop.services.imports import ImportService
from desktop.services.shop import ShopService
from desktop.store.database import Store

HEADERS = (
    "order_id", "buyer_id", "buyer_name", "buyer_phone", "paid_at", "amount", "item", "quantity", "status",
)  # fmt: skip
OURS, AGAIN, OURS_XLSX = "ours, new orders", "ours, the same file again", "ours, a workbook"
TUPLES = "csv.reader and executemany"
CLI, API_WAY, SHELL = "sqlite-utils insert --csv", "sqlite-utils insert_all", "sqlite3 .import"
CALAMINE_WAY, OPENPYXL_WAY = "calamine, reading only", "openpyxl, reading only"
TABLE = f"CREATE TABLE orders ({', '.join(HEADERS)}, PRIMARY KEY (order_id))"
API = """
import csv, sys, sqlite_utils
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    sqlite_utils.Database(sys.argv[2])["orders"].insert_all(csv.DictReader(file), pk="order_id")
"""
MANY = f"""
import csv, sqlite3, sys
db = sqlite3.connect(sys.argv[2])
db.execute({TABLE!r})
with open(sys.argv[1], encoding="utf-8", newline="") as file, db:
    rows = csv.reader(file)
    next(rows)
    db.executemany("INSERT INTO orders VALUES ({", ".join("?" * len(HEADERS))})", rows)
"""
PANDAS = """
import sqlite3, sys, pandas
frame = pandas.read_csv(sys.argv[1], dtype=str)
frame.to_sql("orders", sqlite3.connect(sys.argv[2]), index=False)
"""
CALAMINE = """
import sys, python_calamine
python_calamine.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()
"""
OPENPYXL = """
import sys, openpyxl
for row in openpyxl.load_workbook(sys.argv[1], read_only=True).active.iter_rows(values_only=True):
    pass
"""


def rows_of(count: int, seed: int = 1) -> Iterator[list[str]]:
    """Seeded orders of a third as many buyers."""
    chance = random.Random(seed)
    people = [
        (f"b{i:07d}", nickname(chance), f"138{chance.randrange(10**8):08d}")
        for i in range(max(1, count // 3))
    ]
    for i in range(count):
        day = f"2026-{chance.randrange(1, 11):02d}-{chance.randrange(1, 28):02d}"
        moment = f"{day} {chance.randrange(24):02d}:{chance.randrange(60):02d}:00"
        cents = chance.randrange(500, 60_000)
        money = f"{cents // 100}.{cents % 100:02d}"
        yield [f"69{10**16 + i * 7919}", *chance.choice(people), moment, money, "秋月梨", "1", "已完成"]


def write_file(path: Path, rows: int) -> None:
    """A CSV file of so many orders."""
    with path.open("w", newline="", encoding="utf-8") as handle:
        out = csv.writer(handle)
        out.writerow(HEADERS)
        out.writerows(rows_of(rows))


def write_workbook(path: Path, rows: int) -> None:
    """The same as a workbook of text cells."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADERS)
    for at, row in enumerate(rows_of(rows), start=1):
        for column, cell in enumerate(row):
            sheet.write_string(at, column, cell)
    book.close()


async def bring_in(path: Path, folder: Path) -> None:
    """What our ways do: read, compare, commit."""
    store = Store(folder / "shop.db", SystemClock())
    is_new = not (folder / "shop.db").exists()
    await store.open()
    try:
        if is_new:
            await ShopService(store).create("Benchmark", "frequent-online", ZONE)
        imports = ImportService(store, SystemClock())
        result = await imports.commit(await imports.plan(path, source="generic_orders"))
        assert result.counts["rejected"] == 0
    finally:
        await store.close()


def run(command: list[str]) -> tuple[float, float]:
    """(CPU seconds with its children's, the most memory in MB) of a command."""
    before = os.times()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[:4]} ended with {process.returncode}")
    after = os.times()
    spent = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    return spent, usage.ru_maxrss / 1024


def ways(csv_file: Path, workbook: Path, folder: Path, peers: str) -> Mapping[str, list[str]]:
    """The commands, in the order in which they are run; `folder` is new each round."""
    mine, source = [sys.executable, "-m", "benchmarks.imports"], str(csv_file)
    found = {
        OURS: [*mine, "--bring", source, str(folder / "ours")],
        AGAIN: [*mine, "--bring", source, str(folder / "ours")],
        CLI: [
            sys.executable, "-m", "sqlite_utils", "insert", str(folder / "cli.db"), "orders", source, "--csv",
            "--pk", "order_id",
        ],
        API_WAY: [sys.executable, "-c", API, source, str(folder / "api.db")],
        TUPLES: [sys.executable, "-c", MANY, source, str(folder / "many.db")],
        OURS_XLSX: [*mine, "--bring", str(workbook), str(folder / "book")],
        CALAMINE_WAY: [sys.executable, "-c", CALAMINE, str(workbook)],
    }  # fmt: skip
    shell = shutil.which("sqlite3")
    if shell:
        found[SHELL] = [
            shell, str(folder / "shell.db"), TABLE, ".mode csv", f".import --skip 1 {source} orders",
        ]  # fmt: skip
    if peers:
        found["pandas read_csv, to_sql"] = [peers, "-c", PANDAS, source, str(folder / "pandas.db")]
        found[OPENPYXL_WAY] = [peers, "-c", OPENPYXL, str(workbook)]
    return found


def compared(
    rows: int, workbook_rows: int, rounds: int, peers: str
) -> dict[str, list[tuple[float, float]]]:
    """(CPU seconds, MB) of each way, a round each."""
    spent: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        csv_file, workbook = Path(scratch) / "orders.csv", Path(scratch) / "orders.xlsx"
        write_file(csv_file, rows)
        write_workbook(workbook, workbook_rows)
        for turn in range(rounds):
            folder = Path(scratch) / str(turn)
            folder.mkdir()
            for name, command in ways(csv_file, workbook, folder, peers).items():
                spent.setdefault(name, []).append(run(command))
            shutil.rmtree(folder)
    return spent


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--xlsx-rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default="", help="an interpreter with pandas and openpyxl")
    parser.add_argument("--bring", nargs=2, type=Path, metavar=("FILE", "FOLDER"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.bring:
        args.bring[1].mkdir(parents=True, exist_ok=True)
        asyncio.run(bring_in(*args.bring))
        return
    spent = compared(args.rows, args.xlsx_rows, args.rounds, args.peers)
    print(f"{args.rows:,} orders as CSV, {args.xlsx_rows:,} as a workbook; median of {args.rounds} rounds")
    print(f"{'way':28}{'CPU s':>8}{'MB':>8}{'ours / it':>12}")
    for name, found in spent.items():
        middle = statistics.median(cpu for cpu, _ in found)
        mine = OURS_XLSX if "reading only" in name else OURS
        ratio = statistics.median(cpu for cpu, _ in spent[mine]) / middle
        print(f"{name:28}{middle:8.2f}{max(mb for _, mb in found):8.0f}{ratio:12.2f}")


if __name__ == "__main__":
    main()
