"""Rows of the outbox as rules, services and the pusher see them. Frozen data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from desktop.domain.outbox import State, is_due
from desktop.domain.writes import Write, from_payload


@dataclass(frozen=True, slots=True)
class NewItem:
    """An outward action at the moment it is confirmed; `write` is frozen from here on.

    `predecessor` is the uid of an item that must be done before this one may go. `uid` is given where an item of
    the same confirmation follows it; else it is made when the item is kept.
    """

    account_id: int
    entity: str
    entity_id: int
    write: Write
    summary: Mapping[str, Any]
    order_key: str
    not_before: int
    not_after: int | None
    hold_until: int
    targets: tuple[NewTarget, ...] = ()
    predecessor: str | None = None
    uid: str | None = None


@dataclass(frozen=True, slots=True)
class NewTarget:
    """One recipient of a new item."""

    kind: str
    external_id: str
    identity_id: int | None = None
    group_id: int | None = None
    staff_external_id: str = ""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One outbox row. Times in UTC ms; `reason` and `proof` are codes with parameters."""

    id: int
    uid: str
    account_id: int
    kind: str
    entity: str
    entity_id: int
    state: State
    payload_sha256: str
    summary: Mapping[str, Any]
    order_key: str
    not_before: int
    not_after: int | None
    hold_until: int
    confirmed_at: int
    confirmed_by: str
    device_id: str
    attempts: int
    next_attempt_at: int
    platform_id: str | None
    reason: Mapping[str, Any] | None
    proof: Mapping[str, Any] | None
    replaced_by: str | None
    settled_at: int | None
    updated_at: int
    predecessor: str | None = None
    payload: str = field(default="", repr=False)

    @property
    def write(self) -> Write:
        """The frozen bytes as data. Only rows read with their payload have them."""
        return from_payload(self.payload)


class Queued(NamedTuple):
    """An unsettled item as far as its turn depends on it; times in UTC ms."""

    id: int
    uid: str
    kind: str
    state: State
    order_key: str
    hold_until: int
    not_before: int
    next_attempt_at: int

    def is_due(self, now: int) -> bool:
        """Whether it may be picked up, others left aside."""
        return is_due(self.state, now, self.hold_until, self.not_before, self.next_attempt_at)


def next_due(items: Sequence[Queued], now: int, tried: Collection[int]) -> Queued | None:
    """The first item to send now, in confirm order, or None.

    `items` are all unsettled ones of an account in confirm order. An item waits while an earlier one
    of its order_key is unsettled; items in `tried` had their turn.
    """
    blocked: set[str] = set()
    for item in items:
        if item.order_key in blocked:
            continue
        blocked.add(item.order_key)
        if item.id not in tried and item.is_due(now):
            return item
    return None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try; `outcome` None while it runs, else N, U or D."""

    id: int
    n: int
    started_at: int
    ended_at: int | None
    outcome: str | None
    code: str | None
    request_sha256: str
    detail: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one recipient."""

    target_kind: str
    target_external_id: str
    name: str
    status: str
    staff_external_id: str
    sent_at: int | None
    identity_id: int | None = None
    group_id: int | None = None


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """Recipients of one or more items by status."""

    planned: int = 0
    refused: int = 0
    waiting_staff: int = 0
    sent: int = 0
    not_friend: int = 0
    over_limit: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """All recipients."""
        return self.waiting + self.sent + self.failed + self.unknown

    @property
    def waiting(self) -> int:
        """Not there yet: planned, or with the staff to confirm."""
        return self.planned + self.waiting_staff

    @property
    def failed(self) -> int:
        """Will not get it."""
        return self.refused + self.not_friend + self.over_limit
