"""Looks for texts in the very bytes of files: what a database, a log or a workbook would not show is found.

Texts are looked for as UTF-8 and as JSON escapes them; workbooks and other zip files are looked into.
"""

from __future__ import annotations

import json
import mmap
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

MOST_UNPACKED = 512 << 20  # of one file inside a zip: what grows beyond is no workbook of ours
ZIP = b"PK\x03\x04"
Needles = Mapping[str, Iterable[str]]  # texts by their kind


class ByteSearch:
    """Looks for the same texts in many files."""

    def __init__(self, needles: Needles) -> None:
        self._forms = {
            kind: [form for text in sorted(texts) for form in _forms(text)]
            for kind, texts in needles.items()
        }
        self.files = 0
        self.bytes = 0

    def kinds_in(self, path: Path) -> tuple[str, ...]:
        """The kinds of texts a file holds. Raises OSError."""
        with path.open("rb") as handle:
            size = path.stat().st_size
            self.files += 1
            self.bytes += size
            if not size:
                return ()
            if handle.read(len(ZIP)) == ZIP:
                return self._in_zip(path)
            with mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return self._kinds(lambda form: content.find(form) >= 0)

    def blot(self, path: Path) -> int:
        """Put asterisks in the place of the texts, each as long as it was; how many. Raises OSError."""
        found = 0
        if not path.stat().st_size:
            return 0
        with path.open("r+b") as handle, mmap.mmap(handle.fileno(), 0) as content:
            for form in {form for forms in self._forms.values() for form in forms}:
                at = content.find(form)
                while at >= 0:
                    content[at : at + len(form)] = b"*" * len(form)
                    found += 1
                    at = content.find(form, at + len(form))
            content.flush()
        return found

    def _in_zip(self, path: Path) -> tuple[str, ...]:
        found: set[str] = set()
        try:
            with zipfile.ZipFile(path) as book:
                for member in book.infolist():
                    if member.file_size <= MOST_UNPACKED and not member.flag_bits & 1:
                        found.update(self._kinds(book.read(member).__contains__))
        except (zipfile.BadZipFile, NotImplementedError):
            return ()
        return tuple(kind for kind in self._forms if kind in found)

    def _kinds(self, holds: Callable[[bytes], bool]) -> tuple[str, ...]:
        return tuple(kind for kind, forms in self._forms.items() if any(holds(form) for form in forms))


def files_below(folder: Path) -> Iterator[Path]:
    """Every file of a folder and the folders in it."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def _forms(text: str) -> set[bytes]:
    return {text.encode("utf-8", "surrogatepass"), json.dumps(text)[1:-1].encode()}
