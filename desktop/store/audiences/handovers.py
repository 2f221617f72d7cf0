"""Lists handed over: who may be on one, and the log of all."""

from __future__ import annotations

import json
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.handover import Handover, Person
from desktop.domain.segments.facts import AsOf
from desktop.domain.segments.saved import Segment
from desktop.store.audiences import segments
from desktop.store.consents.contact_rules import shut, stance
from desktop.store.database import as_json
from desktop.store.transaction import Transaction


def people(conn: Any, segment: Segment, as_of: AsOf) -> list[Person]:
    """The members of an audience by id, with what decides about handing them over."""
    where, parameters = segments.condition(segment, as_of)
    rows = conn.execute(
        f"SELECT id, phone, {stance('fan', 'ads')} AS said, {shut('fan', None)} AS is_shut"
        f" FROM fan WHERE {where} ORDER BY id",
        parameters,
    )
    return [Person(row["id"], row["phone"], row["said"], bool(row["is_shut"])) for row in rows]


def note(tx: Transaction, segment_id: int, done: Handover) -> None:
    """Log one list that left."""
    tx.db.execute(
        "INSERT INTO handover (uid, segment_id, segment_name, preset, purpose, file_name, file_sha256, rows,"
        " left_out, at, operator) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            done.uid,
            segment_id,
            done.segment_name,
            done.preset,
            done.purpose,
            done.file_name,
            done.file_sha256,
            done.rows,
            as_json(done.left_out),
            done.at,
            done.operator,
        ),
    )
    tx.touch(Topic.SEGMENT, [segment_id])


def listing(conn: Any, limit: int) -> tuple[Handover, ...]:
    """The last lists that left, newest first."""
    rows = conn.execute(
        "SELECT uid, segment_name, preset, purpose, file_name, file_sha256, rows, left_out, at, operator"
        " FROM handover ORDER BY id DESC LIMIT ?",
        (limit,),
    )
    return tuple(
        Handover(
            uid=row["uid"],
            segment_name=row["segment_name"],
            preset=row["preset"],
            purpose=row["purpose"],
            file_name=row["file_name"],
            file_sha256=row["file_sha256"],
            rows=row["rows"],
            left_out=json.loads(row["left_out"]),
            at=row["at"],
            operator=row["operator"],
        )
        for row in rows.fetchall()
    )
