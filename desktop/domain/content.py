"""What posts and drops have in common: problems, pictures, and the limits of one message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from desktop.domain.mass_send import MAX_ATTACHMENTS, MAX_TEXT_BYTES

IMAGE_LIMIT = 10 * 1024 * 1024
IMAGE_LEAST = 6  # the platform wants more than five bytes
IMAGE_TYPES = frozenset({"image/jpeg", "image/png"})


class Severity(StrEnum):
    """An error stops the confirmation; a warning is shown beside the field."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend or to know. Text is `problem.<code>` with `params`; `field` names the input."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    field: str = ""
    severity: Severity = Severity.ERROR

    def as_json(self) -> dict[str, object]:
        """The problem as the command line shows it."""
        return {
            "code": self.code,
            "params": dict(self.params),
            "field": self.field,
            "severity": self.severity.value,
        }


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A picture of a draft: hash of its bytes, name, type, size in bytes and in pixels when known."""

    sha256: str
    file_name: str
    mime: str
    bytes: int
    width: int | None = None
    height: int | None = None

    def as_json(self) -> dict[str, object]:
        """What the draft row keeps."""
        return {
            "sha256": self.sha256,
            "file_name": self.file_name,
            "mime": self.mime,
            "bytes": self.bytes,
            "width": self.width,
            "height": self.height,
        }


class Draft(Protocol):
    """What the drafts of posts and drops both have."""

    @property
    def media(self) -> tuple[MediaRef, ...]:
        """The pictures."""

    @property
    def account_uid(self) -> str | None:
        """The account to send from; None: the only one."""


DraftT = TypeVar("DraftT", bound=Draft)


@dataclass(frozen=True, slots=True)
class Content(Generic[DraftT]):
    """A stored post or drop. `account_id` is local; state draft, confirmed or cancelled."""

    id: int
    uid: str
    draft: DraftT
    account_id: int | None
    state: str
    revision: int
    created_at: int
    updated_at: int
    confirmed_at: int | None


ContentT = TypeVar("ContentT", bound=Content[Any])


def media_from_json(rows: Iterable[Mapping[str, object]]) -> tuple[MediaRef, ...]:
    """Pictures of a stored draft."""
    return tuple(
        MediaRef(
            str(row["sha256"]),
            str(row.get("file_name", "")),
            str(row.get("mime", "")),
            _whole(row.get("bytes")) or 0,
            _whole(row.get("width")),
            _whole(row.get("height")),
        )
        for row in rows
    )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def blocking(problems: Iterable[Problem]) -> list[Problem]:
    """Those that stop a confirmation."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def check_message(body: str, media: Sequence[MediaRef]) -> list[Problem]:
    """Limits of one message: something to send, text of at most 4,000 bytes, 9 sound pictures."""
    problems = []
    if not body.strip():
        problems.append(Problem("text_missing", field="body"))
    size = len(body.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT_BYTES:
        problems.append(Problem("text_too_long", {"bytes": size, "limit": MAX_TEXT_BYTES}, "body"))
    if any(0xD800 <= ord(char) <= 0xDFFF or char == "\0" for char in body):
        problems.append(Problem("text_broken_characters", field="body"))
    return problems + check_media(media)


def check_media(media: Sequence[MediaRef], most: int = MAX_ATTACHMENTS) -> list[Problem]:
    """Count, type and size of the pictures."""
    problems = []
    if len(media) > most:
        problems.append(Problem("too_many_pictures", {"count": len(media), "limit": most}, "media"))
    for picture in media:
        if picture.mime not in IMAGE_TYPES:
            problems.append(Problem("picture_type", {"name": picture.file_name}, "media"))
        elif picture.bytes > IMAGE_LIMIT:
            megabytes = round(picture.bytes / 1024 / 1024, 1)
            problems.append(
                Problem("picture_too_large", {"name": picture.file_name, "megabytes": megabytes}, "media")
            )
        elif picture.bytes < IMAGE_LEAST:
            problems.append(Problem("picture_empty", {"name": picture.file_name}, "media"))
    return problems
