"""Every goal of speed for fans with its peers in one run, as one table.

    python -m benchmarks.goals --folder DIR [--sizes 10000 100000] [--rounds 3] [--peers PYTHON]

Shops are made in DIR where they are missing. Each size brings in so many orders too, but at most `--orders` of
them. `--peers` names an interpreter with pandas, openpyxl and duckdb; without it their rows are left out.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks import audiences, directory_goals, import_window, imports
from benchmarks.directory_goals import percentile
from desktop.store.engine import sqlite3

WINDOW_ROWS = 30_000
WORKBOOK_ROWS = 100_000
WORDS, LIKES = 20, 2


class Row(NamedTuple):
    """One measure: ours, the peer, and how many times the peer's ours may be."""

    what: str
    unit: str
    ours: float
    peer: str
    theirs: float
    most: float

    def text(self) -> str:
        """A line of the table."""
        ratio = self.ours / self.theirs if self.theirs else float("inf")
        met = "met" if ratio <= self.most else "missed"
        return (
            f"| {self.what} | {self.ours:.2f} {self.unit} | {self.peer}: {self.theirs:.2f} {self.unit}"
            f" | {ratio:.3g} x | {self.most:.3g} x | {met} |"
        )


def directory(path: Path, scratch: Path, rounds: int, peers: str) -> Iterator[Row]:
    """Start, memory, jumps, orders, search, upkeep of the index, the first hundred."""
    window = directory_goals.windows(path.parent, rounds)
    yield Row(
        "first rows painted",
        "s",
        window["first rows painted, s"],
        "a bare window",
        window["bare window, s"],
        1.35,
    )
    held = window["memory after 300 jumps and 4 sorts, MB"]
    yield Row(
        "memory after 300 jumps, 4 sorts", "MB", held, "a bare window", window["bare window, MB"], 2.5
    )
    jump, plain = window["jump and repaint p99"], window["constant text p99"]
    yield Row("jump and repaint, p99", "ms", jump, "a constant text in a stock table", plain, 1.0)
    click, paint = window["click to the sorted first page"], window["constant text p50"]
    yield Row("click to the sorted first page", "ms", click, "a plain repaint", paint, 1.5)
    conn = directory_goals.reader(path)
    order = directory_goals.sorting(conn, path, peers)
    if peers:
        whole, frame = order["whole order by spend"], order["pandas sort_values + head"]
        yield Row("whole order by spend", "ms", whole, "pandas sort_values", frame, 0.5)
    for kind, _, p99, like, _ in directory_goals.searching(conn, WORDS, LIKES):
        yield Row(f"search, {kind}, p99", "ms", p99, "LIKE for the same people", like, 1 / 40)
    yield Row("top 100", "ms", order["top 100 by index"], "a scan", order["top 100 by a scan"], 1 / 500)
    conn.close()
    kept = directory_goals.upkeep(path, scratch)
    renamed, trigrams = kept["10 000 renames, index kept"], kept["10 000 renames, FTS5 trigrams"]
    yield Row("10,000 renames, indexed", "ms", renamed, "FTS5 trigrams", trigrams, 1 / 8)
    sizes = directory_goals.megabytes(path)
    index = sum(size for name, size in sizes.items() if name not in ("fan", "identity"))
    yield Row("bytes of the index", "MB", index, "the fans' table", sizes["fan"], 2.0)


def counted(path: Path, peers: str) -> Iterator[Row]:
    """Audiences counted."""
    spent = {name: percentile(found, 0.99) for name, found in audiences.compared(path, peers).items()}
    exists = spent[audiences.EXISTS]
    yield Row("audience, nothing known, p99", "ms", spent[audiences.COLD], "EXISTS", exists, 1 / 300)
    yield Row("audience, asked again, p99", "ms", spent[audiences.WARM], "EXISTS", exists, 1 / 300)
    if peers:
        yield Row(
            "audience, asked again, p99",
            "ms",
            spent[audiences.WARM],
            "DuckDB",
            spent[audiences.LOADED],
            1 / 8,
        )


def files(rows: int, rounds: int, peers: str) -> Iterator[Row]:
    """Orders from files, and the window meanwhile."""
    found = imports.compared(rows, min(rows, WORKBOOK_ROWS), rounds, peers)
    spent = {name: statistics.median(cpu for cpu, _ in each) for name, each in found.items()}
    what = f"{rows:,} orders from CSV"
    for peer, most in ((imports.CLI, 1 / 8), (imports.API_WAY, 0.5), (imports.SHELL, 1.6)):
        if peer in spent:
            yield Row(what, "s", spent[imports.OURS], peer, spent[peer], most)
    for peer, most in ((imports.OPENPYXL_WAY, 1 / 7), (imports.CALAMINE_WAY, 1.5)):
        if peer in spent:
            yield Row("orders from a workbook", "s", spent[imports.OURS_XLSX], peer, spent[peer], most)
    window = import_window.compared(min(rows, WINDOW_ROWS), rounds)
    late, paint = (
        {way: statistics.median(run[name] for run in runs) for way, runs in window.items()}
        for name in ("late_p99_ms", "paint_p50_ms")
    )
    yield Row("window's beat while importing, p99", "ms", late["process"], "idle", late["idle"], 2.0)
    yield Row(
        "window's beat while importing, p99", "ms", late["process"], "in a thread", late["thread"], 1 / 40
    )
    yield Row("painting while importing, p50", "ms", paint["process"], "idle", paint["idle"], 1.25)


def machine() -> Mapping[str, str]:
    """What the figures are of."""
    return {
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
    }


def main() -> None:
    """Print one table a size, row by row as they come."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default="")
    args = parser.parse_args()
    smaller = 0
    for size in sorted(args.sizes):
        path = asyncio.run(directory_goals.shop(args.folder, size, smaller))
        smaller = size
        print(f"\n## {size:,} fans ({', '.join(f'{name} {value}' for name, value in machine().items())})\n")
        print(
            "| measure | ours | peer | ratio | goal | |\n| --- | ---: | ---: | ---: | ---: | --- |",
            flush=True,
        )
        for part in (
            directory(path, args.folder, args.rounds, args.peers),
            counted(path, args.peers),
            files(min(size, args.orders), args.rounds, args.peers),
        ):
            for row in part:
                print(row.text(), flush=True)


if __name__ == "__main__":
    main()
