"""What is true at the small WeCom: whether requests say what was confirmed, and how the shop's file should look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.simulator.shop_world import Corp, Way
from tests.simulator.wecom_edits import MARK, WELCOME
from tests.simulator.world import Fields, Made, Rows

Pair = tuple[Any, Any]
Difference = tuple[str, dict[Any, Any], dict[Any, Any]]
MONTH_MS = 29 * 86_400_000
KEPT_MS = 2 * 86_400_000
PEOPLE = """
SELECT s.external_id, i.external_id, i.name, f.remark, f.description, f.mobiles, f.tags
FROM follow f JOIN identity i ON i.id = f.identity_id JOIN staff s ON s.id = f.staff_id
WHERE f.removed_at IS NULL
"""
MEMBERS = """
SELECT g.external_id, g.name, s.external_id, m.external_id FROM fan_group g
LEFT JOIN staff s ON s.id = g.owner_staff_id
LEFT JOIN group_member m ON m.group_id = g.id AND m.left_at IS NULL
JOIN account a ON a.id = g.account_id WHERE g.removed_at IS NULL AND a.platform = 'wecom'
"""


# -- requests and their frozen bytes


def other_than(frozen: Fields, path: str, asked: Fields) -> str:
    """What differs; '' when the request says what was confirmed."""
    wanted_path, pairs = REQUESTS[frozen["kind"]](frozen, asked)
    if not path.endswith(wanted_path):
        return f"{path} for {frozen['kind']}"
    return "; ".join(f"{there!r} instead of {here!r}" for here, there in pairs if here != there)


def _mass_send(frozen: Fields, asked: Fields) -> tuple[str, list[Pair]]:
    targets = asked.get("external_userid") or asked.get("chat_id_list") or []
    strangers = sorted(set(targets) - set(frozen["targets"]))
    return "add_msg_template", [(frozen["body"]["text"], _text(asked)), ([], strangers)]


def _moment(frozen: Fields, asked: Fields) -> tuple[str, list[Pair]]:
    staff = asked["visible_range"]["sender_list"]["user_list"]
    return "add_moment_task", [(frozen["body"]["text"], _text(asked)), (frozen["targets"], staff)]


def _reply(frozen: Fields, asked: Fields) -> tuple[str, list[Pair]]:
    body = frozen["body"]
    pairs = [(body["text"], _text(asked)), (frozen["targets"], [asked["touser"]])]
    return "kf/send_msg", [*pairs, (body["desk"], asked["open_kfid"])]


def _tag_add(frozen: Fields, asked: Fields) -> tuple[str, list[Pair]]:
    return "add_corp_tag", [(frozen["body"]["name"], asked["tag"][0]["name"])]


def _marks(frozen: Fields, asked: Fields) -> tuple[str, list[Pair]]:
    body = frozen["body"]
    pairs = [(body["add"], asked["add_tag"]), (body["remove"], asked["remove_tag"])]
    return "mark_tag", [*pairs, *_friend(frozen, asked)]


def _remark(frozen: Fields, asked: Fields) -> tuple[str, list[Pair]]:
    body = frozen["body"]
    pairs = [(body["remark"], asked["remark"]), (body["description"], asked["description"])]
    mobiles = [one for one in asked["remark_mobiles"] if one]
    return "remark", [*pairs, (body["mobiles"], mobiles), *_friend(frozen, asked)]


def _friend(frozen: Fields, asked: Fields) -> list[Pair]:
    return [(frozen["body"]["staff"], asked["userid"]), (frozen["targets"], [asked["external_userid"]])]


def _contact(path: str) -> Callable[[Fields, Fields], tuple[str, list[Pair]]]:
    def request(frozen: Fields, asked: Fields) -> tuple[str, list[Pair]]:
        body = frozen["body"]
        pairs = [(body["remark"], asked["remark"]), (body["skip_verify"], asked["skip_verify"])]
        pairs += [(body["staff"], asked["user"]), (body.get("config_id"), asked.get("config_id"))]
        return path, pairs

    return request


def _join(path: str) -> Callable[[Fields, Fields], tuple[str, list[Pair]]]:
    def request(frozen: Fields, asked: Fields) -> tuple[str, list[Pair]]:
        body = frozen["body"]
        pairs = [(body["remark"], asked["remark"]), (body["groups"], asked["chat_id_list"])]
        return path, [*pairs, (body.get("config_id"), asked.get("config_id"))]

    return request


def _welcome(path: str) -> Callable[[Fields, Fields], tuple[str, list[Pair]]]:
    def request(frozen: Fields, asked: Fields) -> tuple[str, list[Pair]]:
        body = frozen["body"]
        pairs = [(body["text"].replace("{昵称}", MARK), _text(asked))]
        return WELCOME + path, [*pairs, (body.get("template_id"), asked.get("template_id"))]

    return request


def _named(path: str, **names: str) -> Callable[[Fields, Fields], tuple[str, list[Pair]]]:
    """A request that repeats fields of the frozen body under the platform's names."""

    def request(frozen: Fields, asked: Fields) -> tuple[str, list[Pair]]:
        return path, [(frozen["body"][ours], asked[theirs]) for theirs, ours in names.items()]

    return request


