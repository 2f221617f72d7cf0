"""WeCom mass messages: make the task, list what was made, and read what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.domain.errors import InvalidInputError, UnclearReplyError
from desktop.domain.mass_send import (
    MAX_ATTACHMENTS,
    MAX_CUSTOMERS,
    MAX_GROUPS,
    MAX_TEXT_BYTES,
    ChatType,
    Listing,
    MassSend,
    MassSendReceipt,
    MassSendRecord,
    StaffTask,
    TargetResult,
    TargetStatus,
)
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.strict_json import rows, text, texts, whole
from desktop.platforms.wecom.client import Fields, WeComClient, listed, seconds_as_ms

RECEIVERS = {"single": ("external_userid", MAX_CUSTOMERS), "group": ("chat_id_list", MAX_GROUPS)}
LIST_PAGE = 100
RESULT_PAGE = 1_000
MONTH_MS = 31 * 24 * 3600 * 1000
ALL_KINDS = 2  # made by the company or by a staff member
STATUSES: dict[int | None, TargetStatus] = {0: "waiting", 1: "sent", 2: "not_friend", 3: "over_limit"}


async def create_mass_send(client: WeComClient, send: MassSend) -> MassSendReceipt:
    """Make the task. Raises InvalidInputError before sending for what would be misunderstood."""
    fields = await client.write("externalcontact/add_msg_template", wire_form(send))
    platform_id = text(fields.get("msgid"))
    if not platform_id:
        raise UnclearReplyError("reply_garbled", detail="no msgid in the reply")
    return MassSendReceipt(platform_id, texts(fields.get("fail_list")))


def wire_form(send: MassSend) -> Fields:
    """The body that goes out. Naming nobody would mean everybody, so that it is refused here.

    Raises InvalidInputError.
    """
    name, limit = RECEIVERS[send.chat_type]
    if not send.targets or len(send.targets) > limit:
        raise InvalidInputError("mass_send_receivers", n=len(send.targets), limit=limit)
    if send.chat_type == "group" and not send.sender:
        raise InvalidInputError("mass_send_sender")
    if not (send.text or send.pictures) or len(send.media_ids) != len(send.pictures):
        raise InvalidInputError("mass_send_empty")
    if len(send.text.encode()) > MAX_TEXT_BYTES or len(send.pictures) > MAX_ATTACHMENTS:
        raise InvalidInputError("mass_send_too_long", limit=MAX_TEXT_BYTES, pictures=MAX_ATTACHMENTS)
    body: Fields = {"chat_type": send.chat_type, name: list(send.targets)}
    if send.sender:
        body["sender"] = send.sender
    if send.text:
        body["text"] = {"content": send.text}
    if send.pictures:
        body["attachments"] = [
            {"msgtype": picture.kind, picture.kind: {"media_id": media_id}}
            for picture, media_id in zip(send.pictures, send.media_ids, strict=True)
        ]
    return body


async def list_mass_sends(client: WeComClient, chat_type: ChatType, start_ms: int, end_ms: int) -> Listing:
    """Every page of the listing between two moments, at most a month apart.

    An entry without an id or a time makes the listing incomplete: it proves no absence then.
    """
    if not 0 <= end_ms - start_ms <= MONTH_MS:
        raise InvalidInputError("listing_span", days=31)
    body = {
        "chat_type": chat_type,
        "start_time": start_ms // 1000,
        "end_time": -(-end_ms // 1000),
        "filter_type": ALL_KINDS,
        "limit": LIST_PAGE,
    }
    taken_at = client.clock.now_ms()
    entries = await _every_page(client, "externalcontact/get_groupmsg_list_v2", body, "group_msg_list")
    found = [record for entry in entries if (record := _mass_send(entry, chat_type)) is not None]
    return Listing(tuple(found), start_ms, taken_at, is_complete=len(found) == len(entries))


async def mass_send_tasks(client: WeComClient, platform_id: str) -> list[StaffTask]:
    """Who has to confirm a mass message, and when they did."""
    body = {"msgid": platform_id, "limit": RESULT_PAGE}
    entries = await _every_page(client, "externalcontact/get_groupmsg_task", body, "task_list")
    return [
        StaffTask(staff_id, seconds_as_ms(entry.get("send_time")) if whole(entry.get("status")) else None)
        for entry in entries
        if (staff_id := text(entry.get("userid")))
    ]


async def mass_send_results(
    client: WeComClient, platform_id: str, staff_external_id: str
) -> list[TargetResult]:
    """What became of a mass message for each receiver of one staff member."""
    body = {"msgid": platform_id, "userid": staff_external_id, "limit": RESULT_PAGE}
    path = "externalcontact/get_groupmsg_send_result"
    entries = await _every_page(client, path, body, "send_list")
    return [
        TargetResult(
            target_id,
            STATUSES.get(whole(entry.get("status")), "unknown"),
            text(entry.get("userid")) or staff_external_id,
            seconds_as_ms(entry.get("send_time")),
        )
        for entry in entries
        if (target_id := text(entry.get("external_userid")) or text(entry.get("chat_id")))
    ]


async def remind(client: WeComClient, platform_id: str) -> None:
    """Ask the staff again."""
    await client.write("externalcontact/remind_groupmsg_send", {"msgid": platform_id})


async def cancel(client: WeComClient, platform_id: str) -> None:
    """Stop what is not sent yet."""
    await client.write("externalcontact/cancel_groupmsg_send", {"msgid": platform_id})


async def _every_page(client: WeComClient, path: str, body: Mapping[str, Any], name: str) -> list[Fields]:
    """All entries of a listing, or an error: never a part."""
    found: list[Fields] = []
    guard = CursorGuard(path)
    cursor = ""
    while True:
        fields = await client.ask(path, {**body, "cursor": cursor})
        entries = listed(fields, name)
        found += entries
        cursor = text(fields.get("next_cursor"))
        if not cursor:
            return found
        guard.pass_by(cursor, brought_news=bool(entries))


def _mass_send(entry: Fields, chat_type: ChatType) -> MassSendRecord | None:
    platform_id, created_at = text(entry.get("msgid")), seconds_as_ms(entry.get("create_time"))
    if not platform_id or created_at is None:
        return None
    content = entry.get("text")
    said = content.get("content") if isinstance(content, dict) else None
    return MassSendRecord(
        platform_id,
        created_at,
        chat_type,
        said if isinstance(said, str) else "",  # untrimmed: it is compared with what was sent
        tuple(text(row.get("msgtype")) for row in rows(entry.get("attachments"))),
        text(entry.get("creator")),
    )
