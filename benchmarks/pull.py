"""The pull of customers beside what nobody can do without, as ratios in one run.

    python -m benchmarks.pull [--customers 100000] [--rounds 3] [--json FILE]

The sandbox serves from a process of its own. Round by round, in turn (interleaved, medians):
the program's own round into a fresh shop, on asyncio's loop and on the window's; a bare HTTP client
that asks for the same pages and only decodes them; bare inserts of the same fans, identities and
friendships, one transaction a page, same schema and pragmas, without and with the search
index. Only the first two check, compare, know
people again, keep cursors, timeline, tags, tiers and the operation log.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from desktop.domain.clock import SystemClock
from desktop.store.database import PRAGMAS, Store
from desktop.store.engine import sqlite3, version
from desktop.store.fans import search_index
from desktop.sync.pull_people import ENOUGH

ROOT = Path(__file__).resolve().parent.parent
PAGE = 100
IDLE_S = 5.0
FIRST, QT, AGAIN, HTTP, SQL, INDEXED, IDLE = (
    "first pull, asyncio",
    "first pull, the window's loop",
    "second pull, nothing new",
    "bare HTTP and decoding",
    "bare inserts",
    "bare inserts and the search index",
    "a process that does nothing",
)
TABLES = {
    "fan": "SELECT fan.* FROM fan JOIN identity AS i ON i.fan_id = fan.id WHERE i.platform = 'wecom'"
    " ORDER BY i.id",
    "identity": "SELECT * FROM identity WHERE platform = 'wecom' ORDER BY id",
    "follow": "SELECT * FROM follow ORDER BY identity_id",
}
MARKING = ("fan_added", "identity_added", "follow_added")  # each marks a fan for the search index
Figures = dict[str, list[dict[str, Any]]]


@contextmanager
def sandbox(customers: int, staff: int) -> Iterator[dict[str, Any]]:
    """A running sandbox: its address and credentials."""
    size = ["--fans", str(customers), "--staff", str(staff), "--groups", "1"]
    command = [sys.executable, "-m", "desktop.sandbox", *size, "--with-parent"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["platforms"]["wecom"]
    finally:
        process.terminate()
        process.wait()


def ours(folder: Path, wecom: dict[str, Any], loop: str) -> dict[str, Any]:
    """One run of the program in a process of its own."""
    words = ["--folder", str(folder), "--base-url", wecom["base_url"], "--loop", loop]
    words += ["--corpid", wecom["corpid"], "--corpsecret", wecom["corpsecret"]]
    return _child(*words, *(["--again"] if loop == "asyncio" else []))


def _child(*words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.pull_run", *words]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def bare_http(wecom: dict[str, Any]) -> dict[str, Any]:
    """Every page the program reads, one after the other over one connection, decoded and dropped."""
    requests = people = 0
    started, cpu = time.perf_counter(), time.process_time()
    with httpx.Client(base_url=f"{wecom['base_url']}/cgi-bin/", trust_env=False, timeout=60) as client:

        def ask(path: str, query: dict[str, str], body: dict[str, Any] | None = None) -> Any:
            nonlocal requests
            requests += 1
            if body is None:
                return msgspec.json.decode(client.get(path, params=query).content)
            return msgspec.json.decode(client.post(path, params=query, json=body).content)

        secrets = {"corpid": wecom["corpid"], "corpsecret": wecom["corpsecret"]}
        token = {"access_token": ask("gettoken", secrets)["access_token"]}
        staff = ask("externalcontact/get_follow_user_list", token)["follow_user"]
        for one in staff:
            ask("externalcontact/list", token | {"userid": one})
        cursor, is_first = "", True
        while cursor or is_first:
            body = {"userid_list": sorted(staff), "cursor": cursor, "limit": PAGE}
            page = ask("externalcontact/batch/get_by_user", token, body)
            people += len(page["external_contact_list"])
            cursor, is_first = page["next_cursor"], False
    seconds, spent = time.perf_counter() - started, time.process_time() - cpu
    return {"seconds": seconds, "cpu_seconds": spent, "requests": requests, "rows": people}


def bare_inserts(source: Path, target: Path, *, indexed: bool) -> dict[str, Any]:
    """The rows of a pulled shop into an empty one, as many a commit as the program puts into one.

    Unless `indexed`, nothing is noted for the search.
    """
    asyncio.run(_empty_shop(target))
    rows, statements = _rows_of(source)
    db = sqlite3.connect(str(target), isolation_level=None)
    try:
        for pragma in PRAGMAS:
            db.execute(pragma)
        _known_parents(db, source)
        for trigger in () if indexed else MARKING:
            db.execute(f"DROP TRIGGER {trigger}")
        started, cpu = time.perf_counter(), time.process_time()
        for page in rows:
            db.execute("BEGIN IMMEDIATE")
            for table, portion in page.items():
                db.executemany(statements[table], portion)
            search_index.catch_up(db)
            db.execute("COMMIT")
        seconds, spent = time.perf_counter() - started, time.process_time() - cpu
    finally:
        db.close()
    return {"seconds": seconds, "cpu_seconds": spent, "pages": len(rows)}


async def _empty_shop(path: Path) -> None:
    store = Store(path, SystemClock())
    await store.open()
    await store.close()


def _rows_of(source: Path) -> tuple[list[dict[str, list[tuple[Any, ...]]]], dict[str, str]]:
    """The rows of each commit by table in the order of their insertion, and the statements for them."""
    db = sqlite3.connect(str(source))
    read = {table: db.execute(sql) for table, sql in TABLES.items()}
    statements = {
        table: f"INSERT INTO {table} ({', '.join(column[0] for column in rows.description)})"
        f" VALUES ({', '.join('?' * len(rows.description))})"
        for table, rows in read.items()
    }
    found = {table: rows.fetchall() for table, rows in read.items()}
    db.close()
    pages = []
    follows, at = found["follow"], 0
    portion = ENOUGH * PAGE
    for start in range(0, len(found["identity"]), portion):
        identities = found["identity"][start : start + portion]
        last, began = identities[-1][0], at
        while at < len(follows) and follows[at][0] <= last:
            at += 1
        fans = found["fan"][start : start + portion]
        pages.append({"fan": fans, "identity": identities, "follow": follows[began:at]})
    return pages, statements


def _known_parents(db: Any, source: Path) -> None:
    """Accounts and staff stand there before the first page, as they do in a round."""
    db.execute("ATTACH ? AS source", (str(source),))
    for table in ("account", "staff"):
        db.execute(f"INSERT INTO {table} SELECT * FROM source.{table}")
    db.execute("DETACH source")


def measured(customers: int, staff: int, rounds: int, scratch: Path) -> Figures:
    figures: Figures = {}
    with sandbox(customers, staff) as wecom:
        for turn in range(rounds):
            folder = scratch / str(turn)
            run = ours(folder / "asyncio", wecom, "asyncio")
            shop = folder / "asyncio" / "shop.db"
            figures.setdefault(FIRST, []).append({**run["first"], "peak_mb": run["peak_mb"]})
            figures.setdefault(AGAIN, []).append(run["again"])
            others: tuple[tuple[str, Callable[[], dict[str, Any]]], ...] = (
                (HTTP, lambda: bare_http(wecom)),
                (SQL, lambda shop=shop, to=folder / "bare.db": bare_inserts(shop, to, indexed=False)),
                (INDEXED, lambda shop=shop, to=folder / "more.db": bare_inserts(shop, to, indexed=True)),
                (QT, lambda to=folder / "qt": ours(to, wecom, "qt")["first"]),
                (IDLE, lambda: _child("--idle", str(IDLE_S))["first"]),
            )
            for name, way in others[turn % 5 :] + others[: turn % 5]:
                figures.setdefault(name, []).append(way())
            print(f"round {turn + 1}: {_line(figures)}", file=sys.stderr, flush=True)
    return figures


def _line(figures: Figures) -> str:
    return ", ".join(f"{name} {runs[-1]['seconds']:.2f} s" for name, runs in figures.items())


def middle(runs: list[dict[str, Any]], name: str) -> float:
    return float(statistics.median(run[name] for run in runs))


def summary(figures: Figures, customers: int) -> dict[str, Any]:
    """Medians, ratios against the slower of the two bare ways, and the worst gaps of all rounds."""
    seconds = {name: middle(runs, "seconds") for name, runs in figures.items()}
    slower = max(seconds[HTTP], seconds[SQL])
    ways = {name: _way(runs, customers, slower) for name, runs in figures.items()}
    return {
        "customers": customers,
        "rounds": len(figures[FIRST]),
        "load_1m": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": version(),
        "peak_mb": max(run["peak_mb"] for run in figures[FIRST]),
        "outcomes": sorted({run["outcome"] for name in (FIRST, QT, AGAIN) for run in figures[name]}),
        "ways": ways,
        "runs": figures,
    }


def _way(runs: list[dict[str, Any]], customers: int, slower: float) -> dict[str, Any]:
    seconds = middle(runs, "seconds")
    row: dict[str, Any] = {}
    if runs[0]["cpu_seconds"]:
        row |= {
            "seconds": round(seconds, 3),
            "cpu_seconds": round(middle(runs, "cpu_seconds"), 3),
            "customers_per_s": round(customers / seconds),
            "ratio_to_slower_bare": round(seconds / slower, 2),
        }
    if "beats" in runs[0]:
        row |= {
            "late_p50_ms": round(middle(runs, "late_p50_ms"), 1),
            "late_p99_ms": round(middle(runs, "late_p99_ms"), 1),
            "worst_gap_ms": max(run["late_max_ms"] for run in runs),
            "worst_own_gap_ms": max(run["own_max_ms"] for run in runs),
        }
    return row


COLUMNS = (
    ("seconds", "seconds", 9, ",.2f"),
    ("CPU s", "cpu_seconds", 8, ",.2f"),
    ("per s", "customers_per_s", 8, ",d"),
    ("ratio", "ratio_to_slower_bare", 7, ".2f"),
    ("late p50", "late_p50_ms", 10, ".1f"),
    ("late p99", "late_p99_ms", 10, ".1f"),
    ("worst gap", "worst_gap_ms", 11, ".1f"),
    ("own", "worst_own_gap_ms", 8, ".1f"),
)


def printed(result: dict[str, Any]) -> None:
    print(
        f"{result['customers']:,} customers, median of {result['rounds']} rounds, {result['cores']} cores,"
        f" load {result['load_1m']}, outcomes {', '.join(result['outcomes'])}, peak {result['peak_mb']} MB"
    )
    print(f"{'way':32}" + "".join(f"{title:>{width}}" for title, _, width, _ in COLUMNS))
    for name, way in result["ways"].items():
        cells = (format(way[key], form) if key in way else "" for _, key, _, form in COLUMNS)
        print(f"{name:32}" + "".join(f"{cell:>{c[2]}}" for cell, c in zip(cells, COLUMNS, strict=True)))
    print("late and gaps: milliseconds; own: without the time in which the system had no core for the loop")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--staff", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write every figure there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures = measured(args.customers, args.staff, args.rounds, Path(scratch))
    result = summary(figures, args.customers)
    printed(result)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
