"""Rows of what the shop writes and sends: what the tables of posts and drops have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic

from desktop.domain.changes import Topic
from desktop.domain.content import ContentT, DraftT, MediaRef
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.store.database import as_json
from desktop.store.transaction import Transaction


class ContentTable(ABC, Generic[DraftT, ContentT]):
    """One table: SELECT reads it as `c` with its account, FOUND_IN and ORDER serve the list.

    COLUMNS are those a draft fills, but for its account. The names in capitals are constants of the
    program, because they stand in statements.
    """

    TABLE: str
    COLUMNS: tuple[str, ...]
    SELECT: str
    FOUND_IN: str
    ORDER: str
    entity: str  # begins the codes of errors
    topic: Topic
    stored_as: type[ContentT]

    @abstractmethod
    def values(self, draft: DraftT) -> tuple[Any, ...]:
        """A draft as values of COLUMNS."""

    @abstractmethod
    def draft_of(self, row: Any) -> DraftT:
        """The draft in a row."""

    def set_parts(self, tx: Transaction, content_id: int, draft: DraftT) -> None:
        """Write what a draft keeps in other tables; most keep nothing there."""

    def insert(self, tx: Transaction, draft: DraftT, account_id: int | None) -> ContentT:
        """A new draft."""
        uid = tx.new_uid()
        columns = ", ".join(self.COLUMNS)
        marks = ", ".join("?" * (len(self.COLUMNS) + 4))
        cursor = tx.db.execute(
            f"INSERT INTO {self.TABLE} (uid, account_id, created_at, updated_at, {columns})"
            f" VALUES ({marks})",
            (uid, account_id, tx.now_ms, tx.now_ms, *self.values(draft)),
        )
        self.set_parts(tx, int(cursor.lastrowid or 0), draft)
        content = self.get(tx.db.conn, uid)
        tx.touch(self.topic, [content.id])
        return content

    def update(self, tx: Transaction, content: ContentT, draft: DraftT, account_id: int | None) -> ContentT:
        """Overwrite a draft. Raises ConflictError('<entity>_not_draft') for anything else."""
        if content.state != "draft":
            raise ConflictError(f"{self.entity}_not_draft", uid=content.uid, state=content.state)
        columns = ", ".join(f"{name} = ?" for name in self.COLUMNS)
        tx.db.execute(
            f"UPDATE {self.TABLE} SET account_id = ?, updated_at = ?, {columns} WHERE id = ?",
            (account_id, tx.now_ms, *self.values(draft), content.id),
        )
        self.set_parts(tx, content.id, draft)
        tx.touch(self.topic, [content.id])
        return self.get(tx.db.conn, content.uid)

    def set_state(
        self, tx: Transaction, content: ContentT, state: str, *, raises_revision: bool = False
    ) -> None:
        """Draft, confirmed or cancelled; a raised revision needs a new confirmation."""
        tx.replaced = {"state": content.state, "revision": content.revision}
        tx.db.execute(
            f"UPDATE {self.TABLE} SET state = ?, revision = revision + ?, confirmed_at = ?, account_id = ?,"
            " updated_at = ? WHERE id = ?",
            (
                state,
                int(raises_revision),
                tx.now_ms if state == "confirmed" else None,
                content.account_id,
                tx.now_ms,
                content.id,
            ),
        )
        tx.touch(self.topic, [content.id])

    def set_removed(self, tx: Transaction, content: ContentT, *, is_removed: bool) -> None:
        """Put one away, or bring it back."""
        removed_at = tx.now_ms if is_removed else None
        tx.db.execute(f"UPDATE {self.TABLE} SET removed_at = ? WHERE id = ?", (removed_at, content.id))
        tx.touch(self.topic, [content.id])

    def get(self, conn: Any, uid: str, *, with_removed: bool = False) -> ContentT:
        """One of them. Raises NotFoundError('<entity>_missing')."""
        kept = "1" if with_removed else "c.removed_at IS NULL"
        row = conn.execute(f"{self.SELECT} WHERE {kept} AND c.uid = ?", (uid,)).fetchone()
        if row is None:
            raise NotFoundError(f"{self.entity}_missing", uid=uid)
        return self.stored(row)

    def listed(self, conn: Any, search: str, limit: int, offset: int) -> list[ContentT]:
        """Those not put away that hold the text, in the order of the list."""
        rows = conn.execute(
            f"{self.SELECT} WHERE c.removed_at IS NULL"
            f" AND (? = '' OR instr(lower({self.FOUND_IN}), lower(?)) > 0)"
            f" ORDER BY {self.ORDER} LIMIT ? OFFSET ?",
            (search, search, limit, offset),
        )
        return [self.stored(row) for row in rows]

    def stored(self, row: Any) -> ContentT:
        """What a row of SELECT holds."""
        return self.stored_as(
            row["id"],
            row["uid"],
            self.draft_of(row),
            row["account_id"],
            row["state"],
            row["revision"],
            row["created_at"],
            row["updated_at"],
            row["confirmed_at"],
        )


def media_text(media: tuple[MediaRef, ...]) -> str:
    """Pictures of a draft as the tables keep them."""
    return as_json([picture.as_json() for picture in media])
