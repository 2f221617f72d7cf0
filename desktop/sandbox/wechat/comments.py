"""Comments under published articles: open, close, list, choose, answer, delete."""

from typing import Any

from desktop.sandbox.wechat.account import Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.press import Comment, Press, Talk

MOST_LISTED = 50  # this many is refused already
LONGEST_REPLY = 200
ALL, NORMAL, ELECTED = 0, 1, 2


def _talk(account: Account, args: Arguments) -> Talk:
    """The comments of an article named by data id (a number) and 0-based index."""
    if not account.settings.comments_allowed:
        raise Refusal(88000)
    row = account.shelf(Press).by_data_id(args.number("msg_data_id"))
    index = args.number("index", 0)
    if row is None or not 0 <= index < len(row.talks) or index + 1 in row.deleted:
        raise Refusal(88001)
    if row.banned:
        raise Refusal(88002)
    return row.talks[index]


def _comment(account: Account, args: Arguments) -> tuple[Talk, Comment]:
    talk = _talk(account, args)
    ident = args.number("user_comment_id")
    found = next((row for row in talk.rows if row.ident == ident), None)
    if found is None:
        raise Refusal(88008)
    if found.withdrawn:
        raise Refusal(88004)
    return talk, found


def open_comments(account: Account, args: Arguments) -> dict[str, Any]:
    """Let followers write under an article."""
    _talk(account, args).is_open = True
    return {}


def close_comments(account: Account, args: Arguments) -> dict[str, Any]:
    """Stop them."""
    _talk(account, args).is_open = False
    return {}


def listing(account: Account, args: Arguments) -> dict[str, Any]:
    """A page of comments, newest first, of all, the ordinary or the chosen ones."""
    talk = _talk(account, args)
    begin, count, kind = args.number("begin"), args.number("count"), args.number("type")
    if begin < 0 or not 0 < count < MOST_LISTED:
        raise Refusal(88010)
    if kind not in (ALL, NORMAL, ELECTED):
        raise Refusal(40035)
    rows = [row for row in reversed(talk.rows) if not row.withdrawn]
    rows = [row for row in rows if kind == ALL or row.elected == (kind == ELECTED)]
    return {"total": len(rows), "comment": [_shown(account, row) for row in rows[begin : begin + count]]}


def _shown(account: Account, row: Comment) -> dict[str, Any]:
    shown: dict[str, Any] = {"user_comment_id": row.ident}
    if row.follower is not None:
        shown["openid"] = account.followers.openid(row.follower)
    shown |= {"create_time": row.at, "content": row.content, "comment_type": int(row.elected)}
    if row.reply is not None:
        reply = {"content": row.reply[0], "create_time": row.reply[1]}
        shown["reply"] = reply if account.settings.reply_as_object else [reply]
    return shown


def markelect(account: Account, args: Arguments) -> dict[str, Any]:
    """Choose a comment; only so many may be chosen."""
    talk, comment = _comment(account, args)
    if not comment.elected and sum(row.elected for row in talk.rows) >= account.settings.elected_limit:
        raise Refusal(88003)
    comment.elected = True
    return {}


def unmarkelect(account: Account, args: Arguments) -> dict[str, Any]:
    """Choose it no longer."""
    _comment(account, args)[1].elected = False
    return {}


def delete(account: Account, args: Arguments) -> dict[str, Any]:
    """Delete a comment for good."""
    talk, comment = _comment(account, args)
    talk.rows.remove(comment)
    return {}


def reply_add(account: Account, args: Arguments) -> dict[str, Any]:
    """Answer a comment; one answer each."""
    _, comment = _comment(account, args)
    content = args.optional_text("content")
    if not content or len(content) > LONGEST_REPLY:
        raise Refusal(88007)
    if comment.reply is not None:
        raise Refusal(88005)
    comment.reply = (content, account.now())
    return {}


def reply_delete(account: Account, args: Arguments) -> dict[str, Any]:
    """Take the answer back."""
    _, comment = _comment(account, args)
    if comment.reply is None:
        raise Refusal(88009)
    comment.reply = None
    return {}


_C = "cgi-bin/comment/"
ENDPOINTS = (
    Endpoint(_C + "open", open_comments, write=True),
    Endpoint(_C + "close", close_comments, write=True),
    Endpoint(_C + "list", listing),
    Endpoint(_C + "markelect", markelect, write=True),
    Endpoint(_C + "unmarkelect", unmarkelect, write=True),
    Endpoint(_C + "delete", delete, write=True),
    Endpoint(_C + "reply/add", reply_add, write=True),
    Endpoint(_C + "reply/delete", reply_delete, write=True),
)
