"""What a synchronisation did, counted; and how far it is while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from desktop.domain.grants import GrantLife

NOTES = (
    "removals_held",
    "count_mismatch",
    "zero_rows",
    "resumed",
    "total_unknown",
    "members_empty",
    "stopped",
    "not_ready",
    "nothing_new",
    "erased",
)
COUNTS = ("requested", "received", "new", "changed", "removed", "skipped", "failed")

# Notes of a stream that keep a round from being called a success.
DOUBTS = frozenset({"zero_rows", "removals_held", "count_mismatch", "members_empty", "stopped"})


class Outcome(StrEnum):
    """How a round for one account ended."""

    OK = "ok"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class StreamReport:
    """Counts of one stream in one round.

    requested: how many the platform says there are; received: different ones read in this round;
    new, changed, removed: what that changed here; skipped: entries that named nothing, or
    somebody who was erased here; failed: asked
    for and not got. `notes` are of NOTES, each with a text `sync.note.<code>`.
    """

    stream: str
    requested: int = 0
    received: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0
    skipped: int = 0
    failed: int = 0
    notes: list[str] = field(default_factory=list)
    error_code: str | None = None
    error_params: dict[str, Any] = field(default_factory=dict)

    def note(self, code: str) -> None:
        """Add a note once."""
        if code not in self.notes:
            self.notes.append(code)

    def counts(self) -> dict[str, int]:
        """The seven counts by name."""
        return {name: int(getattr(self, name)) for name in COUNTS}


@dataclass(slots=True)
class AccountReport:
    """One account's round. `error_code` is set when the round could not be finished, and
    `is_refused` when that was because the platform wants the account mended first. `token_life` is
    when the token was fetched and until when it is good (UTC ms).
    """

    account_id: int
    account_uid: str
    account_name: str
    platform: str
    outcome: Outcome = Outcome.OK
    streams: dict[str, StreamReport] = field(default_factory=dict)
    outbox: dict[str, Any] = field(default_factory=dict)
    error_code: str | None = None
    error_params: dict[str, Any] = field(default_factory=dict)
    retry_after_s: float | None = None
    is_refused: bool = False
    token_life: tuple[int, int] | None = None
    grant_life: GrantLife | None = None

    def stream(self, name: str) -> StreamReport:
        """The report of a stream, made at first use."""
        return self.streams.setdefault(name, StreamReport(name))

    @property
    def has_changed_data(self) -> bool:
        """Whether anything of the shop's data is different now."""
        return any(s.new or s.changed or s.removed for s in self.streams.values())


@dataclass(frozen=True, slots=True)
class SyncReport:
    """A whole synchronisation."""

    accounts: tuple[AccountReport, ...]

    @property
    def outcome(self) -> str:
        """ok, failed, cancelled, or partly when some accounts, or some streams of one, went through."""
        if any(a.outcome is Outcome.FAILED and a.error_code is None for a in self.accounts):
            return "partly"
        outcomes = {account.outcome for account in self.accounts}
        return next(iter(outcomes)).value if len(outcomes) == 1 else "partly" if outcomes else "ok"

    @property
    def has_doubt(self) -> bool:
        """Whether something wants a look though no account failed, such as a stream without any row."""
        return any(DOUBTS & set(s.notes) for account in self.accounts for s in account.streams.values())

    def totals(self) -> dict[str, dict[str, int]]:
        """Counts by stream over all accounts."""
        sums: dict[str, dict[str, int]] = {}
        for account in self.accounts:
            for name, report in account.streams.items():
                row = sums.setdefault(name, dict.fromkeys(COUNTS, 0))
                for count, value in report.counts().items():
                    row[count] += value
        return sums


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far one stream of one account is. `eta_s` is None until it can be told."""

    account: Mapping[str, str]
    stream: str
    done: int
    total: int | None
    rate_per_s: float
    eta_s: float | None


class Verdict(StrEnum):
    """How a past round is called; texts are `sync_verdict.<value>`.

    look: it went through, but something of it wants a look, such as a stream without any row.
    """

    RUNNING = "running"
    OK = "ok"
    LOOK = "look"
    PARTLY = "partly"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One past round of one account as it was written down. Times are UTC ms.

    `outcome` is None while it runs. A stream that was refused has its `error_code`; the parameters
    of the round's first failure are in `error_params`.
    """

    id: int
    account_id: int
    started_at: int
    ended_at: int | None
    outcome: Outcome | None
    error_code: str | None
    error_params: Mapping[str, Any]
    streams: tuple[StreamReport, ...]

    @property
    def verdict(self) -> Verdict:
        """What to call it."""
        if self.outcome is None:
            return Verdict.RUNNING
        if self.outcome is Outcome.CANCELLED:
            return Verdict.CANCELLED
        if self.outcome is Outcome.FAILED:
            refused = any(stream.error_code for stream in self.streams)
            return Verdict.PARTLY if refused else Verdict.FAILED
        has_doubt = any(DOUBTS & set(stream.notes) for stream in self.streams)
        came = any(stream.received or "nothing_new" in stream.notes for stream in self.streams)
        return Verdict.LOOK if has_doubt or not came else Verdict.OK

    @property
    def has_held_removals(self) -> bool:
        """Whether much was missing at the platform and waits for a person to agree."""
        return any("removals_held" in stream.notes for stream in self.streams)

    def total(self, count: str) -> int:
        """One of COUNTS over all streams."""
        return sum(int(getattr(stream, count)) for stream in self.streams)
