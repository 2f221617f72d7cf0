"""Put a backup in the place of the shop's file, over paths: nothing of the shop may be open.

Order: look at the file, keep a backup of the present, prepare the new file under another name,
check it, and only then rename it into place. Whoever was erased since the backup was made is erased from it
again. Killed at any step, the shop is either the old or the
new one, whole.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from desktop.domain.clock import local
from desktop.domain.errors import (
    AppError,
    InvalidInputError,
    NotFoundError,
    StoreCorruptError,
    StoreError,
    StoreLockedError,
    StoreTooNewError,
)
from desktop.domain.ids import new_uid
from desktop.store import migrations
from desktop.store.copies import copy_verified, sync_file, sync_folder
from desktop.store.database import as_json, immediate
from desktop.store.engine import sqlite3
from desktop.store.erasures import erasing, marks
from desktop.store.failures import told_errors
from desktop.store.fans import search_index
from desktop.store.migrations.runner import SCHEMA_VERSION
from desktop.store.transaction import Transaction

MAGIC = b"SQLite format 3\x00"
WAL_VERSION_BYTE = 18  # of the header: 2 means the file was used with a write-ahead log
NAMED_TABLES = ("shop", "fan", "identity", "order", "outbox", "operation")
SIDE_FILES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class ShopFile:
    """What a file says of itself after it passed every check."""

    path: Path
    shop_uid: str
    shop_name: str
    schema_version: int
    fans: int
    orders: int
    outbox: int
    last_operation_at: int | None
    bytes: int


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """What stands now, where the former file was kept, and how many outbox items wait for a look.

    `held` items need the owner's word; `unknown` ones are asked of the platform first. `erased` people were
    in the backup and had been erased since.
    """

    restored: ShopFile
    kept: Path | None
    held: int
    unknown: int
    erased: int = 0


@dataclass(frozen=True, slots=True)
class RestoredBy:
    """Who restores, on which computer, and when (UTC ms)."""

    operator: str
    device_id: str
    at: int


def inspect(path: Path) -> ShopFile:
    """Look at a file without changing it.

    Raises NotFoundError('restore_file_missing'), InvalidInputError('restore_not_a_shop' or
    'restore_wal_missing'), StoreCorruptError, StoreTooNewError.
    """
    _checked_header(path)
    with told_errors(), _opened(path) as conn:
        return _looked_at(conn, path)


def restore(source: Path, shop: Path, backups: Path, by: RestoredBy) -> RestoreResult:
    """Replace the shop's file by `source`; the restored shop's log says who did it. Raises what
    `inspect` raises, and StoreLockedError when the shop is open elsewhere; the present shop then stays
    untouched."""
    found = inspect(source)
    if shop.exists() and os.path.samefile(source, shop):
        raise InvalidInputError("restore_same_file")
    fresh = shop.with_name(f"{shop.name}.{by.at:015d}.restoring")
    with told_errors():
        shop.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _drop_leftovers(shop, backups)
        try:
            with _opened(source) as conn:
                copy_verified(conn, fresh)
            erased = _erase_again(fresh, shop, found, by.at)
            held, unknown = _prepare(fresh, found, by)
            kept = _keep_present(shop, backups, by.at)
            _drop_side_files(shop)
            os.replace(fresh, shop)
            sync_folder(shop.parent)
        finally:
            fresh.unlink(missing_ok=True)
            fresh.with_name(fresh.name + ".part").unlink(missing_ok=True)
    return RestoreResult(found, kept, held, unknown, erased)


def _checked_header(path: Path) -> None:
    if not path.is_file():
        raise NotFoundError("restore_file_missing", path=str(path))
    with told_errors(), path.open("rb") as handle:
        header = handle.read(100)
    if len(header) < 100 or not header.startswith(MAGIC):
        raise InvalidInputError("restore_not_a_shop", path=str(path))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A read-only connection; a log file beside the file is read with it, and none is made."""
    mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
    conn = sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)
    try:
        conn.row_factory = sqlite3.Row
        yield conn
    finally:
        conn.close()


