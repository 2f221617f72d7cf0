"""Take an import back: its effects replayed backwards, with what stood there before put in place.

What later work would lose is never thrown away: later imports on the same rows must be undone first;
people whom somebody has touched since (a tag, a note, a platform's identity) stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import ConflictError
from desktop.domain.imports import OrderLine
from desktop.domain.tasks import CancelToken, Progress
from desktop.store import orders
from desktop.store.consents import consents
from desktop.store.imports import imports
from desktop.store.transaction import Transaction

LOOK_EVERY = 500
FAN_COLUMNS = (
    "name", "name_source", "pinyin", "initials", "phone", "note", "marketing", "tier", "tier_reason",
    "tier_since", "updated_at",
)  # fmt: skip
RESTORE = {
    **{("order", name): sql for name, sql in orders.SET_ONE.items()},
    **{("fan", column): f"UPDATE fan SET {column} = ? WHERE id = ?" for column in FAN_COLUMNS},
    **{
        ("interaction", column): f"UPDATE interaction SET {column} = ? WHERE id = ?"
        for column in ("kind", "at", "quantity", "domain", "channel", "note")
    },
    **{
        ("group_member", column): f"UPDATE group_member SET {column} = ? WHERE rowid = ?"
        for column in ("name", "group_nickname", "joined_at", "left_at")
    },
    ("identity", "details"): "UPDATE identity SET details = ? WHERE id = ?",
    ("drop_claim", "is_redeemed"): "UPDATE drop_claim SET is_redeemed = ? WHERE id = ?",
}
LOOK = {
    "order": 'SELECT * FROM "order" WHERE id = ?',
    "fan": "SELECT * FROM fan WHERE id = ?",
    "interaction": "SELECT * FROM interaction WHERE id = ?",
    "drop_claim": "SELECT * FROM drop_claim WHERE id = ?",
    "identity": "SELECT * FROM identity WHERE id = ?",
    "group_member": "SELECT *, NULL AS fan_id FROM group_member WHERE rowid = ?",
}
DELETE = {
    "order": 'DELETE FROM "order" WHERE id = ?',
    "interaction": "DELETE FROM interaction WHERE id = ?",
    "drop_claim": "DELETE FROM drop_claim WHERE id = ? AND refunded_at IS NULL",
    "fan_tag": "DELETE FROM fan_tag WHERE rowid = ?",
    "group_member": "DELETE FROM group_member WHERE rowid = ?",
    "tier_change": "DELETE FROM tier_change WHERE id = ?",
    "tag": "DELETE FROM tag WHERE id = ? AND NOT EXISTS (SELECT 1 FROM fan_tag WHERE tag_id = tag.id)",
    "identity": "DELETE FROM identity WHERE id = ?1"
    " AND NOT EXISTS (SELECT 1 FROM follow WHERE identity_id = ?1)"
    " AND NOT EXISTS (SELECT 1 FROM group_member WHERE identity_id = ?1)"
    " AND NOT EXISTS (SELECT 1 FROM delivery WHERE identity_id = ?1)"
    ' AND NOT EXISTS (SELECT 1 FROM "order" WHERE identity_id = ?1)'
    " AND NOT EXISTS (SELECT 1 FROM identity AS other JOIN fan ON fan.id = other.fan_id"
    "   WHERE other.id = ?1 AND (fan.note <> '' OR fan.name_source = 'operator'"
    "   OR fan.tier_pinned IS NOT NULL OR fan.merged_into IS NOT NULL))"
    " AND NOT EXISTS (SELECT 1 FROM identity AS other JOIN fan_tag ON fan_tag.fan_id = other.fan_id"
    "   WHERE other.id = ?1)"
    " AND NOT EXISTS (SELECT 1 FROM identity AS other JOIN suppression"
    "   ON suppression.fan_id = other.fan_id WHERE other.id = ?1)"
    " AND NOT EXISTS (SELECT 1 FROM identity AS other JOIN consent ON consent.fan_id = other.fan_id"
    "   WHERE other.id = ?1)"
    " AND NOT EXISTS (SELECT 1 FROM identity AS other JOIN interaction AS i"
    "   ON i.fan_id = other.fan_id OR i.referred_fan_id = other.fan_id WHERE other.id = ?1)"
    " AND NOT EXISTS (SELECT 1 FROM identity AS other JOIN drop_claim ON drop_claim.fan_id = other.fan_id"
    "   WHERE other.id = ?1)",
}
FAN_IN_USE = """
SELECT EXISTS (SELECT 1 FROM identity WHERE fan_id = ?1)
    OR EXISTS (SELECT 1 FROM "order" WHERE fan_id = ?1)
    OR EXISTS (SELECT 1 FROM interaction WHERE fan_id = ?1)
    OR EXISTS (SELECT 1 FROM interaction WHERE referred_fan_id = ?1)
    OR EXISTS (SELECT 1 FROM drop_claim WHERE fan_id = ?1)
    OR EXISTS (SELECT 1 FROM fan_tag WHERE fan_id = ?1)
    OR EXISTS (SELECT 1 FROM suppression WHERE fan_id = ?1)
    OR EXISTS (SELECT 1 FROM consent WHERE fan_id = ?1)
    OR EXISTS (SELECT 1 FROM fan WHERE merged_into = ?1)
    OR EXISTS (SELECT 1 FROM fan WHERE id = ?1 AND (name_source = 'operator' OR tier_pinned IS NOT NULL
        OR merged_into IS NOT NULL))
