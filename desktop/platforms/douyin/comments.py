"""Comments below the posts of a Douyin account: read, answered, one pinned. Deleting or hiding has no call."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from desktop.domain.errors import InvalidInputError
from desktop.domain.platform_records import PageOf
from desktop.domain.proof import CLOCK_ERROR_MS, Judgement, UnknownWrite, Verdict, judge_state
from desktop.domain.public_accounts import CommentRecord
from desktop.domain.writes import Receipt, Write
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.douyin.client import DouyinClient, listed, moment, truth
from desktop.platforms.douyin.envelope import Fields, Form
from desktop.platforms.strict_json import text, whole

COUNT = 20
PAGES_LOOKED_THROUGH = 10


async def page(client: DouyinClient, item_id: str, cursor: str) -> PageOf[CommentRecord]:
    """One page of the first level, newest first. Raises the five errors."""
    query = {"item_id": item_id, "cursor": cursor or "0", "count": str(COUNT), "sort_type": "time"}
    return _page(await client.get("/item/comment/list/", Form.DATA, query), "")


async def replies(
    client: DouyinClient, item_id: str, comment_id: str, cursor: str
) -> PageOf[CommentRecord]:
    """One page of what was said below a comment. Raises the five errors."""
    query = {
        "item_id": item_id,
        "comment_id": comment_id,
        "cursor": cursor or "0",
        "count": str(COUNT),
        "sort_type": "time",
    }
    return _page(await client.get("/item/comment/reply/list/", Form.DATA, query), comment_id)


def _page(data: Fields, parent: str) -> PageOf[CommentRecord]:
    entries = listed(data, "list")
    found = [one for one in (_comment(entry, parent) for entry in entries) if one is not None]
    following = text(data.get("cursor")) if truth(data.get("has_more")) else ""
    return PageOf(tuple(found), following, len(entries) - len(found))


def _comment(entry: Fields, parent: str) -> CommentRecord | None:
    comment_id, at = text(entry.get("comment_id")), moment(entry.get("create_time"))
    if not comment_id or at is None:
        return None
    return CommentRecord(
        comment_id,
        text(entry.get("comment_user_id")),
        at,
        text(entry.get("nick_name")),
        text(entry.get("content")),
        max(0, whole(entry.get("digg_count")) or 0),
        max(0, whole(entry.get("reply_comment_total")) or 0),
        truth(entry.get("top")),
        parent,
    )


async def reply(client: DouyinClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Answer a comment, or comment on the post where `comment` is ''. Raises the five errors."""
    if not write.text.strip():
        raise InvalidInputError("talk_empty")
    body: Fields = {"item_id": str(write.body["item"]), "content": write.text}
    if write.body.get("comment"):
        body["comment_id"] = str(write.body["comment"])
    fields = await client.write("/item/comment/reply/", Form.DATA, body)
    return Receipt(text(fields.get("comment_id")))


async def pin(client: DouyinClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Pin one comment of the first level, or let go of it. Raises the five errors."""
    comment_id = str(write.body["comment"])
    body = {"item_id": str(write.body["item"]), "comment_id": comment_id, "top": bool(write.body["top"])}
    await client.write("/item/comment/top/", Form.DATA, body)
    return Receipt(comment_id)


async def prove_reply(
    client: DouyinClient, _kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """Our own words below the comment since the attempt. None is no proof: they may wait for a review."""
    own = await client.open_id()
    found: dict[str, Judgement] = {}
    used = set(taken)
    for one in unknown:
        said = await _find(
            client,
            one,
            lambda c, one=one: (
                c.external_id not in used
                and c.person_id in ("", own)
                and c.text.strip() == one.write.text.strip()
                and c.at >= one.started_at - CLOCK_ERROR_MS
            ),
        )
        if said is None:
            found[one.uid] = Judgement(Verdict.UNPROVABLE)
            continue
        used.add(said.external_id)
        found[one.uid] = judge_state(True, said.external_id)
    return found


async def prove_pin(
    client: DouyinClient, _kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """The comment itself says whether it is pinned; the same once more does no harm."""
    found: dict[str, Judgement] = {}
    for one in unknown:
        wanted = str(one.write.body["comment"])
        comment = await _find(
            client,
            one,
            lambda c, wanted=wanted: c.external_id == wanted,
            below=False,
        )
        is_so = comment is not None and comment.is_top == bool(one.write.body["top"])
        found[one.uid] = judge_state(is_so, wanted)
    return found


async def _find(
    client: DouyinClient, one: UnknownWrite, fits: object, *, below: bool = True
) -> CommentRecord | None:
    """The first comment that fits, in a bounded number of pages; below the comment that the write answers."""
    item, comment = str(one.write.body["item"]), str(one.write.body.get("comment", ""))
    guard, cursor = CursorGuard("comments"), ""
    for _ in range(PAGES_LOOKED_THROUGH):
        if below and comment:
            got = await replies(client, item, comment, cursor)
        else:
            got = await page(client, item, cursor)
        hit = next((c for c in got.items if fits(c)), None)  # type: ignore[operator]
        cursor = got.next_cursor
        if hit is not None or not cursor:
            return hit
        guard.pass_by(cursor, brought_news=bool(got.items))
    return None
