"""The ground of one scenario: a shop's folder, its clock, a platform whose own record outlives every crash."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from desktop.composition import lock
from desktop.composition.graph import Graph, GraphConfig, open_graph
from desktop.domain.errors import UnclearReplyError
from desktop.domain.mass_send import StaffTask, TargetResult
from desktop.domain.writes import Receipt, Write, from_payload
from desktop.services.secrets import MemorySecretStore
from desktop.store.posts.media import MediaFolder
from desktop.sync.push import Pusher
from tests.fakes import FakeClock
from tests.sandbox_process import SandboxProcess
from tests.unit.outbox.world import FakeAdapter, World

SETTLE_S = 1_000  # later than the platform's listing needs to prove an absence
KEYS = MemorySecretStore()
RESERVE = 64 << 10


class ScriptedPlatform(FakeAdapter):
    """Executes every task at once and keeps its record in a file of its own: one line, one write."""

    def __init__(self, clock: FakeClock, file: Path) -> None:
        self.file = file
        super().__init__(clock)

    @property
    def made(self) -> list[tuple[int, str, Write]]:  # type: ignore[override]
        """What was executed, oldest first."""
        if not self.file.exists():
            return []
        rows = [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]
        return [(at, msgid, from_payload(payload)) for at, msgid, payload in rows]

    @made.setter
    def made(self, _nothing: object) -> None:
        """The record is the file."""

    async def perform(self, write: Write, key: str, *, is_repeat: bool = False) -> Receipt:
        msgid = f"msg{len(self.made) + 1}"
        row = json.dumps([self.clock.now_ms(), msgid, write.canonical()])
        handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, row.encode() + b"\n")
        except OSError as error:  # the line to the platform broke
            raise UnclearReplyError("unclear_reply") from error
        finally:
            os.close(handle)
        return Receipt(msgid)

    async def mass_send_tasks(self, platform_id: str) -> list[StaffTask]:
        return [StaffTask("staff1", self.clock.now_ms())]

    async def mass_send_results(self, platform_id: str, staff_external_id: str) -> list[TargetResult]:
        write = next(write for _, msgid, write in self.made if msgid == platform_id)
        now = self.clock.now_ms()
        return [TargetResult(target, "sent", staff_external_id, now) for target in write.targets]


class Desk:
    """Everything a scenario touches. Copies of one folder are put back before every point."""

    def __init__(self, root: Path, sandbox: SandboxProcess | None = None) -> None:
        self.root = root
        self.shop = root / "shop"
        self.platform_file = root / "platform.jsonl"
        self.sandbox = sandbox
        self.file = root / "orders.csv"
        self.facts: dict[str, Any] = {}  # what prepare() made, by name
        self.clock = self._new_clock()

    def keep(self) -> None:
        """Remember the folder and the platform's record as they are."""
        self._copy(self.shop, self.root / "kept")
        if self.platform_file.exists():
            shutil.copyfile(self.platform_file, self.root / "kept.jsonl")

    def put_back(self) -> None:
        """The folder and the record as they were kept."""
        self._copy(self.root / "kept", self.shop)
        self.platform_file.unlink(missing_ok=True)
        if (self.root / "kept.jsonl").exists():
            shutil.copyfile(self.root / "kept.jsonl", self.platform_file)
        self.clock = self._new_clock()

    def _new_clock(self) -> FakeClock:
        """Stands still; with a sandbox at its time, for a clock that differs is not trusted."""
        return FakeClock() if self.sandbox is None else FakeClock(datetime.now(UTC))

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        shutil.rmtree(target, ignore_errors=True)
        if source.exists():
            shutil.copytree(source, target)

    def config(self) -> GraphConfig:
        return GraphConfig(self.shop, "小满", self.clock, KEYS, reserve_bytes=RESERVE)

    @contextlib.asynccontextmanager
    async def graph(self) -> AsyncIterator[Graph]:
        """The shop as a program has it open."""
        held = lock.take(self.shop, lock.COMMAND)
        try:
            graph = await open_graph(self.config())
            try:
                yield graph
            finally:
                await graph.close()
        finally:
            held.release()

    def world(self, graph: Graph) -> World:
        """Posts, drops, outbox and pusher over an open shop, with the scripted platform."""
        world = World(graph.store, self.clock, self.shop / "media")
        world.adapter = self.platform()
        world.pusher = Pusher(
            graph.store, self.clock, MediaFolder(self.shop / "media"), chance=lambda: 0.0, boot_id="boot"
        )
        return world

    def reached(self) -> Counter[tuple[str, str]]:
        """How often the platform wrote each text to each target."""
        return self.platform().reached()

    def platform(self) -> ScriptedPlatform:
        """The platform as it stands."""
        return ScriptedPlatform(self.clock, self.platform_file)
