"""Articles of an official account: what one holds, what the platform allows, the HTML it becomes.

Platform facts (as of 2026-11): title at most 32 characters, author 16, digest 128, content below 20,000
characters and 1 MB; scripts are stripped and only pictures handed over beforehand are shown.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_TITLE = 32
MAX_AUTHOR = 16
MAX_DIGEST = 128
MAX_CONTENT = 20_000
MAX_CONTENT_BYTES = 1_000_000
MAX_URL_BYTES = 1024

PARAGRAPH = '<p style="margin:0 0 16px;line-height:1.75;">'
PICTURE = '<p style="margin:0 0 16px;text-align:center;"><img src="{url}" style="max-width:100%;"/></p>'

Part = tuple[str, str | int]  # ("text", words) or ("picture", its place among the pictures)


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `parts` in reading order; `comments` lets readers comment, `fans_only` followers alone."""

    title: str
    digest: str = ""
    author: str = ""
    source_url: str = ""
    parts: tuple[Part, ...] = ()
    comments: bool = False
    fans_only: bool = False

    def as_body(self) -> dict[str, Any]:
        """The form in which it is frozen."""
        return {
            "title": self.title,
            "digest": self.digest,
            "author": self.author,
            "source_url": self.source_url,
            "parts": [list(part) for part in self.parts],
            "comments": self.comments,
            "fans_only": self.fans_only,
        }


def article_of(body: Mapping[str, Any]) -> Article:
    """The article that frozen bytes hold."""
    parts = tuple((str(kind), value if kind == "picture" else str(value)) for kind, value in body["parts"])
    return Article(
        str(body["title"]),
        str(body["digest"]),
        str(body["author"]),
        str(body["source_url"]),
        parts,
        bool(body["comments"]),
        bool(body["fans_only"]),
    )


def html_of(parts: Sequence[Part], urls: Sequence[str]) -> str:
    """Clean HTML: a paragraph for each line, pictures between them, every character of a text escaped.

    `urls` are the addresses of the pictures in order. Raises IndexError for a picture that is not there.
    """
    made = []
    for kind, value in parts:
        if kind == "picture":
            made.append(PICTURE.format(url=html.escape(urls[int(value)], quote=True)))
            continue
        for line in str(value).replace("\r\n", "\n").split("\n"):
            words = html.escape(line.strip())
            made.append(f"{PARAGRAPH}{words or '<br/>'}</p>")
    return "".join(made)


def problems(article: Article) -> list[str]:
    """What the platform would refuse: codes 'article_<what>'; [] when nothing."""
    content = html_of([part for part in article.parts if part[0] == "text"], ())
    found = {
        "article_no_title": not article.title.strip(),
        "article_title": len(article.title) > MAX_TITLE,
        "article_author": len(article.author) > MAX_AUTHOR,
        "article_digest": len(article.digest) > MAX_DIGEST,
        "article_empty": not any(str(value).strip() for _, value in article.parts),
        "article_content": len(content) >= MAX_CONTENT or len(content.encode()) >= MAX_CONTENT_BYTES,
        "article_url": len(article.source_url.encode()) > MAX_URL_BYTES,
    }
    return [code for code, is_wrong in found.items() if is_wrong]
