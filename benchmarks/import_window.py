"""How late a window comes while a file is brought in: idle, in a process of its own, in a thread.

    python -m benchmarks.import_window [--rows 20000] [--rounds 3]

Each way is a process with a window on its own event loop, in turn, round by round: beats of 5 ms and how late
they come, and a stock table painted whole twenty times a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.imports import write_file
from benchmarks.pull_run import beating
from benchmarks.synthetic_shop import ZONE
from desktop.composition.graph import GraphConfig, opened_graph
from desktop.services.secrets import MemorySecretStore

WAYS = ("idle", "process", "thread")
IDLE_S = 8.0
PAINT_S = 0.05


async def painted(spent: list[float]) -> None:
    """Paint a table of constant texts again and again; milliseconds of each."""
    from PySide6.QtWidgets import QTableView

    from benchmarks.directory_window import HEIGHT, WIDTH, Constant

    table = QTableView()
    table.setModel(Constant(1_000_000))
    table.resize(WIDTH, HEIGHT)
    table.show()
    while True:
        await asyncio.sleep(PAINT_S)
        started = time.perf_counter()
        table.viewport().repaint()
        spent.append((time.perf_counter() - started) * 1000)


async def measured(way: str, path: Path, folder: Path) -> dict[str, Any]:
    """Beats and paints while a file comes in that way."""
    config = GraphConfig(folder, "benchmark", secrets=MemorySecretStore(), imports_aside=way == "process")
    paints: list[float] = []
    async with opened_graph(config, needs_shop=False) as graph:
        await graph.shop.create("Benchmark", "frequent-online", ZONE)
        painting = asyncio.ensure_future(painted(paints))
        await asyncio.sleep(1.0)
        paints.clear()
        started = time.perf_counter()
        async with beating() as heart:
            if way == "idle":
                await asyncio.sleep(IDLE_S)
            else:
                plan = await graph.imports.plan(path, source="generic_orders")
                await graph.imports.commit(plan)
        seconds = time.perf_counter() - started
        painting.cancel()
        await asyncio.wait({painting})
        await graph.imports.let_go()
    return {"seconds": seconds, "paint_p50_ms": statistics.median(paints), **heart.figures}


def in_a_window(way: str, path: Path, folder: Path) -> dict[str, Any]:
    """`measured` on the window's event loop."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from desktop.app.faults import Faults
    from desktop.app.lifecycle import run

    found: list[dict[str, Any]] = []

    async def main(stop: asyncio.Event) -> int:
        found.append(await measured(way, path, folder))
        return 0

    run(QApplication([]), main, Faults())
    return found[0]


def compared(rows: int, rounds: int) -> dict[str, list[dict[str, Any]]]:
    """Figures of each way, a round each."""
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "orders.csv"
        write_file(path, rows)
        for turn in range(rounds):
            for way in WAYS:
                folder = Path(scratch) / f"{turn}-{way}"
                command = [
                    sys.executable,
                    "-m",
                    "benchmarks.import_window",
                    "--way",
                    way,
                    str(path),
                    str(folder),
                ]
                said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                found[way].append(json.loads(said))
    return found


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", nargs=3, metavar=("WAY", "FILE", "FOLDER"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.way:
        way, path, folder = args.way
        print(json.dumps(in_a_window(way, Path(path), Path(folder))))
        return
    found = compared(args.rows, args.rounds)
    print(f"{args.rows:,} orders; median of {args.rounds} rounds, milliseconds")
    print(
        f"{'way':10}{'seconds':>9}{'late p50':>10}{'late p99':>10}{'latest':>9}{'own':>9}{'paint p50':>11}"
    )
    for way, runs in found.items():
        names = ("seconds", "late_p50_ms", "late_p99_ms", "late_max_ms", "own_max_ms", "paint_p50_ms")
        middle = [statistics.median(one[name] for one in runs) for name in names]
        print(
            f"{way:10}{middle[0]:9.1f}{middle[1]:10.2f}{middle[2]:10.2f}{middle[3]:9.1f}{middle[4]:9.1f}{middle[5]:11.2f}"
        )


if __name__ == "__main__":
    main()
