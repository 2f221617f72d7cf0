"""WeCom mass messages: make the task, list what was made, and read what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from desktop.domain.errors import InvalidInputError, UnclearReplyError
from desktop.domain.mass_send import (
    KIND_OF_CHAT,
    MAX_ATTACHMENTS,
    MAX_CUSTOMERS,
    MAX_GROUPS,
    MAX_TEXT_BYTES,
    ChatType,
    StaffTask,
    TargetResult,
    TargetStatus,
)
from desktop.domain.proof import (
    LISTING_MARGIN_MS,
    LISTING_REACH_MS,
    Judgement,
    ListedWrite,
    Listing,
    UnknownWrite,
    fingerprint_of,
    fingerprint_of_row,
    judge,
)
from desktop.domain.write_kinds.wecom import MASS_SEND_GROUPS
from desktop.domain.writes import Receipt, Write
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import rows, text, texts, whole
from desktop.platforms.tencent_line import seconds_as_ms
from desktop.platforms.wecom.client import WeComClient
from desktop.platforms.wecom.ending import end
from desktop.platforms.wecom.paging import every_page

RECEIVERS = {"single": ("external_userid", MAX_CUSTOMERS), "group": ("chat_id_list", MAX_GROUPS)}
LIST_PAGE = 100
RESULT_PAGE = 1_000
MONTH_MS = 31 * 24 * 3600 * 1000
CANCELLED_BEFORE = (41093,)
ALL_KINDS = 2  # made by the company or by a staff member
STATUSES: dict[int | None, TargetStatus] = {0: "waiting", 1: "sent", 2: "not_friend", 3: "over_limit"}


async def create(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Make the task. Raises InvalidInputError before sending for what would be misunderstood."""
    fields = await client.write("externalcontact/add_msg_template", wire_form(write))
    platform_id = text(fields.get("msgid"))
    if not platform_id:
        raise UnclearReplyError("reply_garbled", detail="no msgid in the reply")
    return Receipt(platform_id, texts(fields.get("fail_list")))


def wire_form(write: Write) -> Fields:
    """The body that goes out. Naming nobody would mean everybody, so that it is refused here.

    Raises InvalidInputError.
    """
    chat_type: ChatType = "group" if write.kind == MASS_SEND_GROUPS else "single"
    sender = str(write.body.get("sender", ""))
    name, limit = RECEIVERS[chat_type]
    if not write.targets or len(write.targets) > limit:
        raise InvalidInputError("mass_send_receivers", n=len(write.targets), limit=limit)
    if chat_type == "group" and not sender:
        raise InvalidInputError("mass_send_sender")
    if not (write.text or write.pictures) or len(write.media_ids) != len(write.pictures):
        raise InvalidInputError("mass_send_empty")
    if len(write.text.encode()) > MAX_TEXT_BYTES or len(write.pictures) > MAX_ATTACHMENTS:
        raise InvalidInputError("mass_send_too_long", limit=MAX_TEXT_BYTES, pictures=MAX_ATTACHMENTS)
    body: Fields = {"chat_type": chat_type, name: list(write.targets)}
    if sender:
        body["sender"] = sender
    if write.text:
        body["text"] = {"content": write.text}
    if write.pictures:
        body["attachments"] = [
            {"msgtype": picture.kind, picture.kind: {"media_id": media_id}}
            for picture, media_id in zip(write.pictures, write.media_ids, strict=True)
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
    entries = await every_page(client, "externalcontact/get_groupmsg_list_v2", body, "group_msg_list")
    found = [record for entry in entries if (record := _mass_send(entry, chat_type)) is not None]
    return Listing(tuple(found), start_ms, taken_at, is_complete=len(found) == len(entries))


async def recent(client: WeComClient, kind: str, since_ms: int) -> Listing:
    """What was made since a moment, at most four weeks ago, by anyone."""
    now = client.clock.now_ms()
    start = max(since_ms, now - LISTING_REACH_MS)
    chat_type: ChatType = "group" if kind == MASS_SEND_GROUPS else "single"
    listing = await list_mass_sends(client, chat_type, start, now + LISTING_MARGIN_MS)
    taken_at = min(listing.taken_at, now)
    return Listing(listing.rows, listing.covers_from, taken_at, listing.is_complete)


async def prove(
    client: WeComClient, kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown mass sends, by the platform's own list and the receivers it names."""
    oldest = min(one.started_at for one in unknown)
    listing = await recent(client, kind, oldest - LISTING_MARGIN_MS)
    wanted = {fingerprint_of(one.write) for one in unknown}
    named = [
        replace(row, receivers=await _receivers(client, row.platform_id))
        if not row.creator and row.platform_id not in taken and fingerprint_of_row(row) in wanted
        else row
        for row in listing.rows
    ]
    return judge(unknown, replace(listing, rows=tuple(named)), taken, client.clock.now_ms())


async def _receivers(client: WeComClient, platform_id: str) -> frozenset[str]:
    """Whom a mass message goes to, as far as its results name them."""
    found: set[str] = set()
    for task in await mass_send_tasks(client, platform_id):
        results = await mass_send_results(client, platform_id, task.staff_external_id)
        found |= {result.target_external_id for result in results}
    return frozenset(found)


async def mass_send_tasks(client: WeComClient, platform_id: str) -> list[StaffTask]:
    """Who has to confirm a mass message, and when they did."""
    body = {"msgid": platform_id, "limit": RESULT_PAGE}
    entries = await every_page(client, "externalcontact/get_groupmsg_task", body, "task_list")
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
    entries = await every_page(client, path, body, "send_list")
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


async def remind(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Ask the staff again to confirm a task; at most three times in 24 hours (41094)."""
    await client.write("externalcontact/remind_groupmsg_send", {"msgid": str(write.body["task"])})
    return Receipt(str(write.body["task"]))


async def cancel(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Stop what staff have not sent yet. A task that was stopped before (41093) is as wanted."""
    path = "externalcontact/cancel_groupmsg_send"
    return await end(client, path, "msgid", str(write.body["task"]), CANCELLED_BEFORE)


def _mass_send(entry: Fields, chat_type: ChatType) -> ListedWrite | None:
    platform_id, created_at = text(entry.get("msgid")), seconds_as_ms(entry.get("create_time"))
    if not platform_id or created_at is None:
        return None
    content = entry.get("text")
    said = content.get("content") if isinstance(content, dict) else None
    return ListedWrite(
        platform_id,
        created_at,
        KIND_OF_CHAT[chat_type],
        said if isinstance(said, str) else "",  # untrimmed: it is compared with what was sent
        tuple(text(row.get("msgtype")) for row in rows(entry.get("attachments"))),
        text(entry.get("creator")),
    )
