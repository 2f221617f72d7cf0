"""Commands of official accounts: `articles ...` from draft to readers, `comments ...` below them."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.articles import Article, parts_of
from desktop.domain.errors import InvalidInputError
from desktop.services.platform_edits import Queued

BODY_LIMIT = 1_000_000


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "articles", "articles of an official account")
    add_command(family, "list", _list, help_text="published articles with their readers")
    add_command(family, "drafts", _drafts, help_text="the account's box of drafts")
    save = add_command(
        family, "save", _save, help_text="put an article into the box; leaves at the next sync"
    )
    save.add_argument("--account", required=True, help="uid, id, name, or AppID")
    save.add_argument("--draft", type=int, help="replace this draft")
    save.add_argument("--title", required=True)
    save.add_argument("--digest", default="")
    save.add_argument("--author", default="")
    save.add_argument("--url", default="", help="address of the original")
    save.add_argument("--cover", type=Path, required=True)
    save.add_argument(
        "--body",
        type=Path,
        required=True,
        help="text file; a line [picture 1] shows the first --picture, ## begins a heading, **words** are bold",
    )
    save.add_argument("--picture", type=Path, action="append", default=[])
    box = add_command(
        family, "box", _box, help_text="put a post that is an article into the box as it stands"
    )
    box.add_argument("post", help="its uid")
    save.add_argument("--comments", action="store_true", help="let readers comment")
    preview = add_command(family, "preview", _preview, help_text="show a draft to one WeChat name")
    whose = preview.add_mutually_exclusive_group(required=True)
    whose.add_argument("draft", type=int, nargs="?")
    whose.add_argument("--post", help="the uid of a post that is an article")
    preview.add_argument("--to", required=True, help="a WeChat name that follows the account")
    publish = add_command(family, "publish", _publish, help_text="publish without telling followers")
    publish.add_argument("draft", type=int)
    send = add_command(family, "send", _send, help_text="send to all followers or those of a tag")
    send.add_argument("draft", type=int)
    whom = send.add_mutually_exclusive_group(required=True)
    whom.add_argument("--all", action="store_true")
    whom.add_argument("--tag", default="", help="the tag's id at WeChat")
    reach = add_command(
        family, "reach", _reach, help_text="whom a send reaches, how many went out this month"
    )
    reach.add_argument("--account", required=True)
    reach.add_argument("--tag", default="")
    _register_comments(subcommands)


def _register_comments(subcommands: Subcommands) -> None:
    family = add_family(subcommands, "comments", "comments below articles and posts")
    listed = add_command(family, "list", _comments, help_text="the newest first")
    listed.add_argument("--open", action="store_true", help="only those without an answer")
    reply = add_command(family, "reply", _reply, help_text="answer; leaves at the next sync")
    reply.add_argument("comment")
    reply.add_argument("--text", required=True)
    elect = add_command(family, "elect", _elect, help_text="feature a comment, or pin it (Douyin)")
    elect.add_argument("comment")
    elect.add_argument("--undo", action="store_true")
    delete = add_command(family, "delete", _delete, help_text="delete a comment")
    delete.add_argument("comment")
    unsay = add_command(family, "unsay", _unsay, help_text="take our answer back")
    unsay.add_argument("comment")
    for name, act in (("open", _open), ("close", _close)):
        verb = add_command(family, name, act, help_text=f"{name} an article that is out to comments")
        verb.add_argument("article", type=int, help="its id of `articles list`")


async def _list(graph: Graph, args: argparse.Namespace) -> Document:
    return {
        "articles": [
            {
                "id": str(one.id),
                "title": one.title,
                "url": one.url,
                "published_at": one.published_at,
                "told_followers": one.is_notified,
                "readers": one.readers,
                "sharers": one.sharers,
                "comments": one.comments,
                "comments_can_be_read": bool(one.send_id),
            }
            for one in await graph.official.articles()
        ]
    }


async def _drafts(graph: Graph, args: argparse.Namespace) -> Document:
    return {
        "drafts": [
            {
                "id": str(one.id),
                "title": one.title,
                "digest": one.digest,
                "changed_at": one.changed_at,
                "is_at_wechat": bool(one.external_id),
                "made_here": one.body is not None,
            }
            for one in await graph.official.drafts()
        ]
    }


async def _save(graph: Graph, args: argparse.Namespace) -> Document:
    account = await graph.accounts.find(args.account)
    article = Article(
        args.title, args.digest, args.author, args.url, parts_of(_text(args.body)), args.comments
    )
    local, queued = await graph.official.save(
        account.id, article, args.cover, args.picture, draft_id=args.draft, hold_s=0
    )
    return {"draft": str(local), **_queued(queued)}


async def _box(graph: Graph, args: argparse.Namespace) -> Document:
    return _queued(await graph.official.put_into_box(args.post, hold_s=0))


async def _preview(graph: Graph, args: argparse.Namespace) -> Document:
    if args.post:
        return _queued(await graph.official.preview_post(args.post, args.to, hold_s=0))
    return _queued(await graph.official.preview(args.draft, args.to))


async def _publish(graph: Graph, args: argparse.Namespace) -> Document:
    return _queued(await graph.official.publish(args.draft, hold_s=0))


async def _send(graph: Graph, args: argparse.Namespace) -> Document:
    return _queued(await graph.official.mass_send(args.draft, tag=args.tag, hold_s=0))


async def _reach(graph: Graph, args: argparse.Namespace) -> Document:
    account = await graph.accounts.find(args.account)
    reach = await graph.official.reach(account.id, args.tag)
    return {
        "followers": reach.followers,
        "sent_this_month": reach.sent_this_month,
        "monthly_most": reach.monthly_most,
        "is_estimate": True,
    }


async def _comments(graph: Graph, args: argparse.Namespace) -> Document:
    return {
        "comments": [
            {
                "id": one.id,
                "platform": one.platform,
                "article": one.article,
                "fan_id": None if one.fan_id is None else str(one.fan_id),
                "name": one.name,
                "at": one.at,
                "text": one.text,
                "is_elected": one.is_up,
                "reply": one.reply,
                "replied_at": one.replied_at,
            }
            for one in await graph.comments.comments(only_open=args.open)
        ]
    }


async def _reply(graph: Graph, args: argparse.Namespace) -> Document:
    return _queued(await graph.comments.reply(args.comment, args.text, hold_s=0))


async def _elect(graph: Graph, args: argparse.Namespace) -> Document:
    return _queued(await graph.comments.lift(args.comment, not args.undo, hold_s=0))


async def _delete(graph: Graph, args: argparse.Namespace) -> Document:
    return _queued(await graph.comments.delete(args.comment, hold_s=0))


async def _unsay(graph: Graph, args: argparse.Namespace) -> Document:
    return _queued(await graph.comments.take_answer_back(args.comment, hold_s=0))


async def _open(graph: Graph, args: argparse.Namespace) -> Document:
    return _queued(await graph.comments.articles.open_or_close(args.article, True, hold_s=0))


async def _close(graph: Graph, args: argparse.Namespace) -> Document:
    return _queued(await graph.comments.articles.open_or_close(args.article, False, hold_s=0))


def _queued(queued: Queued) -> Document:
    return {"queued": list(queued.items), "leaves": "next_sync"}


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > BODY_LIMIT:
            raise InvalidInputError("article_content")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError):
        raise InvalidInputError("article_empty") from None
