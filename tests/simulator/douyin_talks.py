"""The part of the small Douyin that is about people: messages, groups, requests, posts, comments."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.simulator.douyin_facts import (
    ENTRY_MS,
    ENTRY_REPLIES,
    OWN,
    REPLIES,
    REPLY_MS,
    Comment,
    Entry,
    Group,
    Post,
)
from tests.simulator.world import Fields

if TYPE_CHECKING:
    from tests.simulator.douyin import Douyin

PAGE = 2
REVIEW_MS = 3_600_000
ENTRY = "im_enter_direct_msg"


class Talks:
    """Answers requests about people."""

    def __init__(self, douyin: Douyin) -> None:
        self._douyin, self._facts = douyin, douyin.facts
        self.paths: dict[str, Callable[[Fields], Fields]] = {
            "oauth/userinfo/": lambda asked: self._data({"open_id": OWN, "nickname": "小满鲜果"}),
            "api/douyin/v1/user/fans_data/": lambda asked: self._data({"fans_data": {"all_fans_num": 321}}),
            "api/douyin/v1/interactive/intention/log/list/": self._log,
            "api/douyin/v1/video/video_list/": self._posts,
            "api/douyin/v1/video/upload_image/": lambda asked: self._data(
                {"image": {"image_id": f"img{self._facts.number()}"}}
            ),
            "api/douyin/v1/video/create_image_text/": self._publish,
            "im/send/msg/": self._answer,
            "im/send/msg/group/": self._say,
            "im/recall/msg/": self._recall,
            "im/group/fans/list/": self._groups,
            "im/group/fans/create/": self._create,
            "im/group/setting/set/": self._set,
            "im/group/setting/disable/": self._set,
            "im/group/enter/audit/get/": self._requests,
            "im/group/enter/audit/set/": self._accept,
            "item/comment/list/": lambda asked: self._comments(asked, ""),
            "item/comment/reply/list/": lambda asked: self._comments(asked, asked["comment_id"]),
            "item/comment/reply/": self._comment,
            "item/comment/top/": self._pin,
            "room/data/room_id/get/": lambda asked: {"err_no": 0, "err_msg": "", "room_ids": []},
        }

    def _now(self) -> int:
        return self._douyin.line.true_ms()

    @staticmethod
    def _data(fields: Fields) -> Fields:
        return {
            "data": {"error_code": 0, "description": "", **fields},
            "extra": {"error_code": 0, "now": 1},
        }

    def _top(self, fields: Fields) -> Fields:
        return self._data({}) | fields

    def _shown_ms(self) -> int:
        is_reviewed = self._douyin.mooded == "review"
        return self._now() + (REVIEW_MS if is_reviewed else self._facts.lag_ms)

    def _page(self, rows: list[Any], asked: Fields) -> tuple[list[Any], Fields]:
        """By number; a listing may say the same again, or be short although more follows."""
        at, mood = int(asked.get("cursor") or 0), self._douyin.mooded
        page, behind = rows[at : at + PAGE], at + PAGE
        if mood == "loop" and at:
            behind = at
        if mood == "empty" and at:
            page = []
        if mood == "repeat" and at and page:
            page = [rows[at - 1], *page]
        if mood == "odd":
            page = [*page, {"nothing": 1}]
        return page, {"cursor": behind, "has_more": behind < len(rows)}

    # -- messages

    def _log(self, asked: Fields) -> Fields:
        first, last, now = int(asked["start_time"]) * 1000, int(asked["end_time"]) * 1000 + 999, self._now()
        there = [one for one in self._facts.log if first <= one.at_ms <= last and one.shown_ms <= now]
        at = int(str(asked.get("query_session", "s0"))[1:])
        page = [self._told(one) for one in there[at : at + 3]]
        if self._douyin.mooded == "odd":
            page.append({"event": "something_new", "event_time": now // 1000})
        has_more = at + 3 < len(there)
        told = {"intention_log_infos": page, "has_more": has_more, "query_session": f"s{at + 3}"}
        return {"err_no": 0, "err_msg": "", "data": told}

    def _told(self, one: Entry) -> Fields:
        is_ours = one.event == "im_send_msg"
        whom = (OWN, one.who) if is_ours else (one.who, OWN)
        content = {"from_user_id": whom[0], "to_user_id": whom[1], "event": one.event}
        told = content | {"content": json.dumps(one.content, ensure_ascii=False)}
        entry = {"event": one.event, "event_time": one.at_ms // 1000, "open_id": one.who}
        return entry | {"content": json.dumps(told, ensure_ascii=False)}

    def _answer(self, asked: Fields) -> Fields:
        who, message, now = asked["to_user_id"], asked["msg_id"], self._now()
        met = next((e for e in self._facts.log if e.content.get("server_message_id") == message), None)
        if met is None or met.who != who or asked["conversation_id"] != f"c-{who}":
            return self._douyin.refusal(28003082)
        is_entry = asked["scene"] == ENTRY
        window, most = (ENTRY_MS, ENTRY_REPLIES) if is_entry else (REPLY_MS, REPLIES)
        if (met.event == ENTRY) is not is_entry or now - met.at_ms > window:
            return self._douyin.refusal(28003080)
        if self._facts.answered.get(message, 0) >= most:
            return self._douyin.refusal(28003070)
        self._facts.answered[message] = self._facts.answered.get(message, 0) + 1
        text, key = asked["content"]["text"]["text"], f"m{self._facts.number()}"
        self._facts.messages[key] = text
        told = {"server_message_id": key, "conversation_short_id": f"c-{who}", "conversation_type": 1}
        told |= {"message_type": "text", "text": text, "create_time": now}
        self._facts.log.append(Entry("im_send_msg", now, now + self._facts.lag_ms, who, told))
        self._douyin.did(f"message {text} -> {who}", key, (text, who))
        return self._top({"msg_id": key})

    def _say(self, asked: Fields) -> Fields:
        group = self._facts.groups.get(asked["group_id"])
        if group is None:
            return self._douyin.refusal(28001007)
        text, key = asked["content"]["text"]["text"], f"m{self._facts.number()}"
        group.said.append(text)
        self._facts.messages[key] = text
        self._douyin.did(f"{text} in group {asked['group_id']}", key, (text, asked["group_id"]))
        return self._top({"msg_id": key})

    def _recall(self, asked: Fields) -> Fields:
        if asked["msg_id"] not in self._facts.messages:
            return self._douyin.refusal(28001007)
        self._douyin.did(f"message {asked['msg_id']} is taken back")
        return {"err_no": 0, "err_msg": "", "data": {}}

    # -- groups

    def _groups(self, asked: Fields) -> Fields:
        now = self._now()
        rows = [
            {"group_id": key, "group_name": one.name, "description": "", "exist_num": 3, "max_num": 500}
            for key, one in self._facts.groups.items()
            if one.shown_ms <= now
        ]
        if self._douyin.mooded == "drift":
            rows = [row | {"mood": {"a": 1}, "max_num": None} for row in rows]
        return self._top({"group_list": rows})

    def _create(self, asked: Fields) -> Fields:
        key = f"7{self._facts.number()}"
        self._facts.groups[key] = Group(asked["group_name"], self._shown_ms())
        self._douyin.did(f"group {key} {asked['group_name']}", key)
        return self._top({"group_id": key})

    def _set(self, asked: Fields) -> Fields:
        group = self._facts.groups.get(asked["group_id"])
        if group is None:
            return self._douyin.refusal(28001007)
        which, messages = asked["group_setting_type"], asked.get("msg_list")
        group.texts[which] = messages[0]["text"]["text"] if messages else ""
        self._douyin.did(f"text {which} of group {asked['group_id']} is {group.texts[which]}")
        return {"err_no": 0, "err_msg": "", "data": {}}

    def _requests(self, asked: Fields) -> Fields:
        rows = [
            {
                "apply_id": key,
                "group_id": group,
                "user_id": who,
                "apply_status": 1,
                "create_time": at // 1000,
            }
            for key, (group, who, at) in self._facts.requests.items()
        ]
        page, more = self._page(rows, asked)
        return self._top({"apply_list": {"list": page, **more}} if rows else {})

    def _accept(self, asked: Fields) -> Fields:
        if self._facts.requests.pop(asked["apply_id"], None) is None:
            return self._douyin.refusal(28001007)
        self._facts.accepted.add(asked["apply_id"])
        self._douyin.did(f"request {asked['apply_id']} is accepted")
        return self._top({"success": True})

    # -- posts and comments

    def _posts(self, asked: Fields) -> Fields:
        now = self._now()
        rows = [
            {
                "item_id": key,
                "create_time": one.at_ms // 1000,
                "title": one.title,
                "media_type": 2,
                "statistics": {"play_count": 5, "comment_count": len(one.comments)},
            }
            for key, one in sorted(self._facts.posts.items(), key=lambda e: -e[1].at_ms)
            if one.shown_ms <= now
        ]
        page, more = self._page(rows, asked)
        return self._data({"list": page, **more})

    def _publish(self, asked: Fields) -> Fields:
        key, now = f"@v{self._facts.number()}", self._now()
        self._facts.posts[key] = Post(asked["text"], now, self._shown_ms())
        self._douyin.did(f"post {key} {asked['text']}", key, (asked["text"], "everybody"))
        return self._data({"item_id": key})

    def _comments(self, asked: Fields, parent: str) -> Fields:
        post, now = self._facts.posts.get(asked["item_id"]), self._now()
        if post is None:
            return self._douyin.refusal(28001007)
        there = sorted(post.comments.items(), key=lambda entry: -entry[1].at_ms)
        rows = [
            {
                "comment_id": key,
                "comment_user_id": one.who,
                "create_time": one.at_ms // 1000,
                "content": one.text,
                "nick_name": "",
                "top": one.is_top,
            }
            for key, one in there
            if one.parent == parent and one.shown_ms <= now
        ]
        page, more = self._page(rows, asked)
        return self._data({"list": page, **more})

    def _comment(self, asked: Fields) -> Fields:
        post, parent = self._facts.posts.get(asked["item_id"]), asked.get("comment_id", "")
        if post is None or (parent and parent not in post.comments):
            return self._douyin.refusal(2111003)
        key = f"@c{self._facts.number()}"
        post.comments[key] = Comment(OWN, self._now(), self._shown_ms(), asked["content"], parent)
        self._douyin.did(f"comment {key} {asked['content']}", key, (asked["content"], parent))
        return self._data({"comment_id": key})

    def _pin(self, asked: Fields) -> Fields:
        post = self._facts.posts.get(asked["item_id"])
        if post is None or asked["comment_id"] not in post.comments:
            return self._douyin.refusal(2111004)
        for key, one in post.comments.items():
            one.is_top = asked["top"] if key == asked["comment_id"] else one.is_top and not asked["top"]
        self._douyin.did(f"comment {asked['comment_id']} pinned: {asked['top']}")
        return self._data({})
