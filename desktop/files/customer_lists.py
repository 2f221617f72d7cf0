"""Rows of customer lists that consoles export: who was added by whom, members of a shop, leads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from desktop.domain.identity import added_key
from desktop.domain.imports import Added, FanRecord
from desktop.files import people_rows
from desktop.files.tables import Columns

TAG_GROUP = re.compile(r"标签组\d*[(（]")


def wecom(columns: Columns, row: Sequence[str], line: int) -> FanRecord:
    """A customer of one staff member (企业微信). The list has no id: who added them when and as what names them."""
    name, staff = columns.name(row, "name"), columns.name(row, "staff")
    at = columns.moment(row, "followed_at")
    for field, value in (("name", name), ("staff", staff), ("followed_at", at)):
        if not value:
            raise columns.missing(field)
    assert at is not None
    told = [text for header, text in columns.unmapped(row).items() if TAG_GROUP.match(header)]
    tags = dict.fromkeys(tag for cell in told for tag in people_rows.tags_in(columns, cell))
    return FanRecord(
        added_key(staff, at, name),
        name,
        columns.contact(row, "phone").phone,
        at,
        tuple(tags),
        columns.text(row, "note"),
        channel=columns.name(row, "channel"),
        added=Added(staff, at, name),
        row=line,
    )


def youzan(columns: Columns, row: Sequence[str], line: int) -> FanRecord:
    """A customer of 有赞, named by a plain phone only: the list has no id, and masked numbers name nobody."""
    found = people_rows.fan(columns, row, line)
    return replace(found, name=columns.name(row, "nickname") or found.name)
