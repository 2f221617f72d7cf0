"""Import batches: what each file brought, what it replaced row by row, what was refused, mappings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import NotFoundError
from desktop.domain.imports import ImportBatch, Rejection
from desktop.store.bulk import write_rows
from desktop.store.database import as_json
from desktop.store.transaction import Transaction

FLUSH_AT = 2_000
ADD_EFFECTS = "INSERT INTO import_effect (batch_id, entity, entity_id, action, before) VALUES {rows}"
MAX_KEPT_CELL = 500  # of a refused row, for showing; the file itself stays with the owner


class EffectLog:
    """Keeps every effect of one batch, in order. Call `flush` before the transaction ends."""

    def __init__(self, tx: Transaction, batch_id: int) -> None:
        self._tx = tx
        self._batch_id = batch_id
        self._waiting: list[tuple[int, str, int, str, str | None]] = []
        self.count = 0

    def added(self, entity: str, entity_id: int) -> None:
        """A row of table `entity` was inserted."""
        self._note(entity, entity_id, "added", None)

    def changed(
        self, entity: str, entity_id: int, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        """A row was changed; kept as {column: [was, became]} of what differs."""
        different = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if different:
            self._note(entity, entity_id, "changed", as_json(different))

    def flush(self) -> None:
        """Write what waits."""
        write_rows(self._tx.db.conn, ADD_EFFECTS, self._waiting)
        self._waiting.clear()

    def _note(self, entity: str, entity_id: int, action: str, before: str | None) -> None:
        self._waiting.append((self._batch_id, entity, entity_id, action, before))
        self.count += 1
        if len(self._waiting) >= FLUSH_AT:
            self.flush()


def add_batch(
    tx: Transaction,
    *,
    file_name: str,
    file_sha256: str,
    source: str,
    mode: str,
    mapping: Mapping[str, Any],
    exported_at: int,
) -> tuple[int, str]:
    """(id, uid) of a new batch with no counts yet."""
    uid = tx.new_uid()
    cursor = tx.db.execute(
        "INSERT INTO import_batch (uid, file_name, file_sha256, source, mode, mapping, exported_at, at,"
        " counts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}')",
        (uid, file_name, file_sha256, source, mode, as_json(mapping), exported_at, tx.now_ms),
    )
    tx.touch(Topic.IMPORT)
    return int(cursor.lastrowid or 0), uid


def set_counts(tx: Transaction, batch_id: int, counts: Mapping[str, int]) -> None:
    """What the batch did, in figures."""
    tx.db.execute("UPDATE import_batch SET counts = ? WHERE id = ?", (as_json(counts), batch_id))


def keep_rejections(tx: Transaction, batch_id: int, rejections: Iterable[Rejection]) -> None:
    """Keep the refused rows with reason and cells (each cut to a bearable length)."""
    tx.db.conn.executemany(
        "INSERT INTO import_rejection (batch_id, row, reason, cells) VALUES (?, ?, ?, ?)",
        (
            (
                batch_id,
                one.row,
                as_json({"code": one.code, "params": one.params, "sheet": one.sheet}),
                as_json([cell[:MAX_KEPT_CELL] for cell in one.cells]),
            )
            for one in rejections
        ),
    )


def rejections(conn: Any, batch_id: int) -> list[Rejection]:
    """The refused rows of a batch, in the order of the file."""
    found = []
    for row in conn.execute(
        "SELECT row, reason, cells FROM import_rejection WHERE batch_id = ? ORDER BY rowid", (batch_id,)
    ):
        reason = json.loads(row["reason"])
        cells = tuple(json.loads(row["cells"]))
        found.append(Rejection(row["row"], reason["code"], reason["params"], reason["sheet"], cells))
    return found


def batch(conn: Any, uid: str) -> ImportBatch:
    """One batch. Raises NotFoundError('import_batch_missing')."""
    row = conn.execute("SELECT * FROM import_batch WHERE uid = ?", (uid,)).fetchone()
    if row is None:
        raise NotFoundError("import_batch_missing", batch=uid)
    return _batch(row)


def batches(conn: Any, limit: int = 100) -> list[ImportBatch]:
    """The latest batches, newest first."""
    rows: Sequence[Any] = conn.execute(
        "SELECT * FROM import_batch ORDER BY id DESC LIMIT ?", (limit,)
    ).fetchall()
    return [_batch(row) for row in rows]


def _batch(row: Any) -> ImportBatch:
    return ImportBatch(
        id=row["id"],
        uid=row["uid"],
        file_name=row["file_name"],
        source=row["source"],
        mode=row["mode"],
        at=row["at"],
        exported_at=row["exported_at"],
        counts=json.loads(row["counts"]),
        undone_at=row["undone_at"],
        headers=tuple(json.loads(row["mapping"]).get("headers", ())),
    )


def remember_mapping(tx: Transaction, fingerprint: str, source: str, mapping: Mapping[str, str]) -> None:
    """Keep a mapping the owner confirmed for files with the same header row."""
    tx.db.execute(
        "INSERT INTO import_mapping (fingerprint, source, mapping, updated_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (fingerprint) DO UPDATE SET source = excluded.source, mapping = excluded.mapping,"
        " updated_at = excluded.updated_at",
        (fingerprint, source, as_json(mapping), tx.now_ms),
    )


def remembered_mapping(conn: Any, fingerprint: str) -> tuple[str, dict[str, str]] | None:
    """(source, field -> header) for a header row seen before."""
    row = conn.execute(
        "SELECT source, mapping FROM import_mapping WHERE fingerprint = ?", (fingerprint,)
    ).fetchone()
    return (row["source"], json.loads(row["mapping"])) if row else None
