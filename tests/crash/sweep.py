"""One scenario, killed and given errors at its calls, opened again and examined after each of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import secrets
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio._backends._asyncio  # noqa: F401  these would be loaded anew by every fork
import httpx  # noqa: F401

from desktop.store.fans import names
from tests.crash import mutants
from tests.crash.desk import Desk
from tests.crash.files_scenarios import Backup, Migrate, Restore
from tests.crash.scenarios import (
    Attest,
    Confirm,
    Draft,
    Edit,
    FirstStart,
    Import,
    ImportUndo,
    Push,
    Recover,
    Results,
    Scenario,
    Undo,
)
from tests.crash.supervisor import ERRORS, FAULTS, Fault, Outcome, Supervisor
from tests.crash.wire_scenarios import AddWay, Connect, Pull, Send
from tests.sandbox_process import running_sandbox

PLAIN: tuple[type[Scenario], ...] = (
    FirstStart, Confirm, Push, Recover, Results, Undo, Attest, Edit, Draft, Import, ImportUndo, Backup,
    Restore, Connect, Pull, Send, AddWay,
)  # fmt: skip


def scenarios() -> dict[str, Scenario]:
    """Every scenario by name; a new schema brings its own."""
    from desktop.store.migrations.runner import SCHEMA_VERSION

    found = [kind() for kind in PLAIN] + [Migrate(version) for version in range(1, SCHEMA_VERSION + 1)]
    return {one.name: one for one in found}


def memory_folder() -> str | None:
    """Where files cost no disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@contextlib.contextmanager
def desk_of(scenario: Scenario) -> Iterator[Desk]:
    """The scenario's ground, prepared."""
    names.spellings("小满")
    with contextlib.ExitStack() as ending:
        root = Path(tempfile.mkdtemp(prefix="fankeeper-crash-", dir=memory_folder()))
        ending.callback(shutil.rmtree, root, ignore_errors=True)
        sandbox = None
        if scenario.needs_sandbox:
            sandbox = ending.enter_context(running_sandbox(fans=12, staff=2, groups=3))
            # What a killed program had asked for is still being read when the next one asks: 45033 otherwise.
            sandbox.settings(max_in_flight=1_000)
        desk = Desk(root, sandbox)
        asyncio.run(scenario.prepare(desk))
        desk.keep()
        yield desk


def points_of(counts: Counter[str]) -> list[Fault]:
    """Every point of a scenario: each fault at each call it makes sense at."""
    return [
        Fault(kind, fault, nth)
        for kind in sorted(counts)
        for fault in FAULTS
        if is_sensible(kind, fault)
        for nth in range(1, counts[kind] + 1)
    ]


def is_sensible(kind: str, fault: str) -> bool:
    """Half a rename does not exist; a platform's line has no disk to be full; a host is only lost."""
    if kind == "net":
        return fault == "kill"
    if kind == "send":
        return fault in ("kill", "eio")
    return fault != "torn" or kind == "write"


