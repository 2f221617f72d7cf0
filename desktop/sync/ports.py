"""What the engine expects of the outbox, and what a push tells of itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from desktop.domain.outbox import Finding
from desktop.platforms.ports import PerformsWrites


class Cancel(Protocol):
    """A wish to stop; an asyncio.Event is one."""

    def is_set(self) -> bool:
        """Whether the operator asked to stop."""
        ...


@dataclass(frozen=True, slots=True)
class AccountRef:
    """The account a round works for: local id, its uid, and the platform's own id (corp id)."""

    id: int
    uid: str
    platform: str
    external_id: str


@dataclass(slots=True)
class PushReport:
    """What one push did, counted by what became of the items.

    `refused` are kinds of writes that the platform does not allow this account, `worked` kinds it took.
    """

    sent: int = 0
    queued: int = 0
    rejected: int = 0
    unknown: int = 0
    missed: int = 0
    held: int = 0
    waiting: int = 0
    reconciled: int = 0
    results: int = 0
    notes: list[str] = field(default_factory=list)
    stopped_by: str | None = None
    refused: dict[str, Finding] = field(default_factory=dict)
    worked: set[str] = field(default_factory=set)

    def as_json(self) -> dict[str, object]:
        """The report as the sync document shows it."""
        return {
            "sent": self.sent,
            "queued": self.queued,
            "rejected": self.rejected,
            "unknown": self.unknown,
            "missed": self.missed,
            "held": self.held,
            "waiting": self.waiting,
            "reconciled": self.reconciled,
            "results": self.results,
            "stopped_by": self.stopped_by,
            "notes": sorted(set(self.notes)),
        }


class OutboxPusher(Protocol):
    """What the engine drives: recover once at start, then push and collect results per account."""

    async def recover(self) -> int:
        """Every in_flight item becomes unknown; how many. Must run before anything is sent."""
        ...

    async def push(
        self,
        account: AccountRef,
        adapter: PerformsWrites,
        cancel: Cancel,
        kinds: Collection[str] | None = None,
    ) -> PushReport:
        """Reconcile unknowns, then send what is due, of these kinds only where they are given.

        Platform failures are in the report, not raised.
        """
        ...

    async def collect_results(self, account: AccountRef, adapter: PerformsWrites) -> int:
        """Ask what became of accepted tasks; how many deliveries changed."""
        ...
