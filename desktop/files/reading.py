"""A whole file to records: every row becomes part of a record, is told as repeated, or is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from zoneinfo import ZoneInfo

from desktop.domain.errors import ImportFileError
from desktop.domain.imports import OrderLine, ReadFile, Record, Rejection
from desktop.domain.tasks import CancelToken, Progress, no_progress
from desktop.files import customer_lists, generic_orders, group_rows, people_rows, platform_orders
from desktop.files.opening import OpenedFile
from desktop.files.order_book import OrderBook
from desktop.files.order_rows import OrderRow, OrderShape
from desktop.files.people_rows import PersonRecord
from desktop.files.sources import Profile, missing_fields, suggest
from desktop.files.tables import Columns, RowError, Table, find_table

LOOK_EVERY = 500
# The first of these that a table has names a row of people.
NAMES_A_ROW = ("fan_id", "phone", "drop_uid", "item", "group", "name")
PEOPLE: Mapping[str, Callable[[Columns, Sequence[str], int], PersonRecord]] = {
    "wecom_customers": customer_lists.wecom,
    "youzan_customers": customer_lists.youzan,
    "laike_leads": people_rows.fan,
    "generic_fans": people_rows.fan,
    "generic_leads": people_rows.fan,
    "generic_members": people_rows.fan,
    "generic_interactions": people_rows.interaction,
    "generic_claims": people_rows.claim,
    "generic_group_members": group_rows.member,
    "generic_group_messages": group_rows.message,
}


@dataclass(slots=True)
class _Reading:
    """What is found on the way through the tables of one file."""

    zone: ZoneInfo
    progress: Progress
    cancel: CancelToken
    total: int
    records: list[Record] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    rows: int = 0
    repeated: int = 0
    notes: Counter[str] = field(default_factory=Counter)
    unknown_words: Counter[str] = field(default_factory=Counter)

    def refuse(self, table: Table, line: int, row: Sequence[str], error: RowError) -> None:
        """Note a row that is not brought in."""
        self.rejections.append(Rejection(line, error.code, error.params, table.name, tuple(row)))

    def step(self) -> None:
        """Count a row; now and then tell how far we are and look whether to stop."""
        self.rows += 1
        if self.rows % LOOK_EVERY == 0:
            self.cancel.check()
            self.progress("read", self.rows, self.total)


def tables_of(opened: OpenedFile) -> list[Table]:
    """The tables of a file that have a header."""
    return [table for raw in opened.tables if (table := find_table(raw)) is not None]


def mapping_for(
    profile: Profile,
    table: Table,
    chosen: Mapping[str, str] | None,
    remembered: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Field -> header for one table: what the owner chose, else what was remembered, else by name.

    Raises ImportFileError for an unknown field or header, and when a required field has no header.
    """
    mapping = suggest(profile, table.headers, loosely=False)
    if remembered:
        mapping = {
            f: h for f, h in remembered.items() if f in profile.fields and h in table.headers
        } or mapping
    for name, header in (chosen or {}).items():
        if name not in profile.fields:
            raise ImportFileError("import_unknown_field", field=name, known=", ".join(profile.fields))
        found = _header_named(header, table.headers)
        if header and found is None:
            raise ImportFileError(
                "import_unknown_header", header=header, found=", ".join(filter(None, table.headers))
            )
        mapping.pop(name, None)
        if found:
            mapping = {f: h for f, h in mapping.items() if h != found or f in (chosen or {})}
            mapping[name] = found
    missing = missing_fields(profile, mapping)
    if missing:
        names = [" / ".join(_shown(profile, one) for one in need.split("|")) for need in missing]
        raise ImportFileError(
            "import_missing_columns",
            columns=", ".join(names),
            found=", ".join(header for header in table.headers if header)[:600],
            source=profile.id,
        )
    return mapping


def _shown(profile: Profile, name: str) -> str:
    """A field as the owner knows it: the platform's header, or the generic field's name."""
    return name if profile.is_generic else " / ".join(profile.fields[name])


def _header_named(header: str, headers: Sequence[str]) -> str | None:
    clean = header.strip()
    return clean if clean in headers else next((h for h in headers if h == clean.replace(" ", "")), None)


def read(
    tables: Sequence[tuple[Table, Mapping[str, str]]],
    profile: Profile,
    zone: ZoneInfo,
    progress: Progress,
    cancel: CancelToken,
    lines: Mapping[str, Sequence[OrderLine]] | None = None,
) -> ReadFile:
    """Read tables of one source with a mapping each. `lines` are goods from a sheet of their own.

    Raises ImportFileError when ids were damaged, CancelledByOperatorError when asked to stop.
    """
    total = sum(max(0, table.raw.row_count - table.header_line) for table, _ in tables)
    reading = _Reading(zone, progress, cancel, total)
    if profile.reads == "orders":
        shape = platform_orders.SHAPES.get(profile.id, generic_orders.SHAPE)
        _read_orders(reading, tables, shape, lines or {})
    else:
        _read_people(reading, tables, PEOPLE[profile.id])
    reading.rejections.sort(key=lambda r: (r.sheet, r.row))
    return ReadFile(
        tuple(reading.records), tuple(reading.rejections), reading.rows, reading.repeated,
        dict(reading.notes), dict(reading.unknown_words),
    )  # fmt: skip