def chosen(points: list[Fault], most: int, seed: str) -> list[Fault]:
    """All, or as many as asked for: a seeded half of rare calls first, the rest spread over all."""
    if most <= 0 or len(points) <= most:
        return points
    rng = random.Random(seed)
    rare = [point for point in points if point.kind != "write"]
    taken = set(rng.sample(rare, min(len(rare), most // 2)))
    left = [point for point in points if point not in taken]
    taken |= set(rng.sample(left, most - len(taken)))
    return [point for point in points if point in taken]


class Sweep:
    """One scenario's points."""

    def __init__(self, scenario: Scenario, desk: Desk) -> None:
        self.scenario = scenario
        self.desk = desk
        self.watch = Supervisor(desk.shop, desk.platform_file, with_net=scenario.with_net)
        self.failures: list[dict[str, str]] = []
        self.fired = 0
        self.put_back()
        self.whole = self.run(None)
        assert not self.whole.error, self.whole.trace
        self.open_again(self.whole)

    def put_back(self) -> None:
        """Everything as it was before the work."""
        self.desk.put_back()
        self.scenario.put_back(self.desk)

    def run(self, fault: Fault | None, *, records: bool = False) -> Outcome:
        """The work once, with this fault. Every run draws the same ids, so that it makes the same calls."""
        random.seed(1)
        secrets.token_bytes = lambda size=None: random.randbytes(size or 32)
        with self.scenario.program():
            return self.watch.run(lambda ack: self.scenario.act(self.desk, ack), fault, records=records)

    def point(self, fault: Fault) -> None:
        """One point: run, break, open again, look."""
        self.put_back()
        outcome = self.run(fault)
        if not outcome.fired:
            return
        self.fired += 1
        try:
            self.judge(fault, outcome)
            self.open_again(outcome)
        except Exception as error:  # noqa: BLE001  each is a finding
            told = "".join(traceback.format_exception(error))[-2500:]
            self.failures.append(
                {
                    "point": spelled(self.scenario, fault),
                    "at": outcome.fired,
                    "why": told,
                    "run": outcome.trace,
                }
            )

    def judge(self, fault: Fault, outcome: Outcome) -> None:
        """A kill kills; an error is either told as ours or did no harm."""
        if fault.name not in ERRORS:
            assert outcome.killed
            return
        assert outcome.is_told, f"not one of our errors: {outcome.error}"
        if outcome.error and fault.kind not in ("send", "net"):
            assert outcome.is_store, f"an error of the file was told as {outcome.error}"
        if not outcome.error and fault.kind != "send":
            assert outcome.acks == self.whole.acks or self.same(outcome.acks), outcome.acks

    def same(self, acks: list[str]) -> bool:
        """Acknowledgements that name rows made anew each time count by their number."""
        return len(acks) == len(self.whole.acks)

    def open_again(self, outcome: Outcome) -> None:
        """The next start of the program, and all checks. It draws other ids than the run before it did."""
        random.seed(2)
        with self.scenario.program():
            asyncio.run(self.examined(outcome))

    async def examined(self, outcome: Outcome) -> None:
        """The next start of the program: whole, nothing in flight, and what the scenario asks."""
        async with self.desk.graph() as graph:
            await graph.outbox.recover()
            counts = await graph.outbox.counts()
            assert counts["in_flight"] == 0
            report = await graph.backups.check()
            assert report.is_whole, report.findings
            assert sum(report.outbox_states.values()) == report.counts["outbox"]
            await self.scenario.check(self.desk, graph, outcome)
            report = await graph.backups.check()
            assert report.is_whole, report.findings


def spelled(scenario: Scenario, fault: Fault) -> str:
    return f"{scenario.name}:{fault.kind}:{fault.name}:{fault.nth}"


def swept(
    name: str,
    most: int,
    seed: str,
    only: str = "",
    mutant: str = "",
    kinds: list[str] | None = None,
    faults: list[str] | None = None,
) -> dict[str, Any]:
    """The sweep of one scenario as a document: `most` of its points (0: all), or `only` KIND:FAULT:NTH.

    `kinds` of calls and `faults` keep to these.
    """
    logging.disable(logging.CRITICAL)
    began, cpu = time.monotonic(), sum(os.times()[:4])
    with mutants.applied(mutant), desk_of(scenarios()[name]) as desk:
        sweep = Sweep(scenarios()[name], desk)
        if only:
            kind, fault, nth = only.split(":")
            wanted = [Fault(kind, fault, int(nth))]
        else:
            every = [
                one
                for one in points_of(sweep.whole.counts)
                if (not kinds or one.kind in kinds) and (not faults or one.name in faults)
            ]
            wanted = chosen(every, most, f"{seed}:{name}")
        for fault_wanted in wanted:
            sweep.point(fault_wanted)
    return {
        "scenario": name,
        "calls": dict(sweep.whole.counts),
        "all": len(points_of(sweep.whole.counts)),
        "points": sweep.fired,
        "tried": [spelled(sweep.scenario, one) for one in wanted],
        "seconds": round(time.monotonic() - began, 1),
        "cpu_s": round(sum(os.times()[:4]) - cpu, 1),
        "failures": sweep.failures,
    }
