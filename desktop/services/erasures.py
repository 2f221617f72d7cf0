"""Erase one person: rows, file, backups, logs and files made for them; then look for them in every byte."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop.domain.erasures import ErasurePlan, ErasureResult, Trace
from desktop.domain.tasks import Progress, no_progress
from desktop.files.byte_search import ByteSearch, files_below
from desktop.services.backups import BackupService
from desktop.store.database import Store
from desktop.store.erasures import erasing, marks, rows, sends
from desktop.store.erasures.going import Going, person
from desktop.store.transaction import Transaction

LOGS = "logs"


@dataclass(slots=True)
class Files:
    """What became of files; paths as text."""

    deleted: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


class ErasureService:
    """What a person gets who wants to be forgotten. Nothing of it can be undone."""

    def __init__(self, store: Store, backups: BackupService) -> None:
        self._store = store
        self._backups = backups

    async def look(self, fan_id: int) -> ErasurePlan:
        """What would go, and which files name the person; nothing is changed.

        Raises NotFoundError, ConflictError('erase_send_open') while the end of a send to them is not known.
        """

        def work(conn: Any) -> tuple[Going, dict[str, int], int, int, tuple[list[str], ...]]:
            one = person(conn, fan_id)
            found, orders = rows.count(conn, one)
            return one, found, orders, sends.waiting(conn, one), erasing.files(conn, one)

        one, found, orders, waiting, (exports, lists, proofs) = await self._store.read(work)
        search = ByteSearch(one.needles.by_kind())
        copies = await asyncio.to_thread(_holding, search, self._backups.copies())
        others = await asyncio.to_thread(_holding, search, [Path(path) for path in lists])
        made = await asyncio.to_thread(_there, exports)
        return ErasurePlan(found, orders, waiting, copies, made, others, tuple(proofs))

    async def erase(
        self,
        fan_id: int,
        *,
        keeps_backups: bool = False,
        keeps_lists: bool = False,
        progress: Progress = no_progress,
    ) -> ErasureResult:
        """Take a person out for good. Backups that hold them are replaced by a fresh one, unless kept;
        lists of many people that were written for the owner and name this one are deleted, unless kept.

        The rows go in one transaction; what comes after it may fail file by file (`failed`) and is told.
        `progress` hears the steps rows, rewrite, files, search. Raises as `look`, StoreReadOnlyError,
        DiskFullError (data_changed tells whether the rows are gone already).
        """
        said: dict[str, Any] = {}
        progress("rows", 0, 0)

        def read(conn: Any) -> tuple[Going, tuple[list[str], list[str], list[str]], int]:
            one = person(conn, fan_id)
            return one, erasing.files(conn, one), rows.count(conn, one)[1]

        one, (exports, lists, proofs), orders = await self._store.read(read)

        def work(tx: Transaction) -> dict[str, int]:
            said.update(orders=orders, rows=erasing.erase(tx, one, self._store.operator))
            return dict(said["rows"])

        gone = await self._store.write(work, kind="fan.erase", payload=said)
        progress("rewrite", 0, 0)
        is_emptied = await self._store.rewrite()
        told = Files()
        progress("files", 0, 0)
        search = ByteSearch(one.needles.by_kind())
        fresh = await self._rid_backups(search, told, is_kept=keeps_backups)
        await asyncio.to_thread(delete, exports, told)
        await asyncio.to_thread(
            _rid_lists, search, [Path(path) for path in lists], told, is_kept=keeps_lists
        )
        progress("search", 0, 0)
        search = ByteSearch(one.needles.by_kind())
        await asyncio.to_thread(self._search, search, told)
        if any(trace.where == self._store.path.name for trace in told.traces):  # whose rows? reads them all
            told.traces += await self._store.read(lambda conn: erasing.where_named(conn, one.needles))
        return ErasureResult(
            gone,
            orders,
            tuple(told.deleted),
            tuple(told.traces),
            search.files,
            search.bytes,
            sum(map(len, one.needles.by_kind().values())),
            one.needles.shared,
            tuple(told.left),
            tuple(proofs),
            log_held=not is_emptied,
            fresh_backup=fresh,
            failed=told.failed,
        )

    async def _rid_backups(self, search: ByteSearch, told: Files, *, is_kept: bool) -> str:
        """Replace the backups that hold the texts by a fresh one; its path, "" where none was made."""
        copies = await asyncio.to_thread(_holding, search, self._backups.copies())
        if is_kept or not copies:
            told.left += copies
            return ""
        fresh = str((await self._backups.make()).path)
        await asyncio.to_thread(delete, [path for path in copies if path != fresh], told)
        return fresh

    async def let_back(self, named: str) -> int:
        """Somebody who was erased wants to come back: the next sync or file may bring them; how many it was.

        `named` is a phone number or a platform's id, and goes into no log.
        """

        def work(tx: Transaction) -> int:
            found = marks.let_back(tx, named.strip())
            tx.is_bookkeeping = not found
            return found

        return await self._store.write(work, kind="fan.let_back")

    def _search(self, search: ByteSearch, told: Files) -> None:
        """Every byte of the folder; logs lose what they name, everything else is told."""
        folder = self._store.path.parent
        known = set(told.left)
        for path in files_below(folder):
            try:
                kinds = search.kinds_in(path)
                if kinds and path.parent == folder / LOGS and search.blot(path):
                    kinds = search.kinds_in(path)
            except OSError as error:
                told.failed[str(path)] = str(error.strerror or error)
                continue
            if kinds and str(path) not in known:
                told.traces.append(Trace(str(path.relative_to(folder)), kinds))


def _holding(search: ByteSearch, paths: Sequence[Path]) -> tuple[str, ...]:
    """Those of these files that are there and hold one of the texts."""
    found = []
    for path in paths:
        try:
            if path.is_file() and search.kinds_in(path):
                found.append(str(path))
        except OSError:
            continue  # the search through the whole folder tells of it
    return tuple(found)


def _rid_lists(search: ByteSearch, lists: Sequence[Path], told: Files, *, is_kept: bool) -> None:
    naming = _holding(search, lists)
    if is_kept:
        told.left += naming
    else:
        delete(naming, told)


def _there(paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if Path(path).is_file())


def delete(paths: Sequence[str], told: Files) -> None:
    """Delete files that are there; `told` hears what became of each."""
    for path in paths:
        try:
            if Path(path).is_file():
                Path(path).unlink()
                told.deleted.append(path)
        except OSError as error:
            told.failed[path] = str(error.strerror or error)
