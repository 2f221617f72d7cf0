"""Who was erased: keyed hashes, by which a sync or a file is kept from bringing them back.

The key stands in the settings of the shop's own file, made at the first erasure: without that file nobody
can try phone numbers against the hashes.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from desktop.domain.identity import IdentityKey
from desktop.store.fans.fans import chunks
from desktop.store.transaction import Transaction

KEY = "erasure.key"
KEY_BYTES = 32


def keep(tx: Transaction, keys: Iterable[IdentityKey], operator: str) -> int:
    """Note one erasure with everything that names its person; its id."""
    if _key(tx.db) is None:
        tx.db.execute(
            "INSERT INTO setting (key, value, updated_at) VALUES (?, ?, ?)",
            (KEY, json.dumps(secrets.token_hex(KEY_BYTES)), tx.now_ms),
        )
    cursor = tx.db.execute("INSERT INTO erasure (at, operator) VALUES (?, ?)", (tx.now_ms, operator))
    erasure_id = int(cursor.lastrowid or 0)
    tx.db.conn.executemany(
        "INSERT INTO erased_key (digest, erasure_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(digest, erasure_id) for digest in digests(tx.db, keys).values()],
    )
    return erasure_id


def is_any(conn: Any) -> bool:
    """Whether anybody was ever erased here."""
    return conn.execute("SELECT 1 FROM erased_key LIMIT 1").fetchone() is not None


def erased(conn: Any, keys: Iterable[IdentityKey]) -> set[IdentityKey]:
    """Those of these keys that named somebody who was erased here."""
    if not is_any(conn):
        return set()
    wanted = {digest: key for key, digest in digests(conn, keys).items()}
    found: set[IdentityKey] = set()
    for marks, portion in chunks(list(wanted)):
        rows = conn.execute(f"SELECT digest FROM erased_key WHERE digest IN ({marks})", portion)
        found.update(wanted[row[0]] for row in rows.fetchall())
    return found


def widen(tx: Transaction, barred: Iterable[IdentityKey], keys: Iterable[IdentityKey]) -> None:
    """Somebody erased, known by `barred`, was told of again with more keys: these are theirs as well."""
    known = list(digests(tx.db, barred).values())
    for digest in digests(tx.db, keys).values():
        tx.db.execute(
            "INSERT INTO erased_key (digest, erasure_id) SELECT ?, erasure_id FROM erased_key"
            " WHERE digest = ? ON CONFLICT DO NOTHING",
            (digest, known[0]),
        )


def let_back(tx: Transaction, named: str) -> int:
    """Forget the erasures of whoever this phone number, union id or platform's id names; how many."""
    accounts = tx.db.execute("SELECT platform, external_id FROM account").fetchall()
    nowhere = ("phone", "wechat_union", "file")
    keys = [IdentityKey(platform, "", named) for platform in nowhere]
    keys += [IdentityKey(row[0], row[1], named) for row in accounts]
    given = (json.dumps(list(digests(tx.db, erased(tx.db, keys)).values())),)
    rows = tx.db.execute(
        "SELECT DISTINCT erasure_id FROM erased_key WHERE digest IN (SELECT value FROM json_each(?))", given
    ).fetchall()
    for (erasure_id,) in rows:
        tx.db.execute("DELETE FROM erased_key WHERE erasure_id = ?", (erasure_id,))
        tx.db.execute("DELETE FROM erasure WHERE id = ?", (erasure_id,))
    return len(rows)


@dataclass(frozen=True, slots=True)
class Marks:
    """All erasures of a shop's file: the key, and their rows."""

    key: str
    erasures: tuple[tuple[Any, ...], ...]
    digests: tuple[tuple[Any, ...], ...]


def all_of(conn: Any) -> Marks | None:
    """Every erasure of a file; None where there was none."""
    if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'erased_key'").fetchone() is None:
        return None  # written by an earlier version
    key = _key(conn)
    if key is None:
        return None
    erasures = conn.execute("SELECT id, at, operator FROM erasure").fetchall()
    rows = conn.execute("SELECT digest, erasure_id FROM erased_key").fetchall()
    return Marks(key, tuple(map(tuple, erasures)), tuple(map(tuple, rows)))


def put(tx: Transaction, marks: Marks) -> None:
    """Give a file, an older copy of the same shop, the erasures there were since."""
    tx.db.execute("DELETE FROM erased_key")
    tx.db.execute("DELETE FROM erasure")
    tx.db.execute(
        "INSERT INTO setting (key, value, updated_at) VALUES (?, ?, ?) ON CONFLICT (key)"
        " DO UPDATE SET value = excluded.value",
        (KEY, json.dumps(marks.key), tx.now_ms),
    )
    tx.db.conn.executemany("INSERT INTO erasure (id, at, operator) VALUES (?, ?, ?)", marks.erasures)
    tx.db.conn.executemany("INSERT INTO erased_key (digest, erasure_id) VALUES (?, ?)", marks.digests)


def digests(conn: Any, keys: Iterable[IdentityKey]) -> dict[IdentityKey, str]:
    """The keyed hash of each key. There must have been an erasure."""
    secret = bytes.fromhex(_key(conn) or "")
    return {
        key: hmac.digest(secret, "\x1f".join(key).encode("utf-8", "surrogatepass"), "sha256").hex()
        for key in set(keys)
    }


def _key(conn: Any) -> str | None:
    row = conn.execute("SELECT value FROM setting WHERE key = ?", (KEY,)).fetchone()
    return None if row is None else str(json.loads(row[0]))