def _text(asked: Fields) -> str:
    return str((asked.get("text") or {}).get("content", ""))


REQUESTS: dict[str, Callable[[Fields, Fields], tuple[str, list[Pair]]]] = {
    "wecom.mass_send.single": _mass_send,
    "wecom.mass_send.group": _mass_send,
    "wecom.mass_send.remind": _named("remind_groupmsg_send", msgid="task"),
    "wecom.mass_send.cancel": _named("cancel_groupmsg_send", msgid="task"),
    "wecom.moment": _moment,
    "wecom.moment.cancel": _named("cancel_moment_task", moment_id="moment"),
    "wecom.tag.add": _tag_add,
    "wecom.tag.edit": _named("edit_corp_tag", id="id", name="name"),
    "wecom.tag.delete": _named("del_corp_tag", tag_id="tags", group_id="groups"),
    "wecom.customer.tags": _marks,
    "wecom.customer.remark": _remark,
    "wecom.contact_way.add": _contact("add_contact_way"),
    "wecom.contact_way.edit": _contact("update_contact_way"),
    "wecom.contact_way.delete": _named("del_contact_way", config_id="config_id"),
    "wecom.join_way.add": _join("add_join_way"),
    "wecom.join_way.edit": _join("update_join_way"),
    "wecom.join_way.delete": _named("del_join_way", config_id="config_id"),
    "wecom.welcome.add": _welcome("add"),
    "wecom.welcome.edit": _welcome("edit"),
    "wecom.welcome.delete": _named("del", template_id="template_id"),
    "wecom.kf.message": _reply,
}
PATHS = {
    "wecom.mass_send.single": "add_msg_template",
    "wecom.mass_send.group": "add_msg_template",
    "wecom.mass_send.remind": "remind_groupmsg_send",
    "wecom.mass_send.cancel": "cancel_groupmsg_send",
    "wecom.moment": "add_moment_task",
    "wecom.moment.cancel": "cancel_moment_task",
    "wecom.tag.add": "add_corp_tag",
    "wecom.tag.edit": "edit_corp_tag",
    "wecom.tag.delete": "del_corp_tag",
    "wecom.customer.tags": "mark_tag",
    "wecom.customer.remark": "externalcontact/remark",
    "wecom.contact_way.add": "add_contact_way",
    "wecom.contact_way.edit": "update_contact_way",
    "wecom.contact_way.delete": "del_contact_way",
    "wecom.join_way.add": "add_join_way",
    "wecom.join_way.edit": "update_join_way",
    "wecom.join_way.delete": "del_join_way",
    "wecom.welcome.add": WELCOME + "add",
    "wecom.welcome.edit": WELCOME + "edit",
    "wecom.welcome.delete": WELCOME + "del",
    "wecom.kf.message": "kf/send_msg",
}


# -- things as they are


def is_so(corp: Corp, frozen: Fields) -> bool:
    """Whether the platform has it as the frozen bytes want it; False where it cannot be told."""
    kind, body = frozen["kind"].removeprefix("wecom."), frozen["body"]
    if kind == "tag.add":
        return any(
            name == body["name"]
            and body["group_id"] in ("", corp.group_of[tag])
            and (body["group_id"] or corp.tag_groups[corp.group_of[tag]] == body["group_name"])
            for tag, name in corp.tags.items()
        )
    if kind == "tag.edit":
        return corp.tags.get(body["id"]) == body["name"]
    if kind == "tag.delete":
        return not set(body["tags"]) & corp.tags.keys()
    if kind.startswith("customer."):
        follow = corp.follows.get((body["staff"], frozen["targets"][0]))
        if follow is None:
            return False
        if kind == "customer.tags":
            return set(body["add"]) <= set(follow.tags) and not set(body["remove"]) & set(follow.tags)
        noted = (follow.remark, follow.description, set(follow.mobiles))
        return noted == (body["remark"], body["description"], set(body["mobiles"]))
    if kind.endswith("way.delete"):
        return body["config_id"] not in corp.ways
    if kind.endswith("way.edit"):
        way = corp.ways.get(body["config_id"])
        return way is not None and way.fields["remark"] == body["remark"] and _leads(way) == _wanted(body)
    if kind == "welcome.delete":
        return body["template_id"] not in corp.welcomes
    if kind == "welcome.edit":
        text = corp.welcomes.get(body["template_id"], ("", False))[0]
        return text == body["text"].replace("{昵称}", MARK)
    if kind == "mass_send.cancel":
        return any(task.msgid == body["task"] and task.is_stopped for task in corp.tasks)
    if kind == "moment.cancel":
        return all(one.moment != body["moment"] or one.is_stopped for one in corp.moments)
    return False


