"""Articles of an official account: what one holds, what the platform allows, the HTML it becomes.

Platform facts (as of 2026-11): title at most 32 characters, author 16, digest 128, content below 20,000
characters and 1 MB; scripts are stripped and only pictures handed over beforehand are shown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from desktop.domain.content import MediaRef, media_from_json

MAX_TITLE = 32
MAX_AUTHOR = 16
MAX_DIGEST = 128
MAX_CONTENT = 20_000
MAX_CONTENT_BYTES = 1_000_000
MAX_URL_BYTES = 1024

HEADING = '<h3 style="margin:24px 0 12px;font-size:18px;line-height:1.5;">{words}</h3>'
PARAGRAPH = '<p style="margin:0 0 16px;line-height:1.75;">'
PICTURE = '<p style="margin:0 0 16px;text-align:center;"><img src="{url}" style="max-width:100%;"/></p>'
PLACE = re.compile(r"\[(?:图片|picture) ?(\d{1,2})\]", re.IGNORECASE)

STRONG = re.compile(r"\*\*((?:\\.|\*(?!\*)|[^*\\])+)\*\*")
MARKED = re.compile(r"\\([\\*#\[])")
HEADS = "## "

# ("text", lines), ("heading", words) or ("picture", its place among the pictures). Words carry **bold** parts;
# a backslash before \\ * # [ means that very character.
Part = tuple[str, str | int]


class Way(StrEnum):
    """How an article goes out: on the profile without telling anybody, or to followers as a message."""

    PUBLISH = "publish"
    MASS_SEND = "mass_send"


@dataclass(frozen=True, slots=True)
class ArticleDetails:
    """What a post holds for an official account beside title, text and pictures.

    `tag` is the platform's id of the tag whose followers get it; '' is everybody. The picture in the text with
    the number n is the post's n-th picture; the cover stands apart.
    """

    digest: str = ""
    author: str = ""
    source_url: str = ""
    cover: MediaRef | None = None
    comments: bool = False
    way: Way = Way.PUBLISH
    tag: str = ""

    def as_json(self) -> dict[str, Any]:
        """The form in which it is kept; what stands at its default is left out."""
        kept: dict[str, Any] = {
            "digest": self.digest,
            "author": self.author,
            "source_url": self.source_url,
            "cover": None if self.cover is None else self.cover.as_json(),
            "comments": self.comments,
            "way": "" if self.way is Way.PUBLISH else self.way.value,
            "tag": self.tag,
        }
        return {name: value for name, value in kept.items() if value}


def details_of(kept: Mapping[str, Any]) -> ArticleDetails:
    """The details that `as_json` wrote."""
    cover = kept.get("cover")
    return ArticleDetails(
        str(kept.get("digest", "")),
        str(kept.get("author", "")),
        str(kept.get("source_url", "")),
        next(iter(media_from_json([cover])), None) if isinstance(cover, Mapping) else None,
        bool(kept.get("comments", False)),
        Way(kept.get("way") or Way.PUBLISH),
        str(kept.get("tag", "")),
    )


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


def parts_of(text: str) -> tuple[Part, ...]:
    """The parts of a text: a line `[图片 2]` or `[picture 2]` is the second picture, `## words` a heading."""
    parts: list[Part] = []
    lines: list[str] = []

    def end_text() -> None:
        if any(one.strip() for one in lines):
            parts.append(("text", "\n".join(lines).strip("\n")))
        lines.clear()

    for line in text.replace("\r\n", "\n").strip("\n").split("\n"):
        place = PLACE.fullmatch(line.strip())
        if place is not None:
            end_text()
            parts.append(("picture", int(place[1])))
        elif line.startswith(HEADS) and line[len(HEADS) :].strip():
            end_text()
            parts.append(("heading", line[len(HEADS) :].strip()))
        else:
            lines.append(line)
    end_text()
    return tuple(parts)


def runs_of(words: str) -> list[tuple[str, bool]]:
    """Words as they are read, in pieces: (letters, whether they are bold)."""
    found, at = [], 0
    for bold in STRONG.finditer(words):
        found += [(words[at : bold.start()], False), (bold[1], True)]
        at = bold.end()
    found.append((words[at:], False))
    return [(MARKED.sub(r"\1", piece), is_bold) for piece, is_bold in found if piece]


def marked(letters: str, *, is_bold: bool = False, begins_line: bool = False) -> str:
    """Letters as `runs_of` reads them back; at the beginning of a line # and [ are no marks either."""
    told = letters.replace("\\", "\\\\").replace("*", "\\*")
    if begins_line and told.startswith(("#", "[")):
        told = "\\" + told
    return f"**{told}**" if is_bold and told.strip() else told


def plain_text(text: str) -> str:
    """The words of a text as read, without marks and pictures."""
    lines = [str(value) for kind, value in parts_of(text) if kind != "picture"]
    return "\n".join("".join(piece for piece, _ in runs_of(line)) for line in "\n".join(lines).split("\n"))


def marked_text(plain: str) -> str:
    """A plain text as the text of an article that reads the same."""
    return "\n".join(marked(line, begins_line=True) for line in plain.split("\n"))


def html_of(parts: Sequence[Part], urls: Sequence[str]) -> str:
    """Clean HTML: a paragraph for each line, pictures between them, every character of a text escaped.

    `urls` are the addresses of the pictures in order. Raises IndexError for a picture that is not there.
    """
    made = []
    for kind, value in parts:
        if kind == "picture":
            made.append(PICTURE.format(url=html.escape(urls[int(value)], quote=True)))
            continue
        if kind == "heading":
            made.append(HEADING.format(words=_html(str(value))))
            continue
        for line in str(value).replace("\r\n", "\n").split("\n"):
            made.append(f"{PARAGRAPH}{_html(line.strip()) or '<br/>'}</p>")
    return "".join(made)


def _html(words: str) -> str:
    pieces = [(html.escape(letters), is_bold) for letters, is_bold in runs_of(words)]
    return "".join(f"<strong>{letters}</strong>" if is_bold else letters for letters, is_bold in pieces)


def problems(article: Article) -> list[str]:
    """What the platform would refuse: codes 'article_<what>'; [] when nothing."""
    content = html_of([part for part in article.parts if part[0] != "picture"], ())
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
