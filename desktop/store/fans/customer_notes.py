"""What staff noted about customers at the platform (follow): read for one fan, changed when the platform did."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.outbox_items import NewTarget
from desktop.store.pulled import platform_tags
from desktop.store.transaction import Transaction

ENTITY = "fan"
FOLLOWED = "wechat"  # the platform on which people follow the shop instead of its staff
FRIENDSHIPS = """
SELECT i.fan_id, i.id AS identity_id, i.external_id, a.id AS account_id, a.name AS account_name,
    a.platform, s.external_id AS staff_external_id, s.name AS staff_name, f.remark, f.description,
    f.mobiles, f.tags
FROM follow f JOIN identity i ON i.id = f.identity_id JOIN staff s ON s.id = f.staff_id
    JOIN account a ON a.id = i.account_id
WHERE i.fan_id IN (SELECT value FROM json_each(?1)) AND f.removed_at IS NULL AND i.removed_at IS NULL
    AND a.removed_at IS NULL
UNION ALL
SELECT i.fan_id, i.id, i.external_id, a.id, a.name, a.platform, i.external_id, '', f.remark, '', '[]', f.tags
FROM follower f JOIN identity i ON i.id = f.identity_id JOIN account a ON a.id = f.account_id
WHERE i.fan_id IN (SELECT value FROM json_each(?1)) AND f.unfollowed_at IS NULL AND i.removed_at IS NULL
    AND a.removed_at IS NULL
ORDER BY 1, 4, 8, 7
"""


@dataclass(frozen=True, slots=True)
class Friendship:
    """One staff member's side of a friendship; `tags` are the platform's tag ids.

    A follower of an official account has no staff: the follower's own id stands there, and no name.
    """

    fan_id: int
    identity_id: int
    external_id: str
    account_id: int
    account_name: str
    platform: str
    staff_external_id: str
    staff_name: str
    notes: CustomerNotes
    tags: frozenset[str]

    @property
    def target(self) -> NewTarget:
        """This customer of this staff member, as the receiver of a write."""
        if self.platform == FOLLOWED:
            return NewTarget("fan", self.external_id, identity_id=self.identity_id)
        return NewTarget(
            "fan",
            self.external_id,
            identity_id=self.identity_id,
            staff_external_id=self.staff_external_id,
        )


def friendships(conn: Any, fan_ids: Iterable[int]) -> list[Friendship]:
    """Live friendships of these fans, by fan, account and staff."""
    found = conn.execute(FRIENDSHIPS, (json.dumps(list(fan_ids)),)).fetchall()
    return [
        Friendship(
            row["fan_id"],
            row["identity_id"],
            row["external_id"],
            row["account_id"],
            row["account_name"],
            row["platform"],
            row["staff_external_id"],
            row["staff_name"] or ("" if row["platform"] == FOLLOWED else row["staff_external_id"]),
            CustomerNotes(row["remark"], row["description"], tuple(json.loads(row["mobiles"]))),
            frozenset(json.loads(row["tags"])),
        )
        for row in found
    ]


def set_notes(
    tx: Transaction, account_id: int, external_id: str, staff_id: str, notes: CustomerNotes
) -> None:
    """The platform has these notes now."""
    for row in _rows(tx, account_id, external_id, staff_id):
        tx.db.execute(
            "UPDATE follow SET remark = ?, description = ?, mobiles = ? WHERE identity_id = ? AND staff_id = ?",
            (
                notes.remark,
                notes.description,
                json.dumps(list(notes.mobiles), ensure_ascii=False),
                row["identity_id"],
                row["staff_id"],
            ),
        )
        tx.touch(Topic.FAN, [row["fan_id"]])


def set_marks(
    tx: Transaction,
    account_id: int,
    external_id: str,
    staff_id: str,
    add: Sequence[str],
    remove: Sequence[str],
) -> None:
    """The platform has put tags on, and taken others off."""
    for row in _rows(tx, account_id, external_id, staff_id):
        carried = sorted((set(json.loads(row["tags"])) | set(add)) - set(remove))
        tx.db.execute(
            "UPDATE follow SET tags = ? WHERE identity_id = ? AND staff_id = ?",
            (json.dumps(carried, ensure_ascii=False), row["identity_id"], row["staff_id"]),
        )
        platform_tags.refresh_fans(tx, account_id, {int(row["fan_id"])})
        tx.touch(Topic.TAG)


def _rows(tx: Transaction, account_id: int, external_id: str, staff_id: str) -> list[Any]:
    found = tx.db.execute(
        "SELECT f.identity_id, f.staff_id, f.tags, i.fan_id FROM follow f"
        " JOIN identity i ON i.id = f.identity_id JOIN staff s ON s.id = f.staff_id"
        " JOIN account a ON a.id = s.account_id AND a.platform = i.platform AND a.external_id = i.scope"
        " WHERE s.account_id = ? AND i.external_id = ? AND s.external_id = ? AND f.removed_at IS NULL",
        (account_id, external_id, staff_id),
    )
    return list(found.fetchall())