def _leads(way: Way) -> set[str]:
    return set(way.fields["user" if way.kind == "contact" else "chat_id_list"])


def _wanted(body: Fields) -> set[str]:
    return set(body["staff"] if "staff" in body else body["groups"])


# -- the shop's file in the end


def differences(corp: Corp, rows: Rows, made: Made, excused: set[str], now_ms: int) -> Iterator[Difference]:
    """(what, as the file has it, as it is)."""
    facts = corp.facts()
    names, follows = {}, {}
    for staff, who, name, remark, description, mobiles, tags in rows(PEOPLE):
        names[who] = name
        noted = (remark, description, tuple(json.loads(mobiles)))
        follows[staff, who] = (*noted, tuple(sorted(json.loads(tags))))
    yield "names", names, facts["names"]
    yield "friendships", follows, facts["follows"]
    sql = (
        "SELECT t.external_id, t.name, t.group_name FROM tag t JOIN account a ON a.id = t.account_id"
        " WHERE a.platform = 'wecom' AND t.removed_at IS NULL AND t.external_id IS NOT NULL"
    )
    yield "tags", {tag: (name, group) for tag, name, group in rows(sql)}, facts["tags"]
    groups: dict[str, tuple[str, str, set[str]]] = {}
    for chat, name, owner, member in rows(MEMBERS):
        groups.setdefault(chat, (name, owner, set()))[2].add(member)
    found = {chat: (name, owner, tuple(sorted(who))) for chat, (name, owner, who) in groups.items()}
    yield "groups", found, facts["groups"]
    yield from _ways(corp, rows, made, excused)
    yield from _welcomes(corp, rows, made, excused)
    yield from _talks(corp, rows, now_ms)
    moments = {one.moment: one.text for one in corp.moments if one.made_ms > now_ms - MONTH_MS}
    known = dict(rows("SELECT external_id, text FROM moment"))
    yield "moments", {key: known.get(key) for key in moments}, moments


def _ways(corp: Corp, rows: Rows, made: Made, excused: set[str]) -> Iterator[Difference]:
    sql = (
        "SELECT external_id, kind, name, CASE kind WHEN 'contact' THEN staff ELSE groups END, state"
        " FROM entry_way WHERE removed_at IS NULL AND external_id IS NOT NULL"
    )
    here = {
        key: (kind, name, tuple(sorted(json.loads(leads))), state)
        for key, kind, name, leads, state in rows(sql)
    }
    there = {
        key: (way.kind, way.fields["remark"], tuple(sorted(_leads(way))), way.state)
        for key, way in corp.ways.items()
        if way.kind == "contact" or key in here or made.by.get(key) not in excused
    }
    yield "ways", here, there


def _welcomes(corp: Corp, rows: Rows, made: Made, excused: set[str]) -> Iterator[Difference]:
    sql = "SELECT external_id, text FROM welcome WHERE removed_at IS NULL AND external_id IS NOT NULL"
    here = {key: text.replace("{昵称}", MARK) for key, text in rows(sql)}
    there = {
        key: text
        for key, (text, _) in corp.welcomes.items()
        if key in here or made.by.get(key) not in excused
    }
    yield "welcomes", here, there


def _talks(corp: Corp, rows: Rows, now_ms: int) -> Iterator[Difference]:
    """What customers asked in the last days is here, and each reply that is called sent is there."""
    asked = {
        one.msgid: one.text
        for one in corp.messages
        if not one.failed and one.at_s * 1000 > now_ms - KEPT_MS
    }
    known = dict(rows("SELECT external_id, text FROM message WHERE direction = 'in'"))
    yield "messages", {key: known.get(key) for key in asked}, asked
    sql = (
        "SELECT m.external_id, c.external_id, m.text FROM message m JOIN outbox o ON o.id = m.outbox_id"
        " JOIN conversation c ON c.id = m.conversation_id"
        " WHERE o.state = 'done' AND o.kind = 'wecom.kf.message'"
        " AND json_extract(o.proof, '$.by') <> 'operator'"
    )
    ours = {key: (who, text) for key, who, text in rows(sql)}
    yield "replies", ours, {key: corp.replies.get(key) for key in ours}
