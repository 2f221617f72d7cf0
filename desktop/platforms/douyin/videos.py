"""Posts of a Douyin account with their figures, and the image-text post as a way to publish one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from desktop.domain.errors import InvalidInputError, RateLimitedError, RejectedError
from desktop.domain.picture_posts import MOST_PICTURES
from desktop.domain.platform_records import PageOf
from desktop.domain.proof import (
    CLOCK_ERROR_MS,
    EXECUTED_LATE_MS,
    Judgement,
    UnknownWrite,
    Verdict,
    judge_state,
)
from desktop.domain.public_accounts import VideoRecord
from desktop.domain.writes import Receipt, Write
from desktop.platforms.douyin.client import DouyinClient, listed, moment, truth
from desktop.platforms.douyin.envelope import Fields, Form
from desktop.platforms.strict_json import text, whole

COUNT = 20
LOOKED_THROUGH = 5  # pages, when one post is looked for


async def page(client: DouyinClient, cursor: str) -> PageOf[VideoRecord]:
    """One page of own posts. Raises the five errors."""
    query = {"cursor": cursor or "0", "count": str(COUNT)}
    data = await client.get("/api/douyin/v1/video/video_list/", Form.DATA, query)
    entries = listed(data, "list")
    found = [one for one in map(_video, entries) if one is not None]
    following = text(data.get("cursor")) if truth(data.get("has_more")) else ""
    return PageOf(tuple(found), following, len(entries) - len(found))


def _video(entry: Fields) -> VideoRecord | None:
    item_id, created_at = text(entry.get("item_id")), moment(entry.get("create_time"))
    if not item_id or created_at is None:
        return None
    part = entry.get("statistics")
    figures: Fields = part if isinstance(part, dict) else {}
    return VideoRecord(
        item_id,
        created_at,
        text(entry.get("title")),
        text(entry.get("share_url")),
        text(entry.get("media_type")),
        text(entry.get("video_status")),
        truth(entry.get("is_top")),
        *(
            max(0, whole(figures.get(f"{name}_count")) or 0)
            for name in ("play", "digg", "comment", "share")
        ),
    )


async def publish(client: DouyinClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Publish pictures with a text, for everybody. Raises the five errors, InvalidInputError before sending."""
    if not write.media_ids or len(write.media_ids) > MOST_PICTURES:
        raise InvalidInputError("douyin_pictures", limit=MOST_PICTURES)
    fields = await client.write(
        "/api/douyin/v1/video/create_image_text/",
        Form.DATA,
        {"image_list": list(write.media_ids), "text": write.text, "private_status": 0},
    )
    return Receipt(text(fields.get("item_id")))


async def prove(
    client: DouyinClient, _kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """A post with these words, made while the attempt ran. None is no proof: it may wait for its review."""
    earliest = min(one.started_at for one in unknown) - CLOCK_ERROR_MS
    posts = [post for post in await _since(client, earliest) if post.external_id not in taken]
    found: dict[str, Judgement] = {}
    for one in unknown:
        latest = one.ended_at + EXECUTED_LATE_MS + CLOCK_ERROR_MS
        post = next(
            (
                p
                for p in posts
                if p.title.strip() == one.write.text.strip()
                and one.started_at - CLOCK_ERROR_MS <= p.created_at <= latest
            ),
            None,
        )
        if post is None:
            found[one.uid] = Judgement(Verdict.UNPROVABLE)
            continue
        posts.remove(post)
        found[one.uid] = judge_state(True, post.external_id)
    return found


async def _since(client: DouyinClient, since_ms: int) -> list[VideoRecord]:
    """The newest posts back to a moment, a bounded number of pages."""
    posts: list[VideoRecord] = []
    cursor = ""
    for _ in range(LOOKED_THROUGH):
        try:
            got = await page(client, cursor)
        except (RejectedError, RateLimitedError):
            break
        posts += got.items
        cursor = got.next_cursor
        if not cursor or all(post.created_at < since_ms for post in got.items):
            break
    return posts
