"""What fan groups were told from here, as the outbox knows it: no platform reads such texts back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.domain.errors import ConflictError
from desktop.domain.group_texts import GroupText, GroupTexts
from desktop.domain.outbox import State
from desktop.domain.outbox_items import OutboxItem
from desktop.domain.write_kinds.douyin import (
    GROUP_ANNOUNCEMENT,
    GROUP_MESSAGE,
    GROUP_WELCOME,
    MESSAGE_RECALL,
)
from desktop.store.accounts import abilities, public_accounts
from desktop.store.sends import outbox as outbox_rows

TEXTS_SHOWN = 20
TOLD = (GROUP_MESSAGE, GROUP_ANNOUNCEMENT, GROUP_WELCOME)


def group_texts(conn: Any, group_id: int) -> GroupTexts | None:
    """What a group was told from here, newest first; None where the platform takes no such texts."""
    row = public_accounts.group(conn, group_id)
    if row is None or row["platform"] != "douyin":
        return None
    items = outbox_rows.of_entity(conn, "group", group_id)[::-1]
    recalls = {
        str(outbox_rows.by_uid(conn, item.uid, with_payload=True).write.body["message"]): item.state
        for item in items
        if item.kind == MESSAGE_RECALL and item.state not in (State.REJECTED, State.CANCELLED, State.MISSED)
    }
    told = [item for item in items if item.kind in TOLD and item.state is not State.CANCELLED]
    rows = [_text(conn, item, recalls) for item in told[:TEXTS_SHOWN]]
    return GroupTexts(tuple(rows), abilities.refused_names(conn, int(row["account_id"])))


def recallable(conn: Any, item_uid: str) -> GroupText:
    """A group message that can be taken back. Raises NotFoundError, ConflictError('group_text_gone')."""
    item = outbox_rows.by_uid(conn, item_uid)
    told = group_texts(conn, item.entity_id) if item.entity == "group" else None
    found = next((one for one in told.rows if one.uid == item_uid), None) if told else None
    if found is None or not found.can_recall:
        raise ConflictError("group_text_gone")
    return found


def _text(conn: Any, item: OutboxItem, recalls: Mapping[str, State]) -> GroupText:
    number = item.platform_id or ""
    state = recalls.get(number) if number else None
    return GroupText(
        item.uid,
        item.entity_id,
        item.kind,
        outbox_rows.by_uid(conn, item.uid, with_payload=True).write.text,
        item.confirmed_at,
        item.state,
        number,
        is_recalled=state is State.DONE,
        is_recalling=state is not None and state is not State.DONE,
    )
