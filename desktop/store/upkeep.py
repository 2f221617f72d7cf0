"""Is the shop's file whole? SQLite's own checks, then sums that must agree with the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SAMPLE = 20  # how many broken rows a finding names

STATS_SQL = """
SELECT fan.id FROM fan LEFT JOIN fan_stats AS s ON s.fan_id = fan.id
LEFT JOIN (SELECT fan_id, count(*) AS orders, sum(net_cents) AS spend,
        sum(min(refund_cents, max(0, paid_cents))) AS refund, min(paid_at) AS first, max(paid_at) AS last
    FROM "order" WHERE is_sale = 1 AND fan_id IS NOT NULL GROUP BY fan_id) AS o ON o.fan_id = fan.id
LEFT JOIN (SELECT fan_id, sum(quantity) AS touches, max(at) AS last FROM interaction GROUP BY fan_id)
    AS i ON i.fan_id = fan.id
WHERE coalesce(s.orders, 0) <> coalesce(o.orders, 0)
    OR coalesce(s.spend_cents, 0) <> coalesce(o.spend, 0)
    OR coalesce(s.refund_cents, 0) <> coalesce(o.refund, 0)
    OR s.first_order_at IS NOT o.first OR s.last_order_at IS NOT o.last
    OR coalesce(s.interactions, 0) <> coalesce(i.touches, 0)
    OR s.last_interaction_at IS NOT i.last
"""

# Each finds the ids of rows that contradict something; code names the text `check.<code>`.
DOMAIN_CHECKS: Mapping[str, str] = {
    "fan_stats": STATS_SQL,
    "order_net": 'SELECT id FROM "order" WHERE net_cents <> max(0, paid_cents - refund_cents)'
    " OR is_sale <> (paid_at IS NOT NULL AND status NOT IN ('unpaid', 'closed'))",
    "order_identity": 'SELECT o.id FROM "order" AS o JOIN identity AS i ON i.id = o.identity_id'
    " WHERE o.fan_id IS NULL",
    "merged_chain": "SELECT fan.id FROM fan JOIN fan AS into_fan ON into_fan.id = fan.merged_into"
    " WHERE fan.merged_into = fan.id OR into_fan.merged_into = fan.id",
    "merged_rows": "SELECT fan.id FROM fan WHERE merged_into IS NOT NULL AND (EXISTS"
    ' (SELECT 1 FROM "order" WHERE fan_id = fan.id) OR EXISTS'
    " (SELECT 1 FROM identity WHERE fan_id = fan.id))",
    "merged_homes": "SELECT i.id FROM identity AS i JOIN fan AS home ON home.id = i.home_fan_id"
    " WHERE coalesce(home.merged_into, home.id) <> i.fan_id",
    "outbox_entity": "SELECT id FROM outbox WHERE (entity = 'post' AND NOT EXISTS"
    " (SELECT 1 FROM post WHERE id = outbox.entity_id)) OR (entity = 'drop' AND NOT EXISTS"
    " (SELECT 1 FROM welfare_drop WHERE id = outbox.entity_id))",
    "outbox_done_without_proof": "SELECT id FROM outbox WHERE state = 'done' AND platform_id IS NULL"
    " AND proof IS NULL",
    "outbox_attempts": "SELECT id FROM outbox WHERE attempts <>"
    " (SELECT count(*) FROM attempt WHERE outbox_id = outbox.id)",
    "outbox_in_flight": "SELECT id FROM outbox WHERE (SELECT count(*) FROM attempt"
    " WHERE outbox_id = outbox.id AND ended_at IS NULL) > (state IN ('in_flight', 'unknown'))",
    "tier_history": "SELECT fan.id FROM fan WHERE tier_since IS NOT NULL AND tier <> coalesce("
    "(SELECT to_tier FROM tier_change WHERE fan_id = fan.id ORDER BY id DESC LIMIT 1), tier)",
}

COUNTED = ("fan", "identity", '"order"', "interaction", "fan_group", "outbox", "operation")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be. `rows` names the first ones."""

    code: str
    n: int
    rows: tuple[int, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """`counts`: rows per table, and outbox items per state (they add up to the outbox)."""

    findings: tuple[Finding, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    outbox_states: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def check(conn: Any) -> CheckReport:
    """Look at everything; changes nothing. Damage inside SQLite ends the domain part early."""
    findings = [*integrity(conn), *foreign_keys(conn)]
    if any(finding.code == "integrity" for finding in findings):
        return CheckReport(tuple(findings))
    findings += domain(conn)
    counts = {
        table.strip('"'): int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        for table in COUNTED
    }
    states = {
        row[0]: row[1]
        for row in conn.execute("SELECT state, count(*) FROM outbox GROUP BY state ORDER BY 1")
    }
    return CheckReport(tuple(findings), counts, states)


def integrity(conn: Any) -> list[Finding]:
    """SQLite's own check of pages, indexes and constraints."""
    said = [str(row[0]) for row in conn.execute("PRAGMA integrity_check(20)")]
    if said == ["ok"]:
        return []
    return [Finding("integrity", len(said), detail="; ".join(said))]


def foreign_keys(conn: Any) -> list[Finding]:
    """Rows that point at rows which are not there."""
    broken = conn.execute("PRAGMA foreign_key_check").fetchall()
    if not broken:
        return []
    tables = sorted({str(row[0]) for row in broken})
    rows = tuple(int(row[1]) for row in broken[:SAMPLE] if row[1] is not None)
    return [Finding("foreign_keys", len(broken), rows, ", ".join(tables))]


def domain(conn: Any) -> list[Finding]:
    """Sums and rules over the rows themselves."""
    findings = []
    for code, sql in DOMAIN_CHECKS.items():
        rows = [int(row[0]) for row in conn.execute(sql)]
        if rows:
            findings.append(Finding(code, len(rows), tuple(sorted(rows)[:SAMPLE])))
    return findings
