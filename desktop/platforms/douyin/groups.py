"""Fan groups of a Douyin account: made, listed, greeted and written to. Their members cannot be listed.

Source: the platform's own SDK: no call for members, removal, silence, names or settings as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from desktop.domain.errors import InvalidInputError, UnclearReplyError
from desktop.domain.platform_records import PageOf
from desktop.domain.proof import Judgement, UnknownWrite, Verdict, judge_state
from desktop.domain.public_accounts import CountedGroup, JoinRequest
from desktop.domain.write_kinds.douyin import GROUP_ANNOUNCEMENT
from desktop.domain.writes import Receipt, Write
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.douyin.client import DouyinClient, listed, moment, truth
from desktop.platforms.douyin.envelope import Fields, Form
from desktop.platforms.strict_json import rows, text, whole

WELCOME, ANNOUNCEMENT = 1, 2
PENDING, ACCEPTED = 1, 2  # the only values that any source shows
AUDIT_COUNT = 50
IN_GROUP = 2
TEXT, IMAGE = 1, 2


async def own(client: DouyinClient) -> tuple[CountedGroup, ...]:
    """Every own group: the platform gives them in one piece. Raises the five errors."""
    entries = listed(await client.get("/im/group/fans/list/", Form.TOP), "group_list")
    return tuple(
        CountedGroup(
            text(entry.get("group_id")),
            text(entry.get("group_name")),
            text(entry.get("description")),
            whole(entry.get("exist_num")),
            whole(entry.get("max_num")),
            text(entry.get("avatar_uri")),
        )
        for entry in entries
        if text(entry.get("group_id"))
    )


async def left(client: DouyinClient) -> int:
    """How many groups may still be made. Raises the five errors."""
    fields = await client.get("/im/group/count/", Form.TOP)
    count = whole(fields.get("left_count"))
    if count is None:
        raise UnclearReplyError("reply_garbled", detail="no left_count in the reply")
    return count


async def requests(client: DouyinClient, cursor: str) -> PageOf[JoinRequest]:
    """One page of those who wait; a page may be short although more follows. Raises the five errors."""
    fields = await client.get(
        "/im/group/enter/audit/get/", Form.TOP, {"count": str(AUDIT_COUNT), "cursor": cursor or "0"}
    )
    listing = fields.get("apply_list")
    if listing is None:
        return PageOf((), "")
    if not isinstance(listing, dict):
        raise UnclearReplyError("reply_garbled", detail="apply_list is no object")
    entries = rows(listing.get("list"))
    found = [one for one in (_request(entry) for entry in entries) if one is not None]
    following = text(listing.get("cursor")) if truth(listing.get("has_more")) else ""
    return PageOf(tuple(found), following, len(entries) - len(found))


def _request(entry: Fields) -> JoinRequest | None:
    apply_id, asked_at = text(entry.get("apply_id")), moment(entry.get("create_time"))
    if not apply_id or asked_at is None or whole(entry.get("apply_status")) not in (None, PENDING):
        return None
    return JoinRequest(apply_id, text(entry.get("group_id")), text(entry.get("user_id")), asked_at)


async def create(client: DouyinClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Make a group with the platform's usual switches. Raises the five errors, InvalidInputError before sending."""
    name, avatar = str(write.body["name"]).strip(), str(write.body.get("avatar", ""))
    if not name or not write.text.strip() or not avatar:
        raise InvalidInputError("douyin_group_incomplete")
    fields = await client.write(
        "/im/group/fans/create/",
        Form.TOP,
        {"group_name": name, "description": write.text, "avatar_uri": avatar},
    )
    return Receipt(text(fields.get("group_id")))


async def set_text(client: DouyinClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Set welcome or announcement of a group; no words switch it off. Raises the five errors."""
    which = ANNOUNCEMENT if write.kind == GROUP_ANNOUNCEMENT else WELCOME
    body = {"group_id": str(write.body["group"]), "group_setting_type": which}
    if not write.text.strip():
        await client.write("/im/group/setting/disable/", Form.NUMBERED, body)
        return Receipt()
    messages = [{"msg_type": TEXT, "text": {"text": write.text}}]
    await client.write("/im/group/setting/set/", Form.NUMBERED, {**body, "msg_list": messages})
    return Receipt()


async def send(client: DouyinClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Say something in a group. Raises the five errors, InvalidInputError before sending."""
    body = {"group_id": str(write.body["group"]), "content": content_of(write)}
    fields = await client.write("/im/send/msg/group/", Form.TOP, body)
    return Receipt(text(fields.get("msg_id")))


def content_of(write: Write) -> Fields:
    """A text, or one picture. Raises InvalidInputError."""
    if write.pictures:
        if write.text or len(write.pictures) != 1 or len(write.media_ids) != 1:
            raise InvalidInputError("talk_empty")
        return {"msg_type": IMAGE, "image": {"media_id": write.media_ids[0]}}
    if not write.text.strip():
        raise InvalidInputError("talk_empty")
    return {"msg_type": TEXT, "text": {"text": write.text}}


async def recall(client: DouyinClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Take a message back. Raises the five errors."""
    body = {
        "msg_id": str(write.body["message"]),
        "conversation_id": str(write.body["thread"]),
        "conversation_type": IN_GROUP if write.body.get("in_group") else 1,
    }
    await client.write("/im/recall/msg/", Form.NUMBERED, body)
    return Receipt(str(write.body["message"]))


async def accept(client: DouyinClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Let somebody in. Raises the five errors; RejectedError where the platform says no."""
    body = {"apply_id": str(write.body["apply"]), "status": ACCEPTED}
    fields = await client.write("/im/group/enter/audit/set/", Form.TOP, body)
    if "success" in fields and not truth(fields["success"]):
        raise UnclearReplyError("reply_garbled", detail="neither success nor a reason")
    return Receipt(str(write.body["apply"]))


async def prove_created(
    client: DouyinClient, _kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """A group of that name that nobody else made and that was not there before. None is no proof: the list
    may lag; nor are two.
    """
    free = [group for group in await own(client) if group.external_id not in taken]
    names = Counter(str(one.write.body["name"]) for one in unknown)
    found = {}
    for one in unknown:
        name, before = str(one.write.body["name"]), one.write.body.get("there", ())
        came = [group for group in free if group.name == name and group.external_id not in before]
        is_sure = len(came) == 1 and names[name] == 1
        found[one.uid] = (
            judge_state(True, came[0].external_id) if is_sure else Judgement(Verdict.UNPROVABLE)
        )
    return found


async def prove_accepted(
    client: DouyinClient, _kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """Who still waits was not let in; who does not wait was decided. Letting in twice is the same as once."""
    waiting: set[str] = set()
    guard, cursor = CursorGuard("join requests"), ""
    while True:
        page = await requests(client, cursor)
        waiting |= {one.external_id for one in page.items}
        cursor = page.next_cursor
        if not cursor:
            break
        guard.pass_by(cursor, brought_news=bool(page.items))
    return {one.uid: judge_state(str(one.write.body["apply"]) not in waiting) for one in unknown}
