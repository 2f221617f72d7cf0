"""What the directory promises, beside its peers in one run: start, memory, jumps, orders, search, upkeep.

    python -m benchmarks.directory_goals --folder DIR [--sizes 10000 100000 1000000] [--pandas PYTHON]

DIR/<size>/shop.db is made where it is missing (a million by copies of the size before it). Peers: a
bare window and a stock table with a constant text; LIKE over the same columns; one FTS5 table of
trigrams; a Python list; pandas, when `--pandas` names an interpreter that has it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sqlite3 as plain_sqlite
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.synthetic_shop import Size, multiply, write_shop
from desktop.domain.fans import FanFilter, FanSort
from desktop.store.engine import sqlite3
from desktop.store.fans import fan_orders, search, search_index
from desktop.store.fans.names import spellings

FIRST = 100
RENAMES = 10_000
KINDS = (
    "1 character",
    "2 characters",
    "3 characters",
    "pinyin",
    "initials",
    "phone ending",
    "tag",
    "order",
)
LIKE = """
SELECT id FROM fan WHERE name LIKE :part OR (:spelled <> '' AND (pinyin LIKE :spelled OR initials LIKE :spelled))
    OR (:phone <> '' AND phone LIKE :phone)
UNION SELECT fan_id FROM identity WHERE name LIKE :part OR (:number <> '' AND external_id LIKE :number
    AND platform <> 'phone')
UNION SELECT fan_id FROM follow JOIN identity ON identity.id = identity_id WHERE remark LIKE :part
UNION SELECT fan_id FROM fan_tag JOIN tag ON tag.id = tag_id WHERE tag.name LIKE :part AND removed_at IS NULL
UNION SELECT fan_id FROM "order" WHERE :number <> '' AND order_no LIKE :number AND fan_id IS NOT NULL
"""
COLUMN = {
    "pinyin": "SELECT id FROM fan WHERE pinyin LIKE :part LIMIT 100",
    "initials": "SELECT id FROM fan WHERE initials LIKE :part LIMIT 100",
    "phone ending": "SELECT id FROM fan WHERE phone LIKE :part LIMIT 100",
    "tag": "SELECT fan_id FROM fan_tag JOIN tag ON tag.id = tag_id WHERE name LIKE :part LIMIT 100",
    "order": 'SELECT fan_id FROM "order" WHERE order_no LIKE :part LIMIT 100',
}
PANDAS = """
import sqlite3, sys, time, pandas
frame = pandas.read_sql("SELECT fan_id, spend_cents FROM fan_stats", sqlite3.connect(sys.argv[1]))
spent = []
for _ in range(5):
    started = time.process_time()
    frame.sort_values("spend_cents", ascending=False).head(100)
    spent.append((time.process_time() - started) * 1000)
print(sorted(spent)[2])
"""


def percentile(values: list[float], share: float) -> float:
    """The value below which that share lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def spent(work: Callable[[], object]) -> float:
    """Milliseconds of CPU: other people's work on a shared machine is not in them."""
    started = time.thread_time()
    work()
    return (time.thread_time() - started) * 1000


def reader(path: Path) -> Any:
    """A connection as the store's readers have it."""
    conn = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    conn.row_factory = sqlite3.Row
    return conn


