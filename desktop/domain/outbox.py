"""Life of one outward action: states, legal steps, evidence, back-off, windows, trust in the clock.

Nothing is repeated without proof that it was not executed. Pure rules; see docs/outbox.md.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from desktop.domain.errors import (
    AppError,
    AuthError,
    ConflictError,
    InvalidInputError,
    OfflineError,
    RateLimitedError,
    RejectedError,
    TokenDiedError,
    UnclearReplyError,
)

HOLD_S = 10.0
MAX_ATTEMPTS = 6
MAX_BUSY = 3
BUSY = "platform_busy"
MEDIA_EXPIRED = "wecom_media_expired"
BACK_OFF_FIRST_MS = 30_000
BACK_OFF_MOST_MS = 3_600_000
RETRY_AFTER_LEAST_MS = 1_000
SKEW_LIMIT_MS = 120_000
JUMP_LIMIT_MS = 60_000
HISTORY_SLACK_MS = 2_000


class State(StrEnum):
    """Where an outbox item stands."""

    CONFIRMED = "confirmed"
    QUEUED = "queued"
    IN_FLIGHT = "in_flight"
    DONE = "done"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    MISSED = "missed"
    CANCELLED = "cancelled"
    HELD = "held"


TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.CONFIRMED: frozenset({State.QUEUED, State.CANCELLED, State.HELD, State.MISSED}),
        State.QUEUED: frozenset(
            {State.IN_FLIGHT, State.CANCELLED, State.HELD, State.MISSED, State.REJECTED, State.UNKNOWN}
        ),  # unknown: an earlier try is in doubt, and the key under which it could be repeated is forgotten
        State.IN_FLIGHT: frozenset(
            {State.DONE, State.QUEUED, State.REJECTED, State.UNKNOWN, State.MISSED, State.HELD}
        ),
        State.UNKNOWN: frozenset({State.DONE, State.QUEUED, State.MISSED, State.REJECTED}),
        State.HELD: frozenset({State.QUEUED, State.CANCELLED, State.MISSED}),
        State.DONE: frozenset(),
        State.REJECTED: frozenset(),
        State.MISSED: frozenset(),
        State.CANCELLED: frozenset(),
    }
)
WAITING = frozenset({State.CONFIRMED, State.QUEUED})
CANCELLABLE = frozenset({State.CONFIRMED, State.QUEUED, State.HELD})
GONE_OUT = frozenset({State.IN_FLIGHT, State.UNKNOWN, State.DONE})  # it left, or may have left
FINAL = frozenset({State.DONE, State.REJECTED, State.MISSED, State.CANCELLED})


def step(old: State, new: State) -> State:
    """The new state. Raises ConflictError('outbox_step') when the step is not in the table."""
    if new not in TRANSITIONS[old]:
        raise ConflictError("outbox_step", state=old.value, wanted=new.value)
    return new


class Evidence(StrEnum):
    """What is known about one attempt."""

    NOT_EXECUTED = "N"
    UNKNOWN = "U"
    DONE = "D"


class Retry(StrEnum):
    """What a not-executed attempt means for the next one."""

    FREE = "free"  # nothing reached the platform's business: no attempt is counted
    COUNTED = "counted"
    NEVER = "never"  # the platform will refuse the same bytes again


@dataclass(frozen=True, slots=True)
class Finding:
    """Class of evidence of one attempt, the code to show, and how to go on if it was not executed.

    `stops_account`: no other item of this account can do better in this round; `stops_kind`: no other
    item of this kind can. `is_at_once`: the same item may go again now, after all checks.
    """

    evidence: Evidence
    code: str
    retry: Retry = Retry.COUNTED
    platform_code: str = ""
    retry_after_ms: int | None = None
    stops_account: bool = False
    stops_kind: bool = False
    is_at_once: bool = False

    @property
    def is_busy(self) -> bool:
        """The platform said it was busy: at most MAX_BUSY attempts."""
        return self.code == BUSY


def finding_of(error: BaseException) -> Finding:
    """The class of evidence that a failed attempt gives. Doubt is always UNKNOWN.

    Adapters raise the five errors of their port by dated tables of platform codes: only
    UnclearReplyError may have been executed, whatever is no such error is doubt as well.
    """
    params = error.params if isinstance(error, AppError) else {}
    platform_code = str(params.get("platform_code", ""))
    code = error.code if isinstance(error, AppError) else ""
    seconds = error.retry_after_s if isinstance(error, AppError) else None
    wait = None if seconds is None else clamped_wait_ms(seconds)
    none = Evidence.NOT_EXECUTED
    if isinstance(error, OfflineError):
        return Finding(none, "offline", Retry.FREE, platform_code, stops_account=True)
    if isinstance(error, TokenDiedError):
        return Finding(none, code, Retry.FREE, platform_code, is_at_once=True)
    if isinstance(error, AuthError):
        return Finding(none, code, Retry.FREE, platform_code, stops_account=True)
    if params.get("is_permission"):
        return Finding(none, code, Retry.FREE, platform_code, stops_kind=True)
    if isinstance(error, RateLimitedError):
        return Finding(none, code, Retry.COUNTED, platform_code, wait, stops_kind=True)
    if isinstance(error, RejectedError):
        again = wait is not None or code in (BUSY, MEDIA_EXPIRED)
        return Finding(none, code, Retry.COUNTED if again else Retry.NEVER, platform_code, wait)
    if isinstance(error, InvalidInputError):  # the adapter refused before anything left
        return Finding(none, code, Retry.NEVER)
    if isinstance(error, UnclearReplyError):
        return Finding(Evidence.UNKNOWN, code, Retry.COUNTED, platform_code, wait)
    if isinstance(error, CancelledError):
        return Finding(Evidence.UNKNOWN, "stopped_while_sending")
    return Finding(Evidence.UNKNOWN, "unexpected_failure")


def clamped_wait_ms(seconds: float) -> int:
    """A wait that a platform asked for, kept between one second and one hour."""
    milliseconds = seconds * 1000 if seconds == seconds else 0  # NaN asks for nothing
    return int(min(max(milliseconds, RETRY_AFTER_LEAST_MS), BACK_OFF_MOST_MS))


def back_off_ms(attempts: int, chance: float, retry_after_ms: int | None = None) -> int:
    """How long to wait after `attempts` tries: 30 s doubling to 1 h, less up to half by `chance` in [0, 1).

    Never shorter than what the platform asked for.
    """
    most = min(BACK_OFF_FIRST_MS * 2 ** max(0, attempts - 1), BACK_OFF_MOST_MS)
    wait = int(most * (1 - chance / 2))
    return max(wait, retry_after_ms or 0)


def is_spent(counted: int, busy: int) -> bool:
    """Whether the caps forbid another attempt."""
    return counted >= MAX_ATTEMPTS or busy >= MAX_BUSY


class Window(StrEnum):
    """Where a moment lies in an item's window."""

    EARLY = "early"
    OPEN = "open"
    LATE = "late"


