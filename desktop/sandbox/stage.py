"""Everything one running sandbox holds: clock, faults, journal and the platforms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.faults import FaultScript
from desktop.sandbox.journal import Journal
from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.wecom.gateway import WeCom


@dataclass(frozen=True, slots=True)
class WorldSize:
    """What `python -m desktop.sandbox` was asked for."""

    seed: int = 1
    fans: int = 200
    staff: int = 4
    groups: int = 8
    origin: int = 0  # seconds; all seeded times lie before it


class Stage:
    """The state behind the server; `reset` puts the world back to its seeded beginning."""

    def __init__(self, size: WorldSize) -> None:
        self.size = size
        self.clock = SandboxClock()
        self.faults = FaultScript()
        self.journal = Journal()
        self.wecom = WeCom(self._corp(size))
        self.pause_listening: Callable[[float], None] = lambda seconds: None

    def _corp(self, size: WorldSize) -> Corp:
        return Corp(size.seed, size.fans, size.staff, size.groups, size.origin, self.clock)

    @property
    def corp(self) -> Corp:
        """The WeCom corp."""
        return self.wecom.corp

    def reset(self, doc: dict[str, Any]) -> None:
        """Back to the beginning; `keep` may list "clock", "faults", "journal"."""
        keep = doc.get("keep", [])
        if "clock" not in keep:
            self.clock.reset()
        if "faults" not in keep:
            self.faults.remove(None)
        if "journal" not in keep:
            self.journal.clear()
        self.wecom.begin(self._corp(self.size))

    def describe(self) -> dict[str, Any]:
        """Size, clock and counts."""
        corp = self.corp
        return {
            "seed": self.size.seed,
            "fans": corp.people.count,
            "staff": [
                {"userid": row.userid, "name": row.name, "resigned": row.resigned} for row in corp.staff
            ],
            "groups": len(corp.groups.rows),
            "origin": corp.origin,
            "now": self.clock.seconds(),
            "faults": len(self.faults.rules()),
            "second_app": {
                "corpid": self.wecom.access.corpid,
                "corpsecret": self.wecom.access.secrets["second"],
            },
        }
