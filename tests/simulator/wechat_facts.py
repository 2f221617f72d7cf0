"""What a small official account has: followers, tags, drafts, publications, comments, a menu. Plain data."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

TITLES = ("到货", "上新", "清单", "怎么挑", "故事")
TAGS = ("老客", "团购", "水果")
STAR = 2  # a tag of the platform's own
MOST_FOLLOWERS = 12


@dataclass
class Follower:
    """Somebody who follows; WeChat tells no names."""

    remark: str
    since_s: int
    tags: set[int] = field(default_factory=set)


@dataclass
class Draft:
    """An article in the box."""

    article: dict[str, Any]
    updated_s: int


@dataclass
class Comment:
    """What a reader wrote below an article, and the one answer it may have."""

    who: str
    at_s: int
    text: str
    is_elected: bool = False
    reply: str = ""
    reply_s: int = 0


@dataclass
class Article:
    """What was published or sent: `task` is the id the platform gave for it, `status` its own word."""

    task: str
    way: str  # publish, mass, console
    title: str
    media_id: str
    send_id: int
    taken_ms: int
    ends_ms: int
    status: int | str
    article_id: str = ""
    came_ms: int | None = None
    shown_ms: int = 0
    takes_comments: bool = True
    comments: dict[int, Comment] = field(default_factory=dict)


class Account:
    """The account's facts, and what people do in WeChat and in its console."""

    def __init__(self, chance: random.Random, now_s: int) -> None:
        self._count = 0
        self.tags: dict[int, str] = {STAR: "星标组"} | {100 + n: name for n, name in enumerate(TAGS)}
        self.followers: dict[str, Follower] = {}
        self.materials: dict[str, str] = {}  # name to id
        self.drafts: dict[str, Draft] = {}
        self.articles: list[Article] = []
        self.menu: list[dict[str, Any]] | None = [{"type": "click", "name": "今日到货", "key": "today"}]
        for _ in range(chance.randint(4, 8)):
            self.follow(chance, now_s - chance.randint(1, 300) * 86_400)
        for days in (3, 9):
            self.publish_in_console(chance, (now_s - days * 86_400) * 1000)
            self.comment(chance, now_s - days * 86_000)

    def number(self) -> int:
        """A number nothing else has; above what 31 bits hold, as real ones are."""
        self._count += 1
        return 3_147_494_000 + self._count

    def follow(self, chance: random.Random, now_s: int) -> str:
        """Somebody new follows."""
        self._count += 1
        who = f"oSim{self._count:02}"
        some = set(chance.sample(sorted(self.tags), chance.randint(0, min(2, len(self.tags)))))
        self.followers[who] = Follower(chance.choice(("", f"备注{self._count}")), now_s, some)
        return who

    def publish_in_console(self, chance: random.Random, now_ms: int) -> Article:
        """The owner publishes something in the web console."""
        number, title = self.number(), chance.choice(TITLES)
        made = Article(
            f"c{number}", "console", title, "", number, now_ms, now_ms, 0, f"art{number}", now_ms
        )
        self.articles.append(made)
        return made

    def comment(self, chance: random.Random, now_s: int) -> str:
        """A reader comments."""
        open_ones = [one for one in self.articles if one.came_ms is not None and one.takes_comments]
        if not open_ones:
            return "nothing"
        article, number = chance.choice(open_ones), self.number()
        who = chance.choice([*sorted(self.followers), ""])
        article.comments[number] = Comment(who, now_s, f"留言{number % 1000}")
        return f"comment {number} below {article.send_id}"

    def article(self, send_id: object) -> Article | None:
        """What readers can see under a number."""
        return next(
            (one for one in self.articles if one.send_id == send_id and one.came_ms is not None), None
        )

    def change(self, chance: random.Random, now_ms: int) -> str:
        """Somebody does something; what, for the trace."""
        what, now_s = chance.choice(CHANGES), now_ms // 1000
        if what == "follow" and len(self.followers) < MOST_FOLLOWERS:
            return f"follow {self.follow(chance, now_s)}"
        if what == "leave" and len(self.followers) > 3:
            who = chance.choice(sorted(self.followers))
            del self.followers[who]
            return f"leave {who}"
        if what == "remark":
            self.followers[chance.choice(sorted(self.followers))].remark = f"备注{chance.randint(10, 99)}"
        elif what == "retag" and len(self.tags) > 1:
            self.tags[chance.choice(sorted(self.tags.keys() - {STAR}))] = f"标签{self.number() % 1000}"
        elif what == "publish":
            return f"published {self.publish_in_console(chance, now_ms).title} in the console"
        elif what == "draft" and self.drafts:
            gone = chance.choice(sorted(self.drafts))
            del self.drafts[gone]
            return f"draft {gone} deleted in the console"
        elif what == "menu":
            self.menu = [
                {"type": "view", "name": f"菜单{chance.randint(1, 9)}", "url": "https://a.example/"}
            ]
        else:
            return self.comment(chance, now_s)
        return what


CHANGES = (
    "follow", "leave", "remark", "retag", "publish", "draft", "menu", "comment", "comment", "comment",
)  # fmt: skip
