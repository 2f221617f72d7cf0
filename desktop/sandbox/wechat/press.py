"""What the account has published, with and without a notice to its followers, and the comments under it."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.chance import word
from desktop.sandbox.wechat.account import FIRST_MSG_DATA_ID, Account
from desktop.sandbox.wechat.articles import Article, checked_article
from desktop.sandbox.wechat.material import Library

DAY = 86_400
SEEDED = 24
_TITLES = (
    "新到一批坚果,先到先得",
    "中秋礼盒怎么选",
    "老板娘的零食柜",
    "周末团购预告",
    "低糖糕点试吃报告 & <b>真实</b>反馈",
)
_WORDS = (
    "好吃,已经回购三次了",
    "请问怎么买?",
    "😋😋",
    "包裹破了,能补发吗",
    "<script>alert(1)</script>",
    "=1+1",
    "支持老板!" * 20,
    "什么时候有低糖的",
)


@dataclass(slots=True)
class Comment:
    """One comment under an article."""

    ident: int
    follower: int | None  # None: written under an identity that is not a WeChat user's
    at: int
    content: str
    elected: bool = False
    reply: tuple[str, int] | None = None  # text and time
    withdrawn: bool = False  # by the one who wrote it


@dataclass(slots=True)
class Talk:
    """The comments of one article."""

    is_open: bool
    rows: list[Comment] = field(default_factory=list)
    made: int = 0

    def add(self, follower: int | None, at: int, content: str) -> Comment:
        """A new comment."""
        self.made += 1  # ids are never used twice
        comment = Comment(self.made, follower, at, content)
        self.rows.append(comment)
        return comment


@dataclass(slots=True)
class Publication:
    """One publish of one or several articles."""

    msg_data_id: int
    notified: bool  # True: sent as a mass message; no listing shows it
    article_id: str  # empty when notified
    articles: list[Article]
    at: int
    talks: list[Talk]
    deleted: set[int] = field(default_factory=set)  # 1-based
    banned: bool = False

    def url(self, position: int) -> str:
        """The lasting address of an article by its 1-based position."""
        sn = hashlib.md5(f"{self.msg_data_id}:{position}".encode(), usedforsecurity=False).hexdigest()
        return f"http://mp.weixin.qq.com/s?__biz=MzI1NjA=&mid={self.msg_data_id}&idx={position}&sn={sn}#rd"


class Press:
    """All publications, oldest first."""

    def __init__(self) -> None:
        self.rows: list[Publication] = []

    def add(
        self, account: Account, articles: list[Article], notified: bool, msg_data_id: int | None = None
    ) -> Publication:
        """Publish articles now."""
        number = len(self.rows)
        row = Publication(
            msg_data_id=new_msg_data_id(account) if msg_data_id is None else msg_data_id,
            notified=notified,
            article_id="" if notified else account.chance.token(b"oa-article", number, 43),
            articles=articles,
            at=account.now(),
            talks=[Talk(bool(article["need_open_comment"])) for article in articles],
        )
        self.rows.append(row)
        return row

    def by_article_id(self, article_id: str) -> Publication | None:
        """The publication without notice that has this id."""
        return next((row for row in self.rows if article_id and row.article_id == article_id), None)

    def by_data_id(self, msg_data_id: int) -> Publication | None:
        """The publication with this data id."""
        return next((row for row in self.rows if row.msg_data_id == msg_data_id), None)


def new_msg_data_id(account: Account) -> int:
    """The next data id of a publish or mass message."""
    return account.next_number("msg_data_id", FIRST_MSG_DATA_ID, step=3)


def begin(account: Account) -> None:
    """What was published before the beginning: every third was a mass message."""
    thumbs = [row.media_id for row in account.shelf(Library).permanent.values()]
    for number in range(SEEDED):
        bits = account.chance.roll(b"publication", number)
        at = account.origin - (SEEDED - number) * 3 * DAY - bits[0] * 60
        rows: list[dict[str, Any]] = [
            {
                "title": _TITLES[bits[1 + position] % len(_TITLES)],
                "author": "掌柜",
                "content": f"<p>第 {number + 1} 期,第 {position + 1} 篇。</p>",
                "thumb_media_id": thumbs[(number + position) % len(thumbs)],
                "need_open_comment": int(number % 6 != 4),
            }
            for position in range(bits[9] % 3 + 1)
        ]
        with account.as_of(at):
            articles = [checked_article(account, row, alone=len(rows) == 1) for row in rows]
            publication = account.shelf(Press).add(account, articles, notified=number % 3 == 0)
        _seed_talk(account, publication, bits, crowded=number >= SEEDED - 2)


def _seed_talk(account: Account, row: Publication, bits: bytes, crowded: bool) -> None:
    talk = row.talks[0]
    people = account.followers.count
    if not talk.is_open or not people:
        return
    for number in range(120 if crowded else bits[20] % 12):
        drawn = account.chance.roll(b"comment", row.msg_data_id * 1000 + number)
        who = None if drawn[0] < 10 else account.followers.seeded_person(drawn)
        comment = talk.add(who, row.at + 60 + number * 97, _WORDS[word(drawn, 5) % len(_WORDS)])
        comment.elected = drawn[7] < 60
        if drawn[8] < 40:
            comment.reply = ("谢谢支持!", comment.at + 3600)
