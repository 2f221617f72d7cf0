"""Customer groups: listing, details with members, hand-over to another owner."""

from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import TEXTS, Refusal
from desktop.sandbox.world.groups import Group, Member

GROUPS_PER_OWNER_AND_DAY = 300
MOST_STAFF_WITHOUT_FILTER = 1000


class HandOvers:
    """When groups were handed over, per group and per new owner."""

    def __init__(self) -> None:
        self.by_chat: dict[str, list[int]] = {}
        self.by_owner: dict[str, list[int]] = {}


def list_chats(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Group ids and statuses, page by page."""
    status = args.number("status_filter", 0)
    if status not in (0, 1, 2, 3):
        raise Refusal(40058)
    limit = args.number("limit")
    if not 1 <= limit <= 1000:
        raise Refusal(40058)
    owners = {
        corp.member(userid).userid for userid in args.part("owner_filter").texts("userid_list", most=100)
    }
    visible = {person.userid for person in corp.visible_staff()}
    if not owners and len(visible) > MOST_STAFF_WITHOUT_FILTER:
        raise Refusal(81017)
    resigned = {person.userid for person in corp.staff if person.resigned}
    rows = [
        group
        for group in corp.groups.rows
        if not group.dismissed
        and (not owners or group.owner in owners)
        and (group.owner in visible or group.owner in resigned)
        and (status == 0 or group.status == status)
    ]
    page, following = corp.page(f"chats:{status}:{sorted(owners)}", rows, args, limit)
    return {
        "group_chat_list": [{"chat_id": row.chat_id, "status": row.status} for row in page],
        "next_cursor": following,
    }


def get_chat(corp: Corp, args: Arguments) -> dict[str, Any]:
    """One group with its members; their names only with need_name=1."""
    group = corp.groups.get(args.text("chat_id", missing=86001))
    if group is None:
        raise Refusal(86001)
    if group.dismissed:
        raise Refusal(86003)
    named = args.number("need_name", 0) == 1
    return {
        "group_chat": {
            "chat_id": group.chat_id,
            "name": group.name,
            "owner": group.owner,
            "create_time": group.create_time,
            "notice": group.notice,
            "member_list": [_member(row, named) for row in group.members],
            "admin_list": [{"userid": userid} for userid in group.admins],
            "member_version": f"{group.number:08x}{group.version:024x}",
        }
    }


def _member(row: Member, named: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "userid": row.userid,
        "type": row.kind,
        "join_time": row.join_time,
        "join_scene": row.join_scene,
        "group_nickname": row.nickname,
    }
    if row.unionid:
        answer["unionid"] = row.unionid
    if row.invitor:
        answer["invitor"] = {"userid": row.invitor}
    if row.state:
        answer["state"] = row.state
    if named:
        answer["name"] = row.name
    return answer


def opengid_to_chatid(corp: Corp, args: Arguments) -> dict[str, Any]:
    """A group by its mini-program id: here `og` + the chat id without its prefix."""
    opengid = args.text("opengid", missing=90511)
    group = corp.groups.get("wr" + opengid.removeprefix("og"))
    if group is None:
        raise Refusal(90511)
    return {"chat_id": group.chat_id}


def transfer(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Hand over groups whose owner resigned."""
    return _transfer(corp, args, resigned=True)


def onjob_transfer(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Hand over groups whose owner is still here."""
    return _transfer(corp, args, resigned=False)


def _transfer(corp: Corp, args: Arguments, resigned: bool) -> dict[str, Any]:
    chats = args.texts("chat_id_list", most=100)
    if not chats:
        raise Refusal(40058)
    owner = corp.member(args.text("new_owner"))
    failed: list[dict[str, Any]] = []
    for chat_id in chats:
        code = _move(corp, corp.groups.get(chat_id), owner.userid, resigned)
        if code:
            failed.append({"chat_id": chat_id, "errcode": code, "errmsg": TEXTS[code]})
    return {"failed_chat_list": failed}


def _move(corp: Corp, group: Group | None, owner: str, resigned: bool) -> int:
    if group is None or group.dismissed:
        return 90501
    person = next((row for row in corp.staff if row.userid == group.owner), None)
    if resigned and (person is None or not person.resigned):
        return 90500
    if group.owner == owner:
        return 90507
    book, now = corp.shelf(HandOvers), corp.now()
    taken = [at for at in book.by_owner.get(owner, []) if at > now - 86_400]
    moved = [at for at in book.by_chat.get(group.chat_id, []) if at > now - 90 * 86_400]
    if len(taken) >= GROUPS_PER_OWNER_AND_DAY or len(moved) >= 2:
        return 90508
    book.by_owner[owner] = [*taken, now]
    book.by_chat[group.chat_id] = [*moved, now]
    group.owner, group.version, group.status = owner, group.version + 1, 3 if resigned else 0
    return 0


_P = "externalcontact/groupchat/"
ENDPOINTS = (
    Endpoint(_P + "list", list_chats, "POST", {"group_chat_list": []}, heavy=True),
    Endpoint(_P + "get", get_chat, heavy=True),
    Endpoint("externalcontact/opengid_to_chatid", opengid_to_chatid),
    Endpoint(_P + "transfer", transfer, "POST", {"failed_chat_list": []}, write=True),
    Endpoint(_P + "onjob_transfer", onjob_transfer, "POST", {"failed_chat_list": []}, write=True),
)
