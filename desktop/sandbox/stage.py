"""Everything one running sandbox holds: clock, faults, journal and the platforms."""

from collections.abc import Callable, Sequence
from typing import Any

from desktop.sandbox.calls import Platform
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.faults import FaultScript
from desktop.sandbox.journal import Journal
from desktop.sandbox.platforms import PLATFORMS, PlatformMaker
from desktop.sandbox.world.size import WorldSize


class Stage:
    """The state behind the server; `reset` puts every platform back to its seeded beginning."""

    def __init__(self, size: WorldSize, makers: Sequence[PlatformMaker] = PLATFORMS) -> None:
        self.size = size
        self.clock = SandboxClock()
        self.faults = FaultScript()
        self.journal = Journal()
        self.platforms: list[Platform] = [make(size, self.clock) for make in makers]
        self.pause_listening: Callable[[float], None] = lambda seconds: None

    def reset(self, doc: dict[str, Any]) -> None:
        """Back to the beginning; `keep` may list "clock", "faults", "journal"."""
        keep = doc.get("keep", [])
        if "clock" not in keep:
            self.clock.reset()
        if "faults" not in keep:
            self.faults.remove(None)
        if "journal" not in keep:
            self.journal.clear()
        for platform in self.platforms:
            platform.reset()

    def describe(self) -> dict[str, Any]:
        """Seed, clock and what each platform says of itself; the first one's also at the top."""
        own = {platform.name: platform.describe() for platform in self.platforms}
        return {
            "seed": self.size.seed,
            "origin": self.size.origin,
            "now": self.clock.seconds(),
            "faults": len(self.faults.rules()),
            "platforms": own,
            **own[self.platforms[0].name],
        }
