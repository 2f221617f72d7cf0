"""The draft box: add, get, update, delete, count, list."""

from dataclasses import dataclass
from typing import Any

from desktop.sandbox.wechat.account import Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.articles import Article, checked_article, checked_articles, shown
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.material import Library

DAY = 86_400
SEEDED_DRAFTS = 5


@dataclass(slots=True)
class Draft:
    """One draft of one or several articles."""

    media_id: str
    articles: list[Article]
    created_at: int
    update_time: int


class DraftBox:
    """All drafts by media id."""

    def __init__(self) -> None:
        self.rows: dict[str, Draft] = {}
        self.is_open = True

    def add(self, account: Account, articles: list[Article]) -> Draft:
        """Keep a new draft."""
        number = account.next_number("draft", 0)
        now = account.now()
        draft = Draft(account.chance.token(b"oa-draft", number, 64), articles, now, now)
        self.rows[draft.media_id] = draft
        return draft


def begin(account: Account) -> None:
    """The drafts that lie in the box from the beginning."""
    thumbs = [row.media_id for row in account.shelf(Library).permanent.values()]
    for number in range(SEEDED_DRAFTS):
        with account.as_of(account.origin - (SEEDED_DRAFTS - number) * 2 * DAY):
            rows = [
                {
                    "title": f"未发的稿子{number + 1}" + ("(副)" if position else ""),
                    "content": f"<p>第 {number + 1} 篇,还没写完 & <b>再改</b></p>",
                    "thumb_media_id": thumbs[number],
                    "need_open_comment": 1,
                }
                for position in range(number % 2 + 1)
            ]
            articles = [checked_article(account, row, alone=len(rows) == 1) for row in rows]
            account.shelf(DraftBox).add(account, articles)


def require_draft(account: Account, media_id: object) -> Draft:
    """A draft that lies in the box; 40007 otherwise."""
    draft = account.shelf(DraftBox).rows.get(media_id) if isinstance(media_id, str) else None
    if draft is None:
        raise Refusal(40007)
    return draft


def take_out(account: Account, media_id: str) -> None:
    """What was published or sent leaves the box."""
    account.shelf(DraftBox).rows.pop(media_id, None)


def add(account: Account, args: Arguments) -> dict[str, Any]:
    """A new draft; calling twice makes two."""
    return {"media_id": account.shelf(DraftBox).add(account, checked_articles(account, args)).media_id}


def _items(draft: Draft, with_content: bool = True) -> list[Article]:
    base = f"http://mp.weixin.qq.com/s?__biz=MzTemp&tempkey={draft.media_id[:32]}"
    return [
        shown(article, f"{base}&idx={position}", with_content)
        for position, article in enumerate(draft.articles, 1)
    ]


def uploadnews(account: Account, args: Arguments) -> dict[str, Any]:
    """The old way to articles for a mass message: no draft, gone after three days."""
    articles = checked_articles(account, args)
    medium = account.shelf(Library).keep(account, "news", articles[0]["title"], b"")
    medium.articles = articles
    return {"type": "news", "media_id": medium.media_id, "created_at": medium.created_at}


def get(account: Account, args: Arguments) -> dict[str, Any]:
    """The articles of a draft with addresses for a look at them."""
    return {"news_item": _items(require_draft(account, args.values.get("media_id")))}


def update(account: Account, args: Arguments) -> dict[str, Any]:
    """Replace the article at a 0-based index; `articles` is one object here."""
    draft = require_draft(account, args.values.get("media_id"))
    index = args.number("index")
    if not 0 <= index < len(draft.articles):
        raise Refusal(40060)
    row = args.part("articles", missing=47001).values
    draft.articles[index] = checked_article(account, row, alone=len(draft.articles) == 1)
    draft.update_time = account.now()
    return {}


def delete(account: Account, args: Arguments) -> dict[str, Any]:
    """Delete a draft for good."""
    take_out(account, require_draft(account, args.values.get("media_id")).media_id)
    return {}


def count(account: Account, args: Arguments) -> dict[str, Any]:
    """How many drafts there are."""
    return {"total_count": len(account.shelf(DraftBox).rows)}


def batchget(account: Account, args: Arguments) -> dict[str, Any]:
    """A page of drafts."""
    offset, most = args.window()
    with_content = args.number("no_content", 0, wrong=40097) != 1
    rows = [row for row in account.shelf(DraftBox).rows.values() if account.listed(row.created_at)]
    rows.sort(key=lambda row: row.update_time, reverse=account.settings.listing_order == "newest")
    page = rows[offset : offset + most]
    return {
        "total_count": len(rows),
        "item_count": len(page),
        "item": [
            {
                "media_id": row.media_id,
                "content": {"news_item": _items(row, with_content)},
                "update_time": row.update_time,
            }
            for row in page
        ],
    }


def switch(account: Account, args: Arguments) -> dict[str, Any]:
    """The relic of the trial: tells, or turns on for good."""
    box = account.shelf(DraftBox)
    if args.query.get("checkonly") != "1":
        box.is_open = True
    return {"is_open": int(box.is_open)}


_C = "cgi-bin/draft/"
_UPLOADNEWS = Endpoint("cgi-bin/media/uploadnews", uploadnews, write=True, bare=True, needs="current")
ENDPOINTS = (
    Endpoint(_C + "add", add, write=True, bare=True, needs="current"),
    Endpoint(_C + "get", get, bare=True, needs="current"),
    Endpoint(_C + "update", update, write=True, needs="current"),
    Endpoint(_C + "delete", delete, write=True, needs="current"),
    Endpoint(_C + "count", count, "GET", bare=True, needs="current"),
    Endpoint(_C + "batchget", batchget, bare=True, needs="current"),
    Endpoint(_C + "switch", switch, needs="current", may_be_empty=True),
    _UPLOADNEWS,
)
