"""Where people are named besides their rows: the operation log, marks of a sync, refused rows, unsent texts."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from desktop.store.database import as_json
from desktop.store.erasures.going import Going
from desktop.store.transaction import Transaction

FAN_LISTS = frozenset({"fan_ids", "added", "but"})  # in the log: lists of local ids of fans
NAMING = ("fan_id", "fan", "other_id", "merged")  # and which name one
GONE = object()
# Texts nobody has sent yet; names of others' rows are not ours to change.
UNSENT = (
    ("post", "title", "state = 'draft'"),
    ("post", "body", "state = 'draft'"),
    ("post", "details", "state = 'draft'"),
    ("welfare_drop", "body", "state = 'draft'"),
    ("conversation", "draft", "draft <> ''"),
    ("article_draft", "title", "external_id IS NULL"),
    ("article_draft", "digest", "external_id IS NULL"),
    ("article_draft", "body", "external_id IS NULL AND body IS NOT NULL"),
)
HIDDEN = "…"
REFUSED = as_json({"code": "erased", "params": {}, "sheet": ""})


def remove(tx: Transaction, one: Going) -> None:
    """Take these people out of everything that names them by the way."""
    _clear_log(tx, one)
    _clear_marks(tx, one)
    _clear_rejections(tx, one)
    for table, column, which in UNSENT:
        for needle in sorted(one.needles.drafted(), key=len, reverse=True):
            tx.db.execute(
                f"UPDATE {table} SET {column} = replace({column}, :needle, :hidden)"
                f" WHERE {which} AND instr({column}, :needle) > 0",
                {"needle": needle, "hidden": HIDDEN},
            )
    for needle in one.needles.phones:  # the number to which others had something sent
        tx.db.execute(
            "UPDATE \"order\" SET receiver = '{}' WHERE instr(receiver, :needle) > 0", {"needle": needle}
        )


def _clear_log(tx: Transaction, one: Going) -> None:
    """The log keeps what was done, when and by whom; of commands about them not what was said."""
    fans, needles = frozenset(one.fans), [*one.needles.telling(), *one.needles.names]
    rows = tx.db.execute("SELECT id, payload, replaced FROM operation").fetchall()
    for row in rows:
        payload = json.loads(row["payload"])
        replaced = None if row["replaced"] is None else json.loads(row["replaced"])
        kept = [scrubbed(part, fans, needles) for part in (payload, replaced)]
        if GONE in kept:
            kept = [{}, None]
        if kept == [payload, replaced]:
            continue
        tx.db.execute(
            "UPDATE operation SET payload = ?, replaced = ? WHERE id = ?",
            (as_json(kept[0]), None if kept[1] is None else as_json(kept[1]), row["id"]),
        )


def scrubbed(value: Any, fans: Collection[int], needles: Collection[str]) -> Any:
    """A part of the log without these people; GONE for one that is about them alone."""
    if isinstance(value, dict):
        about = [value.get(name) for name in NAMING]
        if any(isinstance(one, int) and one in fans for one in about):
            return GONE
        parts = {
            name: [fan for fan in inner if fan not in fans]
            if name in FAN_LISTS and isinstance(inner, list) and all(isinstance(i, int) for i in inner)
            else scrubbed(inner, fans, needles)
            for name, inner in value.items()
        }
        return {name: inner for name, inner in parts.items() if inner is not GONE}
    if isinstance(value, list):
        return [part for inner in value if (part := scrubbed(inner, fans, needles)) is not GONE]
    if isinstance(value, str) and any(needle in value for needle in needles):
        return HIDDEN
    return value


def _clear_marks(tx: Transaction, one: Going) -> None:
    """Marks of a pass that is under way; a place in a list that is their id is read from the beginning."""
    ids = frozenset(one.externals)
    for row in tx.db.execute("SELECT account_id, stream, external_id FROM sync_seen").fetchall():
        mark = str(row["external_id"])
        if mark.startswith("["):
            marks = json.loads(mark)
            kept = [one for one in marks if one.split(" ")[0] not in ids]
            if len(kept) == len(marks):
                continue
            tx.db.execute(
                "INSERT INTO sync_seen (account_id, stream, external_id) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (row["account_id"], row["stream"], json.dumps(kept, ensure_ascii=False)),
            )
        elif mark not in ids:
            continue
        tx.db.execute(
            "DELETE FROM sync_seen WHERE account_id = ? AND stream = ? AND external_id = ?", tuple(row)
        )
    for row in tx.db.execute("SELECT account_id, stream, cursor FROM sync_cursor").fetchall():
        if row["cursor"] and any(id_ in row["cursor"] for id_ in ids):
            tx.db.execute(
                "UPDATE sync_cursor SET cursor = '' WHERE account_id = ? AND stream = ?",
                (row["account_id"], row["stream"]),
            )


def _clear_rejections(tx: Transaction, one: Going) -> None:
    """Refused rows of files that name them keep their place and lose their cells."""
    telling = one.needles.telling()
    for row in tx.db.execute("SELECT rowid, reason, cells FROM import_rejection").fetchall():
        cells = [cell.strip() for cell in json.loads(row["cells"])]
        told = row["reason"] + row["cells"]
        if any(needle in told for needle in telling) or not one.needles.names.isdisjoint(cells):
            tx.db.execute(
                "UPDATE import_rejection SET reason = ?, cells = '[]' WHERE rowid = ?",
                (REFUSED, row["rowid"]),
            )
