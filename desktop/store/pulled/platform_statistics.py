"""Figures per day as a platform counts them: take them in, and read them for the screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.statistics import GroupDay, StaffDay
from desktop.store.transaction import Transaction

STAFF_COLUMNS = "chats, messages, replied_permille, first_reply_minutes, lost, asked, added"
GROUP_COLUMNS = (
    "groups_new, groups_all, groups_talking, members_new, members_all, members_talking, messages"
)


@dataclass(frozen=True, slots=True)
class TalkDay:
    """All groups of an owner (or of everybody) on one day."""

    day: date
    messages: int
    talking: int


@dataclass(frozen=True, slots=True)
class StaffFigures:
    """One staff member over some days. None where there were no chats."""

    account_id: int
    staff_external_id: str
    name: str
    chats: int
    messages: int
    added: int
    lost: int
    replied_permille: int | None
    first_reply_minutes: int | None


def last_staff_days(conn: Any, account_id: int) -> dict[str, date | None]:
    """Every present staff member with the last day that is kept."""
    rows = conn.execute(
        "SELECT s.external_id, (SELECT max(d.day) FROM staff_day d WHERE d.account_id = s.account_id"
        " AND d.staff_external_id = s.external_id) AS day FROM staff s"
        " WHERE s.account_id = ? AND s.removed_at IS NULL ORDER BY s.external_id",
        (account_id,),
    )
    return {str(row["external_id"]): _day(row["day"]) for row in rows}


def last_group_days(conn: Any, account_id: int) -> dict[str, date | None]:
    """Every owner of a present group with the last day that is kept."""
    rows = conn.execute(
        "SELECT DISTINCT s.external_id, (SELECT max(d.day) FROM group_day d WHERE d.account_id = s.account_id"
        " AND d.owner_external_id = s.external_id) AS day FROM fan_group g"
        " JOIN staff s ON s.id = g.owner_staff_id"
        " WHERE g.account_id = ? AND g.removed_at IS NULL AND s.removed_at IS NULL ORDER BY 1",
        (account_id,),
    )
    return {str(row["external_id"]): _day(row["day"]) for row in rows}


def keep_staff_days(
    tx: Transaction, account_id: int, staff_id: str, days: Sequence[StaffDay]
) -> tuple[int, int]:
    """Take in days of one staff member; (new, changed)."""
    rows = [
        (d.chats, d.messages, d.replied_permille, d.first_reply_minutes, d.lost, d.asked, d.added)
        for d in days
    ]
    named = [(account_id, staff_id, d.day.isoformat()) for d in days]
    return _keep(tx, "staff_day", "staff_external_id", STAFF_COLUMNS, named, rows)


def keep_group_days(
    tx: Transaction, account_id: int, owner_id: str, days: Sequence[GroupDay]
) -> tuple[int, int]:
    """Take in days of one owner's groups; (new, changed)."""
    rows = [
        (
            d.groups_new, d.groups_all, d.groups_talking, d.members_new, d.members_all, d.members_talking,
            d.messages,
        )
        for d in days
    ]  # fmt: skip
    named = [(account_id, owner_id, d.day.isoformat()) for d in days]
    return _keep(tx, "group_day", "owner_external_id", GROUP_COLUMNS, named, rows)


def talk_days(conn: Any, first: date, *, group_id: int | None = None) -> list[TalkDay]:
    """Messages and talking members a day since `first`: of all groups, or of those of one group's owner."""
    rows = conn.execute(
        "SELECT d.day, sum(d.messages) AS messages, sum(d.members_talking) AS talking FROM group_day d"
        " WHERE d.day >= :first AND (:group_id IS NULL OR EXISTS (SELECT 1 FROM fan_group g"
        " JOIN staff s ON s.id = g.owner_staff_id WHERE g.id = :group_id"
        " AND g.account_id = d.account_id AND s.external_id = d.owner_external_id))"
        " GROUP BY d.day ORDER BY d.day",
        {"first": first.isoformat(), "group_id": group_id},
    )
    return [TalkDay(date.fromisoformat(row["day"]), row["messages"], row["talking"]) for row in rows]


def staff_figures(conn: Any, first: date) -> list[StaffFigures]:
    """Every present staff member with figures since `first`, most added customers first.

    Who has no name here (the platform tells names to few applications) goes by the platform's id.
    The share of chats replied to is weighted by chats, the time to the first reply as well.
    """
    rows = conn.execute(
        "SELECT s.account_id, s.external_id, s.name, sum(d.chats) AS chats, sum(d.messages) AS messages,"
        " sum(d.added) AS added, sum(d.lost) AS lost,"
        " sum(d.replied_permille * d.chats) FILTER (WHERE d.replied_permille IS NOT NULL) AS replied,"
        " sum(d.chats) FILTER (WHERE d.replied_permille IS NOT NULL) AS replied_of,"
        " sum(d.first_reply_minutes * d.chats) FILTER (WHERE d.first_reply_minutes IS NOT NULL) AS waited,"
        " sum(d.chats) FILTER (WHERE d.first_reply_minutes IS NOT NULL) AS waited_of"
        " FROM staff_day d JOIN staff s ON s.account_id = d.account_id"
        " AND s.external_id = d.staff_external_id AND s.removed_at IS NULL"
        " WHERE d.day >= ? GROUP BY s.id ORDER BY added DESC, s.external_id",
        (first.isoformat(),),
    )
    return [
        StaffFigures(
            row["account_id"],
            row["external_id"],
            row["name"] or row["external_id"],
            row["chats"],
            row["messages"],
            row["added"],
            row["lost"],
            _share(row["replied"], row["replied_of"]),
            _share(row["waited"], row["waited_of"]),
        )
        for row in rows
    ]


def _keep(
    tx: Transaction,
    table: str,
    named_by: str,
    columns: str,
    named: Sequence[tuple[int, str, str]],
    rows: Sequence[tuple[Any, ...]],
) -> tuple[int, int]:
    new = changed = 0
    for key, values in zip(named, rows, strict=True):
        known = tx.db.execute(
            f"SELECT {columns} FROM {table} WHERE account_id = ? AND {named_by} = ? AND day = ?", key
        ).fetchone()
        if known is not None and tuple(known) == values:
            continue
        new, changed = new + (known is None), changed + (known is not None)
        marks = ", ".join("?" * (len(key) + len(values)))
        tx.db.execute(
            f"INSERT OR REPLACE INTO {table} (account_id, {named_by}, day, {columns}) VALUES ({marks})",
            (*key, *values),
        )
    if new or changed:
        tx.touch(Topic.STATISTIC)
    return new, changed


def _share(total: int | None, of: int | None) -> int | None:
    return round(total / of) if total is not None and of else None


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