def window_at(now: int, not_before: int, not_after: int | None) -> Window:
    """Never before `not_before`, never after `not_after`; the last moment itself is still open."""
    if not_after is not None and now > not_after:
        return Window.LATE
    return Window.EARLY if now < not_before else Window.OPEN


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What there is to judge the clock by; None where nothing is known.

    `elapsed_*` are what the wall and the monotonic clock counted since the last look.
    """

    now: int
    last_event: int
    skew_ms: int | None = None
    elapsed_wall_ms: int = 0
    elapsed_mono_ms: int = 0


def is_skewed(skew_ms: int | None) -> bool:
    """Whether a platform's clock, where it is known, tells that ours is wrong."""
    return skew_ms is not None and abs(skew_ms) > SKEW_LIMIT_MS


def clock_doubt(reading: ClockReading) -> str | None:
    """Why the clock cannot be trusted with timed items, or None.

    The platform's own clock decides where it is known. Else the time must not lie before the file's
    last event, nor may wall and monotonic time have drifted apart (sleep, or someone set the clock).
    """
    if reading.skew_ms is not None:
        return "clock_skew" if is_skewed(reading.skew_ms) else None
    if reading.now < reading.last_event - HISTORY_SLACK_MS:
        return "clock_before_history"
    if abs(reading.elapsed_wall_ms - reading.elapsed_mono_ms) > JUMP_LIMIT_MS:
        return "clock_jump"
    return None


def is_due(state: State, now: int, hold_until: int, not_before: int, next_attempt_at: int) -> bool:
    """Whether an item may be picked up: it waits, its hold is over, its time and its back-off have come."""
    return state in WAITING and now >= max(hold_until, not_before, next_attempt_at)
