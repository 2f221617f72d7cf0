"""Customer moments: hand over a publishing job, see what became of it, list what there is.

A moment is a job first: its id lives a day, and turns into a moment id within seconds or minutes. Staff
publish it on their phones; only then customers see it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from desktop.domain.errors import InvalidInputError, RejectedError, UnclearReplyError
from desktop.domain.mass_send import MAX_ATTACHMENTS, MAX_TEXT_BYTES, TargetResult
from desktop.domain.platform_records import MomentRecord, MomentView
from desktop.domain.posts import MOMENT_MOST_CHARACTERS
from desktop.domain.proof import (
    LISTING_MARGIN_MS,
    LISTING_REACH_MS,
    Judgement,
    ListedWrite,
    Listing,
    UnknownWrite,
    judge,
)
from desktop.domain.writes import Receipt, Write
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import rows, text, whole
from desktop.platforms.tencent_line import seconds_as_ms
from desktop.platforms.wecom.client import WeComClient
from desktop.platforms.wecom.ending import end
from desktop.platforms.wecom.paging import every_page

LIST_PAGE = 20  # above it the platform falls back to 20
SPAN_MS = 29 * 86_400_000  # the platform allows 30 days between whole seconds
JOB_DONE = 3
GONE_BEFORE = (41060, 41067)  # no such moment (any more)


async def publish(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Hand over the job; the receipt's id is the job's. Raises InvalidInputError before sending."""
    if len(write.text) > MOMENT_MOST_CHARACTERS or len(write.text.encode()) > MAX_TEXT_BYTES:
        raise InvalidInputError("moment_too_long", limit=MOMENT_MOST_CHARACTERS)
    if not (write.text or write.pictures) or len(write.media_ids) != len(write.pictures):
        raise InvalidInputError("mass_send_empty")
    if not write.targets or len(write.pictures) > MAX_ATTACHMENTS:
        raise InvalidInputError("mass_send_receivers", n=len(write.targets), limit=100_000)
    visible: Fields = {"sender_list": {"user_list": list(write.targets)}}
    if write.body.get("tags"):
        visible["external_contact_list"] = {"tag_list": list(write.body["tags"])}
    body: Fields = {"visible_range": visible}
    if write.text:
        body["text"] = {"content": write.text}
    if write.pictures:
        body["attachments"] = [
            {"msgtype": "image", "image": {"media_id": media_id}} for media_id in write.media_ids
        ]
    fields = await client.write("externalcontact/add_moment_task", body)
    job = text(fields.get("jobid"))
    if not job:
        raise UnclearReplyError("reply_garbled", detail="no jobid in the reply")
    return Receipt(job)


async def cancel(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Stop what staff have not published. A moment that is gone already is as wanted."""
    path = "externalcontact/cancel_moment_task"
    return await end(client, path, "moment_id", str(write.body["moment"]), GONE_BEFORE)


async def recent(client: WeComClient, kind: str, since_ms: int) -> Listing:
    """Moments made since a moment, at most four weeks ago, by anyone."""
    now = client.clock.now_ms()
    start = max(since_ms, now - LISTING_REACH_MS)
    entries = await _entries(client, start, now)
    found = [record for entry in entries if (record := _record(entry)) is not None]
    listed_rows = tuple(
        ListedWrite(
            one.external_id,
            one.created_at,
            kind,
            one.text,
            one.attachment_kinds,
            one.creator if one.is_personal else "",
        )
        for one in found
    )
    return Listing(listed_rows, start, now, is_complete=len(found) == len(entries))


async def prove(
    client: WeComClient, kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown moments, by the platform's own list."""
    oldest = min(one.started_at for one in unknown)
    listing = await recent(client, kind, oldest - LISTING_MARGIN_MS)
    return judge(unknown, listing, taken, client.clock.now_ms())


async def moments(client: WeComClient, since_ms: int) -> tuple[tuple[MomentRecord, ...], int]:
    """Every moment since a time at most 30 days ago, and how many entries named nothing."""
    entries = await _entries(client, since_ms, client.clock.now_ms())
    found = tuple(record for entry in entries if (record := _record(entry)) is not None)
    return found, len(entries) - len(found)


async def moment_of_job(client: WeComClient, job: str) -> str | None:
    """The moment a job made; None while it runs. Raises RejectedError when it came to nothing."""
    fields = await client.get("externalcontact/get_moment_task_result", {"jobid": job})
    if whole(fields.get("status")) != JOB_DONE:
        return None
    result = fields.get("result")
    result = result if isinstance(result, dict) else {}
    code = whole(result.get("errcode")) or 0
    moment = text(result.get("moment_id"))
    if code or not moment:
        hint = text(result.get("errmsg"))
        raise RejectedError("wecom_moment_failed", platform_code=code, hint=hint)
    return moment


async def publishing(client: WeComClient, moment: str) -> list[TargetResult]:
    """Which staff have published a moment of the company, and which have not."""
    entries = await every_page(
        client, "externalcontact/get_moment_task", {"moment_id": moment, "limit": 1000}, "task_list"
    )
    return [
        TargetResult(staff_id, "sent" if whole(entry.get("publish_status")) else "waiting", staff_id)
        for entry in entries
        if (staff_id := text(entry.get("userid")))
    ]


async def view_of(client: WeComClient, moment: str, staff_id: str) -> MomentView:
    """How many customers of one staff member may see a published moment, and what they did with it."""
    named = {"moment_id": moment, "userid": staff_id}
    reached = await every_page(
        client, "externalcontact/get_moment_send_result", {**named, "limit": 5000}, "customer_list"
    )
    fields = await client.ask("externalcontact/get_moment_comments", named)
    return MomentView(
        len(reached), len(rows(fields.get("like_list"))), len(rows(fields.get("comment_list")))
    )


async def _entries(client: WeComClient, start_ms: int, end_ms: int) -> list[Fields]:
    """The list between two times, in spans the platform allows."""
    found: list[Fields] = []
    while start_ms < end_ms:
        until = min(start_ms + SPAN_MS, end_ms)
        body = {
            "start_time": start_ms // 1000,
            "end_time": -(-until // 1000),
            "filter_type": 2,
            "limit": LIST_PAGE,
        }
        found += await every_page(client, "externalcontact/get_moment_list", body, "moment_list")
        start_ms = until
    return found


def _record(entry: Fields) -> MomentRecord | None:
    external_id, created_at = text(entry.get("moment_id")), seconds_as_ms(entry.get("create_time"))
    if not external_id or created_at is None:
        return None
    content = entry.get("text")
    said = content.get("content") if isinstance(content, dict) else None
    kinds = ["image"] * len(rows(entry.get("image")))
    kinds += [kind for kind in ("video", "link") if isinstance(entry.get(kind), dict)]
    return MomentRecord(
        external_id,
        created_at,
        text(entry.get("creator")),
        whole(entry.get("create_type")) == 1,
        said if isinstance(said, str) else "",  # untrimmed: it is compared with what was sent
        tuple(kinds),
    )
