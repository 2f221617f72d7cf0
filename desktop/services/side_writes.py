"""How changes of tags and of people at a platform are written, platform by platform: kinds and their bodies.

WeCom keeps tags and notes for each member of staff; an official account keeps them once for each follower, who
stands for both sides there.
"""

from __future__ import annotations

from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.write_kinds import wechat, wecom
from desktop.domain.writes import Write
from desktop.store.fans.customer_notes import Friendship
from desktop.store.pulled.platform_tags import KeptTag
from desktop.store.sends.pending_edits import PendingEdit

WECHAT = "wechat"
NOTES = (wecom.CUSTOMER_REMARK, wechat.REMARK)
MARKS = (wecom.CUSTOMER_TAGS, wechat.TAG_PUT, wechat.TAG_TAKE)
TAG_ADDS = (wecom.TAG_ADD, wechat.TAG_ADD)
TAG_EDITS = (wecom.TAG_EDIT, wechat.TAG_EDIT)
TAG_DELETES = (wecom.TAG_DELETE, wechat.TAG_DELETE)


def notes_write(friend: Friendship, notes: CustomerNotes) -> Write:
    """New notes about one person; an official account keeps the remark alone."""
    target = (friend.external_id,)
    if friend.platform == WECHAT:
        return Write(wechat.REMARK, {"remark": notes.remark}, target)
    body = {
        "staff": friend.staff_external_id,
        "remark": notes.remark,
        "description": notes.description,
        "mobiles": list(notes.mobiles),
    }
    return Write(wecom.CUSTOMER_REMARK, body, target)


def marks_write(friend: Friendship, tag_id: str, *, remove: bool) -> Write:
    """A tag put on one person, or taken off."""
    target = (friend.external_id,)
    if friend.platform == WECHAT:
        return Write(wechat.TAG_TAKE if remove else wechat.TAG_PUT, {"id": tag_id}, target)
    add, gone = ([], [tag_id]) if remove else ([tag_id], [])
    return Write(
        wecom.CUSTOMER_TAGS, {"staff": friend.staff_external_id, "add": add, "remove": gone}, target
    )


def staff_of(edit: PendingEdit) -> str:
    """Whose side a change is on: staff, or the follower."""
    return str(edit.body.get("staff", edit.target))


def notes_of(edit: PendingEdit) -> CustomerNotes:
    """The notes that a change writes."""
    body = edit.body
    return CustomerNotes(
        str(body["remark"]), str(body.get("description", "")), tuple(body.get("mobiles", ()))
    )


def marks_of(edit: PendingEdit) -> tuple[list[str], list[str]]:
    """The tags that a change (puts on, takes off)."""
    if edit.kind == wechat.TAG_PUT:
        return [str(edit.body["id"])], []
    if edit.kind == wechat.TAG_TAKE:
        return [], [str(edit.body["id"])]
    return list(edit.body["add"]), list(edit.body["remove"])


def tag_add(platform: str, name: str, group_name: str, group_id: str) -> Write:
    """A new tag; groups are WeCom's."""
    if platform == WECHAT:
        return Write(wechat.TAG_ADD, {"name": name})
    body = {"name": name, "group_name": group_name, "group_id": group_id, "position": 0}
    return Write(wecom.TAG_ADD, body)


def tag_edit(tag: KeptTag, external_id: str, name: str) -> Write:
    """Another name."""
    if tag.platform == WECHAT:
        return Write(wechat.TAG_EDIT, {"id": external_id, "name": name})
    return Write(wecom.TAG_EDIT, {"id": external_id, "name": name, "position": 0})


def tag_delete(tag: KeptTag) -> Write:
    """The tag taken away."""
    if tag.platform == WECHAT:
        return Write(wechat.TAG_DELETE, {"id": tag.external_id})
    return Write(wecom.TAG_DELETE, {"tags": [tag.external_id], "groups": []})
