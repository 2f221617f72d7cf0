"""What is said to and heard from a platform about mass sends. Frozen records, neutral to the wire."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ChatType = Literal["single", "group"]

MAX_CUSTOMERS = 10_000  # recipients of one call
MAX_GROUPS = 2_000
MAX_TEXT_BYTES = 4_000
MAX_ATTACHMENTS = 9


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of the frozen message, named by the hash of its bytes."""

    sha256: str
    file_name: str = ""
    kind: str = "image"


@dataclass(frozen=True, slots=True)
class MassSend:
    """One task for the platform. `targets` are external user ids (single) or chat ids (group).

    `sender` is the staff member whose groups are written to; required for groups, '' for customers.
    `media_ids` are the uploaded pictures in order, filled just before sending.
    """

    chat_type: ChatType
    text: str
    targets: tuple[str, ...]
    sender: str = ""
    pictures: tuple[Picture, ...] = ()
    media_ids: tuple[str, ...] = ()

    def canonical(self) -> str:
        """The frozen bytes as text: sorted keys, no spaces; what payload_sha256 is taken of."""
        return json.dumps(
            {
                "attachments": [
                    {"file_name": p.file_name, "kind": p.kind, "sha256": p.sha256} for p in self.pictures
                ],
                "chat_type": self.chat_type,
                "sender": self.sender,
                "targets": list(self.targets),
                "text": self.text,
                "version": 1,
            },
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )


@dataclass(frozen=True, slots=True)
class MassSendReceipt:
    """The platform took the task. `refused` are targets it will not write to."""

    platform_id: str
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MassSendRecord:
    """One row of the platform's own list of mass sends. `creator` is '' when an API made it."""

    platform_id: str
    created_at: int
    chat_type: ChatType
    text: str
    attachment_kinds: tuple[str, ...] = ()
    creator: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """All mass sends of a stretch of time. `is_complete` only when every page came to its end mark."""

    rows: tuple[MassSendRecord, ...]
    covers_from: int
    taken_at: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class StaffTask:
    """One staff member's part of a task; `sent_at` is None until they confirm on their phone."""

    staff_external_id: str
    sent_at: int | None


TargetStatus = Literal["waiting", "sent", "not_friend", "over_limit", "unknown"]


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What became of one target of a task."""

    target_external_id: str
    status: TargetStatus
    staff_external_id: str = ""
    sent_at: int | None = None


def from_canonical(payload: Mapping[str, Any]) -> MassSend:
    """The task that a frozen payload describes."""
    return MassSend(
        chat_type=payload["chat_type"],
        text=payload["text"],
        targets=tuple(payload["targets"]),
        sender=payload["sender"],
        pictures=tuple(
            Picture(a["sha256"], a.get("file_name", ""), a.get("kind", "image"))
            for a in payload["attachments"]
        ),
    )


def sha256_text(text: str) -> str:
    """Hash of a text's UTF-8 bytes, as lower-case hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
