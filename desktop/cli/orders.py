"""Commands `orders note|receiver`: what a connected shop lets one do with an order."""

from __future__ import annotations

import argparse

from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.live_orders import STARS


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "orders", "orders of a connected shop")
    note = add_command(
        family, "note", _note, help_text="the seller's note and star; leaves at the next sync"
    )
    note.add_argument("order", type=int, help="order_id of `fans show`")
    note.add_argument("--text", required=True)
    note.add_argument("--star", type=int, choices=tuple(STARS), default=0)
    receiver = add_command(
        family, "receiver", _receiver, help_text="who receives it, in plain text; the look is written down"
    )
    receiver.add_argument("order", type=int, help="order_id of `fans show`")


async def _note(graph: Graph, args: argparse.Namespace) -> Document:
    queued = await graph.orders.remark(args.order, args.text, args.star, hold_s=0)
    return {"queued": list(queued.items), "leaves": "next_sync"}


async def _receiver(graph: Graph, args: argparse.Namespace) -> Document:
    found = await graph.orders.reveal(args.order)
    return {"order": str(args.order), "receiver": found.receiver, "refused": found.refused or None}
