"""What happens to customer groups in the client: made, renamed, joined, left, dismissed."""

from collections.abc import Callable
from typing import Any

from desktop.sandbox.wecom.acts_people import customer_number, named_staff
from desktop.sandbox.wecom.contact_ways import Ways
from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.world.groups import Group, Member

Doc = dict[str, Any]


def named_group(corp: Corp, doc: Doc) -> Group:
    """The group named by its number or its chat_id; LookupError when there is none."""
    key = str(doc["group"])
    rows = corp.groups.rows
    chat_id = rows[int(key)].chat_id if key.isdigit() and int(key) < len(rows) else key
    group = corp.groups.get(chat_id)
    if group is None:
        raise LookupError(f"no group {key}")
    return group


def new_group(corp: Corp, doc: Doc) -> Doc:
    """name?, owner?: a member of staff opens a group."""
    group = corp.groups.add(
        str(doc.get("name", "")), named_staff(corp, doc, "owner").userid, corp.now(), str(doc.get("notice", ""))
    )  # fmt: skip
    return {"chat_id": group.chat_id, "group": group.number}


def rename_group(corp: Corp, doc: Doc) -> Doc:
    """group, name?, notice?: the name or the notice changes."""
    group = named_group(corp, doc)
    group.name = str(doc.get("name", group.name))
    group.notice = str(doc.get("notice", group.notice))
    group.version += 1
    return {"chat_id": group.chat_id}


def change_owner(corp: Corp, doc: Doc) -> Doc:
    """group, owner: somebody else owns the group from now on."""
    group = named_group(corp, doc)
    group.owner = named_staff(corp, doc, "owner").userid
    group.version += 1
    return {"chat_id": group.chat_id}


def dismiss_group(corp: Corp, doc: Doc) -> Doc:
    """group: it is dismissed; it is listed no more and groupchat/get answers 86003."""
    group = named_group(corp, doc)
    group.dismissed = True
    return {"chat_id": group.chat_id}


def join_group(corp: Corp, doc: Doc) -> Doc:
    """group, index | external_userid, join_scene?, invitor?, state?, config_id?: a customer comes in."""
    group, index = named_group(corp, doc), customer_number(corp, doc)
    if "config_id" in doc:
        doc = {"join_scene": 3, "state": corp.shelf(Ways).join[str(doc["config_id"])]["state"]} | doc
    people = corp.people
    member = Member(
        userid=people.external_userid(index),
        kind=2,
        join_time=corp.now(),
        join_scene=int(doc.get("join_scene", 3)),
        name=people.name(index),
        index=index,
        invitor=doc.get("invitor"),
        unionid=people.unionid(index),
        state=doc.get("state"),
    )
    group.members = [row for row in group.members if row.userid != member.userid] + [member]
    group.version += 1
    return {"chat_id": group.chat_id, "userid": member.userid}


def leave_group(corp: Corp, doc: Doc) -> Doc:
    """group, index | external_userid | member: somebody leaves, a stranger too."""
    group = named_group(corp, doc)
    userid = (
        str(doc["member"]) if "member" in doc else corp.people.external_userid(customer_number(corp, doc))
    )
    group.members = [row for row in group.members if row.userid != userid]
    group.version += 1
    return {"chat_id": group.chat_id, "userid": userid}


ACTS: dict[str, Callable[[Corp, Doc], Doc]] = {
    act.__name__: act
    for act in (new_group, rename_group, change_owner, dismiss_group, join_group, leave_group)
}
