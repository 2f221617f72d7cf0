"""WeCom mass messages: make the task, list what was made, and read what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from desktop.domain.errors import InvalidInputError, UnclearReplyError
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.records import (
    Attachment,
    MassSendAccepted,
    MassSendRecord,
    MassSendRequest,
    SendResultRecord,
    StaffTaskRecord,
)
from desktop.platforms.strict_json import rows, text, texts, whole
from desktop.platforms.wecom.client import Fields, WeComClient, listed, seconds_as_ms

T = TypeVar("T")
RECEIVERS = {"single": ("external_userid", 10_000), "group": ("chat_id_list", 2_000)}
LIST_PAGE = 100
RESULT_PAGE = 1_000
MONTH_MS = 31 * 24 * 3600 * 1000
ALL_KINDS = 2  # made by the company or by a staff member


async def send_mass(client: WeComClient, request: MassSendRequest) -> MassSendAccepted:
    """Make the task. Raises InvalidInputError before sending for a request without receivers."""
    fields = await client.write("externalcontact/add_msg_template", wire_form(request))
    task_id = text(fields.get("msgid"))
    if not task_id:
        raise UnclearReplyError("reply_garbled", detail="no msgid in the reply")
    return MassSendAccepted(task_id, texts(fields.get("fail_list")), fields)


def wire_form(request: MassSendRequest) -> Fields:
    """The body that goes out. Raises InvalidInputError for what the platform would misunderstand."""
    known = RECEIVERS.get(request.chat_type)
    if known is None:
        raise InvalidInputError("mass_send_kind", kind=request.chat_type)
    name, limit = known
    if not request.receivers or len(request.receivers) > limit:
        raise InvalidInputError("mass_send_receivers", n=len(request.receivers), limit=limit)
    if not request.text and not request.attachments:
        raise InvalidInputError("mass_send_empty")
    body: Fields = {"chat_type": request.chat_type, name: list(request.receivers)}
    if request.sender_id:
        body["sender"] = request.sender_id
    if request.text:
        body["text"] = {"content": request.text}
    if request.attachments:
        body["attachments"] = [
            {"msgtype": item.kind, item.kind: dict(item.fields)} for item in request.attachments
        ]
    return body


async def list_mass_sends(
    client: WeComClient, chat_type: str, start_ms: int, end_ms: int
) -> tuple[MassSendRecord, ...]:
    """Every page of the listing between two moments, at most a month apart."""
    if not 0 <= end_ms - start_ms <= MONTH_MS:
        raise InvalidInputError("listing_span", days=31)
    body = {
        "chat_type": chat_type,
        "start_time": start_ms // 1000,
        "end_time": -(-end_ms // 1000),
        "filter_type": ALL_KINDS,
        "limit": LIST_PAGE,
    }
    return await _every_page(
        client, "externalcontact/get_groupmsg_list_v2", body, "group_msg_list", _mass_send
    )


async def staff_tasks(client: WeComClient, task_id: str) -> tuple[StaffTaskRecord, ...]:
    """Who has to confirm a mass message, and who did."""
    body = {"msgid": task_id, "limit": RESULT_PAGE}
    return await _every_page(client, "externalcontact/get_groupmsg_task", body, "task_list", _staff_task)


async def send_results(client: WeComClient, task_id: str, staff_id: str) -> tuple[SendResultRecord, ...]:
    """What became of a mass message for each receiver of one staff member."""
    body = {"msgid": task_id, "userid": staff_id, "limit": RESULT_PAGE}
    return await _every_page(
        client, "externalcontact/get_groupmsg_send_result", body, "send_list", _send_result
    )


async def remind(client: WeComClient, task_id: str) -> None:
    """Ask the staff again."""
    await client.write("externalcontact/remind_groupmsg_send", {"msgid": task_id})


async def cancel(client: WeComClient, task_id: str) -> None:
    """Stop what is not sent yet."""
    await client.write("externalcontact/cancel_groupmsg_send", {"msgid": task_id})


async def _every_page(
    client: WeComClient,
    path: str,
    body: Mapping[str, Any],
    name: str,
    read: Callable[[Fields], T | None],
) -> tuple[T, ...]:
    """All rows of a listing: complete, or an error. An entry without an id makes it incomplete."""
    found: list[T] = []
    guard = CursorGuard(path)
    cursor = ""
    while True:
        fields = await client.ask(path, {**body, "cursor": cursor})
        for entry in listed(fields, name):
            record = read(entry)
            if record is None:
                raise UnclearReplyError("reply_garbled", detail=f"an entry of {name} without an id")
            found.append(record)
        cursor = text(fields.get("next_cursor"))
        if not cursor:
            return tuple(found)
        guard.pass_by(cursor)


def _mass_send(entry: Fields) -> MassSendRecord | None:
    task_id = text(entry.get("msgid"))
    if not task_id:
        return None
    content = entry.get("text")
    return MassSendRecord(
        task_id,
        seconds_as_ms(entry.get("create_time")),
        text=_exact(content.get("content")) if isinstance(content, dict) else "",
        attachments=tuple(_attachment(row) for row in rows(entry.get("attachments"))),
        creator_id=text(entry.get("creator")),
        create_type=whole(entry.get("create_type")),
    )


def _attachment(entry: Fields) -> Attachment:
    kind = text(entry.get("msgtype"))
    inner = entry.get(kind)
    fields = inner if isinstance(inner, dict) else {}
    return Attachment(kind, tuple(sorted((key, text(value)) for key, value in fields.items())))


def _staff_task(entry: Fields) -> StaffTaskRecord | None:
    staff_id = text(entry.get("userid"))
    if not staff_id:
        return None
    return StaffTaskRecord(staff_id, whole(entry.get("status")) or 0, seconds_as_ms(entry.get("send_time")))


def _send_result(entry: Fields) -> SendResultRecord | None:
    target_id = text(entry.get("external_userid")) or text(entry.get("chat_id"))
    if not target_id:
        return None
    return SendResultRecord(
        target_id,
        text(entry.get("userid")),
        whole(entry.get("status")) or 0,
        seconds_as_ms(entry.get("send_time")),
    )


def _exact(value: object) -> str:
    """A message's text as it is, blanks at its ends included: it is compared with what was sent."""
    return value if isinstance(value, str) else ""
