"""One log file a data folder, shared by window and commands, without secrets and phone numbers."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterator
from io import FileIO, TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

FOLDER = "logs"
FILE = "fankeeper.log"
MAX_BYTES = 1_000_000
KEPT = 4
LINE = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
# Libraries that write whole addresses, which carry tokens, or every step they take.
QUIET = ("httpx", "httpcore", "qasync", "asyncio", "sqlite_utils")

_SECRET_NAMES = (
    r"[\w-]*(?:access_?token|refresh_?token|corpsecret|app_?secret|client_?secret|secret|token|password|passwd"
    r"|authorization|api_?key|cookie)"
)
_SECRET = re.compile(
    rf"({_SECRET_NAMES}[\"']?\s*(?:=|:|%3[dD]|,\s)\s*)(?:bearer\s+)?(\"[^\"]*\"|'[^']*'|[^\s&\"',;)}}\]]+)",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(bearer\s+)[\w.~+/=-]+", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")


def masked(text: str) -> str:
    """`text` with the values of secrets and all mobile numbers replaced by asterisks."""
    text = _SECRET.sub(r"\1***", text)
    text = _BEARER.sub(r"\1***", text)
    return _PHONE.sub("1**********", text)


class MaskingFormatter(logging.Formatter):
    """Masks the finished line, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as it goes into the file."""
        return masked(super().format(record))


class ShopLog(RotatingFileHandler):
    """Writes beside the data once the folder is there; a disk that refuses costs lines, nothing else."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        super().__init__(
            data_dir / FOLDER / FILE, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8", delay=True,
            errors="backslashreplace",
        )  # fmt: skip
        self.setFormatter(MaskingFormatter(LINE))

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, unless there is no data folder: asking about a shop must not make one."""
        if not self._data_dir.is_dir():
            return
        try:
            (self._data_dir / FOLDER).mkdir(exist_ok=True, mode=0o700)
        except OSError:
            return
        super().emit(record)

    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return TextIOWrapper(FileIO(handle, "a"), self.encoding, self.errors, write_through=True)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: standard error belongs to the command's own report."""


@contextlib.contextmanager
def logging_to(data_dir: Path) -> Iterator[None]:
    """Send everything from INFO up to the folder's log, and nothing to the terminal."""
    root = logging.getLogger()
    level = root.level
    handler = ShopLog(data_dir)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
