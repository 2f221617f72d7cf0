"""What the home page shows: figures with their reason when missing, and what to do today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure. `value` None shows as a dash with the text `kpi_reason.<reason>`.

    unit: 'count', 'cents' or 'share' (0 to 1). `before` is the same figure a week earlier; `series`
    is one value a day, oldest first.
    """

    key: str
    unit: str
    value: float | None
    reason: str | None = None
    before: float | None = None
    series: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """The activity chart: one entry a day, oldest first."""

    days: tuple[date, ...]
    new_fans: tuple[int, ...]
    active_fans: tuple[int, ...]
    sales_cents: tuple[int, ...]
    orders: tuple[int, ...]


class TodayKind(StrEnum):
    """What can ask for attention. Texts: `today.<kind>`."""

    OUTBOX_UNKNOWN = "outbox_unknown"
    OUTBOX_MISSED = "outbox_missed"
    OUTBOX_REJECTED = "outbox_rejected"
    OUTBOX_HELD = "outbox_held"
    WAITING_STAFF = "waiting_staff"
    SEND_DUE = "send_due"
    DROP_OPENS = "drop_opens"
    DROP_UNCONFIRMED = "drop_unconfirmed"
    DROP_UNSETTLED = "drop_unsettled"
    ACCOUNT = "account"
    IMPORT_REJECTIONS = "import_rejections"
    BACKUP_OVERDUE = "backup_overdue"
    LAPSED_BUYERS = "lapsed_buyers"
    TALKS_WAITING = "talks_waiting"


# What is already late, whatever its time.
OVERDUE = frozenset(
    {TodayKind.OUTBOX_UNKNOWN, TodayKind.OUTBOX_MISSED, TodayKind.OUTBOX_REJECTED, TodayKind.OUTBOX_HELD}
)


@dataclass(frozen=True, slots=True)
class TodayItem:
    """One line of the list: `action` names the command that deals with it, `entity` its object."""

    kind: TodayKind
    action: str
    due_at: int | None = None
    cents: int | None = None
    entity: str = ""
    entity_id: int | None = None
    entity_uid: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    is_overdue: bool = False


def in_order(items: list[TodayItem]) -> list[TodayItem]:
    """Overdue first, then by due time (none last), then by money."""
    return sorted(
        items,
        key=lambda item: (
            not item.is_overdue,
            item.due_at is None,
            item.due_at or 0,
            -(item.cents or 0),
            item.kind,
            item.entity_id or 0,
        ),
    )