async def shop(folder: Path, size: int, smaller: int) -> Path:
    """The shop of that size."""
    place = folder / str(size)
    path = place / "shop.db"
    if path.exists():
        return path
    place.mkdir(parents=True, exist_ok=True)
    if smaller and size % smaller == 0 and size > 100_000:
        shutil.copy(folder / str(smaller) / "shop.db", path)
        await multiply(path, size // smaller)
        return path
    return await write_shop(place, Size(size), seed=1)


def texts(conn: Any, each: int) -> dict[str, list[str]]:
    """Words of each kind that somebody really has, seeded."""
    chance, found = random.Random(2), {kind: [] for kind in KINDS}
    top = conn.execute("SELECT max(id) FROM fan").fetchone()[0]
    tags = [row[0] for row in conn.execute("SELECT name FROM tag")]
    while len(found["phone ending"]) < each:
        row = conn.execute("SELECT * FROM fan WHERE id = ?", (chance.randint(1, top),)).fetchone()
        if row is None or not row["phone"] or len(row["name"]) < 3:
            continue
        name, at = row["name"], chance.randrange(len(row["name"]) - 2)
        found["1 character"].append(name[at])
        found["2 characters"].append(name[at : at + 2])
        found["3 characters"].append(name[at : at + 3])
        found["pinyin"].append(spellings(name[-2:])[0] or row["pinyin"])
        found["initials"].append(row["initials"][:3])
        found["phone ending"].append(row["phone"][-4:])
        found["tag"].append(chance.choice(tags))
        order = conn.execute('SELECT order_no FROM "order" WHERE id = ?', (chance.randint(1, top),))
        found["order"].append(order.fetchone()[0])
    return found


def like_values(text: str) -> dict[str, str]:
    """The parameters of LIKE for the same people."""
    spelled, digits = search.spelled_form(text), search.phone_digits(text)
    named = any(ch.isascii() and ch.isalnum() for ch in text)
    return {
        "part": f"%{text}%",
        "spelled": f"%{spelled}%" if spelled else "",
        "phone": f"%{digits}" if digits else "",
        "number": (f"%{text}" if len(text) >= search.MIN_ID_PART else text) if named else "",
    }


def searching(conn: Any, each: int, likes: int) -> list[tuple[str, float, float, float, float]]:
    """Kind, our p50 and p99 for the first 100 by spend, p50 of LIKE for the same, of LIKE on one column."""
    found = []
    for kind, words in texts(conn, each).items():
        ours: list[float] = []
        theirs: list[float] = []
        column: list[float] = []
        for at, word in enumerate(words):
            wanted = FanFilter(search=word)
            ours.append(spent(lambda wanted=wanted: fan_orders.first(conn, wanted, limit=FIRST)))
            if at < likes:
                values = like_values(word)
                theirs.append(spent(lambda values=values: conn.execute(LIKE, values).fetchall()))
                one = COLUMN.get(kind, "SELECT id FROM fan WHERE name LIKE :part LIMIT 100")
                column.append(spent(lambda one=one, values=values: conn.execute(one, values).fetchall()))
                same = {row[0] for row in conn.execute(LIKE, values)}
                if same != set(fan_orders.everybody(conn, wanted)):
                    raise AssertionError(f"{kind}: another answer than LIKE for {word}")
        found.append(
            (
                kind,
                statistics.median(ours),
                percentile(ours, 0.99),
                statistics.median(theirs),
                statistics.median(column),
            )
        )
    return found


def sorting(conn: Any, path: Path, pandas: str) -> dict[str, float]:
    """Milliseconds of the first page and of the whole order, and of the peers."""
    sorts = (FanSort.SPEND, FanSort.NAME, FanSort.LAST_ORDER, FanSort.ORDERS, FanSort.TIER)
    everybody = FanFilter()
    rows = conn.execute("SELECT fan_id, spend_cents FROM fan_stats").fetchall()
    pairs = [(row[1], row[0]) for row in rows]
    found = {
        "first page, worst of five columns": max(
            statistics.median(spent(lambda s=s: fan_orders.first(conn, everybody, s)) for _ in range(9))
            for s in sorts
        ),
        "whole order by spend": statistics.median(
            spent(lambda: fan_orders.everybody(conn, everybody)) for _ in range(5)
        ),
        "whole order by name": statistics.median(
            spent(lambda: fan_orders.everybody(conn, everybody, FanSort.NAME)) for _ in range(3)
        ),
        "Python list sorted": statistics.median(
            spent(lambda: sorted(pairs, reverse=True)[:FIRST]) for _ in range(3)
        ),
        "top 100 by index": statistics.median(
            spent(lambda: fan_orders.first(conn, everybody, limit=FIRST)) for _ in range(25)
        ),
        "top 100 by a scan": statistics.median(
            spent(
                lambda: conn.execute(
                    "SELECT fan_id FROM fan_stats NOT INDEXED ORDER BY spend_cents DESC LIMIT 100"
                ).fetchall()
            )
            for _ in range(5)
        ),
    }
    if pandas:
        said = subprocess.run([pandas, "-c", PANDAS, path], capture_output=True, text=True, check=True)
        found["pandas sort_values + head"] = float(said.stdout)
    return found


def upkeep(path: Path, scratch: Path) -> dict[str, float]:
    """10 000 renames with the index kept, without it, and with FTS5 trigrams; all on a copy."""
    copy = scratch / "upkeep.db"
    shutil.copy(path, copy)
    conn = sqlite3.connect(copy, isolation_level=None)
    conn.execute("PRAGMA journal_mode = WAL")
    chance = random.Random(3)
    top = conn.execute("SELECT max(id) FROM fan").fetchone()[0]
    ids = chance.sample(range(1, top + 1), min(RENAMES, top))
    names = [row[0] for row in conn.execute(f"SELECT name FROM fan LIMIT {len(ids)}")]
    rows = [(name[::-1], *spellings(name[::-1]), one) for name, one in zip(names, ids, strict=True)]
    change = "UPDATE fan SET name = ?, pinyin = ?, initials = ? WHERE id = ?"

    def renamed() -> None:
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany(change, rows)
        search_index.catch_up(conn)
        conn.execute("COMMIT")

    def taken_back() -> None:
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany(change, [(row[0] + "二", row[1] + "er", row[2] + "e", row[3]) for row in rows])
        search_index.catch_up(conn)
        conn.execute("COMMIT")

    found = {"10 000 renames, index kept": (spent(renamed) + spent(taken_back)) / 2}
    conn.execute("DROP TRIGGER fan_renamed")
    found["10 000 renames, no index"] = (spent(renamed) + spent(taken_back)) / 2
    conn.execute(
        "CREATE VIRTUAL TABLE peer USING fts5 (name, pinyin, initials, phone, content='fan',"
        " content_rowid='id', tokenize='trigram')"
    )
    conn.execute("INSERT INTO peer (peer) VALUES ('rebuild')")
    conn.execute(
        "CREATE TRIGGER peer_kept AFTER UPDATE OF name, pinyin, initials ON fan BEGIN"
        " INSERT INTO peer (peer, rowid, name, pinyin, initials, phone)"
        " VALUES ('delete', old.id, old.name, old.pinyin, old.initials, old.phone);"
        " INSERT INTO peer (rowid, name, pinyin, initials, phone)"
        " VALUES (new.id, new.name, new.pinyin, new.initials, new.phone); END"
    )
    found["10 000 renames, FTS5 trigrams"] = (spent(renamed) + spent(taken_back)) / 2
    conn.close()
    for name in ("upkeep.db", "upkeep.db-wal", "upkeep.db-shm"):
        (scratch / name).unlink(missing_ok=True)
    return found


def megabytes(path: Path) -> dict[str, float]:
    """Of tables and of what searching adds."""
    conn = plain_sqlite.connect(path)
    sizes = dict(conn.execute("SELECT name, sum(pgsize) / 1e6 FROM dbstat GROUP BY name"))
    conn.close()
    ours = ("fan_words", "fan_phone_ending", "identity_ending", "order_ending")
    return {
        "fan": sizes["fan"],
        "identity": sizes["identity"],
        "fan_index": sum(size for name, size in sizes.items() if name.startswith("fan_index")),
        **{name: sizes[name] for name in ours},
    }


def window(way: str, folder: Path | None = None) -> dict[str, Any]:
    """One process of the window, with compiled modules kept as an installed program has them."""
    words = [sys.executable, "-m", "benchmarks.directory_window", way, *([str(folder)] if folder else [])]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": ""}
    if sys.pycache_prefix is None and os.environ.get("PYTHONDONTWRITEBYTECODE"):
        environment["PYTHONPYCACHEPREFIX"] = str(
            Path(tempfile.gettempdir()) / "fankeeper-benchmark-pycache"
        )
    said = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    figures: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return figures


def windows(folder: Path, rounds: int) -> dict[str, float]:
    """Start, memory and jumps, the three ways in turn; medians."""
    window("fans", folder)  # compiles what was not
    runs = [(window("bare"), window("constant"), window("fans", folder)) for _ in range(rounds)]
    middle = lambda way, key: statistics.median(run[way][key] for run in runs)  # noqa: E731
    ninety_nine = lambda way: statistics.median(percentile(run[way]["jumps"], 0.99) for run in runs)  # noqa: E731
    return {
        "first rows painted, s": middle(2, "first_s"),
        "bare window, s": middle(0, "first_s"),
        "whole order known, s": middle(2, "whole_s"),
        "memory after 300 jumps and 4 sorts, MB": middle(2, "end_mb"),
        "bare window, MB": middle(0, "end_mb"),
        "jump and repaint p50": statistics.median(percentile(run[2]["jumps"], 0.5) for run in runs),
        "jump and repaint p99": ninety_nine(2),
        "constant text p50": statistics.median(percentile(run[1]["jumps"], 0.5) for run in runs),
        "constant text p99": ninety_nine(1),
        "click to the sorted first page": statistics.median(
            one for run in runs for one in run[2]["sorts_ms"]
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--words", type=int, default=60, help="searches of each kind")
    parser.add_argument("--likes", type=int, default=5, help="of which LIKE answers so many too")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pandas", default="", help="an interpreter that has pandas")
    args = parser.parse_args()
    smaller = 0
    for size in sorted(args.sizes):
        path = asyncio.run(shop(args.folder, size, smaller))
        smaller = size
        load = os.getloadavg()[0]
        print(f"\n## {size:,} fans (load {load:.1f})\n\n| measure (CPU) | |\n| --- | ---: |")
        conn = reader(path)
        for kind, p50, p99, like, column in searching(conn, args.words, args.likes):
            print(
                f"| search, {kind} | p50 {p50:.2f}, p99 {p99:.2f} ms; LIKE {like:.0f} ms"
                f" (1/{like / p99:.0f} at p99); one column {column:.0f} ms |"
            )
        for name, value in sorting(conn, path, args.pandas).items():
            print(f"| {name} | {value:.2f} ms |")
        conn.close()
        sys.stdout.flush()
        for name, value in windows(path.parent, args.rounds).items():
            print(f"| {name} | {value:.2f} |")
        for name, value in megabytes(path).items():
            print(f"| {name} | {value:.1f} MB |")
        for name, value in upkeep(path, args.folder).items():
            print(f"| {name} | {value:.0f} ms |", flush=True)


if __name__ == "__main__":
    main()
