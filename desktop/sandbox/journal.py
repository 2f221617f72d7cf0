"""What was asked of the sandbox: every call, and the exact bytes of every call that changed something."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT_CALLS = 200_000


@dataclass(slots=True)
class Entry:
    """One call as it was dealt with."""

    number: int
    t: float
    platform: str
    method: str
    path: str
    executed: bool = False
    write: bool = False
    errcode: int | None = None
    fault: int | None = None
    answered: bool = True
    body: str | None = None


class Journal:
    """The log behind `/__control/calls` and `/__control/writes`."""

    def __init__(self) -> None:
        self._calls: deque[Entry] = deque(maxlen=KEPT_CALLS)
        self._writes: list[Entry] = []
        self._number = 0

    def begin(self, t: float, platform: str, method: str, path: str) -> Entry:
        """Log a call that just arrived."""
        self._number += 1
        entry = Entry(self._number, t, platform, method, path)
        self._calls.append(entry)
        return entry

    def executed_write(self, entry: Entry, body: bytes) -> None:
        """Keep the bytes of a call that changed the platform."""
        entry.body = body[:1_000_000].decode("utf-8", "backslashreplace")
        self._writes.append(entry)

    def calls(self, path: str = "", since: int = 0) -> list[dict[str, Any]]:
        """Logged calls whose path contains `path`, numbered above `since`, without bodies."""
        return [
            {key: value for key, value in asdict(entry).items() if key != "body"}
            for entry in self._calls
            if entry.number > since and path in entry.path
        ]

    def writes(self, path: str = "") -> list[dict[str, Any]]:
        """Executed calls that changed something, with the received body as text."""
        return [asdict(entry) for entry in self._writes if path in entry.path]

    def counts(self) -> dict[str, int]:
        """Calls per path."""
        totals: dict[str, int] = {}
        for entry in self._calls:
            totals[entry.path] = totals.get(entry.path, 0) + 1
        return totals

    def clear(self) -> None:
        """Forget everything logged so far."""
        self._calls.clear()
        self._writes.clear()
