"""One person out of the shop's rows, in one transaction; and where the shop's file still names somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from desktop.domain.erasures import Needles, Trace
from desktop.domain.identity import IdentityKey, phone_key
from desktop.store.erasures import marks, rows, sends, traces
from desktop.store.erasures.going import Going, kept_keys, person
from desktop.store.fans import fan_stats
from desktop.store.transaction import Transaction

PROOFS = (
    "SELECT DISTINCT proof FROM consent WHERE proof <> '' AND proof_sha256 <> ''"
    " AND fan_id IN (SELECT value FROM json_each(:fans))"
)
EXPORTS = (
    "SELECT DISTINCT json_extract(payload, '$.to') FROM operation WHERE kind = 'fan.export_person'"
    " AND json_extract(payload, '$.fan_id') IN (SELECT value FROM json_each(:fans))"
)
LISTS = (
    "SELECT DISTINCT json_extract(payload, '$.to') FROM operation"
    " WHERE json_extract(payload, '$.to') IS NOT NULL AND kind <> 'fan.export_person'"
)


def erase(tx: Transaction, one: Going, operator: str) -> dict[str, int]:
    """Take one person out for good and keep them out; rows that went, by table.

    Raises ConflictError('erase_send_open') while the end of a send to them is not known.
    """
    marks.keep(tx, kept_keys(one), operator)
    tx.ask_rewrite()
    return take_out(tx, one)


def erase_again(tx: Transaction, known: marks.Marks) -> int:
    """Erase from an older copy of a shop whoever was erased since; how many people that was."""
    marks.put(tx, known)
    rows_ = tx.db.execute("SELECT fan_id, platform, scope, external_id FROM identity").fetchall()
    fans = {IdentityKey(*tuple(row)[1:]): int(row[0]) for row in rows_}
    phones = tx.db.execute("SELECT id, phone FROM fan WHERE phone IS NOT NULL").fetchall()
    fans |= {phone_key(row[1]): int(row[0]) for row in phones}
    who = {fans[key] for key in marks.erased(tx.db, fans)}
    for fan_id in sorted(who):
        if tx.db.execute("SELECT 1 FROM fan WHERE id = ?", (fan_id,)).fetchone():  # a shadow may be gone
            take_out(tx, person(tx.db, fan_id), ends_open=True)
    return len(who)


def take_out(tx: Transaction, one: Going, *, ends_open: bool = False) -> dict[str, int]:
    """As `erase`, without keeping anybody out; `ends_open` as in `sends.remove`."""
    sends.remove(tx, one, ends_open=ends_open)
    traces.remove(tx, one)
    referred = referrers(tx.db, one)
    gone = rows.remove(tx, one)
    fan_stats.refresh(tx, referred - set(one.fans))
    return dict(gone)


def referrers(conn: Any, one: Going) -> set[int]:
    """Fans of whom somebody who goes was brought."""
    found = conn.execute(
        "SELECT DISTINCT fan_id FROM interaction"
        " WHERE referred_fan_id IN (SELECT value FROM json_each(:fans))",
        one.given(),
    )
    return {int(row[0]) for row in found.fetchall()}


def files(conn: Any, one: Going) -> tuple[list[str], list[str], list[str]]:
    """(files made for this person, files that list many people, proofs that a consent points at)."""
    found = []
    for sql in (EXPORTS, LISTS, PROOFS):
        found.append([str(row[0]) for row in conn.execute(sql, one.given()).fetchall() if row[0]])
    return found[0], found[1], found[2]


def where_named(conn: Any, needles: Needles) -> list[Trace]:
    """Columns of the shop's file in which one of these texts stands, with how many rows. Reads everything."""
    found: Counter[tuple[str, str]] = Counter()
    texts = needles.by_kind()
    db = Database(conn, execute_plugins=False)
    for table in db.tables:
        if "VIRTUAL TABLE" not in table.schema:
            found.update(named for row in table.rows for named in _named_in(table.name, row, texts))
    columns = sorted({column for column, _ in found})
    kinds = {column: tuple(kind for kind in texts if found[column, kind]) for column in columns}
    return [
        Trace(column, kinds[column], max(found[column, kind] for kind in kinds[column]))
        for column in columns
    ]


def _named_in(
    table: str, row: Mapping[str, Any], texts: Mapping[str, frozenset[str]]
) -> set[tuple[str, str]]:
    """(column, kind of text) of a row that holds one."""
    return {
        (f"{table}.{column}", kind)
        for column, value in row.items()
        if isinstance(value, str)
        for kind, ones in texts.items()
        if any(text in value for text in ones)
    }
