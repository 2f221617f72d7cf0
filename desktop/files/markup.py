"""Web pages that are named .xls: the rows of their tables as text. Nothing of the markup is kept."""

from __future__ import annotations

from html.parser import HTMLParser

from desktop.domain.errors import ImportFileError
from desktop.files.text_files import ABOVE, MAX_COLUMNS, MAX_ROWS

_ROW = frozenset({"tr", "row", "ss:row"})
_CELL = frozenset({"td", "th", "cell", "ss:cell"})
_SILENT = frozenset({"script", "style", "head", "title"})
MAX_SPAN = 200


class _Tables(HTMLParser):
    """Collects rows; a cell that spans columns is followed by empty ones."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._span = 1
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _ROW:
            self._end_row()
            self._row = []
        elif tag in _CELL and self._row is not None:
            self._end_cell()
            self._cell = []
            span = dict(attrs).get("colspan") or "1"
            self._span = min(int(span), MAX_SPAN) if span.isascii() and span.isdigit() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _CELL:
            self._end_cell()
        elif tag in _ROW or tag in ("table", "worksheet"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self._cell is not None and self._row is not None:
            self._row.append("".join(self._cell).strip())
            self._row.extend([""] * (self._span - 1))
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None:
            self.rows.append(self._row)
        self._row = None


def markup_rows(text: str, name: str) -> list[list[str]]:
    """All table rows of a page. Raises ImportFileError when there are none, or too many."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    if not parser.rows:
        raise ImportFileError("import_unknown_kind", file=name)
    if len(parser.rows) > MAX_ROWS + ABOVE:
        raise ImportFileError("import_too_many_rows", file=name, limit=MAX_ROWS)
    if max(len(row) for row in parser.rows) > MAX_COLUMNS:
        raise ImportFileError("import_too_wide", file=name, limit=MAX_COLUMNS)
    return parser.rows
