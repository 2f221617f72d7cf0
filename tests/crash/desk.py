"""The ground of one scenario: a shop's folder, its clock, a platform whose own record outlives every crash."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.composition import lock
from desktop.composition.graph import Graph, GraphConfig, open_graph
from desktop.domain.errors import UnclearReplyError
from desktop.domain.mass_send import (
    ChatType,
    Listing,
    MassSend,
    MassSendReceipt,
    MassSendRecord,
    StaffTask,
    TargetResult,
)
from desktop.domain.mass_send import from_canonical
from desktop.services.secrets import MemorySecretStore
from desktop.store.media import MediaFolder
from desktop.sync.push import Pusher
from tests.fakes import FakeClock
from tests.sandbox_process import SandboxProcess
from tests.unit.outbox.world import World

SETTLE_S = 300  # later than the platform's listing needs to prove an absence
KEYS = MemorySecretStore()


@dataclass(slots=True)
class ScriptedPlatform:
    """Executes every task at once and keeps its record in a file of its own: one line, one write."""

    clock: FakeClock
    file: Path

    def made(self) -> list[dict[str, Any]]:
        """What was executed, oldest first."""
        if not self.file.exists():
            return []
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]

    async def ready(self) -> None:
        """Always."""

    def clock_skew_ms(self) -> int | None:
        return 0

    async def upload_image(self, content: bytes, file_name: str, mime: str) -> str:
        return "media"

    async def create_mass_send(self, send: MassSend) -> MassSendReceipt:
        msgid = f"msg{len(self.made()) + 1}"
        row = {"at": self.clock.now_ms(), "msgid": msgid, "send": send.canonical()}
        handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, json.dumps(row).encode() + b"\n")
        except OSError as error:  # the line to the platform broke
            raise UnclearReplyError("unclear_reply") from error
        finally:
            os.close(handle)
        return MassSendReceipt(msgid, ())

    async def list_mass_sends(self, chat_type: ChatType, start_ms: int, end_ms: int) -> Listing:
        rows = []
        for row in self.made():
            send = from_canonical(json.loads(row["send"]))
            if send.chat_type == chat_type and start_ms <= row["at"] <= end_ms:
                kinds = tuple(picture.kind for picture in send.pictures)
                rows.append(MassSendRecord(row["msgid"], row["at"], send.chat_type, send.text, kinds))
        return Listing(tuple(rows), start_ms, self.clock.now_ms(), True)

    async def mass_send_tasks(self, platform_id: str) -> list[StaffTask]:
        return [StaffTask("staff1", self.clock.now_ms())]

    async def mass_send_results(self, platform_id: str, staff_external_id: str) -> list[TargetResult]:
        send = next(from_canonical(json.loads(row["send"])) for row in self.made() if row["msgid"] == platform_id)
        now = self.clock.now_ms()
        return [TargetResult(target, "sent", staff_external_id, now) for target in send.targets]


class Desk:
    """Everything a scenario touches. Copies of one folder are put back before every point."""

    def __init__(self, root: Path, sandbox: SandboxProcess | None = None) -> None:
        self.root = root
        self.shop = root / "shop"
        self.platform_file = root / "platform.jsonl"
        self.sandbox = sandbox
        self.file = root / "orders.csv"
        self.facts: dict[str, Any] = {}  # what prepare() made, by name
        self.clock = FakeClock()

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
        self.clock = FakeClock()

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        shutil.rmtree(target, ignore_errors=True)
        if source.exists():
            shutil.copytree(source, target)

    def config(self) -> GraphConfig:
        return GraphConfig(self.shop, "小满", self.clock, KEYS)

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
        platform: Any = ScriptedPlatform(self.clock, self.platform_file)
        world.adapter = platform
        world.pusher = Pusher(
            graph.store, self.clock, MediaFolder(self.shop / "media"), chance=lambda: 0.0, boot_id="boot"
        )
        return world

    def reached(self) -> Counter[tuple[str, str]]:
        """How often the platform wrote each text to each target."""
        sends = [
            from_canonical(json.loads(row["send"])) for row in ScriptedPlatform(self.clock, self.platform_file).made()
        ]
        return Counter((target, send.text) for send in sends for target in send.targets)

    def platform(self) -> ScriptedPlatform:
        """The platform as it stands."""
        return ScriptedPlatform(self.clock, self.platform_file)