def _data_rows(
    reading: _Reading, table: Table, columns: Columns, key: str
) -> Iterator[tuple[int, list[str]]]:
    """Lines that are data: not a repeated header, not a total."""
    header_cells, raw = table.header_cells, columns.raw
    for line, row in table.lines():
        named = raw(row, key)
        if not header_cells.isdisjoint(row) and table.is_header_again(row):
            reading.notes["header_again"] += 1
        elif not (named.isdigit() and named.isascii()) and table.is_total(row, named):
            reading.notes["total_row"] += 1
        else:
            reading.step()
            yield line, row


def _read_people(
    reading: _Reading,
    tables: Sequence[tuple[Table, Mapping[str, str]]],
    parse: Callable[[Columns, Sequence[str], int], PersonRecord],
) -> None:
    groups: dict[Hashable, list[tuple[Table, Sequence[str], PersonRecord]]] = {}
    for table, mapping in tables:
        columns = Columns(table, mapping, reading.zone)
        key = next(iter(columns.present(NAMES_A_ROW)), "")
        for line, row in _data_rows(reading, table, columns, key):
            try:
                record = parse(columns, row, line)
            except RowError as error:
                reading.refuse(table, line, row, error)
                continue
            group = groups.setdefault(people_rows.group_key(record), [])
            if any(people_rows.says_the_same(record, other) for _, _, other in group):
                reading.repeated += 1
                continue
            group.append((table, row, record))
        columns.check_ids()
    for group in groups.values():
        try:
            joined = people_rows.joined([record for _, _, record in group])
        except RowError as error:
            for sheet, cells, record in group:
                reading.refuse(sheet, record.row, cells, error)
            continue
        reading.repeated += len(group) - 1
        reading.records.append(people_rows.in_sheet(joined, group[0][0].name))


def _read_orders(
    reading: _Reading,
    tables: Sequence[tuple[Table, Mapping[str, str]]],
    shape: OrderShape,
    lines: Mapping[str, Sequence[OrderLine]],
) -> None:
    book = OrderBook(shape, lines, reading.refuse)
    for table, line, row, found in _order_rows(reading, tables, shape):
        if isinstance(found, OrderRow):
            book.add(table, found)
            continue
        error, place = found
        reading.refuse(table, line, row, error)
        if place[1]:
            book.spoil(place, line)
    late = book.finish()
    if late:
        book.reopen()
        silent = _Reading(reading.zone, no_progress, reading.cancel, reading.total)
        for table, _, _, found in _order_rows(silent, tables, shape):
            if isinstance(found, OrderRow) and (found.scope, found.order_no) in late:
                book.add(table, found)
        book.finish()
    reading.records.extend(book.records)
    reading.repeated += book.repeated
    reading.unknown_words.update(book.unknown_words)
    if book.records:
        reading.notes["goods_unsplit"] += book.goods_unsplit


def _order_rows(
    reading: _Reading, tables: Sequence[tuple[Table, Mapping[str, str]]], shape: OrderShape
) -> Iterator[tuple[Table, int, list[str], OrderRow | tuple[RowError, tuple[str, str]]]]:
    """Each row of the tables as it was read, or why it cannot be and the order that it names."""
    for table, mapping in tables:
        columns = Columns(table, mapping, reading.zone)
        key = "order_id" if columns.has("order_id") else "group_no"
        for line, row in _data_rows(reading, table, columns, key):
            try:
                yield table, line, row, shape.parse(columns, row, line)
            except RowError as error:
                place = (shape.scope or columns.text(row, "source_account"), columns.text(row, key))
                yield table, line, row, (error, place)
        columns.check_ids()


def goods_sheet(profile: Profile, tables: Sequence[Table]) -> dict[str, list[OrderLine]]:
    """Goods of orders that stand in a sheet of their own (快团团 商品列表), by order number."""
    rule = profile.lines_sheet
    found: dict[str, list[OrderLine]] = {}
    for table in tables if rule else ():
        if table.name != rule["name"] or not set(rule["needs"]) <= set(table.headers):
            continue
        mapping = {name: header for name, (header,) in rule["fields"].items()}
        columns = Columns(table, mapping, ZoneInfo("UTC"))
        for line, row in table.lines():
            if table.is_header_again(row):
                continue
            try:
                order_no = columns.id(row, "order_id", line)
                quantity = columns.count(row, "quantity")
            except RowError:
                continue
            if order_no:
                found.setdefault(order_no, []).append(
                    OrderLine("", columns.text(row, "item"), columns.text(row, "spec"), "", quantity)
                )
    return found


def preview_rows(table: Table, count: int) -> list[list[str]]:
    """The first data rows of a table, for showing."""
    return [row for _, row in islice(table.lines(), count)]
