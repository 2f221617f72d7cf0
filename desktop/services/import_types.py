"""What the import service hands to screens and the command line: frozen, ready to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from desktop.domain.imports import (
    ERASED,
    ClaimRecord,
    FanRecord,
    FieldChange,
    InteractionRecord,
    MemberRecord,
    OrderRecord,
    Record,
    Rejection,
    Verdict,
)
from desktop.files.choice import detection_of
from desktop.files.opening import OpenedFile
from desktop.files.reading import preview_rows
from desktop.files.sources import missing_fields, profiles, suggest
from desktop.files.tables import Table
from desktop.store.database import Version

PREVIEW = 12
SHOWN_CELL = 200


@dataclass(frozen=True, slots=True)
class TableInspection:
    """One table of a file. `source` is '' when nobody knows it; `name_of_kind` names one only told.

    `mapping` is field -> header; `missing` are required fields without a header (`a|b`: one of both);
    `positions` tells in which cell of a `preview` row a header's column stands.
    """

    name: str
    headers: tuple[str, ...]
    header_line: int
    rows: int
    source: str
    because: tuple[str, ...]
    is_read: bool
    is_generic: bool
    name_of_kind: str
    mapping: Mapping[str, str]
    missing: tuple[str, ...]
    is_remembered: bool
    preview: tuple[tuple[str, ...], ...]
    positions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FileInspection:
    """What a file seems to be."""

    file_name: str
    container: str
    encoding: str
    exported_at: int
    tables: tuple[TableInspection, ...]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of the preview. `kind`: new, changed, same, kept, rejected; money in cents, times UTC ms."""

    row: int
    kind: str
    title: str
    name: str = ""
    cents: int | None = None
    at: int | None = None
    detail: str = ""
    changes: tuple[FieldChange, ...] = ()
    rejection: Rejection | None = None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A file read and compared. `shown` holds the first rows of each kind; `records` is the whole.

    Where imports are done by a process of their own, `records`, `read_rejections` and `judged` stay there.
    `judged` tells of each record what it was found to be (first letter of a verdict's kind, NOTED where more is to
    be said), which holds as long as the store's `version` does; empty where records bear on each other.
    """

    uid: str
    file_name: str
    file_sha256: str
    source: str
    reads: str
    because: tuple[str, ...]
    encoding: str
    mode: str
    mapping: Mapping[str, str]
    headers: tuple[str, ...]
    fingerprint: str
    exported_at: int
    records: tuple[Record, ...]
    rejections: tuple[Rejection, ...]
    counts: Mapping[str, int]
    notes: Mapping[str, int]
    unknown_words: Mapping[str, int]
    shown: tuple[PlanRow, ...]
    read_rejections: tuple[Rejection, ...]
    read_rows: int
    repeated: int
    judged: bytes = b""
    version: Version = (0, 0)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """A file brought in. `counts` are those of the plan, as they came out."""

    batch: str
    file_name: str
    source: str
    mode: str
    counts: Mapping[str, int]
    rejections: tuple[Rejection, ...]
    headers: tuple[str, ...]
    unknown_words: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class UndoResult:
    """A batch taken back: rows removed, rows restored, rows that stay because somebody needs them."""

    batch: str
    removed: int
    restored: int
    kept: int


def inspected(
    opened: OpenedFile,
    tables: list[Table],
    remembered: Callable[[str], tuple[str, dict[str, str]] | None],
) -> FileInspection:
    """Look at every table of an opened file."""
    return FileInspection(
        opened.file_name,
        opened.container,
        opened.encoding,
        opened.exported_at,
        tuple(_table(table, remembered) for table in tables),
    )


def _table(table: Table, remembered: Callable[[str], tuple[str, dict[str, str]] | None]) -> TableInspection:
    detection = detection_of(table, remembered)
    profile = profiles()[detection.source] if detection else None
    known = remembered(table.fingerprint()) if profile and profile.is_generic else None
    mapping: dict[str, str] = {}
    if profile and profile.reads:
        mapping = dict(known[1]) if known else suggest(profile, table.headers, loosely=False)
    return TableInspection(
        name=table.name,
        headers=tuple(header for header in table.headers if header),
        header_line=table.header_line,
        rows=max(0, table.raw.row_count - table.header_line),
        source=detection.source if detection else "",
        because=detection.because if detection else (),
        is_read=bool(profile and profile.reads),
        is_generic=bool(profile and profile.is_generic),
        name_of_kind=profile.name if profile else "",
        mapping=mapping,
        missing=tuple(missing_fields(profile, mapping)) if profile and profile.reads else (),
        is_remembered=known is not None,
        preview=tuple(tuple(cell[:SHOWN_CELL] for cell in row) for row in preview_rows(table, PREVIEW)),
        positions={header: at for at, header in enumerate(table.headers) if header},
    )


def suggestion(headers: tuple[str, ...], source: str) -> dict[str, str]:
    """Field -> header for a source, names inside names allowed: the owner looks at it."""
    return suggest(profiles()[source], headers, loosely=True)


def fields_of(source: str) -> tuple[tuple[str, bool], ...]:
    """(field, whether it is required) of a source; of `a|b` both count as required."""
    profile = profiles()[source]
    required = {one for need in profile.required for one in need.split("|")}
    return tuple((name, name in required) for name in profile.fields)


def required_of(source: str) -> tuple[str, ...]:
    """Fields without which no row means anything; `a|b`: one of both."""
    return profiles()[source].required


def plan_row(record: Record, verdict: Verdict) -> PlanRow:
    """One record as a line of the preview; nothing of a person in it who was erased."""
    if isinstance(record, OrderRecord):
        item = " ".join(line.item for line in record.lines if line.item)[:SHOWN_CELL]
        return PlanRow(
            record.rows[0],
            verdict.kind,
            record.order_no,
            "" if verdict.code == ERASED else record.buyer_name,
            record.paid_cents,
            record.paid_at,
            item,
            verdict.changes,
        )
    told: tuple[str, str, None, int | None, str]
    if isinstance(record, FanRecord):
        at = record.followed_at or record.seen_at
        told = (record.key.external_id, record.name, None, at, " ".join(record.tags) or record.channel)
    elif isinstance(record, InteractionRecord):
        who = record.key.external_id if record.key else record.group
        told = (who, record.name, None, record.at, record.kind)
    elif isinstance(record, MemberRecord):
        told = (record.group, record.name or record.nickname, None, record.joined_at, record.external_id)
    else:
        assert isinstance(record, ClaimRecord)
        who = record.name or record.fan_id or record.phone or ""
        told = (record.drop, who, None, record.claimed_at, str(record.quantity))
    return PlanRow(record.row, verdict.kind, *told, verdict.changes)


def rejected_row(rejection: Rejection) -> PlanRow:
    """One refused row as a line of the preview."""
    text = " · ".join(cell.strip() for cell in rejection.cells if cell.strip())
    return PlanRow(rejection.row, "rejected", "", detail=text[:SHOWN_CELL], rejection=rejection)
