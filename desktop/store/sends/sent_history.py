"""Everything that ever went out, through this program or elsewhere, as one list, newest first."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from desktop.domain.outbox_items import DeliveryCounts
from desktop.domain.sent_history import Sent, SentFilter
from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS, MASS_SEND_GROUPS, MOMENT
from desktop.store.sends import deliveries

OURS = """
SELECT 1 AS is_ours, o.uid AS key, o.id AS item_id, o.account_id, o.kind,
    coalesce((SELECT max(a.started_at) FROM attempt a WHERE a.outbox_id = o.id), o.settled_at, o.confirmed_at)
        AS at,
    o.confirmed_by AS who, o.state, coalesce(json_extract(o.summary, '$.title'), '') AS title,
    coalesce(json_extract(o.payload, '$.body.text'), json_extract(o.payload, '$.text'), '') AS text,
    length(CAST(o.payload AS BLOB)) AS bytes, o.payload_sha256 AS sha256,
    coalesce(o.platform_id, '') AS platform_id, o.proof, NULL AS staff_asked, NULL AS staff_confirmed,
    NULL AS sent, NULL AS failed
FROM outbox o
WHERE o.state IN ('in_flight', 'unknown', 'done')
"""
ELSEWHERE = f"""
SELECT 0, r.external_id, NULL, r.account_id,
    CASE r.chat_type WHEN 'group' THEN '{MASS_SEND_GROUPS}' ELSE '{MASS_SEND_CUSTOMERS}' END,
    r.created_at, coalesce(nullif(s.name, ''), r.creator), 'done', '', r.text, NULL, NULL, r.external_id, NULL,
    r.staff_asked, r.staff_confirmed, r.targets_sent, r.targets_failed
FROM mass_send_record r LEFT JOIN staff s ON s.account_id = r.account_id AND s.external_id = r.creator
WHERE r.outbox_id IS NULL
"""
MOMENTS = f"""
SELECT 0, m.external_id, NULL, m.account_id, '{MOMENT}', m.created_at,
    coalesce(nullif(s.name, ''), m.creator), 'done', '', m.text, NULL, NULL, m.external_id, NULL,
    m.staff_asked, m.staff_published, m.customers_reached, NULL
FROM moment m LEFT JOIN staff s ON s.account_id = m.account_id AND s.external_id = m.creator
WHERE m.outbox_id IS NULL
"""
# How far our own came at the platform: asked for the rows of a page, for joined to all of them it takes minutes.
ASKED = """
SELECT outbox_id, staff_asked, staff_confirmed FROM mass_send_record
    WHERE outbox_id IN (SELECT value FROM json_each(:items))
UNION ALL SELECT outbox_id, staff_asked, staff_published FROM moment
    WHERE outbox_id IN (SELECT value FROM json_each(:items))
"""
ALL = f"SELECT * FROM ({OURS} UNION ALL {ELSEWHERE} UNION ALL {MOMENTS}) AS sent"


@dataclass(slots=True)
class _Where:
    clauses: list[str] = field(default_factory=lambda: ["1"])
    params: list[Any] = field(default_factory=list)

    def add(self, clause: str, *params: Any) -> None:
        self.clauses.append(clause)
        self.params += params

    def text(self) -> str:
        return " AND ".join(self.clauses)


def listed(conn: Any, wanted: SentFilter, limit: int, offset: int) -> list[Sent]:
    """A page of what went out, newest first."""
    where = _where(wanted)
    rows = conn.execute(
        f"{ALL} WHERE {where.text()} ORDER BY at DESC, key DESC LIMIT ? OFFSET ?",
        (*where.params, limit, offset),
    ).fetchall()
    ours = [row["item_id"] for row in rows if row["item_id"] is not None]
    counts = deliveries.counts_of_items(conn, ours)
    asked = {row[0]: tuple(row)[1:] for row in conn.execute(ASKED, {"items": json.dumps(ours)})}
    names = {row["id"]: row["name"] for row in conn.execute("SELECT id, name FROM account")}
    return [_sent(row, names, counts.get(row["item_id"]), asked.get(row["item_id"])) for row in rows]


def _sent(
    row: Any, names: dict[int, str], counts: DeliveryCounts | None, asked: tuple[Any, ...] | None
) -> Sent:
    staff_asked, staff_confirmed = asked or (row["staff_asked"], row["staff_confirmed"])
    return Sent(
        key=row["key"],
        is_ours=bool(row["is_ours"]),
        account_id=row["account_id"],
        account_name=names.get(row["account_id"], ""),
        kind=row["kind"],
        at=row["at"],
        who=row["who"],
        state=row["state"],
        title=row["title"],
        text=row["text"],
        bytes=row["bytes"],
        sha256=row["sha256"] or "",
        platform_id=row["platform_id"],
        proof=json.loads(row["proof"]) if row["proof"] else None,
        staff_asked=staff_asked,
        staff_confirmed=staff_confirmed,
        recipients=counts.total if counts else None,
        sent=counts.sent if counts else row["sent"],
        failed=counts.failed if counts else row["failed"],
    )


def counted(conn: Any, wanted: SentFilter) -> int:
    """How many `listed` has without a limit."""
    where = _where(wanted)
    row = conn.execute(f"SELECT count(*) AS n FROM ({ALL} WHERE {where.text()})", where.params).fetchone()
    return int(row["n"])


def kinds(conn: Any) -> list[str]:
    """Kinds of writes that ever went out."""
    return [row["kind"] for row in conn.execute(f"SELECT DISTINCT kind FROM ({ALL}) ORDER BY kind")]


def _where(wanted: SentFilter) -> _Where:
    where = _Where()
    if wanted.is_ours is not None:
        where.add("is_ours = ?", int(wanted.is_ours))
    if wanted.kind:
        where.add("kind = ?", wanted.kind)
    if wanted.search.strip():
        where.add(
            "instr(lower(title || char(10) || text || char(10) || who || char(10) || platform_id || char(10)"
            " || coalesce(sha256, '') || char(10) || key), lower(?)) > 0",
            wanted.search.strip(),
        )
    return where
