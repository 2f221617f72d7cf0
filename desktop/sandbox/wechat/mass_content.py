"""What a mass message may carry: the body of each kind, and where previews differ."""

from dataclasses import dataclass
from typing import Any

from desktop.sandbox.wechat.account import Account
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.articles import Article
from desktop.sandbox.wechat.drafts import DraftBox
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.material import Library, require_medium

KINDS = ("mpnews", "text", "voice", "music", "image", "mpvideo", "wxcard")


@dataclass(slots=True)
class Content:
    """A checked body; of articles also what they are."""

    media_id: str = ""
    articles: list[Article] | None = None


def content_of(account: Account, args: Arguments, kind: str, preview: bool = False) -> Content:
    """Check the body of a kind: 40008 unknown, 48008 not allowed, 40007 bad medium."""
    if kind not in KINDS:
        raise Refusal(40008)
    if kind in account.settings.mass_denied_types:
        raise Refusal(48008)
    if kind == "text":
        if not args.part("text", missing=44004).optional_text("content"):
            raise Refusal(44004)
        return Content()
    if kind == "mpnews":
        return _articles(account, args.part("mpnews", missing=40007).values.get("media_id"))
    if kind == "wxcard":
        args.part("wxcard", missing=40035).text("card_id")
        return Content()
    if kind == "image" and not preview:
        pictures: list[Any] = args.part("images", missing=40007).texts("media_ids", wrong=40007)
        if not pictures:
            raise Refusal(40007)
        for ident in pictures:
            require_medium(account, ident, "image")
        return Content()
    kinds = {"image": ("image",), "voice": ("voice",), "music": ("thumb",), "mpvideo": ("mpvideo",)}[kind]
    medium = require_medium(account, args.part(kind, missing=40007).values.get("media_id"), *kinds)
    return Content(medium.media_id if kind == "mpvideo" else "")


def _articles(account: Account, media_id: object) -> Content:
    key = media_id if isinstance(media_id, str) else ""
    draft = account.shelf(DraftBox).rows.get(key)
    if draft is not None:
        return Content(key, list(draft.articles))
    uploaded = account.shelf(Library).temporary.get(key)
    if uploaded is None or uploaded.articles is None:
        raise Refusal(40007)
    return Content(key, uploaded.articles)
