"""What the commands about posts and about drops answer alike: confirming, cancelling, the outbox, lists."""

from __future__ import annotations

import argparse
from typing import Any

from desktop.cli import draft_files
from desktop.cli.parser import Document, Handler, Subcommands, add_command
from desktop.composition.graph import Graph
from desktop.domain.content import Content, ContentT, DraftT
from desktop.services.content import ContentService, RowT
from desktop.services.sending import ConfirmBlockedError


def add_list(subcommands: Subcommands, name: str, handler: Handler) -> None:
    """Declare a command that lists all of a kind, a part at a time."""
    command = add_command(subcommands, name, handler, help_text=f"all {name}")
    command.add_argument("--search", default="")
    command.add_argument("--limit", type=int, default=50)
    command.add_argument("--offset", type=int, default=0)


async def confirm(
    service: ContentService[DraftT, ContentT, RowT], args: argparse.Namespace, reached: str
) -> Document:
    """Confirm without a hold; `reached` names the count of who gets it. Problems come as sentences."""
    try:
        done = await service.confirm(args.uid, hold_s=0)
    except ConfirmBlockedError as error:
        raise draft_files.blocked(error, args) from error
    return {
        "uid": done.uid,
        "outbox": list(done.items),
        reached: done.recipients,
        "not_before": done.not_before,
        "not_after": done.not_after,
    }


async def cancel(service: ContentService[DraftT, ContentT, RowT], args: argparse.Namespace) -> Document:
    """Stop what has not left."""
    done = await service.cancel(args.uid)
    return {"uid": args.uid, "cancelled": done.cancelled, "too_late": done.too_late}


async def outbox_and_problems(
    graph: Graph,
    service: ContentService[DraftT, ContentT, RowT],
    content: Content[Any],
    args: argparse.Namespace,
) -> Document:
    """Where its items stand, and what a draft still lacks."""
    items = await graph.outbox.of_entity(service.table.entity, content.id)
    problems = await service.check(content.draft, content.uid) if content.state == "draft" else []
    return {
        "outbox": [{"uid": item.item.uid, "state": item.item.state.value} for item in items],
        "problems": draft_files.problem_documents(problems, args),
    }