def _looked_at(conn: Any, path: Path) -> ShopFile:
    verdict = str(conn.execute("PRAGMA integrity_check(1)").fetchone()[0])
    if verdict != "ok":
        raise StoreCorruptError(detail=verdict)
    version = int(conn.execute("PRAGMA user_version").fetchone()[0])
    tables = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if version > SCHEMA_VERSION and "shop" in tables:
        raise StoreTooNewError(found=version, known=SCHEMA_VERSION)
    shop = conn.execute("SELECT uid, name FROM shop").fetchone() if "shop" in tables else None
    if shop is None or not tables.issuperset(NAMED_TABLES):
        # A file that was copied away from its log holds nothing, or only what was checkpointed.
        if _was_in_wal(path) and not path.with_name(path.name + "-wal").exists():
            raise InvalidInputError("restore_wal_missing", path=str(path))
        raise InvalidInputError("restore_not_a_shop", path=str(path))
    if conn.execute("PRAGMA foreign_key_check").fetchone():
        raise StoreCorruptError(detail="foreign keys")
    fans, orders, outbox = (
        int(conn.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
        for name in ("fan", "order", "outbox")
    )
    last = conn.execute("SELECT max(at) FROM operation").fetchone()[0]
    return ShopFile(
        path, str(shop["uid"]), str(shop["name"]), version, fans, orders, outbox, last, path.stat().st_size
    )


def _was_in_wal(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(WAL_VERSION_BYTE + 1)[WAL_VERSION_BYTE:] == b"\x02"


def _erase_again(fresh: Path, shop: Path, found: ShopFile, now_ms: int) -> int:
    """How many people who were erased from the present shop were still in the copy."""
    known = None
    with contextlib.suppress(AppError), told_errors():
        _checked_header(shop)
        with _opened(shop) as conn:
            row = conn.execute("SELECT uid FROM shop").fetchone()
            known = marks.all_of(conn) if row is not None and row[0] == found.shop_uid else None
    if known is None:
        return 0
    with contextlib.closing(sqlite3.connect(str(fresh), isolation_level=None)) as conn:
        conn.row_factory = sqlite3.Row
        db = Database(conn, execute_plugins=False)
        conn.execute("PRAGMA secure_delete = ON")
        migrations.upgrade(db, fresh, lambda target: None)
        with immediate(db):
            gone = erasing.erase_again(Transaction(db, now_ms), known)
            search_index.catch_up(conn)
            search_index.pack(conn)
        conn.execute("VACUUM")
    return gone


def _prepare(fresh: Path, found: ShopFile, by: RestoredBy) -> tuple[int, int]:
    """Bring the copy to this schema and stop everything that was about to be sent."""
    conn = sqlite3.connect(str(fresh), isolation_level=None)
    try:
        conn.row_factory = sqlite3.Row
        conn.execute("PRAGMA synchronous = FULL")
        migrations.upgrade(Database(conn, execute_plugins=False), fresh, lambda target: None)
        conn.execute("BEGIN IMMEDIATE")
        held, unknown = _hold_outbox(conn, found.path.name, by.at)
        _log(conn, found, by, held, unknown)
        conn.execute("COMMIT")
    finally:
        conn.close()
    sync_file(fresh)
    if os.name == "posix":
        fresh.chmod(0o600)
    return held, unknown


def _hold_outbox(conn: Any, source_name: str, now_ms: int) -> tuple[int, int]:
    """What was waiting is held; what was under way is unknown, for only proof may release that."""

    held = conn.execute(
        "UPDATE outbox SET state = 'held', updated_at = :now, reason = json_object("
        "'code', 'restored', 'was', state, 'file', :file, 'at', :now)"
        " WHERE state IN ('confirmed', 'queued')",
        {"now": now_ms, "file": source_name},
    ).rowcount
    conn.execute(
        "UPDATE outbox SET state = 'unknown', updated_at = :now, reason = json_object("
        "'code', 'restored', 'was', state, 'file', :file, 'at', :now) WHERE state = 'in_flight'",
        {"now": now_ms, "file": source_name},
    )
    unknown = conn.execute("SELECT count(*) FROM outbox WHERE state = 'unknown'").fetchone()[0]
    conn.execute("UPDATE attempt SET ended_at = ?, outcome = 'U' WHERE ended_at IS NULL", (now_ms,))
    return int(held), int(unknown)


def _log(conn: Any, found: ShopFile, by: RestoredBy, held: int, unknown: int) -> None:
    payload = {
        "file": found.path.name,
        "last_operation_at": found.last_operation_at,
        "held": held,
        "unknown": unknown,
    }
    conn.execute(
        "INSERT INTO operation (uid, device_id, operator, at, kind, payload)"
        " VALUES (?, ?, ?, ?, 'shop.restore', ?)",
        (new_uid(by.at), by.device_id, by.operator, by.at, as_json(payload)),
    )


def _keep_present(shop: Path, backups: Path, now_ms: int) -> Path | None:
    """A verified backup of the present shop, or its very bytes where it cannot be read."""
    if not shop.exists():
        return None
    backups.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"before-restore-{local(now_ms, 'UTC'):%Y%m%d-%H%M%S}-{now_ms % 1000:03d}"
    target = backups / f"{name}.db"
    try:
        with told_errors(), contextlib.closing(sqlite3.connect(str(shop), isolation_level=None)) as conn:
            conn.execute("PRAGMA busy_timeout = 0")
            # Leaving the log behind needs the file for oneself: refused while another has it open.
            conn.execute("PRAGMA journal_mode = DELETE")
            copy_verified(conn, target)
    except StoreLockedError:
        raise
    except StoreError:
        return _quarantine(shop, backups / f"{name}-damaged")
    return target


def _quarantine(shop: Path, folder: Path) -> Path:
    """Keep a damaged file with its log as they are: someone may still get rows out of it."""
    folder.mkdir(parents=True)
    for suffix in ("", *SIDE_FILES):
        part = shop.with_name(shop.name + suffix)
        if part.exists():
            shutil.copy2(part, folder / part.name)
            sync_file(folder / part.name)
    sync_folder(folder)
    return folder


def _drop_leftovers(shop: Path, backups: Path) -> None:
    """Copies without a name yet, left by a restore or backup that was killed: they hold the shop's people."""
    for left in (*shop.parent.glob(f"{shop.name}.*.restoring*"), *backups.glob("*.part")):
        left.unlink(missing_ok=True)


def _drop_side_files(shop: Path) -> None:
    """A log of the old file must never meet the new one."""
    for suffix in SIDE_FILES:
        shop.with_name(shop.name + suffix).unlink(missing_ok=True)
