"""Commands about posts: `post draft|confirm|show|cancel|reschedule`, `posts`.

A draft file holds: title, body, images (paths, relative to the file), audience ({"all": true} or
tiers, tags by name or id, match any|all), account (uid or name), channel (mass_send, moment, article or
picture_post), article ({cover (a path), digest, author, source_url, comments, way publish|mass_send, tag (its
id at WeChat)}), scheduled_at (ISO, the shop's zone unless it has an offset), grace_minutes, and uid to change
an existing draft.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from desktop.cli import content, draft_files
from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.articles import ArticleDetails, Way
from desktop.domain.audience import parsed_audience
from desktop.domain.moments import parsed_moment
from desktop.domain.posts import DEFAULT_GRACE_MINUTES, Channel, PostDraft
from desktop.services.posts import PostRow

FIELDS = frozenset(
    (
        "uid",
        "title",
        "body",
        "text",
        "images",
        "audience",
        "account",
        "scheduled_at",
        "grace_minutes",
        "channel",
        "article",
    )
)
ARTICLE_FIELDS = ("cover", "digest", "author", "source_url", "comments", "way", "tag")
AUDIENCE_FIELDS = ("all", "segment", "tiers", "tags", "match")


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "post", "write and confirm posts")
    draft = add_command(family, "draft", _draft, help_text="make or change a draft from a JSON file")
    draft.add_argument("file", type=Path)
    confirm = add_command(family, "confirm", _confirm, help_text="freeze it and put it into the outbox")
    confirm.add_argument("uid")
    show = add_command(family, "show", _show, help_text="one post")
    show.add_argument("uid")
    cancel = add_command(family, "cancel", _cancel, help_text="stop what has not left")
    cancel.add_argument("uid")
    version = add_command(family, "version", _version, help_text="the same through one more account")
    version.add_argument("uid")
    version.add_argument("--account", required=True, help="uid, name, or the platform's own id")
    version.add_argument("--channel", required=True, choices=[channel.value for channel in Channel])
    move = add_command(family, "reschedule", _reschedule, help_text="a new time, to be confirmed again")
    move.add_argument("uid")
    move.add_argument("--at", help="ISO time; left out: at the next sync")
    content.add_list(subcommands, "posts", _posts)


async def _draft(graph: Graph, args: argparse.Namespace) -> Document:
    fields = draft_files.read_draft(args.file, FIELDS)
    zone = (await graph.shop.get()).timezone
    kept = [await graph.posts.keep_picture(path) for path in draft_files.pictures(fields, args.file)]
    channel = draft_files.one_of(fields, "channel", Channel)
    audience = draft_files.section(fields, "audience")
    draft_files.refuse_unknown(audience, AUDIENCE_FIELDS, "audience")
    if audience.get("tags"):
        audience["tags"] = await graph.posts.tags_named(draft_files.words(audience, "tags"))
    if named := draft_files.text(audience, "segment"):
        audience["segment"] = (await graph.segments.get(named)).uid
    grace = draft_files.whole(fields, "grace_minutes", DEFAULT_GRACE_MINUTES)
    draft = PostDraft(
        title=draft_files.text(fields, "title"),
        body=draft_files.text(fields, "text") or draft_files.text(fields, "body"),
        media=tuple(kept),
        audience=parsed_audience(audience),
        account_uid=await _account_uid(graph, fields, channel),
        scheduled_at=draft_files.moment(fields, "scheduled_at", zone),
        grace_minutes=DEFAULT_GRACE_MINUTES if grace is None else grace,
        channel=channel,
        article=await _article(graph, fields, args.file),
    )
    post = await graph.posts.save_draft(draft, draft_files.text(fields, "uid") or None)
    count = await graph.posts.audience_count(
        draft.audience,
        draft.account_uid,
        scheduled_at=draft.scheduled_at,
        uid=post.uid,
        channel=draft.channel,
        article=draft.article,
    )
    problems = await graph.posts.check(draft, post.uid)
    return {
        "uid": post.uid,
        "revision": post.revision,
        "state": post.state,
        "audience_count": count.reachable,
        "audience": _count_document(count),
        "problems": draft_files.problem_documents(problems, args),
    }


async def _confirm(graph: Graph, args: argparse.Namespace) -> Document:
    return await content.confirm(graph.posts, args, "recipients")


async def _show(graph: Graph, args: argparse.Namespace) -> Document:
    row = await graph.posts.row(args.uid)
    return {
        **_document(row),
        "body": row.post.draft.body,
        "images": [picture.as_json() for picture in row.post.draft.media],
        "audience": row.post.draft.audience.as_json(),
        "article": row.post.draft.article.as_json(),
        "versions": [one.post.uid for one in await graph.posts.versions(args.uid)],
        **await content.outbox_and_problems(graph, graph.posts, row.post, args),
    }


async def _cancel(graph: Graph, args: argparse.Namespace) -> Document:
    return await content.cancel(graph.posts, args)


async def _reschedule(graph: Graph, args: argparse.Namespace) -> Document:
    zone = (await graph.shop.get()).timezone
    at = parsed_moment(args.at, zone) if args.at else None
    post = await graph.posts.reschedule(args.uid, at)
    return {"uid": post.uid, "revision": post.revision, "state": post.state, "scheduled_at": at}


async def _posts(graph: Graph, args: argparse.Namespace) -> Document:
    rows = await graph.posts.rows(args.search, args.limit, args.offset)
    return {"rows": [_document(row) for row in rows]}


async def _version(graph: Graph, args: argparse.Namespace) -> Document:
    channel = Channel(args.channel)
    account = await graph.posts.account_uid(args.account, channel)
    post = await graph.posts.add_version(args.uid, account, channel)
    versions = [one.post.uid for one in await graph.posts.versions(post.uid)]
    return {"uid": post.uid, "state": post.state, "versions": versions}


async def _account_uid(graph: Graph, fields: dict[str, Any], channel: Channel) -> str | None:
    named = draft_files.text(fields, "account")
    return await graph.posts.account_uid(named, channel) if named else None


async def _article(graph: Graph, fields: dict[str, Any], file: Path) -> ArticleDetails:
    told = draft_files.section(fields, "article")
    draft_files.refuse_unknown(told, ARTICLE_FIELDS, "article")
    cover = draft_files.text(told, "cover")
    return ArticleDetails(
        digest=draft_files.text(told, "digest"),
        author=draft_files.text(told, "author"),
        source_url=draft_files.text(told, "source_url"),
        cover=await graph.posts.keep_picture(file.parent / cover) if cover else None,
        comments=bool(told.get("comments", False)),
        way=draft_files.one_of(told, "way", Way),
        tag=draft_files.text(told, "tag"),
    )


def _document(row: PostRow) -> Document:
    counts = row.deliveries
    return {
        "uid": row.post.uid,
        "title": row.post.draft.title,
        "channel": row.post.draft.channel.value,
        "account": row.account_name,
        "state": row.post.state,
        "progress": row.progress.value,
        "revision": row.post.revision,
        "scheduled_at": row.post.draft.scheduled_at,
        "recipients": counts.total,
        "sent": counts.sent,
        "waiting": counts.waiting,
        "failed": counts.failed,
    }


def _count_document(count: Any) -> Document:
    return {
        "total": count.total,
        "reachable": count.reachable,
        "over_quota": count.over_quota,
        "suppressed": count.suppressed,
        "refused": count.refused,
        "unreachable": count.unreachable,
        "already_reached": count.already_reached,
        "sample": list(count.sample),
    }
