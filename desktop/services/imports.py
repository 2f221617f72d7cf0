"""Bring a file in: look, plan against what is known, commit in one transaction, undo in one step."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from desktop.domain.changes import Topic
from desktop.domain.clock import Clock
from desktop.domain.errors import ImportFileError, InvalidInputError
from desktop.domain.ids import new_uid
from desktop.domain.imports import (
    ERASED,
    MODES,
    ImportBatch,
    Rejection,
)
from desktop.domain.tasks import CancelToken, Progress, no_progress
from desktop.files import rejected_rows
from desktop.files.choice import AUTO, choose, readable_sources
from desktop.files.opening import OpenedFile, open_file
from desktop.files.reading import goods_sheet, read, tables_of
from desktop.files.tables import Table
from desktop.services.import_figures import first_moment, refusal_of, whole_counts
from desktop.services.import_portions import (
    SHOWN_OF_A_KIND,
    bringer_of,
    judged,
    portions,
    prepared,
    uncollected,
)
from desktop.services.import_types import (
    FileInspection,
    ImportPlan,
    ImportResult,
    PlanRow,
    TableInspection,
    UndoResult,
    fields_of,
    inspected,
    rejected_row,
    required_of,
    suggestion,
)
from desktop.services.table_files import place_of
from desktop.store.bulk import roomy
from desktop.store.database import Store, version_of
from desktop.store.effects import Effects
from desktop.store.fans import fan_stats
from desktop.store.imports import import_undo, imports
from desktop.store.rules import zone_of
from desktop.store.tiers import tiers
from desktop.store.transaction import Transaction

__all__ = [
    "AUTO",
    "FileInspection",
    "ImportPlan",
    "ImportResult",
    "ImportService",
    "PlanRow",
    "TableInspection",
    "UndoResult",
]

SETTLED = 2_000  # people whose sums and tiers are settled together
AfterCommit = Callable[[Transaction, set[int]], None]


def recompute_tiers(tx: Transaction, fan_ids: set[int]) -> None:
    """The step after every import and every page of a sync: tiers of the fans it touched."""
    tiers.recompute(tx, fan_ids, tx.now_ms)


class ImportService:
    """`after_commit` runs inside the transaction, with the fans whose orders or touches changed."""

    def __init__(
        self, store: Store, clock: Clock, after_commit: AfterCommit | None = recompute_tiers
    ) -> None:
        self._store = store
        self._clock = clock
        self._after_commit = after_commit

    @staticmethod
    def sources() -> tuple[str, ...]:
        """Ids of the kinds of file that can be brought in."""
        return readable_sources()

    @staticmethod
    def suggest(headers: tuple[str, ...], source: str) -> dict[str, str]:
        """Field -> header, as good as names allow, for the owner to confirm."""
        return suggestion(headers, source)

    @staticmethod
    def fields(source: str) -> tuple[tuple[str, bool], ...]:
        """(field, whether it is required) of a kind of file."""
        return fields_of(source)

    @staticmethod
    def required(source: str) -> tuple[str, ...]:
        """Fields a kind of file cannot do without; `a|b`: one of both."""
        return required_of(source)

    async def inspect(self, path: Path, password: str | None = None) -> FileInspection:
        """What a file seems to be. Raises ImportFileError for one that cannot be read."""
        opened, tables, known = await self._opened(path, password)
        return await asyncio.to_thread(inspected, opened, tables, known.get)

    async def _opened(
        self, path: Path, password: str | None
    ) -> tuple[OpenedFile, list[Table], dict[str, Any]]:
        """The file, its tables, and what is remembered of their header rows."""
        opened = await asyncio.to_thread(open_file, path, password)
        tables = await asyncio.to_thread(tables_of, opened)
        prints = [table.fingerprint() for table in tables]
        known = await self._store.read(
            lambda conn: {p: imports.remembered_mapping(conn, p) for p in prints}
        )
        return opened, tables, known

    async def plan(
        self,
        path: Path,
        source: str = AUTO,
        mapping: Mapping[str, str] | None = None,
        mode: str = "update",
        password: str | None = None,
        progress: Progress = no_progress,
        cancel: CancelToken | None = None,
    ) -> ImportPlan:
        """Read a file and compare it with what is known; nothing is written.

        `progress` is called on the event loop's thread. Raises ImportFileError, InvalidInputError for a
        wrong source or mode, CancelledByOperatorError.
        """
        if mode not in MODES:
            raise InvalidInputError("import_mode_unknown", mode=mode, known=list(MODES))
        stop = cancel or CancelToken()
        told = on_loop(progress)
        zone = ZoneInfo(await self._store.read(zone_of))
        opened, tables, known = await self._opened(path, password)
        choice = choose(tables, source, mapping, known.get)
        goods = await asyncio.to_thread(goods_sheet, choice.profile, tables)
        reader = uncollected()(read)
        found = await asyncio.to_thread(reader, choice.tables, choice.profile, zone, told, stop, goods)
        first_table, first_mapping = choice.tables[0]
        exported_at = min(opened.exported_at, self._clock.now_ms())
        records = tuple(sorted(found.records, key=first_moment))
        bringer = bringer_of(choice.profile.reads, mode, "", exported_at)
        version = await self._store.version()
        looked = await self._store.read(lambda conn: judged(conn, bringer, records, told, stop))
        verdicts, rows, refused, letters = looked
        rejections = (*found.rejections, *refused)
        counts = whole_counts(verdicts, records, found.rows, found.repeated, rejections, found.notes)
        return ImportPlan(
            uid=new_uid(self._clock.now_ms()),
            file_name=opened.file_name,
            file_sha256=opened.sha256,
            source=choice.profile.id,
            reads=choice.profile.reads,
            because=choice.because,
            encoding=opened.encoding,
            mode=mode,
            mapping=dict(first_mapping),
            headers=first_table.headers,
            fingerprint=first_table.fingerprint() if choice.profile.is_generic else "",
            exported_at=exported_at,
            records=records,
            rejections=rejections,
            counts=counts,
            notes=found.notes,
            unknown_words=found.unknown_words,
            shown=(*rows, *(rejected_row(one) for one in rejections[:SHOWN_OF_A_KIND])),
            read_rejections=found.rejections,
            read_rows=found.rows,
            repeated=found.repeated,
            judged=letters,
            version=version,
        )

    async def commit(
        self,
        plan: ImportPlan,
        progress: Progress = no_progress,
        cancel: CancelToken | None = None,
        origin: object | None = None,
    ) -> ImportResult:
        """Bring a plan in, in one transaction; cancelling leaves nothing behind."""
        stop = cancel or CancelToken()
        told = on_loop(progress)

        def work(tx: Transaction) -> ImportResult:
            with roomy(tx.db.conn), uncollected():
                return self._commit_now(tx, plan, told, stop)

        payload = {
            "file": plan.file_name,
            "source": plan.source,
            "mode": plan.mode,
            "mapping": plan.mapping,
        }
        return await self._store.write(
            work,
            kind="import.commit",
            payload=payload,
            origin=origin,
        )

    async def undo(
        self,
        uid: str,
        progress: Progress = no_progress,
        cancel: CancelToken | None = None,
        origin: object | None = None,
    ) -> UndoResult:
        """Take a batch back, or nothing of it.

        Raises NotFoundError, ConflictError when later work would be lost, CancelledByOperatorError.
        """
        stop = cancel or CancelToken()
        told = on_loop(progress)

        def work(tx: Transaction) -> UndoResult:
            counts, touched = import_undo.undo(tx, uid, told, stop)
            fan_stats.refresh(tx, touched)
            if self._after_commit is not None:
                self._after_commit(tx, touched)
            return UndoResult(uid, counts["removed"], counts["restored"], counts["kept"])

        return await self._store.write(work, kind="import.undo", payload={"batch": uid}, origin=origin)

    async def let_go(self) -> None:
        """Free what a file that was looked at still holds; nobody brings it in any more."""

    async def batches(self, limit: int = 100) -> list[ImportBatch]:
        """The latest imports, newest first."""
        return await self._store.read(lambda conn: imports.batches(conn, limit))

    async def rejections(self, uid: str) -> list[Rejection]:
        """The refused rows of a batch. Raises NotFoundError('import_batch_missing')."""
        return await self._store.read(lambda conn: imports.rejections(conn, imports.batch(conn, uid).id))

    async def result(self, uid: str) -> ImportResult:
        """What an earlier batch brought. Raises NotFoundError('import_batch_missing')."""
        batch = await self._store.read(lambda conn: imports.batch(conn, uid))
        refused = tuple(await self.rejections(uid))
        return ImportResult(
            uid, batch.file_name, batch.source, batch.mode, batch.counts, refused, batch.headers, {}
        )

    async def save_rejections(
        self,
        target: Path,
        rejections: tuple[Rejection, ...],
        headers: tuple[str, ...],
        labels: tuple[str, str],
        reason_text: Callable[[Rejection], str],
    ) -> None:
        """Write refused rows as a workbook: line, reason, and the cells as they were. It is logged first.

        `labels` head the first two columns. Raises ImportFileError when the place cannot be written.
        """
        rows = [[str(one.row), reason_text(one), *one.cells] for one in rejections]
        payload = {"file": target.name, "rows": len(rows), "to": place_of(target)}
        await self._store.write(lambda tx: None, kind="import.save_rejected", payload=payload)
        try:
            await asyncio.to_thread(rejected_rows.write, target, [*labels, *headers], rows)
        except OSError as error:
            raise ImportFileError("import_save_failed", path=str(target)) from error

    def _commit_now(
        self, tx: Transaction, plan: ImportPlan, progress: Progress, cancel: CancelToken
    ) -> ImportResult:
        letters = plan.judged if version_of(tx.db) == plan.version else b""
        batch_id, uid = imports.add_batch(
            tx,
            file_name=plan.file_name,
            file_sha256=plan.file_sha256,
            source=plan.source,
            mode=plan.mode,
            mapping={"mapping": plan.mapping, "headers": plan.headers},
            exported_at=plan.exported_at,
        )
        effects = imports.EffectLog(tx, batch_id)
        bringer = bringer_of(plan.reads, plan.mode, f"import:{uid}", plan.exported_at)
        touched: set[int] = set()
        verdicts: Counter[str] = Counter()
        refused: list[Rejection] = []
        newest_fan = tx.db.execute("SELECT coalesce(max(id), 0) FROM fan").fetchone()[0]
        for place, portion in portions(plan.records):
            cancel.check()
            progress("commit", place, len(plan.records))
            told = letters[place : place + len(portion)]
            for record in prepared(tx.db, bringer, portion, told, verdicts):
                verdict = bringer.bring(tx, record, effects, touched)
                verdicts[verdict.kind] += 1
                if verdict.code == ERASED:
                    verdicts[ERASED] += 1
                if verdict.kind == "rejected":
                    refused.append(refusal_of(record, verdict))
            bringer.flush(tx)
        cancel.check()
        progress("commit", len(plan.records), len(plan.records))
        self._settle(tx, sorted(touched), newest_fan, effects, progress, cancel)
        effects.flush()
        rejections = (*plan.read_rejections, *refused)
        counts = whole_counts(verdicts, plan.records, plan.read_rows, plan.repeated, rejections, plan.notes)
        added = tx.db.execute("SELECT count(*) FROM fan WHERE id > ?", (newest_fan,)).fetchone()[0]
        counts["new_fans"] = added
        imports.keep_rejections(tx, batch_id, rejections)
        imports.set_counts(tx, batch_id, counts)
        if plan.fingerprint:
            imports.remember_mapping(tx, plan.fingerprint, plan.source, plan.mapping)
        tx.touch(Topic.IMPORT)
        return ImportResult(
            batch=uid,
            file_name=plan.file_name,
            source=plan.source,
            mode=plan.mode,
            counts=counts,
            rejections=rejections,
            headers=plan.headers,
            unknown_words=plan.unknown_words,
        )

    def _settle(
        self,
        tx: Transaction,
        touched: list[int],
        newest_fan: int,
        effects: Effects,
        progress: Progress,
        cancel: CancelToken,
    ) -> None:
        """Sums and tiers of everybody whom the file touched, a portion at a time."""
        for place in range(0, len(touched), SETTLED):
            cancel.check()
            progress("settle", place, len(touched))
            portion = touched[place : place + SETTLED]
            fan_stats.refresh(tx, portion)
            self._tiers(tx, portion, newest_fan, effects)

    def _tiers(self, tx: Transaction, touched: list[int], newest_fan: int, effects: Effects) -> None:
        """Recompute tiers, and keep what that changed in fans known before, so that undo is whole."""
        if self._after_commit is None:
            return
        known = [fan for fan in touched if fan <= newest_fan]
        before = tiers.standing(tx.db, known)
        last_change = tx.db.execute("SELECT coalesce(max(id), 0) FROM tier_change").fetchone()[0]
        self._after_commit(tx, set(touched))
        for row in tx.db.execute(
            "SELECT id, fan_id FROM tier_change WHERE id > ?", (last_change,)
        ).fetchall():
            if row["fan_id"] in before:
                effects.added("tier_change", row["id"])
        after = tiers.standing(tx.db, known)
        for fan in known:
            effects.changed("fan", fan, before[fan], after[fan])


def on_loop(progress: Progress) -> Progress:
    """The same progress, callable from any thread: it is told on the event loop's thread."""
    if progress is no_progress:
        return progress
    loop = asyncio.get_running_loop()
    return lambda step, done, total: _tell(loop, progress, step, done, total)


def _tell(loop: asyncio.AbstractEventLoop, progress: Progress, step: str, done: int, total: int) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(progress, step, done, total)
