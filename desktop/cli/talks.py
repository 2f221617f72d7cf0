"""Commands about talks with customers: `talks list|show|reply|recall`."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.talks import TalkMessage, TalkRow, room, time_left


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "talks", "talks with customers at the service desks")
    listed = add_command(family, "list", _list, help_text="who waits first, then the newest")
    listed.add_argument("--search", default="")
    listed.add_argument("--limit", type=int, default=200)
    show = add_command(family, "show", _show, help_text="one talk with its last messages")
    show.add_argument("id")
    show.add_argument("--limit", type=int, default=200)
    reply = add_command(family, "reply", _reply, help_text="answer; leaves at the next sync")
    reply.add_argument("id")
    said = reply.add_mutually_exclusive_group(required=True)
    said.add_argument("--text")
    said.add_argument("--image", type=Path)
    recall = add_command(family, "recall", _recall, help_text="take a reply back; leaves at the next sync")
    recall.add_argument("item", help="outbox_uid of the message")


async def _list(graph: Graph, args: argparse.Namespace) -> Document:
    inbox = await graph.talks.inbox(args.search, args.limit)
    now = graph.config.clock.now_ms()
    return {
        "total": inbox.total,
        "desks": inbox.desks,
        "waiting": await graph.talks.waiting(),
        "rows": [_row(row, now) for row in inbox.rows],
    }


async def _show(graph: Graph, args: argparse.Namespace) -> Document:
    thread = await graph.talks.thread(args.id, limit=args.limit)
    return {
        **_row(thread.row, graph.config.clock.now_ms()),
        "has_older": thread.has_older,
        "messages": [_message(message) for message in thread.messages],
    }


async def _reply(graph: Graph, args: argparse.Namespace) -> Document:
    picture = await graph.talks.keep_picture(args.image) if args.image else None
    queued = await graph.talks.reply(args.id, args.text or "", picture, hold_s=0)
    return {"talk": args.id, "uid": queued.uid, "not_after": queued.not_after}


async def _recall(graph: Graph, args: argparse.Namespace) -> Document:
    return {"uid": (await graph.talks.recall(args.item, hold_s=0)).uid}


def _row(row: TalkRow, now: int) -> Document:
    allowed = room(row.standing, now)
    since = row.waiting_since
    return {
        "id": str(row.id),
        "uid": row.uid,
        "name": row.name,
        "fan_id": None if row.fan_id is None else str(row.fan_id),
        "external_id": row.external_id,
        "desk": row.desk_name,
        "answered_by": row.standing.answerer.value,
        "staff": row.staff_name,
        "last_at": row.last_at,
        "last_direction": row.last_direction.value,
        "last_kind": row.last_kind,
        "last_text": row.last_text,
        "unread": row.unread,
        "pending": row.pending,
        "waiting_since": since,
        "answer_by": None if since is None else now + time_left(since, now),
        "may_reply": not allowed.barred,
        "barred": allowed.barred or None,
        "replies_left": allowed.replies_left,
        "reply_until": allowed.until,
    }


def _message(message: TalkMessage) -> Document:
    return {
        "id": message.external_id,
        "direction": message.direction.value,
        "kind": message.kind,
        "text": message.text,
        "facts": dict(message.facts),
        "staff": message.staff_name,
        "at": message.at,
        "recalled": message.is_recalled,
        "failed": message.failed_code or None,
        "outbox_uid": message.item_uid or None,
        "outbox_state": message.item_state or None,
    }
