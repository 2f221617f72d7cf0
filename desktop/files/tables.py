"""A table inside a file: where its header is, its columns by field, its data rows by line number."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from desktop.domain.errors import ImportFileError
from desktop.domain.identity import IdentityKey
from desktop.files import cells
from desktop.files.cells import CellError
from desktop.files.contacts import NO_CONTACT, Contact, contact_of
from desktop.files.moments import moment_of
from desktop.files.opening import RawTable
from desktop.files.sources import header_key, header_text, is_total_word, known_headers, rules

LOOKED_AT = 20
AGAIN = 65_536  # cells of each kind that are kept in case they come again: goods, buyers
LONG = 40  # characters of a cell that hardly does


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its header found. `headers` are unique: a repeated one carries its number.

    `header_line` is the header's line as a spreadsheet numbers it, starting at 1; `header_cells` are its
    cells as written.
    """

    raw: RawTable
    headers: tuple[str, ...]
    header_line: int
    header_cells: frozenset[str]

    @property
    def name(self) -> str:
        """The sheet's or member's name."""
        return self.raw.name

    def fingerprint(self) -> str:
        """The same for every file with the same header row."""
        return hashlib.sha256("\n".join(self.headers).encode()).hexdigest()

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Lines below the header that hold anything, with their numbers."""
        for number, row in enumerate(self.raw.rows(), 1):
            if number > self.header_line and (
                (row and row[0].isalnum()) or any(cell and not cell.isspace() for cell in row)
            ):
                yield number, row

    def is_header_again(self, row: Sequence[str]) -> bool:
        """Whether a line repeats the header, as in files that were pasted together."""
        same = len(self.header_cells.intersection(row))
        return same >= 2 and same >= min(3, len(self.header_cells)) and same * 2 > len(set(row) - {""})

    def is_total(self, row: Sequence[str], key: str) -> bool:
        """Whether a line sums up the others: it says so where its key or its first text stands."""
        if is_total_word(cells.clean(key)):
            return True
        if cells.text_of(key):
            return False
        first = next((cell for cell in row if cell.strip()), "")
        return is_total_word(cells.clean(first))


def find_table(raw: RawTable) -> Table | None:
    """The table of a sheet: the line among the first with most known names, else the widest one."""
    best_hits, widest = (0, 0), (0, 0)
    for number, row in enumerate(islice(raw.rows(), LOOKED_AT), 1):
        said = [header_key(cell) for cell in row if len(cell) <= 200]
        filled = sum(1 for cell in said if cell)
        hits = len(known_headers().intersection(said))
        best_hits = max(best_hits, (hits, -number))
        widest = max(widest, (filled, -number))
    hits, number = best_hits[0], -best_hits[1]
    if hits < rules()["missing_header_hits"]:
        number = -widest[1]
        if widest[0] < 2:
            return None
    row = next(islice(raw.rows(), number - 1, None))
    return Table(raw, unique_headers(row), number, frozenset(cell for cell in row if cell))


def unique_headers(row: Sequence[str]) -> tuple[str, ...]:
    """Cleaned headers by position; an empty one stays empty, a second `X` becomes `X (2)`."""
    seen: Counter[str] = Counter()
    headers: list[str] = []
    for cell in row:
        text = header_text(cell)
        seen[text] += 1
        headers.append(f"{text} ({seen[text]})" if text and seen[text] > 1 else text)
    return tuple(headers)


class RowError(Exception):
    """A row that cannot be brought in."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(code, params)


