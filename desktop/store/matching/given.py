"""What the kept fan of a merge is given of the other: copies of rows, and fields they lacked."""

from __future__ import annotations

import json
from typing import Any

from desktop.store.database import as_json
from desktop.store.transaction import Transaction

# Rows of the merged fan that are copied: (table, what tells one row from another, the rest of it).
COPIED = {
    "fan_tag": ("tag_id", ("source", "at")),
    "suppression": ("channel", ("reason", "at")),
    "segment_member": ("segment_id", ()),
}
ROWS_OF = {
    table: f"SELECT {', '.join((key, *rest))} FROM {table} WHERE fan_id = ?"
    for table, (key, rest) in COPIED.items()
}
GIVE = {
    table: f"INSERT INTO {table} (fan_id, {', '.join((key, *rest))})"
    f" VALUES (?, {', '.join('?' * (1 + len(rest)))}) ON CONFLICT DO NOTHING"
    for table, (key, rest) in COPIED.items()
}
TAKE = {
    table: f"DELETE FROM {table} WHERE fan_id = ? AND {' AND '.join(f'{column} = ?' for column in (key, *rest))}"
    for table, (key, rest) in COPIED.items()
}
FILLED = ("phone", "note", "first_seen_at", "under_14")
SET_FILLED = {column: f"UPDATE fan SET {column} = ? WHERE id = ?" for column in FILLED}


def give_rows(tx: Transaction, kept: int, other: int) -> dict[str, list[list[Any]]]:
    """Copy what the other fan carries and the kept one lacks; the rows that were copied."""
    took: dict[str, list[list[Any]]] = {}
    for table in COPIED:
        for row in tx.db.execute(ROWS_OF[table], (other,)).fetchall():
            values = list(row)
            if tx.db.execute(GIVE[table], (kept, *values)).rowcount:
                took.setdefault(table, []).append(values)
    return took


class Fields:
    """Fields that others fill, of a fan and of all above: those nobody changed since follow who stands behind."""

    def __init__(self, tx: Transaction, fan_id: int) -> None:
        self._tx = tx
        self._chain = [fan_id]
        while upper := above(tx.db, self._chain[-1]):
            self._chain.append(int(upper["kept_fan_id"]))
        self._follow = {
            each: [name for name in FILLED if self._told(each)[name] == self._filled(each, name)]
            for each in self._chain
        }

    def fill(self) -> None:
        """Count the fields anew, from the fan upwards."""
        for each in self._chain:
            own = self._own(each)
            for name in self._follow[each]:
                self._tx.db.execute(SET_FILLED[name], (self._filled(each, name), each))
            kept = as_json({name: own[name] for name in FILLED}) if below(self._tx.db, each) else None
            self._tx.db.execute("UPDATE fan SET own_fields = ? WHERE id = ?", (kept, each))

    def _told(self, fan_id: int) -> Any:
        return self._tx.db.execute("SELECT * FROM fan WHERE id = ?", (fan_id,)).fetchone()

    def _own(self, fan_id: int) -> Any:
        row = self._told(fan_id)
        return row if row["own_fields"] is None else json.loads(row["own_fields"])

    def _filled(self, fan_id: int, name: str) -> Any:
        value = self._own(fan_id)[name]
        for lower in below(self._tx.db, fan_id):
            theirs = self._told(lower["merged_fan_id"])[name]
            if name == "first_seen_at":
                value = min(value, theirs)
            else:
                value = max(value, theirs) if name == "under_14" else value or theirs
        return value


def above(conn: Any, fan_id: int) -> Any:
    """The merge that put a fan behind another; None for who stands alone."""
    return conn.execute(
        "SELECT * FROM fan_merge WHERE merged_fan_id = ? AND undone_at IS NULL", (fan_id,)
    ).fetchone()


def below(conn: Any, fan_id: int) -> list[Any]:
    """The merges that put others behind a fan, oldest first."""
    found: list[Any] = conn.execute(
        "SELECT * FROM fan_merge WHERE kept_fan_id = ? AND undone_at IS NULL ORDER BY id", (fan_id,)
    ).fetchall()
    return found


def give_up(tx: Transaction, fan_id: int, table: str, values: list[Any]) -> None:
    """Take from a fan what one who left had brought, unless another who stays brings it as well."""
    if not tx.db.execute(TAKE[table], (fan_id, *values)).rowcount:
        return  # it was taken off or put anew since: that stands
    given = None
    for row in below(tx.db, fan_id):
        brought = [list(each) for each in tx.db.execute(ROWS_OF[table], (row["merged_fan_id"],)).fetchall()]
        given = next((each for each in brought if each[0] == values[0]), None)
        if given is not None:
            tx.db.execute(GIVE[table], (fan_id, *given))
            _note(tx, row, table, None, given)
            break
    _pass_on(tx, fan_id, table, values, given)


def _pass_on(tx: Transaction, fan_id: int, table: str, gone: list[Any], given: list[Any] | None) -> None:
    """Let whoever stands for this fan have the same as they: the row of another, or none."""
    upper = above(tx.db, fan_id)
    if upper is None or gone not in json.loads(upper["took"]).get(table, []):
        return
    _note(tx, upper, table, gone, given)
    kept = int(upper["kept_fan_id"])
    if given is None:
        give_up(tx, kept, table, gone)
    elif tx.db.execute(TAKE[table], (kept, *gone)).rowcount:
        tx.db.execute(GIVE[table], (kept, *given))
        _pass_on(tx, kept, table, gone, given)


def _note(tx: Transaction, row: Any, table: str, gone: list[Any] | None, given: list[Any] | None) -> None:
    """Keep in mind that of these rows one was given up, one given instead."""
    took = json.loads(row["took"])
    rows = [each for each in took.get(table, []) if each != gone]
    took[table] = rows if given is None else [*rows, given]
    tx.db.execute("UPDATE fan_merge SET took = ? WHERE id = ?", (as_json(took), row["id"]))
