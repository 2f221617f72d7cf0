"""What is heard from a platform about mass sends, and their limits. Frozen records, neutral to the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS, MASS_SEND_GROUPS

ChatType = Literal["single", "group"]
KIND_OF_CHAT: Mapping[ChatType, str] = {"single": MASS_SEND_CUSTOMERS, "group": MASS_SEND_GROUPS}

MAX_CUSTOMERS = 10_000  # recipients of one call
MAX_GROUPS = 2_000
MAX_TEXT_BYTES = 4_000
MAX_ATTACHMENTS = 9


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
