"""WeCom customer groups and who is in them."""

from __future__ import annotations

from desktop.domain.errors import RejectedError, UnclearReplyError
from desktop.domain.platform_records import GroupRecord, GroupStub, MemberKind, MemberRecord, PageOf
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import rows, text, texts, whole
from desktop.platforms.tencent_line import seconds_as_ms
from desktop.platforms.wecom.client import WeComClient, listed

PAGE = 50
STAFF_TYPE = 1
GONE = (86001, 86003)  # no such group


async def groups(client: WeComClient, cursor: str) -> PageOf[GroupStub]:
    """One page of the group listing, groups of every status."""
    body = {"status_filter": 0, "cursor": cursor, "limit": PAGE}
    fields = await client.ask("externalcontact/groupchat/list", body)
    entries = listed(fields, "group_chat_list")
    found = [
        GroupStub(text(entry.get("chat_id")), whole(entry.get("status")) or 0)
        for entry in entries
        if text(entry.get("chat_id"))
    ]
    return PageOf(tuple(found), text(fields.get("next_cursor")), skipped=len(entries) - len(found))


async def group(client: WeComClient, external_id: str) -> GroupRecord | None:
    """One group with all of its members; None when it is gone."""
    try:
        fields = await client.ask("externalcontact/groupchat/get", {"chat_id": external_id, "need_name": 1})
    except RejectedError as error:
        if error.params.get("platform_code") in GONE:
            return None
        raise
    chat = fields.get("group_chat")
    if not isinstance(chat, dict) or text(chat.get("chat_id")) != external_id:
        raise UnclearReplyError("reply_garbled", detail="another group than the one asked for")
    entries = listed(chat | {"errcode": 0}, "member_list")
    members = [record for record in map(_member, entries) if record is not None]
    return GroupRecord(
        external_id,
        text(chat.get("name")),
        text(chat.get("owner")),
        tuple(members),
        notice=text(chat.get("notice")),
        founded_at=seconds_as_ms(chat.get("create_time")),
        member_version=text(chat.get("member_version")),
        admin_ids=tuple(
            admin for row in rows(chat.get("admin_list")) for admin in texts([row.get("userid")])
        ),
        skipped=len(entries) - len(members),
    )


def _member(entry: Fields) -> MemberRecord | None:
    """One member; None without an id. Kinds that are not known yet stand on the fans' side."""
    external_id = text(entry.get("userid"))
    if not external_id:
        return None
    invitor = entry.get("invitor")
    return MemberRecord(
        external_id,
        MemberKind.STAFF if whole(entry.get("type")) == STAFF_TYPE else MemberKind.FAN,
        name=text(entry.get("name")),
        group_nickname=text(entry.get("group_nickname")),
        union_id=text(entry.get("unionid")),
        joined_at=seconds_as_ms(entry.get("join_time")),
        join_scene=whole(entry.get("join_scene")),
        state=text(entry.get("state")),
        invitor_id=text(invitor.get("userid")) or None if isinstance(invitor, dict) else None,
    )
