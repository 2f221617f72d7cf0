"""Rows about fan groups: who is in one, and who said something in one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from desktop.domain.identity import IdentityKey
from desktop.domain.imports import InteractionRecord, MemberRecord
from desktop.files import people_rows
from desktop.files.tables import Columns, RowError


def member(columns: Columns, row: Sequence[str], line: int) -> MemberRecord:
    """One member. Without id and phone the name names them, within their group."""
    group, name = _group(columns, row, line), columns.name(row, "name")
    nickname = columns.name(row, "nickname")
    key = _key(columns, row, line, name or nickname)
    return MemberRecord(
        group,
        key.external_id if key else _by_name(name or nickname),
        key,
        name,
        nickname,
        columns.moment(row, "joined_at"),
        columns.moment(row, "left_at"),
        line,
    )


def message(columns: Columns, row: Sequence[str], line: int) -> InteractionRecord:
    """One message in a group. What it says is not kept: that it was said, by whom and when, is."""
    group, name = _group(columns, row, line), columns.name(row, "name")
    key = _key(columns, row, line, name)
    at = columns.moment(row, "at")
    if at is None:
        raise columns.missing("at")
    who = key or IdentityKey("file", group, _by_name(name))
    said = hashlib.sha256(columns.text(row, "text").encode()).hexdigest()[:16]
    return InteractionRecord(
        key,
        "group_message",
        at,
        people_rows.event_key("group_message", who, (group, str(at), said)),
        name,
        group=group,
        row=line,
    )


def _group(columns: Columns, row: Sequence[str], line: int) -> str:
    group = columns.name(row, "group")
    if not group:
        raise columns.missing("group")
    return group


def _key(columns: Columns, row: Sequence[str], line: int, name: str) -> IdentityKey | None:
    """Who a row is about; None where only the name tells. Raises RowError when nothing does."""
    try:
        return people_rows.person(columns, row, line, columns.contact(row, "phone"))
    except RowError:
        if not name:
            raise
        return None


def _by_name(name: str) -> str:
    return f"name:{hashlib.sha256(name.encode()).hexdigest()[:32]}"
