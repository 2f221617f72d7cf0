"""Welfare drop rows with their target groups."""

from __future__ import annotations

import json
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.content import media_from_json
from desktop.domain.drops import Drop, DropDraft
from desktop.store.posts.content import ContentTable, media_text
from desktop.store.transaction import Transaction

FACTS = (
    "kind",
    "item",
    "price_cents",
    "normal_price_cents",
    "cost_cents",
    "stock",
    "cap_per_person",
    "opens_at",
    "window_minutes",
    "announce_at",
    "body",
)


class DropTable(ContentTable[DropDraft, Drop]):
    """Drops, last opening first, drafts without a time before all. Errors: drop_missing, drop_not_draft."""

    TABLE = "welfare_drop"
    COLUMNS = ("media", *FACTS)
    entity = "drop"
    topic = Topic.DROP
    SELECT = (
        "SELECT c.*, a.uid AS account_uid, (SELECT json_group_array(group_id) FROM"
        " (SELECT group_id FROM drop_group WHERE drop_id = c.id ORDER BY rowid)) AS groups"
        " FROM welfare_drop c LEFT JOIN account a ON a.id = c.account_id"
    )
    FOUND_IN = "c.item || c.body"
    ORDER = "(c.opens_at IS NULL) DESC, c.opens_at DESC, c.id DESC"
    stored_as = Drop

    def values(self, draft: DropDraft) -> tuple[Any, ...]:
        """A draft as values of COLUMNS; its groups are rows of their own."""
        return (media_text(draft.media), *(getattr(draft, name) for name in FACTS))

    def draft_of(self, row: Any) -> DropDraft:
        """The draft in a row."""
        return DropDraft(
            **{name: row[name] for name in FACTS},
            group_ids=tuple(json.loads(row["groups"])),
            media=media_from_json(json.loads(row["media"])),
            account_uid=row["account_uid"],
        )

    def set_parts(self, tx: Transaction, content_id: int, draft: DropDraft) -> None:
        """The target groups, in the order chosen."""
        tx.db.execute("DELETE FROM drop_group WHERE drop_id = ?", (content_id,))
        tx.db.conn.executemany(
            "INSERT INTO drop_group (drop_id, group_id) VALUES (?, ?)",
            [(content_id, group_id) for group_id in dict.fromkeys(draft.group_ids)],
        )


DROPS = DropTable()


def lowest_deal(conn: Any, item: str, window: tuple[int, int], except_id: int | None) -> int | None:
    """Lowest price of the shop's other confirmed drops of an item that opened inside [start, end)."""
    row = conn.execute(
        "SELECT min(price_cents) FROM welfare_drop WHERE removed_at IS NULL AND state = 'confirmed'"
        " AND trim(item) = trim(?) AND opens_at >= ? AND opens_at < ? AND id <> ?",
        (item, window[0], window[1], except_id if except_id is not None else -1),
    ).fetchone()
    return None if row[0] is None else int(row[0])