"""


def undo(
    tx: Transaction, uid: str, progress: Progress, cancel: CancelToken
) -> tuple[dict[str, int], set[int]]:
    """Take a batch back; (counts of what was taken back and what stays, fans whose sums changed).

    Raises NotFoundError('import_batch_missing'), ConflictError('import_undone') the second time,
    ConflictError('import_undo_later') when later imports changed the same rows (params: files), and
    ConflictError('import_undo_changed') when a platform changed an order since; CancelledByOperatorError.
    """
    batch = imports.batch(tx.db, uid)
    if batch.undone_at is not None:
        raise ConflictError("import_undone", file=batch.file_name)
    _refuse_later_imports(tx.db, batch.id)
    effects = tx.db.execute(
        "SELECT entity, entity_id, action, before FROM import_effect WHERE batch_id = ? ORDER BY id DESC",
        (batch.id,),
    ).fetchall()
    _refuse_changed_orders(tx.db, effects, batch.at)
    undoing = _Undoing(tx)
    for place, effect in enumerate(effects):
        if place % LOOK_EVERY == 0:
            cancel.check()
            progress("undo", place, len(effects))
        if effect["action"] == "added":
            undoing.remove(effect["entity"], effect["entity_id"])
        else:
            undoing.restore(effect["entity"], effect["entity_id"], json.loads(effect["before"]))
    tx.db.execute("DELETE FROM import_effect WHERE batch_id = ?", (batch.id,))
    tx.db.execute("UPDATE import_batch SET undone_at = ? WHERE id = ?", (tx.now_ms, batch.id))
    for topic in (Topic.IMPORT, Topic.ORDER, Topic.FAN, Topic.INTERACTION, Topic.TAG, Topic.CLAIM):
        tx.touch(topic)
    return undoing.counts, undoing.touched


def _refuse_later_imports(conn: Any, batch_id: int) -> None:
    later = conn.execute(
        "SELECT DISTINCT b.id, b.file_name FROM import_effect AS mine JOIN import_effect AS theirs"
        " ON theirs.entity = mine.entity AND theirs.entity_id = mine.entity_id"
        " AND theirs.batch_id > mine.batch_id JOIN import_batch AS b ON b.id = theirs.batch_id"
        " WHERE mine.batch_id = ? AND mine.entity IN ('order', 'interaction', 'drop_claim')"
        " AND b.undone_at IS NULL ORDER BY b.id LIMIT 5",
        (batch_id,),
    ).fetchall()
    if later:
        raise ConflictError("import_undo_later", files=[row["file_name"] for row in later])


def _refuse_changed_orders(conn: Any, effects: list[Any], at: int) -> None:
    ids = {effect["entity_id"] for effect in effects if effect["entity"] == "order"}
    for order_id in ids:
        row = conn.execute(LOOK["order"], (order_id,)).fetchone()
        if row is not None and row["updated_at"] > at:
            raise ConflictError("import_undo_changed", order=row["order_no"])


class _Undoing:
    """One undo under way; counts what was taken back and what stays."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.counts = {"removed": 0, "restored": 0, "kept": 0}
        self.touched: set[int] = set()

    def remove(self, entity: str, entity_id: int) -> None:
        """Delete a row that the import added, unless somebody needs it now."""
        if entity == "fan":
            self._remove_fan(entity_id)
            return
        if entity == "consent":
            consents.take_back(self._tx, [entity_id])
            return
        if entity == "order":
            self._touch_fan_of("order", entity_id)
            self._tx.db.execute("DELETE FROM order_line WHERE order_id = ?", (entity_id,))
        elif entity == "interaction":
            self._touch_fan_of("interaction", entity_id)
        gone = self._tx.db.execute(DELETE[entity], (entity_id,)).rowcount
        if entity in ("order", "interaction", "drop_claim"):
            self.counts["removed" if gone else "kept"] += 1

    def restore(self, entity: str, entity_id: int, different: Mapping[str, Any]) -> None:
        """Put former values back where the import's values still stand."""
        row = self._tx.db.execute(LOOK[entity], (entity_id,)).fetchone()
        if row is None:
            return
        self._touch_fan_of(entity, entity_id)
        stayed = False
        for name, (was, became) in different.items():
            if name == "lines":
                orders.set_lines(self._tx, entity_id, [OrderLine(**line) for line in was])
            elif row[name] == became:
                self._tx.db.execute(RESTORE[entity, name], (was, entity_id))
            else:
                stayed = stayed or name != "updated_at"
        self._touch_fan_of(entity, entity_id)
        if entity != "fan":
            self.counts["kept" if stayed else "restored"] += 1

    def _remove_fan(self, fan_id: int) -> None:
        self.touched.discard(fan_id)
        if self._tx.db.execute(FAN_IN_USE, (fan_id,)).fetchone()[0]:
            self.counts["kept"] += 1
            self.touched.add(fan_id)
            return
        self._tx.db.execute("DELETE FROM tier_change WHERE fan_id = ?", (fan_id,))
        self._tx.db.execute("DELETE FROM fan_untag WHERE fan_id = ?", (fan_id,))
        self._tx.db.execute("DELETE FROM fan_stats WHERE fan_id = ?", (fan_id,))
        self._tx.db.execute("DELETE FROM fan WHERE id = ?", (fan_id,))
        self.counts["removed"] += 1

    def _touch_fan_of(self, entity: str, entity_id: int) -> None:
        if entity == "fan":
            self.touched.add(entity_id)
            return
        row = self._tx.db.execute(LOOK[entity], (entity_id,)).fetchone()
        if row is not None and row["fan_id"] is not None:
            self.touched.add(row["fan_id"])
