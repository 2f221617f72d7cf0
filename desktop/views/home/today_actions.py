"""Where a line of today's list leads: the page that deals with it, and what that page is handed."""

from __future__ import annotations

from typing import Any

from desktop.domain.account_matrix import Step
from desktop.domain.home import TodayItem, TodayKind

ICONS = {
    TodayKind.OUTBOX_UNKNOWN: ("circle-help", "bad"),
    TodayKind.OUTBOX_MISSED: ("alarm-clock", "bad"),
    TodayKind.OUTBOX_REJECTED: ("circle-x", "bad"),
    TodayKind.OUTBOX_HELD: ("pause", "warn"),
    TodayKind.WAITING_STAFF: ("smartphone", "warn"),
    TodayKind.SEND_DUE: ("send", "primary"),
    TodayKind.DROP_OPENS: ("ticket-percent", "deal"),
    TodayKind.DROP_UNCONFIRMED: ("ticket-percent", "warn"),
    TodayKind.DROP_UNSETTLED: ("target", "good"),
    TodayKind.ACCOUNT: ("plug-zap", "warn"),
    TodayKind.IMPORT_REJECTIONS: ("file-warning", "warn"),
    TodayKind.BACKUP_OVERDUE: ("database-backup", "info"),
    TodayKind.LAPSED_BUYERS: ("user-round-x", "deal"),
    TodayKind.TALKS_WAITING: ("messages-square", "warn"),
}

_PAGES = {"sync": "sync", "import": "import"}
_STEPS = {"account.authorise": Step.AUTHORISE, "account.open": Step.MEND, "sync.run": Step.SYNC}


def target_of(item: TodayItem) -> tuple[str, dict[str, Any]]:
    """Page key and arguments of `Page.open_with`. A backup is made where one stands, not on a page."""
    area = item.action.partition(".")[0]
    if area == "fans":
        ids = item.params.get("fan_ids")
        return "fans", {"fan_ids": list(ids) if isinstance(ids, list | tuple) else []}
    if area == "drop":
        return "drops", {"uid": item.entity_uid}
    if area == "talks":
        return "talks", {"uid": item.entity_uid}
    if area == "outbox":
        return "outbox", {"uid": item.entity_uid} if item.entity_uid else {}
    if item.kind is TodayKind.ACCOUNT:
        return "sync", {"account": item.entity_id, "step": _STEPS[item.action]}
    arguments: dict[str, Any] = {"action": item.action}
    if item.entity and item.entity_uid:
        arguments[f"{item.entity}_uid"] = item.entity_uid
    return _PAGES[area], arguments
