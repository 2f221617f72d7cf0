"""Comments below articles: listed, answered, featured, deleted, opened and closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from desktop.domain.errors import RejectedError, UnclearReplyError
from desktop.domain.official_account import CommentRecord
from desktop.domain.platform_records import PageOf
from desktop.domain.proof import Judgement, UnknownWrite, judge_state
from desktop.domain.write_kinds.wechat import (
    COMMENT_DELETE,
    COMMENT_ELECT,
    COMMENT_REPLY,
)
from desktop.domain.writes import Receipt, Write
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import rows, text, whole
from desktop.platforms.tencent_line import seconds_as_ms
from desktop.platforms.wechat.client import WeChatClient, listed
from desktop.platforms.wechat.tags import number

LIST = "cgi-bin/comment/list"
PAGE = 49  # 50 is refused
ANSWERED = 88005
GONE = (88008, 88004)
REPLY_GONE = 88009


async def comments(client: WeChatClient, send_id: str, place: int, cursor: str) -> PageOf[CommentRecord]:
    """One page of the comments of the article at a place (from 1)."""
    begin = whole(cursor) or 0
    body = {"msg_data_id": number(send_id), "index": place - 1, "begin": begin, "count": PAGE, "type": 0}
    fields = await client.ask(LIST, body)
    total = whole(fields.get("total"))
    if total is None:
        raise UnclearReplyError("reply_garbled", detail="no total in the reply")
    entries = listed(fields, "comment") if "comment" in fields else []
    found = [one for entry in entries if (one := _comment(entry)) is not None]
    behind = begin + len(entries)
    following = str(behind) if entries and behind < total else ""
    return PageOf(tuple(found), following, skipped=len(entries) - len(found))


async def reply(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Answer a comment; an answer with these very words that is there already is ours."""
    try:
        await client.write("cgi-bin/comment/reply/add", {**_named(write), "content": write.text})
    except RejectedError as error:
        if error.params.get("platform_code") != ANSWERED or not await _is_so(client, COMMENT_REPLY, write):
            raise
    return Receipt()


async def delete_reply(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Take our answer back."""
    return await _end(client, "cgi-bin/comment/reply/delete", write, (REPLY_GONE, *GONE))


async def elect(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Feature a comment, or no longer."""
    verb = "markelect" if write.body["is_elected"] else "unmarkelect"
    await client.write(f"cgi-bin/comment/{verb}", _named(write))
    return Receipt()


async def delete(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Delete a comment; one that is gone already is as wanted."""
    return await _end(client, "cgi-bin/comment/delete", write, GONE)


async def open_or_close(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Let readers comment, or no longer."""
    verb = "open" if write.body["is_open"] else "close"
    await client.write(f"cgi-bin/comment/{verb}", _article(write))
    return Receipt()


async def prove(
    client: WeChatClient, kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown changes, by the comments as they are now."""
    return {one.uid: judge_state(await _is_so(client, kind, one.write)) for one in unknown}


async def _is_so(client: WeChatClient, kind: str, write: Write) -> bool:
    there = await _find(client, write)
    if kind == COMMENT_DELETE:
        return there is None
    if there is None:
        return False  # the repetition will be refused with the platform's reason
    if kind == COMMENT_ELECT:
        return there.is_elected is bool(write.body["is_elected"])
    if kind == COMMENT_REPLY:
        return there.reply == write.text.strip()
    return not there.reply


async def _find(client: WeChatClient, write: Write) -> CommentRecord | None:
    guard, cursor = CursorGuard(LIST), ""
    while True:
        place = int(write.body["index"]) + 1
        page = await comments(client, str(write.body["article"]), place, cursor)
        wanted = str(write.body["comment"])
        found = next((one for one in page.items if one.external_id == wanted), None)
        if found is not None or not page.next_cursor:
            return found
        cursor = page.next_cursor
        guard.pass_by(cursor, brought_news=bool(page.items))


async def _end(client: WeChatClient, path: str, write: Write, gone: Collection[int]) -> Receipt:
    try:
        await client.write(path, _named(write))
    except RejectedError as error:
        if error.params.get("platform_code") not in gone:
            raise
    return Receipt()


def _article(write: Write) -> dict[str, Any]:
    return {"msg_data_id": number(write.body["article"]), "index": int(write.body["index"])}


def _named(write: Write) -> dict[str, Any]:
    return {**_article(write), "user_comment_id": number(write.body["comment"])}


def _comment(entry: Fields) -> CommentRecord | None:
    external_id = text(entry.get("user_comment_id"))
    at = seconds_as_ms(entry.get("create_time"))
    if not external_id or at is None:
        return None
    told = entry.get("reply")  # an object on paper, a list in practice
    answer = told if isinstance(told, dict) else next(iter(rows(told)), {})
    return CommentRecord(
        external_id,
        text(entry.get("openid")),
        at,
        text(entry.get("content")),
        whole(entry.get("comment_type")) == 1,
        text(answer.get("content")),
        seconds_as_ms(answer.get("create_time")),
    )
