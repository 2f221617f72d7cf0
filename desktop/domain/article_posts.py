"""Posts that are articles of an official account: what must be right before one may be confirmed."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.domain.articles import (
    MAX_AUTHOR,
    MAX_DIGEST,
    MAX_TITLE,
    Article,
    Way,
    parts_of,
    plain_text,
    problems,
)
from desktop.domain.content import Problem, Severity, check_media
from desktop.domain.copy_check import CopyRules
from desktop.domain.posts import PostDraft, check_copy, check_time
from desktop.domain.writes import Picture

MOST_PICTURES = 30
INLINE_LIMIT = 1024 * 1024  # bytes of one picture in the text, as of 2026-11
FIELDS = {
    "article_no_title": "title",
    "article_title": "title",
    "article_author": "author",
    "article_digest": "digest",
    "article_empty": "article",
    "article_content": "article",
    "article_url": "source_url",
}
NO_ACCOUNT = "article_account_missing"
LIMITS = {"article_title": MAX_TITLE, "article_author": MAX_AUTHOR, "article_digest": MAX_DIGEST}


@dataclass(frozen=True, slots=True)
class ArticleContext:
    """What checking needs to know. `followers` are those it would go to, None where that is not asked.

    `sent_this_month` are the mass sends known here, `monthly_most` how many each follower gets a month.
    """

    now: int
    copy_rules: CopyRules
    account_problem: str | None = None
    followers: int | None = None
    sent_this_month: int = 0
    monthly_most: int = 0


def article_of_post(draft: PostDraft) -> Article:
    """The article that a post describes."""
    told = draft.article
    return Article(
        draft.title.strip(),
        told.digest.strip(),
        told.author.strip(),
        told.source_url.strip(),
        parts_of(draft.body),
        told.comments,
    )


def pictures_of(draft: PostDraft) -> tuple[Picture, ...]:
    """The cover and the pictures in the text, as they are frozen."""
    cover = draft.article.cover
    kept = [] if cover is None else [Picture(cover.sha256, cover.file_name, "cover")]
    return (*kept, *(Picture(one.sha256, one.file_name) for one in draft.media))


def check_article(draft: PostDraft, context: ArticleContext) -> list[Problem]:
    """Everything wrong or risky about an article, in reading order."""
    found = [
        Problem(code, {"limit": LIMITS[code]} if code in LIMITS else {}, FIELDS[code])
        for code in problems(article_of_post(draft))
    ]
    if draft.article.cover is None:
        found.append(Problem("article_no_cover", field="cover"))
    else:
        found += [Problem(p.code, p.params, "cover") for p in check_media((draft.article.cover,))]
    found += _check_pictures(draft)
    for name, words in (("title", draft.title), ("digest", draft.article.digest)):
        found += check_copy(words, context.copy_rules, name)
    found += check_copy(plain_text(draft.body), context.copy_rules, "article")
    if context.account_problem:
        is_missing = context.account_problem == "account_missing"
        found.append(Problem(NO_ACCOUNT if is_missing else context.account_problem, field="account"))
    if draft.article.way is Way.MASS_SEND:
        found += _check_reach(context)
    return found + check_time(draft, context.now)


def _check_pictures(draft: PostDraft) -> list[Problem]:
    shown = [int(value) for kind, value in parts_of(draft.body) if kind == "picture"]
    found = []
    if any(not 0 < place <= len(draft.media) for place in shown):
        found.append(Problem("article_picture_gone", field="article"))
    if len(draft.media) > MOST_PICTURES:
        found.append(
            Problem("too_many_pictures", {"count": len(draft.media), "limit": MOST_PICTURES}, "article")
        )
    for picture in draft.media:
        if picture.bytes > INLINE_LIMIT:
            megabytes = round(picture.bytes / 1024 / 1024, 1)
            told = {"name": picture.file_name, "megabytes": megabytes}
            found.append(Problem("article_picture_large", told, "article"))
    return found


def _check_reach(context: ArticleContext) -> list[Problem]:
    if context.followers == 0:
        return [Problem("article_nobody", field="way")]
    if context.monthly_most and context.sent_this_month >= context.monthly_most:
        counts = {"sent": context.sent_this_month, "limit": context.monthly_most}
        return [Problem("article_month_full", counts, "way", Severity.WARNING)]
    return []
