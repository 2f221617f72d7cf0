"""The shop's file: one writer thread, read-only readers, commits that publish what they changed.

The only module that starts threads or opens the database. WAL with synchronous=FULL: an
acknowledged commit survives power loss.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from desktop.domain.changes import ChangeSet
from desktop.domain.clock import Clock
from desktop.domain.errors import DiskFullError, StoreError
from desktop.domain.ids import new_uid
from desktop.store import migrations
from desktop.store.changes import ChangeFeed
from desktop.store.copies import copy_verified
from desktop.store.engine import sqlite3
from desktop.store.failures import is_of_the_disk, told_errors
from desktop.store.fans import search_index
from desktop.store.read_only import FrozenFile, checked_version, refused
from desktop.store.reserve import Reserve, is_full
from desktop.store.transaction import REWRITE_DUE, Transaction

T = TypeVar("T")
Pool = Callable[[int, str], Executor]  # so many workers of this name
# How often others wrote, as far as was noticed, and how many rows this one changed.
Version = tuple[int, int]
THREADS: Pool = ThreadPoolExecutor
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)
READERS = 2
BUSY_MS = 5_000
SWITCH_S = 0.001  # how long a worker may keep Python's lock from a window that wants to paint
# What became of a send, and what a start finds out about it: worth the last room on the disk.
NOTED_AT_ANY_COST = frozenset({"outbox.settle", "outbox.recover", "outbox.tidy", "outbox.reconcile"})
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    f"PRAGMA busy_timeout = {BUSY_MS}",
)


class Store:
    """Awaitable access to one shop's file. Close it with `await store.close()`.

    `pool` gives the workers that SQL runs on: threads, unless somebody wants it done in place. With
    `is_read_only` the file is looked at and never touched, and `write` refuses. Raises
    StoreError subclasses from every method: disk full, locked, read-only, corrupt.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        operator: str = "",
        device_id: str = "",
        reserve: Reserve | None = None,
        pool: Pool = THREADS,
        is_read_only: bool = False,
    ) -> None:
        self.path = path
        self.is_read_only = is_read_only
        self._frozen: FrozenFile | None = None
        self._reserve = reserve
        self.feed = ChangeFeed()
        self.operator = operator
        self.device_id = device_id
        self._clock = clock
        self._writer = pool(1, "store-writer")
        self._readers = pool(READERS, "store-reader")
        self._local = threading.local()
        self._open_readers: list[Any] = []
        self._db: Database | None = None
        self._closed = False

    async def open(self) -> None:
        """Open or create the file and bring it to this version's schema."""
        sys.setswitchinterval(SWITCH_S)
        await self._run(self._writer, self._open_writer)

    async def write(
        self,
        work: Callable[[Transaction], T],
        *,
        kind: str | None,
        payload: Mapping[str, Any] | None = None,
        origin: object | None = None,
        needs_reserve: bool = False,
    ) -> T:
        """Run `work` in one transaction; on commit, append the operation row and publish changes.

        `kind` names the command in the operation log ("drop.plan"); None is for bookkeeping that
        changes nothing an operator or platform said (cursors, caches, attempts). Cancelling the
        caller never undoes a commit, nor hides its change set. With `needs_reserve` DiskFullError is
        raised unless there is room left to note what follows. For the kinds in NOTED_AT_ANY_COST that
        room is given up on a full disk, and `work` runs a second time; so it does after an I/O error.
        """
        self.need_writable()
        loop = asyncio.get_running_loop()

        def job() -> T:
            if needs_reserve:
                self._need_reserve()
            try:
                result, changes = self._write_now(work, kind, payload, origin)
            except StoreError as error:
                if kind not in NOTED_AT_ANY_COST or not self._may_succeed_now(error):
                    raise
                result, changes = self._write_now(work, kind, payload, origin)
            if changes.topics:
                loop.call_soon_threadsafe(self.feed.publish, changes)
            return result

        return await self._run(self._writer, job)

    async def lend(self, work: Callable[[], tuple[T, ChangeSet]], origin: object | None = None) -> T:
        """Stand still while another process of ours writes into the file, and publish what it changed.

        `work` waits for that process, and gives its answer and what it committed.
        """
        self.need_writable()
        loop = asyncio.get_running_loop()

        def job() -> T:
            result, changes = work()
            if changes.topics:
                loop.call_soon_threadsafe(self.feed.publish, replace(changes, origin=origin))
            return result

        return await self._run(self._writer, job)

    def need_writable(self) -> None:
        """Raises StoreReadOnlyError('shop_read_only') before anything is begun that would have to be noted."""
        if self.is_read_only:
            raise refused(self.path)

    async def read(self, work: Callable[[Any], T]) -> T:
        """Run `work(connection)` on a read-only connection (rows are sqlite3.Row)."""

        def job() -> T:
            with told_errors():
                return work(self._reader())

        return await self._run(self._readers, job)

    async def version(self) -> Version:
        """What the file stands at: the same as before when nobody wrote since, of this process or another."""
        return await self._run(self._writer, self._version_now)

    async def backup_to(self, target: Path) -> None:
        """A verified copy by SQLite's backup API: temporary name, checked, synced, renamed."""
        await self._run(self._writer, lambda: self._backup_now(target))

    async def rewrite(self) -> bool:
        """Write the file anew, so that nothing that was deleted is left in it, and empty its log.

        False when the log could not be emptied because somebody reads. Needs as much room as the file has.
        Where REWRITE_DUE was set and the program ended before this, the next `open` does it.
        """
        self.need_writable()
        return await self._run(self._writer, self._rewrite_now)

    async def close(self) -> None:
        """Finish queued writes, tidy the log file, close every connection."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._readers.shutdown)
        for connection in self._open_readers:  # before the writer: the last one out removes the -wal
            connection.close()
        await loop.run_in_executor(self._writer, self._close_writer)
        await loop.run_in_executor(None, self._writer.shutdown)

    async def _run(self, pool: Executor, job: Callable[[], T]) -> T:
        future: Future[T] = pool.submit(job)
        coming = asyncio.wrap_future(future)
        coming.add_done_callback(_settled)
        return await asyncio.shield(coming)

    def _need_reserve(self) -> None:
        if self._reserve is not None and not self._reserve.keep():
            missing_mb = max(1, -(-self._reserve.missing_bytes // (1 << 20)))
            raise DiskFullError("disk_full_sending", missing_mb=missing_mb)

    def _may_succeed_now(self, error: StoreError) -> bool:
        """Whether to try once more: the reserve made room, or a disk that has room failed."""
        if isinstance(error, DiskFullError):
            return self._reserve is not None and self._reserve.release()
        return is_of_the_disk(error.__cause__)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """As told_errors; a failure of a disk without room is told as what it is."""
        try:
            with told_errors():
                yield
        except StoreError as error:
            if is_of_the_disk(error.__cause__) and is_full(self.path.parent):
                raise DiskFullError from error
            raise

    def _open_writer(self) -> None:
        if self.is_read_only:
            self._open_frozen()
            return
        try:
            self._open_now()
        except DiskFullError:
            if self._reserve is None or not self._reserve.release():
                raise
            self._open_now()
        if self._is_rewrite_due():
            with contextlib.suppress(StoreError):  # without room for it: next time
                self._rewrite_now()

    def _open_frozen(self) -> None:
        with told_errors():
            frozen = FrozenFile(self.path)
            try:
                connection = frozen.connect()
                self._db = Database(connection, execute_plugins=False)
                checked_version(connection, self.path.parent)
            except BaseException:
                self._close_frozen(frozen)
                raise
            self._frozen = frozen

    def _close_frozen(self, frozen: FrozenFile) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        frozen.release()

    def _open_now(self) -> None:
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = not self.path.exists()
            connection = sqlite3.connect(str(self.path), isolation_level=None)
            try:
                connection.row_factory = sqlite3.Row
                for pragma in PRAGMAS:
                    connection.execute(pragma)
                if fresh and os.name == "posix":
                    self.path.chmod(0o600)
                db = Database(connection, execute_plugins=False)
                migrations.upgrade(db, self.path, lambda target: copy_verified(connection, target))
                if search_index.is_behind(connection):  # whom an upgrade found here
                    with immediate(db):
                        search_index.catch_up(connection)
            except BaseException:
                connection.close()
                raise
            self._db = db

    def _write_now(
        self,
        work: Callable[[Transaction], T],
        kind: str | None,
        payload: Mapping[str, Any] | None,
        origin: object | None,
    ) -> tuple[T, ChangeSet]:
        if self._db is None:
            raise StoreError(detail="the store is not open")
        now = self._clock.now_ms()
        with self._told(), immediate(self._db) as db:
            tx = Transaction(db, now)
            tx.operation_uid = new_uid(now) if kind else None
            result = work(tx)
            search_index.catch_up(db.conn)
            if kind and not tx.is_bookkeeping:
                self._log_operation(tx, kind, payload)
        return result, tx.changes(origin)

    def _log_operation(self, tx: Transaction, kind: str, payload: Mapping[str, Any] | None) -> None:
        tx.db.execute(
            "INSERT INTO operation (uid, device_id, operator, at, kind, payload, replaced)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                tx.operation_uid,
                self.device_id,
                self.operator,
                tx.now_ms,
                kind,
                as_json(payload or {}),
                None if tx.replaced is None else as_json(tx.replaced),
            ),
        )

    def _reader(self) -> Any:
        connection = getattr(self._local, "connection", None)
        if connection is None and self._frozen is not None:
            connection = self._frozen.connect(check_same_thread=False)
            self._local.connection = connection
            self._open_readers.append(connection)
        elif connection is None:
            uri = f"{self.path.resolve().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA query_only = ON")
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            self._local.connection = connection
            self._open_readers.append(connection)
        return connection

    def _version_now(self) -> Version:
        if self._db is None:
            raise StoreError(detail="the store is not open")
        with told_errors():
            return version_of(self._db)

    def _backup_now(self, target: Path) -> None:
        if self._db is None:
            raise StoreError(detail="the store is not open")
        with told_errors():
            copy_verified(self._db.conn, target)

    def _is_rewrite_due(self) -> bool:
        found = (
            self._db and self._db.execute("SELECT 1 FROM setting WHERE key = ?", (REWRITE_DUE,)).fetchone()
        )
        return bool(found)

    def _rewrite_now(self) -> bool:
        if self._db is None:
            raise StoreError(detail="the store is not open")
        with self._told():
            with immediate(self._db) as db:
                search_index.pack(db.conn)
            self._db.conn.execute("VACUUM")
            self._db.execute("DELETE FROM setting WHERE key = ?", (REWRITE_DUE,))
            is_held = self._db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not is_held

    def _close_writer(self) -> None:
        if self._db is None:
            return
        if self._frozen is not None:
            self._close_frozen(self._frozen)
            return
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("PRAGMA optimize")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()
        self._db = None


def _settled(done: asyncio.Future[Any]) -> None:
    """A failure whose caller was cancelled meanwhile is nobody's any more: not worth a log entry."""
    if not done.cancelled():
        done.exception()


@contextlib.contextmanager
def immediate(db: Database) -> Iterator[Database]:
    """One write transaction that takes its lock at the start, so it can never fail half-way for it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.conn.rollback()
        raise


def version_of(db: Database) -> Version:
    """As `Store.version`, asked by a write of itself before it changes anything."""
    return int(db.execute("PRAGMA data_version").fetchone()[0]), int(db.conn.total_changes)


def as_json(value: Any) -> str:
    """Compact JSON that keeps Chinese readable."""
    return _ENCODER.encode(value)
