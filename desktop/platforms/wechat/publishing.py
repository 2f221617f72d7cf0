"""Publishing without a mass send: a task that is taken now and done later; what is published already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from desktop.domain.errors import UnclearReplyError
from desktop.domain.official_account import ArticleRecord, Progress, PublishState
from desktop.domain.platform_records import PageOf
from desktop.domain.proof import (
    CLOCK_ERROR_MS,
    SETTLE_MS,
    Judgement,
    UnknownWrite,
    Verdict,
    judge_state,
)
from desktop.domain.writes import Receipt, Write
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import rows, text, texts, whole
from desktop.platforms.tencent_line import seconds_as_ms
from desktop.platforms.wechat.client import WeChatClient
from desktop.platforms.wechat.drafts import draft_of, is_there
from desktop.platforms.wechat.paging import page_at

STATES = {
    0: Progress.DONE,
    1: Progress.RUNNING,
    2: Progress.REFUSED,
    3: Progress.FAILED,
    4: Progress.REFUSED,
    5: Progress.DELETED,
    6: Progress.BANNED,
}


async def submit(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Hand a draft over for publishing; the platform takes a task, and tells later what became of it."""
    fields = await client.write("cgi-bin/freepublish/submit", {"media_id": draft_of(write)})
    publish_id = text(fields.get("publish_id"))
    if not publish_id:
        raise UnclearReplyError("reply_garbled", detail="no publish_id in the reply")
    return Receipt(publish_id, facts={"msg_data_id": text(fields.get("msg_data_id"))})


async def prove(
    client: WeChatClient, _kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown publications. A draft that is gone and an article that came prove it.

    A draft that is still there proves nothing: when it leaves the box is not documented. Nor is a
    publication that still runs listed. Then a person decides; it is never submitted again by itself.
    Two of one title cannot be told apart by the article that came: nothing proves either.
    """
    published = (await articles(client, "")).items
    now = client.platform_now_ms()
    titles = Counter(_title(one.write) for one in unknown)
    found = {}
    for one in unknown:
        title = _title(one.write)
        came = [
            each
            for each in published
            if each.title == title and each.published_at >= one.started_at - CLOCK_ERROR_MS
        ]
        gone = not await is_there(client, draft_of(one.write))
        if gone and len(came) == titles[title] == 1:
            found[one.uid] = judge_state(True, "", article_id=came[0].external_id)
        elif now < one.ended_at + SETTLE_MS:
            found[one.uid] = Judgement(Verdict.TOO_EARLY)
        else:
            found[one.uid] = Judgement(Verdict.UNPROVABLE)
    return found


def _title(write: Write) -> str:
    return str(write.body["title"]).strip()


async def state(client: WeChatClient, publish_id: str) -> PublishState:
    """How far a publication got."""
    fields = await client.ask("cgi-bin/freepublish/get", {"publish_id": publish_id})
    told = whole(fields.get("publish_status"))
    if told is None:
        raise UnclearReplyError("reply_garbled", detail="no publish_status in the reply")
    detail = fields.get("article_detail")
    urls = [
        (place, text(one.get("article_url")))
        for one in rows(detail.get("item") if isinstance(detail, dict) else None)
        if (place := whole(one.get("idx"))) is not None
    ]
    failed = fields.get("fail_idx")
    places = [whole(one) for one in texts(failed)] if isinstance(failed, list) else []
    return PublishState(
        STATES.get(told, Progress.FAILED),
        text(fields.get("article_id")),
        tuple(urls),
        tuple(place for place in places if place is not None),
    )


async def articles(client: WeChatClient, cursor: str) -> PageOf[ArticleRecord]:
    """One page of what was published without a mass send; mass-sent articles are listed nowhere."""
    path = "cgi-bin/freepublish/batchget"
    entries, following = await page_at(client, path, cursor, {"no_content": 1})
    found = [record for entry in entries for record in _articles(entry)]
    skipped = sum(not text(entry.get("article_id")) for entry in entries)
    return PageOf(tuple(found), following, skipped=skipped)


def _articles(entry: Fields) -> list[ArticleRecord]:
    article_id, content = text(entry.get("article_id")), entry.get("content")
    if not article_id:
        return []
    at = seconds_as_ms(entry.get("update_time")) or 0
    return [
        ArticleRecord(
            article_id,
            place,
            text(item.get("title")),
            text(item.get("digest")),
            text(item.get("url")),
            at,
            item.get("is_deleted") is True,
        )
        for place, item in enumerate(
            rows(content.get("news_item") if isinstance(content, dict) else None), 1
        )
    ]
