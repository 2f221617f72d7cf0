"""What is true at the small Douyin: what requests say, what is so, how the shop's file should look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.simulator.douyin_facts import OWN, Account
from tests.simulator.world import Fields, Rows

Pair = tuple[Any, Any]
Difference = tuple[str, dict[Any, Any], dict[Any, Any]]
SHOWN_MS = 5 * 86_400_000
PATHS = {
    "douyin.dm": "im/send/msg/",
    "douyin.group.create": "im/group/fans/create/",
    "douyin.group.welcome": "im/group/setting/set/",
    "douyin.group.announcement": "im/group/setting/set/",
    "douyin.group.message": "im/send/msg/group/",
    "douyin.message.recall": "im/recall/msg/",
    "douyin.comment.reply": "item/comment/reply/",
    "douyin.comment.pin": "item/comment/top/",
    "douyin.image_text": "api/douyin/v1/video/create_image_text/",
    "douyin.join.accept": "im/group/enter/audit/set/",
}


def other_than(frozen: Fields, path: str, asked: Fields) -> str:
    """What differs; '' when the request says what was confirmed."""
    kind, body = frozen["kind"], frozen["body"]
    wanted = PATHS[kind]
    if kind in ("douyin.group.welcome", "douyin.group.announcement") and not body["text"]:
        wanted = "im/group/setting/disable/"
    if path != wanted:
        return f"{path} instead of {wanted}"
    pairs = REQUESTS[kind](frozen, asked)
    return "; ".join(f"{there!r} instead of {here!r}" for here, there in pairs if here != there)


def _message(frozen: Fields, asked: Fields) -> list[Pair]:
    body = frozen["body"]
    told = [asked["msg_id"], asked["conversation_id"], asked["scene"], asked["content"]["text"]["text"]]
    wanted = [body["message"], body["thread"], body["scene"], body["text"]]
    return [(wanted, told), (frozen["targets"], [asked["to_user_id"]])]


def _setting(which: int) -> Callable[[Fields, Fields], list[Pair]]:
    def request(frozen: Fields, asked: Fields) -> list[Pair]:
        body, said = frozen["body"], asked.get("msg_list")
        text = said[0]["text"]["text"] if said else ""
        return [
            (body["group"], asked["group_id"]),
            (which, asked["group_setting_type"]),
            (body["text"], text),
        ]

    return request


def _named(**names: str) -> Callable[[Fields, Fields], list[Pair]]:
    """A request that repeats fields of the frozen body under the platform's names."""
    return lambda frozen, asked: [(frozen["body"][ours], asked[theirs]) for theirs, ours in names.items()]


REQUESTS: dict[str, Callable[[Fields, Fields], list[Pair]]] = {
    "douyin.dm": _message,
    "douyin.group.create": _named(group_name="name", description="text", avatar_uri="avatar"),
    "douyin.group.welcome": _setting(1),
    "douyin.group.announcement": _setting(2),
    "douyin.group.message": lambda frozen, asked: [
        (frozen["body"]["group"], asked["group_id"]),
        (frozen["body"]["text"], asked["content"]["text"]["text"]),
    ],
    "douyin.message.recall": _named(msg_id="message", conversation_id="thread"),
    "douyin.comment.reply": _named(item_id="item", comment_id="comment", content="text"),
    "douyin.comment.pin": _named(item_id="item", comment_id="comment", top="top"),
    "douyin.image_text": lambda frozen, asked: [
        (frozen["body"]["text"], asked["text"]),
        (len(frozen["pictures"]), len(asked["image_list"])),
    ],
    "douyin.join.accept": _named(apply_id="apply"),
}


def is_so(facts: Account, frozen: Fields) -> bool:
    """Whether a thing is now as these frozen bytes want it; never of what is said or made anew."""
    kind, body = frozen["kind"], frozen["body"]
    if kind == "douyin.join.accept":
        return body["apply"] not in facts.requests
    if kind == "douyin.comment.pin":
        one = facts.posts[body["item"]].comments.get(body["comment"])
        return one is not None and one.is_top is body["top"]
    return False


def differences(facts: Account, rows: Rows, now_ms: int) -> Iterator[Difference]:
    """(what, as the file has it, as it is)."""
    sql = (
        "SELECT g.external_id, g.name FROM fan_group g JOIN account a ON a.id = g.account_id"
        " WHERE a.platform = 'douyin' AND g.removed_at IS NULL"
    )
    yield "groups", dict(rows(sql)), {key: one.name for key, one in facts.groups.items()}
    sql = "SELECT external_id, group_external_id FROM join_request WHERE state = 'pending'"
    yield "requests", dict(rows(sql)), {key: group for key, (group, _, _) in facts.requests.items()}
    posts = {key: one for key, one in facts.posts.items() if one.shown_ms <= now_ms}
    known = dict(rows("SELECT external_id, title FROM video"))
    yield "posts", {key: known.get(key) for key in posts}, {key: one.title for key, one in posts.items()}
    said = {
        key: comment.text
        for one in posts.values()
        for key, comment in one.comments.items()
        if not comment.parent and comment.who != OWN
    }
    known = dict(rows("SELECT external_id, text FROM video_comment"))
    yield "comments", {key: known.get(key) for key in said}, said
    asked = {
        one.content["server_message_id"]: one.content["text"]
        for one in facts.log
        if one.event == "im_receive_msg" and one.at_ms > now_ms - SHOWN_MS
    }
    known = dict(rows("SELECT external_id, text FROM message WHERE direction = 'in'"))
    yield "messages", {key: known.get(key) for key in asked}, asked