class Columns:
    """Which column holds which field, and a watch over ids that a spreadsheet may have damaged."""

    def __init__(self, table: Table, mapping: Mapping[str, str], zone: ZoneInfo) -> None:
        self.zone = zone
        self.headers = dict(mapping)
        self._index = {name: table.headers.index(header) for name, header in mapping.items()}
        taken = set(self._index.values())
        self._others = [(i, header) for i, header in enumerate(table.headers) if header and i not in taken]
        self._watched: dict[str, tuple[int, str]] = {}
        self._sound: set[str] = set()
        # What comes again is read once, and its text is shared by all records that have it.
        self._text_of = lru_cache(maxsize=AGAIN)(cells.text_of)
        self._name_of = lru_cache(maxsize=AGAIN)(cells.name_of)
        self._id_of = lru_cache(maxsize=AGAIN)(cells.id_of)
        self._contact_of = lru_cache(maxsize=AGAIN)(contact_of)
        self._key_of = lru_cache(maxsize=AGAIN)(IdentityKey)
        self._present: dict[tuple[str, ...], tuple[str, ...]] = {}

    def present(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of these fields that the file has."""
        found = self._present.get(names)
        if found is None:
            found = self._present[names] = tuple(name for name in names if name in self._index)
        return found

    def has(self, name: str) -> bool:
        """Whether the file has the field at all."""
        return name in self._index

    def raw(self, row: Sequence[str], name: str) -> str:
        """The untouched cell; '' where the row or the file ends before it."""
        place = self._index.get(name)
        return row[place] if place is not None and place < len(row) else ""

    def text(self, row: Sequence[str], name: str) -> str:
        """Free text."""
        cell = self.raw(row, name)
        return self._text_of(cell) if len(cell) <= LONG else cells.text_of(cell)

    def name(self, row: Sequence[str], name: str) -> str:
        """A name of bearable length."""
        cell = self.raw(row, name)
        try:
            return self._name_of(cell) if len(cell) <= LONG else cells.name_of(cell)
        except CellError as error:
            raise self._refused(name, error) from None

    def id(self, row: Sequence[str], name: str, line: int) -> str:
        """An id. Raises ImportFileError at once when a spreadsheet ate its digits: none can be trusted."""
        raw = self.raw(row, name)
        is_plain = type(raw) is str and raw.isdigit()
        if not is_plain and cells.is_damaged_id(raw):
            raise ImportFileError(
                "import_damaged_ids", column=self.headers[name], line=line, value=cells.clean(raw)
            )
        try:
            value = cells.id_of(raw) if is_plain else self._id_of(raw)
        except CellError as error:
            raise self._refused(name, error) from None
        if len(value) > cells.EXACT_DIGITS and name not in self._sound:
            self._watch(name, value)
        return value

    def needed_id(self, row: Sequence[str], name: str, line: int) -> str:
        """An id that must be there."""
        value = self.id(row, name, line)
        if not value:
            raise self.missing(name)
        return value

    def cents(self, row: Sequence[str], name: str) -> int | None:
        """Money in cents."""
        cell = self.raw(row, name)
        try:
            return cells.cents_of(cell) if cell else None
        except CellError as error:
            raise self._refused(name, error) from None

    def count(self, row: Sequence[str], name: str) -> int | None:
        """A number of pieces."""
        cell = self.raw(row, name)
        try:
            return cells.count_of(cell) if cell else None
        except CellError as error:
            raise self._refused(name, error) from None

    def moment(self, row: Sequence[str], name: str) -> int | None:
        """A time in UTC milliseconds."""
        cell = self.raw(row, name)
        try:
            return moment_of(cell, self.zone) if cell else None
        except CellError as error:
            raise self._refused(name, error) from None

    def contact(self, row: Sequence[str], name: str) -> Contact:
        """A phone, of whatever kind."""
        cell = self.raw(row, name)
        return self._contact_of(cell) if cell else NO_CONTACT

    def key(self, platform: str, scope: str, external_id: str) -> IdentityKey:
        """What names a person; one for all rows about them."""
        return self._key_of(platform, scope, external_id)

    def unmapped(self, row: Sequence[str]) -> dict[str, str]:
        """Header -> text of the filled columns that no field took."""
        found = ((header, cells.text_of(row[place])) for place, header in self._others if place < len(row))
        return {header: text for header, text in found if text}

    def missing(self, name: str) -> RowError:
        """The error for an empty cell that must be filled."""
        header = self.headers.get(name)
        return RowError("missing", column=header) if header else RowError("missing", field=name)

    def check_ids(self) -> None:
        """After the last row: raise ImportFileError when a column of long ids was rounded."""
        for name, (zeros, example) in self._watched.items():
            if zeros >= 3 and name not in self._sound:
                raise ImportFileError(
                    "import_rounded_ids",
                    column=self.headers[name],
                    value=example,
                    digits=cells.EXACT_DIGITS,
                )

    def _watch(self, name: str, value: str) -> None:
        if not value.isascii() or not value.isdigit():
            return
        tail = value[cells.EXACT_DIGITS :]
        if tail.strip("0"):
            self._sound.add(name)
        else:
            zeros, example = self._watched.get(name, (0, value))
            self._watched[name] = (zeros + len(tail), example)

    def _refused(self, name: str, error: CellError) -> RowError:
        return RowError(error.code, column=self.headers[name], value=error.value)
