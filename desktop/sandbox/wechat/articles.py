"""Articles as drafts, publishes and mass messages share them: checked, cleaned, shown."""

import html
import re
from typing import Any
from urllib.parse import urlsplit

from desktop.sandbox.wechat.account import Account
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.material import require_permanent

MOST_ARTICLES = 8
MOST_PICTURES = 20
LONGEST_TITLE, LONGEST_AUTHOR, LONGEST_DIGEST, LONGEST_CONTENT = 32, 16, 128, 20_000
LONGEST_SOURCE_BYTES, LONGEST_CONTENT_BYTES = 1024, 1024 * 1024
DIGEST_FROM_TEXT = 54
_SCRIPT = re.compile(r"<script\b.*?(?:</script\s*>|$)", re.IGNORECASE | re.DOTALL)
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_SOURCE = re.compile(r"""(?:data-)?src\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_PICTURE_HOSTS = ("mmbiz.qpic.cn", "mmbiz.qlogo.cn")
Article = dict[str, Any]


def checked_articles(account: Account, args: Arguments) -> list[Article]:
    """The 1 to 8 articles of a new draft."""
    rows = args.rows("articles")
    if not 1 <= len(rows) <= MOST_ARTICLES:
        raise Refusal(45008)
    return [checked_article(account, row, alone=len(rows) == 1) for row in rows]


def checked_article(account: Account, row: dict[str, Any], alone: bool) -> Article:
    """One article as it is kept; refuses what is too long, empty or without its pictures."""
    given = Arguments(row)
    kind = given.optional_text("article_type", "news") or "news"
    if kind not in ("news", "newspic"):
        raise Refusal(40035)
    title, content = given.text("title", missing=45003), given.optional_text("content")
    if len(title) > LONGEST_TITLE:
        raise Refusal(45003)
    if not content.strip() and kind == "news":
        raise Refusal(45166)
    if len(content) >= LONGEST_CONTENT or len(content.encode()) >= LONGEST_CONTENT_BYTES:
        raise Refusal(45002)
    author, digest = given.optional_text("author"), given.optional_text("digest")
    if len(author) > LONGEST_AUTHOR:
        raise Refusal(45110)
    if len(digest) > LONGEST_DIGEST:
        raise Refusal(45004)
    source = given.optional_text("content_source_url")
    if len(source.encode()) > LONGEST_SOURCE_BYTES:
        raise Refusal(45005)
    cleaned = _cleaned(content)
    article: Article = {
        "article_type": kind,
        "title": title,
        "author": author,
        "digest": digest or (_plain(cleaned)[:DIGEST_FROM_TEXT] if alone else ""),
        "content": cleaned,
        "content_source_url": source,
        "need_open_comment": int(given.flag("need_open_comment")),
        "only_fans_can_comment": int(given.flag("only_fans_can_comment")),
    }
    return article | (_pictures(account, given) if kind == "newspic" else _cover(account, given))


def _cover(account: Account, given: Arguments) -> Article:
    thumb = require_permanent(account, given.values.get("thumb_media_id"), "image", "thumb")
    cover: Article = {"thumb_media_id": thumb.media_id, "show_cover_pic": int(given.flag("show_cover_pic"))}
    for name in ("pic_crop_235_1", "pic_crop_1_1"):
        crop = given.optional_text(name)
        if crop:
            cover[name] = _crop(crop)
    return cover


def _crop(text: str) -> str:
    try:
        numbers = [float(part) for part in text.split("_")]
    except ValueError:
        raise Refusal(53402) from None
    if len(numbers) != 4 or not all(0 <= number <= 1 for number in numbers):
        raise Refusal(53402)
    return text


def _pictures(account: Account, given: Arguments) -> Article:
    rows = given.part("image_info", missing=40007).rows("image_list", missing=40007)
    if not rows:
        raise Refusal(40007)
    if len(rows) > MOST_PICTURES:
        raise Refusal(45008)
    held = [require_permanent(account, row.get("image_media_id"), "image").media_id for row in rows]
    article: Article = {"image_info": {"image_list": [{"image_media_id": ident} for ident in held]}}
    for name in ("cover_info", "product_info"):
        if given.has(name):
            article[name] = given.part(name).values
    return article


def _cleaned(content: str) -> str:
    """Scripts and pictures from elsewhere are taken out, without a word."""
    return _IMAGE.sub(_kept_image, _SCRIPT.sub("", content))


def _kept_image(found: re.Match[str]) -> str:
    source = _SOURCE.search(found.group(0))
    host = urlsplit(source.group(1)).hostname if source else None
    return found.group(0) if host in _PICTURE_HOSTS else ""


def _plain(content: str) -> str:
    return html.unescape(_TAG.sub("", content)).strip()


def shown(article: Article, url: str, with_content: bool = True) -> Article:
    """An article as the reading calls tell it."""
    return {name: value for name, value in article.items() if with_content or name != "content"} | {
        "url": url
    }
