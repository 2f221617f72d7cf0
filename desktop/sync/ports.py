"""What the engine expects of the outbox, and what the outbox expects of an adapter. Protocols only.

Errors of every adapter method: OfflineError (nothing left this computer), AuthError,
RateLimitedError (with retry_after_s), RejectedError (with platform_code), UnclearReplyError (it may
have been executed; platform_code when there was one).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from desktop.domain.mass_send import ChatType, Listing, MassSend, MassSendReceipt, StaffTask, TargetResult


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


class MassSender(Protocol):
    """An adapter that can hand mass sends to its platform and read back what became of them."""

    async def ready(self) -> None:
        """Have a valid token at hand, so that the next call sends its first byte without delay."""
        ...

    async def upload_image(self, content: bytes, file_name: str, mime: str) -> str:
        """Put a picture on the platform for a mass send; its media id. Repeatable without harm."""
        ...

    async def create_mass_send(self, send: MassSend) -> MassSendReceipt:
        """Hand over one task: one new connection, no redirect, no retry of any kind.

        A refreshed token may be used for one replay only when the platform said before execution
        that the old one was invalid.
        """
        ...

    async def list_mass_sends(self, chat_type: ChatType, start_ms: int, end_ms: int) -> Listing:
        """Every corporate mass send created in the stretch, all pages read."""
        ...

    async def mass_send_tasks(self, platform_id: str) -> list[StaffTask]:
        """The staff who must confirm, and when they did."""
        ...

    async def mass_send_results(self, platform_id: str, staff_external_id: str) -> list[TargetResult]:
        """Per-target results of one staff member's part."""
        ...


@runtime_checkable
class TellsServerTime(Protocol):
    """An adapter that knows how far the platform's clock is from ours."""

    def clock_skew_ms(self) -> int | None:
        """Platform time minus local time from the last reply's Date header; None before any reply."""
        ...


@dataclass(slots=True)
class PushReport:
    """What one push did, counted by what became of the items."""

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
        }


class OutboxPusher(Protocol):
    """What the engine drives: recover once at start, then push and collect results per account."""

    async def recover(self) -> int:
        """Every in_flight item becomes unknown; how many. Must run before anything is sent."""
        ...

    async def push(self, account: AccountRef, adapter: MassSender, cancel: Cancel) -> PushReport:
        """Reconcile unknowns, then send what is due. Platform failures are in the report, not raised."""
        ...

    async def collect_results(self, account: AccountRef, adapter: MassSender) -> int:
        """Ask what became of accepted tasks; how many deliveries changed."""
        ...
