"""Commands `videos list|publish`: posts of public accounts with their figures, and a new one of pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "videos", "videos and picture posts of public accounts (Douyin)")
    add_command(family, "list", _list, help_text="the newest with their figures")
    publish = add_command(family, "publish", _publish, help_text="a picture post; leaves at the next sync")
    publish.add_argument("--account", required=True, help="uid, id, name, or the platform's own id")
    publish.add_argument("--text", default="")
    publish.add_argument("--picture", type=Path, action="append", required=True)


async def _list(graph: Graph, args: argparse.Namespace) -> Document:
    return {"videos": list(await graph.public.videos())}


async def _publish(graph: Graph, args: argparse.Namespace) -> Document:
    account = await graph.accounts.find(args.account)
    queued = await graph.public.publish(account.id, args.text, args.picture, hold_s=0)
    return {"queued": list(queued.items), "leaves": "next_sync"}
