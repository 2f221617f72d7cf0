"""One pull by the program itself, in a process of its own: told as one line of JSON.

    python -m benchmarks.pull_run --folder DIR --base-url URL --corpid ID --corpsecret SECRET [--loop qt]

A heartbeat runs on the event loop all the while; how late it comes is how long a window would stand still.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from benchmarks.synthetic_shop import ZONE
from desktop.composition.graph import Graph, GraphConfig, opened_graph
from desktop.domain.sync_reports import SyncProgress, SyncReport
from desktop.services.secrets import MemorySecretStore

BEAT_S = 0.005
SCHEDULER = (  # kept open: opening it at each beat would be a good part of what the loop does
    os.open("/proc/self/schedstat", os.O_RDONLY) if os.path.exists("/proc/self/schedstat") else None
)


class Heartbeat:
    """Wakes every few milliseconds and notes by how much it was late.

    `own` leaves out the time in which the system had no core for the loop's thread: on a busy machine
    that is the larger part, and no program can help it.
    """

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self.own_ms: list[float] = []
        self.worst: list[tuple[float, float, float]] = []
        self._began = time.perf_counter()

    async def run(self) -> None:
        while True:
            waited, due = waited_for_a_core_s(), time.perf_counter() + BEAT_S
            await asyncio.sleep(BEAT_S)
            now = time.perf_counter()
            late = max(0.0, now - due) * 1000
            own = max(0.0, late - (waited_for_a_core_s() - waited) * 1000)
            self.late_ms.append(late)
            self.own_ms.append(own)
            if late > 25:
                self.worst.append((round(now - self._began, 2), round(late, 1), round(own, 1)))

    @property
    def figures(self) -> dict[str, Any]:
        return {
            "beats": len(self.late_ms),
            "late_p50_ms": round(statistics.median(self.late_ms), 2),
            "late_p99_ms": round(sorted(self.late_ms)[int(len(self.late_ms) * 0.99)], 2),
            "late_max_ms": round(max(self.late_ms), 2),
            "own_max_ms": round(max(self.own_ms), 2),
            "late_over_25_ms": self.worst[:60],
        }


def waited_for_a_core_s() -> float:
    """How long the main thread has stood ready without a core; 0 where the system does not tell."""
    if SCHEDULER is None:
        return 0.0
    return int(os.pread(SCHEDULER, 100, 0).split()[1]) / 1e9


@contextlib.asynccontextmanager
async def beating() -> AsyncIterator[Heartbeat]:
    heart = Heartbeat()
    task = asyncio.ensure_future(heart.run())
    await asyncio.sleep(BEAT_S * 4)
    try:
        yield heart
    finally:
        task.cancel()
        await asyncio.wait({task})


async def round_of(graph: Graph) -> dict[str, Any]:
    """One round of synchronisation with its time and its heartbeat."""
    steps: list[SyncProgress] = []
    async with beating() as heart:
        cpu, started = time.process_time(), time.perf_counter()
        report = await graph.sync.run(progress=steps.append)
        seconds, spent = time.perf_counter() - started, time.process_time() - cpu
    return {
        "seconds": round(seconds, 3),
        "cpu_seconds": round(spent, 3),
        "progress_steps": len(steps),
        **heart.figures,
        **told(report),
    }


def told(report: SyncReport) -> dict[str, Any]:
    """The outcome, and what the customers' stream counted."""
    counts = report.accounts[0].streams["customers"].counts()
    return {"outcome": str(report.outcome), "customers": counts}


async def pulls(args: argparse.Namespace) -> dict[str, Any]:
    """The first pull into an empty shop, and one that finds nothing new."""
    config = GraphConfig(args.folder, "benchmark", secrets=MemorySecretStore())
    async with opened_graph(config, needs_shop=False) as graph:
        await graph.shop.create("Benchmark", "frequent-online", ZONE)
        secrets = {"corpid": args.corpid, "corpsecret": args.corpsecret}
        await graph.accounts.add("wecom", "Benchmark", args.base_url, secrets)
        first = await round_of(graph)
        again = await round_of(graph) if args.again else None
    return {"first": first, "again": again, "peak_mb": peak_mb()}


async def idle(seconds: float) -> dict[str, Any]:
    """A process that does nothing: what the machine itself does to a heartbeat."""
    async with beating() as heart:
        await asyncio.sleep(seconds)
    return {"first": {"seconds": seconds, "cpu_seconds": 0.0, **heart.figures}}


def peak_mb() -> int:
    """The most memory this process has held, where the system tells."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def under_qt(args: argparse.Namespace) -> dict[str, Any]:
    """The same on the window's event loop."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from desktop.app.faults import Faults
    from desktop.app.lifecycle import run

    results: list[dict[str, Any]] = []

    async def main(stop: asyncio.Event) -> int:
        results.append(await pulls(args))
        return 0

    run(QApplication([]), main, Faults())
    return results[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--idle", type=float, help="only beat, for so many seconds")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--base-url")
    parser.add_argument("--corpid")
    parser.add_argument("--corpsecret")
    parser.add_argument("--loop", choices=("asyncio", "qt"), default="asyncio")
    parser.add_argument("--again", action="store_true", help="also a second pull, which finds nothing new")
    args = parser.parse_args()
    if args.idle:
        figures = asyncio.run(idle(args.idle))
    else:
        figures = under_qt(args) if args.loop == "qt" else asyncio.run(pulls(args))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
