"""Words of people about being reached, kept one by one; the latest of a purpose and channel counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.consents import Channel, Consent, ConsentDraft, Purpose, Said, Standing, Waiting
from desktop.store.contact_rules import barred
from desktop.store.effects import NO_EFFECTS, Effects
from desktop.store.fans import chunks, fan, suppressions
from desktop.store.transaction import Transaction

ADD = (
    "INSERT INTO consent (uid, fan_id, purpose, channel, state, at, source, wording, proof, proof_sha256,"
    " origin, noted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SETTLE = """
UPDATE consent SET is_latest = id = (SELECT last.id FROM consent AS last
    WHERE last.fan_id = consent.fan_id AND last.purpose = consent.purpose
        AND last.channel = consent.channel ORDER BY last.at DESC, last.id DESC LIMIT 1)
WHERE fan_id IN ({marks})
"""
REPEAT = """
UPDATE fan SET marketing = coalesce((SELECT state FROM consent WHERE fan_id = fan.id AND is_latest = 1
    AND purpose = 'marketing' AND channel = ''), 'unknown') WHERE id IN ({marks})
"""
WAITING = f"""
SELECT o.uid, o.kind, o.not_before, {barred("f", "mass_send")} IS NULL AS may_go
FROM delivery AS d JOIN outbox AS o ON o.id = d.outbox_id JOIN identity AS i ON i.id = d.identity_id
    JOIN fan AS f ON f.id = i.fan_id
WHERE f.id = ? AND o.state IN ('confirmed', 'queued', 'held') AND d.status = 'planned'
ORDER BY o.not_before, o.id
"""


def note(
    tx: Transaction,
    fan_ids: Sequence[int],
    draft: ConsentDraft,
    origin: str = "operator",
    effects: Effects = NO_EFFECTS,
) -> list[int]:
    """Keep one word of each of these fans; the rows' ids."""
    added = []
    for fan_id in fan_ids:
        cursor = tx.db.execute(
            ADD,
            (
                tx.new_uid(), fan_id, draft.purpose.value, draft.channel.value, draft.said.value, draft.at,
                draft.source, draft.wording, draft.proof, draft.proof_sha256, origin, tx.now_ms,
            ),
        )  # fmt: skip
        added.append(int(cursor.lastrowid or 0))
        effects.added("consent", added[-1])
    settle(tx, fan_ids)
    return added


def take_back(tx: Transaction, ids: Sequence[int]) -> None:
    """Forget these words; what stood before them counts again."""
    fans: set[int] = set()
    for marks, portion in chunks(ids):
        fans |= {
            row[0]
            for row in tx.db.execute(
                f"DELETE FROM consent WHERE id IN ({marks}) RETURNING fan_id", portion
            ).fetchall()
        }
    settle(tx, fans)


def settle(tx: Transaction, fan_ids: Iterable[int]) -> None:
    """Find out which words of these fans count, after some came or went."""
    ids = sorted(set(fan_ids))
    for marks, portion in chunks(ids):
        tx.db.execute(SETTLE.format(marks=marks), portion)
        tx.db.execute(REPEAT.format(marks=marks), portion)
    tx.touch(Topic.FAN, ids)


def set_under_14(tx: Transaction, fan_id: int, is_under: bool) -> None:
    """Mark a fan as a child below fourteen years, or not. Raises NotFoundError."""
    tx.replaced = {"fan_id": fan_id, "under_14": bool(fan(tx.db, fan_id)["under_14"])}
    tx.db.execute(
        "UPDATE fan SET under_14 = ?, updated_at = ? WHERE id = ?", (int(is_under), tx.now_ms, fan_id)
    )
    tx.touch(Topic.FAN, [fan_id])


def standing(conn: Any, fan_id: int) -> Standing:
    """All that decides about reaching a fan, and what is queued for them. Raises NotFoundError."""
    row = fan(conn, fan_id)
    return Standing(
        listing(conn, fan_id),
        tuple(one.channel for one in suppressions(conn, fan_id)),
        bool(row["under_14"]),
        tuple(
            Waiting(one[0], one[1], one[2], bool(one[3]))
            for one in conn.execute(WAITING, (fan_id,)).fetchall()
        ),
    )


def listing(conn: Any, fan_id: int) -> tuple[Consent, ...]:
    """Every word of a fan, those that count first, then newest first."""
    rows = conn.execute(
        "SELECT * FROM consent WHERE fan_id = ? ORDER BY is_latest DESC, at DESC, id DESC", (fan_id,)
    )
    return tuple(_consent(row) for row in rows.fetchall())


def _consent(row: Any) -> Consent:
    draft = ConsentDraft(
        Purpose(row["purpose"]),
        Said(row["state"]),
        row["at"],
        Channel(row["channel"]),
        row["source"],
        row["wording"],
        row["proof"],
        row["proof_sha256"],
    )
    return Consent(row["uid"], draft, row["origin"], row["noted_at"], bool(row["is_latest"]))
