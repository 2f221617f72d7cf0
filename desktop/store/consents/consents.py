"""Words of people about being reached, kept one by one; one of a purpose and channel counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.consents import (
    Channel,
    Consent,
    ConsentDraft,
    Purpose,
    ReachChange,
    Said,
    Standing,
    Waiting,
)
from desktop.store.consents.contact_rules import barred
from desktop.store.effects import NO_EFFECTS, Effects
from desktop.store.fans import fan_edits
from desktop.store.fans.fans import chunks, fan, suppressions
from desktop.store.transaction import Transaction

ADD = (
    "INSERT INTO consent (uid, fan_id, purpose, channel, state, at, source, wording, proof, proof_sha256,"
    " origin, noted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
# A refusal gives way to a later word of the same fan, and to one given after the fans were merged: who
# refused in one place has not agreed by being recognised in another.
SETTLE = """
UPDATE consent SET is_latest = id = (SELECT last.id FROM consent AS last
    WHERE last.fan_id = consent.fan_id AND last.purpose = consent.purpose
        AND last.channel = consent.channel
    ORDER BY last.state = 'refused' AND NOT EXISTS (SELECT 1 FROM consent AS later
        WHERE later.fan_id = last.fan_id AND later.purpose = last.purpose AND later.channel = last.channel
            AND (later.at, later.id) > (last.at, last.id)
            AND (later.home_fan_id IS last.home_fan_id OR later.at >
                (SELECT max(at) FROM fan_merge WHERE kept_fan_id = last.fan_id AND undone_at IS NULL))) DESC,
        last.at DESC, last.id DESC LIMIT 1)
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


def change(tx: Transaction, fan_id: int, wanted: ReachChange) -> None:
    """Do all that is wanted at once. Raises NotFoundError; `tx.replaced` is what `undo` takes."""
    row = fan(tx.db, fan_id)
    replaced: dict[str, Any] = {"fan_id": fan_id, "words": [], "put": [], "taken": [], "under_14": None}
    if wanted.draft is not None:
        replaced["words"] = note(tx, [fan_id], wanted.draft)
    for channel, is_shut in wanted.shut.items():
        if is_shut and fan_edits.suppress(tx, [fan_id], channel.value, ""):
            replaced["put"].append(channel.value)
        elif not is_shut and fan_edits.unsuppress(tx, [fan_id], channel.value) and tx.replaced:
            replaced["taken"] += tx.replaced["removed"]
    if wanted.is_under_14 is not None and bool(row["under_14"]) != wanted.is_under_14:
        replaced["under_14"] = not wanted.is_under_14
        _set_under_14(tx, fan_id, wanted.is_under_14)
    tx.replaced = replaced


def undo(tx: Transaction, replaced: Mapping[str, Any]) -> None:
    """Take one `change` back. What was changed again since stays."""
    fan_id = replaced["fan_id"]
    take_back(tx, replaced["words"])
    for channel in replaced["put"]:
        fan_edits.unsuppress(tx, [fan_id], channel)
    for row in replaced["taken"]:
        fan_edits.suppress(tx, [fan_id], row["channel"], row["reason"])
    if replaced["under_14"] is not None:
        _set_under_14(tx, fan_id, replaced["under_14"])


def _set_under_14(tx: Transaction, fan_id: int, is_under: bool) -> None:
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
