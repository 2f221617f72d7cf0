"""What a small Douyin account has: a consent, fans who write, groups, requests, posts, comments. Plain data."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

OWN = "oid_shop"
GROUPS = ("吃货群", "福利群", "老客群")
NAMES = ("小满", "阿青", "老周", "豆豆")
DAY_MS = 86_400_000
REPLIES, ENTRY_REPLIES = 6, 3
REPLY_MS, ENTRY_MS = DAY_MS, 30_000


@dataclass
class Consent:
    """The owner's consent: which tokens are good, and how often it was renewed."""

    access: str
    refresh: str
    access_until: int
    refresh_until: int
    renewals: int = 0


@dataclass
class Entry:
    """One line of the log of interest, shown some time after it happened."""

    event: str
    at_ms: int
    shown_ms: int
    who: str
    content: dict[str, Any]


@dataclass
class Group:
    """A fan group, listed some time after it was made."""

    name: str
    shown_ms: int
    said: list[str] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)


@dataclass
class Comment:
    """What somebody wrote below a post, or below another comment (`parent`)."""

    who: str
    at_ms: int
    shown_ms: int
    text: str
    parent: str = ""
    is_top: bool = False


@dataclass
class Post:
    """A video or a picture post; shown when its review is over."""

    title: str
    at_ms: int
    shown_ms: int
    comments: dict[str, Comment] = field(default_factory=dict)


class Account:
    """The account's facts, and what fans and the owner do in the app."""

    def __init__(self, chance: random.Random, now_ms: int) -> None:
        self._count = 0
        self.lag_ms = 0
        self.consent = self.agreed(now_ms)
        self.log: list[Entry] = []
        self.answered: dict[str, int] = {}  # replies to each message
        self.groups: dict[str, Group] = {}
        self.requests: dict[str, tuple[str, str, int]] = {}  # apply id to (group, who, when)
        self.accepted: set[str] = set()
        self.posts: dict[str, Post] = {}
        self.messages: dict[str, str] = {}  # what we said, by its id
        for name in GROUPS[:2]:
            self.groups[f"7{self.number()}"] = Group(name, now_ms)
        for days in (4, 2):
            self.post(chance, now_ms - days * DAY_MS)
            self.comment(chance, now_ms - days * DAY_MS + 60_000)
        self.write(chance, now_ms - 3_600_000)

    def agreed(self, now_ms: int) -> Consent:
        """A new consent. Its times are short, so that a story sees it refreshed, renewed and ended."""
        number = self.number()
        access_until, refresh_until = now_ms + 2 * DAY_MS + 7_200_000, now_ms + 5 * DAY_MS + 3_600_000
        return Consent(f"act{number}", f"rft{number}.0", access_until, refresh_until)

    def number(self) -> int:
        """A number nothing else has."""
        self._count += 1
        return 7_300_000_000_000_000_000 + self._count

    def write(self, chance: random.Random, now_ms: int, event: str = "im_receive_msg") -> str:
        """A fan writes a message, or opens the page of the chat."""
        who, number = f"oid_fan{chance.randint(1, 4)}", self.number()
        told: dict[str, Any] = {
            "server_message_id": f"m{number}",
            "conversation_short_id": f"c-{who}",
            "conversation_type": 1,
            "create_time": now_ms,
            "user_infos": [{"open_id": who, "nick_name": NAMES[int(who[-1]) - 1], "avatar": ""}],
        }
        if event == "im_receive_msg":
            told |= {"message_type": "text", "text": f"在吗{number % 1000}"}
        self.log.append(Entry(event, now_ms, now_ms + self.lag_ms, who, told))
        return f"{event} of {who}"

    def follow(self, chance: random.Random, now_ms: int) -> str:
        """Somebody follows."""
        who = f"oid_fan{chance.randint(1, 6)}"
        self.log.append(Entry("new_follow_action", now_ms, now_ms + self.lag_ms, who, {}))
        return f"{who} follows"

    def post(self, chance: random.Random, now_ms: int) -> str:
        """The owner publishes something in the app."""
        number = self.number()
        self.posts[f"@v{number}"] = Post(f"视频{number % 1000}", now_ms, now_ms)
        return f"post @v{number}"

    def comment(self, chance: random.Random, now_ms: int) -> str:
        """A fan comments."""
        item, number = chance.choice(sorted(self.posts)), self.number()
        who = f"oid_fan{chance.randint(1, 6)}"
        self.posts[item].comments[f"@c{number}"] = Comment(who, now_ms, now_ms, f"好吃{number % 1000}")
        return f"comment @c{number} below {item}"

    def ask(self, chance: random.Random, now_ms: int) -> str:
        """Somebody asks to be let into a group."""
        group, number = chance.choice(sorted(self.groups)), self.number()
        self.requests[f"a{number}"] = group, f"oid_fan{chance.randint(1, 9)}", now_ms
        return f"request a{number}"

    def change(self, chance: random.Random, now_ms: int) -> str:
        """Somebody does something; what, for the trace."""
        what = chance.choice(CHANGES)
        if what in ("im_receive_msg", "im_enter_direct_msg"):
            return self.write(chance, now_ms, what)
        if what == "group" and len(self.groups) < 6:
            number = self.number()
            self.groups[f"7{number}"] = Group(f"手机建的群{number % 1000}", now_ms)
            return "a group made in the app"
        if what == "decide" and self.requests:
            gone = chance.choice(sorted(self.requests))
            del self.requests[gone]
            return f"request {gone} decided in the app"
        act = {"comment": self.comment, "ask": self.ask, "post": self.post}.get(what, self.follow)
        return act(chance, now_ms)


CHANGES = (
    "im_receive_msg", "im_receive_msg", "im_receive_msg", "im_enter_direct_msg", "follow", "comment", "comment",
    "ask", "ask", "post", "group", "decide",
)  # fmt: skip
