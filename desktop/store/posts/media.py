"""Pictures of posts and drops: bytes in files named by their hash, facts in a table."""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path
from typing import Any

from desktop.domain.content import IMAGE_LIMIT, MediaRef
from desktop.domain.errors import InvalidInputError, NotFoundError
from desktop.store.transaction import Transaction

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
SIZED_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
NAME_LIMIT = 80


class MediaFolder:
    """The shop's picture folder. Names are generated: nothing of a file's own name becomes a path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, source: Path) -> MediaRef:
        """Copy a JPG or PNG into the folder (once for equal bytes).

        Raises InvalidInputError: picture_missing, picture_type, picture_too_large, picture_empty.
        """
        name = source.name[:NAME_LIMIT]
        try:
            if source.stat().st_size > IMAGE_LIMIT:
                megabytes = round(source.stat().st_size / 1024 / 1024, 1)
                raise InvalidInputError("picture_too_large", name=name, megabytes=megabytes)
            content = source.read_bytes()
        except OSError as error:
            raise InvalidInputError("picture_missing", path=str(source)) from error
        return self.keep_bytes(content, name)

    def keep_bytes(self, content: bytes, name: str) -> MediaRef:
        """As keep(), from bytes at hand (a pasted picture)."""
        kind = image_kind(content)
        if kind is None:
            raise InvalidInputError("picture_type", name=name)
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._folder / sha256
        if not target.exists():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary = target.with_suffix(".part")
            with temporary.open("wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
            os.replace(temporary, target)
        width, height = image_size(content)
        return MediaRef(sha256, name, kind, len(content), width, height)

    def content(self, sha256: str) -> bytes:
        """A kept picture's bytes. Raises NotFoundError('picture_gone') when missing or damaged."""
        try:
            content = (self._folder / sha256).read_bytes()
        except OSError as error:
            raise NotFoundError("picture_gone", sha256=sha256[:12]) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise NotFoundError("picture_gone", sha256=sha256[:12])
        return content

    def path(self, sha256: str) -> Path:
        """Where a kept picture lies."""
        return self._folder / sha256


def note(tx: Transaction, picture: MediaRef) -> None:
    """Remember a kept picture."""
    tx.db.execute(
        "INSERT INTO media (sha256, file_name, mime, bytes, width, height, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (sha256) DO NOTHING",
        (
            picture.sha256,
            picture.file_name,
            picture.mime,
            picture.bytes,
            picture.width,
            picture.height,
            tx.now_ms,
        ),
    )


def find(conn: Any, sha256: str) -> MediaRef:
    """A remembered picture. Raises NotFoundError('picture_gone')."""
    row = conn.execute("SELECT * FROM media WHERE sha256 = ?", (sha256,)).fetchone()
    if row is None:
        raise NotFoundError("picture_gone", sha256=sha256[:12])
    return MediaRef(row["sha256"], row["file_name"], row["mime"], row["bytes"], row["width"], row["height"])


def image_kind(content: bytes) -> str | None:
    """Type of a picture by its first bytes: PNG or JPEG, else None."""
    if content.startswith(PNG):
        return "image/png"
    return "image/jpeg" if content.startswith(JPEG) else None


def image_size(content: bytes) -> tuple[int | None, int | None]:
    """Width and height in pixels from the header, without decoding; (None, None) when not told."""
    if content.startswith(PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content.startswith(JPEG):
        return _jpeg_size(content)
    return None, None


def _jpeg_size(content: bytes) -> tuple[int | None, int | None]:
    """Walk the segments up to the first frame header."""
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker in SIZED_MARKERS:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        length = struct.unpack(">H", content[position + 2 : position + 4])[0]
        position += 2 + max(length, 2)
    return None, None
