"""Commands `erase ID` and `purge ORIGIN`: out of the shop for good, shown only without `--yes`; `readmit`."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from desktop.cli.fans import whole_number
from desktop.cli.parser import Document, Subcommands, add_command
from desktop.composition.graph import Graph


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    erase = add_command(
        subcommands,
        "erase",
        _erase,
        help_text="take one fan out for good; without --yes only show what goes",
    )
    erase.add_argument("fan", metavar="ID")
    purge = add_command(
        subcommands,
        "purge",
        _purge,
        help_text="take out all that came from a platform; without --yes only show",
    )
    purge.add_argument("origin", metavar="ORIGIN", help="a platform, such as douyin")
    back = add_command(
        subcommands,
        "readmit",
        _readmit,
        help_text="somebody erased wants to come back: keep them out no more",
    )
    back.add_argument("named", metavar="PHONE|ID", help="a phone number, or the id at a platform")
    erase.add_argument(
        "--keep-lists", action="store_true", help="leave the lists written earlier that name them"
    )
    for command in (erase, purge):
        command.add_argument("--yes", action="store_true", help="do it; nothing of it can be undone")
        command.add_argument(
            "--keep-backups", action="store_true", help="leave the backups that still hold it as they are"
        )


async def _erase(graph: Graph, args: argparse.Namespace) -> Document:
    fan_id = whole_number(args.fan)
    if not args.yes:
        return {"done": False, **asdict(await graph.erasures.look(fan_id))}
    result = await graph.erasures.erase(
        fan_id, keeps_backups=args.keep_backups, keeps_lists=args.keep_lists
    )
    return {"done": True, "clean": result.is_clean, **asdict(result)}


async def _readmit(graph: Graph, args: argparse.Namespace) -> Document:
    return {"readmitted": await graph.erasures.let_back(args.named)}


async def _purge(graph: Graph, args: argparse.Namespace) -> Document:
    if not args.yes:
        return {"done": False, **asdict(await graph.purges.look(args.origin))}
    return {"done": True, **asdict(await graph.purges.purge(args.origin, keeps_backups=args.keep_backups))}
