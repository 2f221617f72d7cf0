"""Drafts: listed, made, replaced, deleted; an article's parts become the platform's HTML here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from desktop.domain.articles import article_of, html_of
from desktop.domain.errors import InvalidInputError, RejectedError, UnclearReplyError
from desktop.domain.official_account import DraftRecord
from desktop.domain.platform_records import PageOf
from desktop.domain.proof import CLOCK_ERROR_MS, Judgement, UnknownWrite, judge_state
from desktop.domain.writes import Receipt, Write
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import rows, text
from desktop.platforms.tencent_line import seconds_as_ms
from desktop.platforms.wechat.client import WeChatClient
from desktop.platforms.wechat.paging import page_at

GONE = 40007


async def drafts(client: WeChatClient, cursor: str) -> PageOf[DraftRecord]:
    """One page of drafts, without their texts."""
    entries, following = await page_at(client, "cgi-bin/draft/batchget", cursor, {"no_content": 1})
    found = [one for entry in entries if (one := _draft(entry)) is not None]
    return PageOf(tuple(found), following, skipped=len(entries) - len(found))


async def add(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Make a draft of one article."""
    fields = await client.write("cgi-bin/draft/add", {"articles": [wire_form(write)]})
    media_id = text(fields.get("media_id"))
    if not media_id:
        raise UnclearReplyError("reply_garbled", detail="no media_id in the reply")
    return Receipt(media_id)


async def edit(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Replace a draft's article as a whole."""
    draft = draft_of(write)
    body = {"media_id": draft, "index": 0, "articles": wire_form(write)}
    await client.write("cgi-bin/draft/update", body)
    return Receipt(draft)


async def delete(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Delete a draft; one that is gone already is as wanted."""
    draft = draft_of(write)
    try:
        await client.write("cgi-bin/draft/delete", {"media_id": draft})
    except RejectedError as error:
        if error.params.get("platform_code") != GONE:
            raise
    return Receipt(draft)


async def prove_add(
    client: WeChatClient, _kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown drafts, by the newest ones there are; one too many harms nobody.

    Where more than one draft or more than one write would fit, none is taken for the other: texts that
    begin alike would change places.
    """
    free = [one for one in (await drafts(client, "")).items if one.external_id not in taken]
    fits = {one.uid: [draft.external_id for draft in free if _is_of(draft, one)] for one in unknown}
    wanted = Counter(draft for some in fits.values() for draft in some)
    found = {}
    for uid, some in fits.items():
        is_sure = len(some) == 1 and wanted[some[0]] == 1
        found[uid] = judge_state(is_sure, some[0] if is_sure else "")
    return found


async def prove_delete(
    client: WeChatClient, _kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """Whether the drafts are gone."""
    return {
        one.uid: judge_state(not await is_there(client, draft_of(one.write)), draft_of(one.write))
        for one in unknown
    }


async def is_there(client: WeChatClient, draft: str) -> bool:
    """Whether a draft is still in the box: it leaves when it is published, sent or deleted."""
    try:
        await client.ask("cgi-bin/draft/get", {"media_id": draft})
    except RejectedError as error:
        if error.params.get("platform_code") == GONE:
            return False
        raise
    return True


def draft_of(write: Write) -> str:
    """The draft a write is about. Raises InvalidInputError when there is none."""
    draft = str(write.body.get("draft", "")) or write.prior_id
    if not draft:
        raise InvalidInputError("article_no_draft")
    return draft


def wire_form(write: Write) -> Fields:
    """The article as draft/add takes it. Raises InvalidInputError before anything leaves."""
    article = article_of(write.body)
    if not write.pictures or write.pictures[0].kind != "cover":
        raise InvalidInputError("article_no_cover")
    if len(write.media_ids) != len(write.pictures):
        raise InvalidInputError("article_no_cover")
    return {
        "article_type": "news",
        "title": article.title,
        "author": article.author,
        "digest": article.digest,
        "content": html_of(article.parts, write.media_ids),
        "content_source_url": article.source_url,
        "thumb_media_id": write.media_ids[0],
        "need_open_comment": int(article.comments),
        "only_fans_can_comment": int(article.fans_only),
    }


def first_article(entry: Fields) -> Fields:
    """The first article of a listed draft or publication; {} without one."""
    content = entry.get("content")
    return next(iter(rows(content.get("news_item") if isinstance(content, dict) else None)), {})


def _draft(entry: Fields) -> DraftRecord | None:
    media_id, article = text(entry.get("media_id")), first_article(entry)
    if not media_id:
        return None
    return DraftRecord(
        media_id,
        text(article.get("title")),
        text(article.get("digest")),
        text(article.get("thumb_media_id")),
        seconds_as_ms(entry.get("update_time")) or 0,
    )


def _is_of(draft: DraftRecord, one: UnknownWrite) -> bool:
    body = one.write.body
    is_same = draft.title == str(body["title"]).strip()
    digest = str(body["digest"]).strip()  # an empty one is filled by the platform
    return (
        is_same
        and (not digest or draft.digest == digest)
        and (draft.updated_at >= one.started_at - CLOCK_ERROR_MS)
    )
