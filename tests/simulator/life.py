"""One run of the program: the real graph over a real file, in one thread, on the time line."""

from __future__ import annotations

import random
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from desktop.composition.graph import DATABASE, Graph, GraphConfig, open_graph
from desktop.domain.clock import Clock
from desktop.platforms.door import Door
from desktop.platforms.doudian.adapter import DoudianPlatform
from desktop.platforms.douyin.adapter import DouyinPlatform
from desktop.platforms.http import ApiClient
from desktop.platforms.line import Line
from desktop.platforms.ports import Adapter, Platform
from desktop.platforms.wechat.adapter import WeChatPlatform
from desktop.platforms.wecom.adapter import WeComPlatform
from desktop.services.secrets.memory import MemorySecretStore
from tests.simulator.timeline import Fuse, InPlace, Killed, SimClock, VirtualLoop
from tests.simulator.watch import Watch
from tests.simulator.wire import Wire

T = TypeVar("T")


def over(wire: Wire, door: type[Door], chance: random.Random) -> Platform:
    """A real platform whose real adapters talk over the simulated line."""

    class Simulated(door):  # type: ignore[misc, valid-type]
        def connect(self, base_url: str, secrets: Mapping[str, str], clock: Clock) -> Adapter:
            adapter: Any = super().connect(base_url, secrets, clock)
            line: Line = adapter._client
            line._api = ApiClient(base_url, self.hosts, transport=wire)
            line._spread = chance.random
            return adapter  # type: ignore[no-any-return]

    return Simulated()  # type: ignore[return-value]


# The real adapter of each scripted platform.
DOORS: Mapping[str, type[Door]] = {
    "doudian": DoudianPlatform,
    "douyin": DouyinPlatform,
    "wechat": WeChatPlatform,
    "wecom": WeComPlatform,
}


class Life:
    """A process from its start to its end. `kept` are the secrets of the system's keyring."""

    def __init__(
        self,
        folder: Path,
        watch: Watch,
        chance: random.Random,
        kept: MemorySecretStore,
    ) -> None:
        self.fuse = Fuse()
        self.loop = VirtualLoop(watch.line, self.fuse, watch.complain)
        self.wires = {
            name: Wire(watch.line, self.fuse, world, chance, watch)
            for name, world in watch.platforms.items()
        }
        for world in watch.platforms.values():
            world.kept = lambda: "\n".join(kept._secrets.values())
        self._watch = watch
        self._config = GraphConfig(
            folder,
            operator="老板",
            clock=SimClock(watch.line),
            secrets=kept,
            platforms={name: over(wire, DOORS[name], chance) for name, wire in self.wires.items()},
            pool=self._workers,
        )
        self.graph: Graph = self.do(open_graph(self._config))
        watch.open(folder / DATABASE)

    def _workers(self, count: int, name: str) -> InPlace:
        return InPlace(self.fuse, self._watch.committed if name == "store-writer" else None)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one piece of work to its end. Raises Killed when the process dies on the way."""
        return self.loop.run_until_complete(work)

    def start(self) -> None:
        """What the program does first of all."""
        self.do(self.graph.outbox.recover())
        self.do(self.graph.outbox.mark_missed())

    def end(self) -> None:
        """Close the program in order."""
        self._watch.close()
        self.do(self.graph.close())
        self.loop.bury()

    def drop(self) -> None:
        """Forget a process that was killed; its connections end without a commit."""
        self.fuse.is_dead = True
        self._watch.close()
        store = self.graph.store if hasattr(self, "graph") else None
        if store is not None:
            for connection in store._open_readers:
                connection.close()
            if store._db is not None:
                store._db.conn.close()
        self.loop.bury()


__all__ = ["Killed", "Life"]
