"""Command `init`: a new shop in an empty folder."""

from __future__ import annotations

import argparse

from desktop.cli.parser import Document, Opens, Subcommands, add_command
from desktop.composition.graph import Graph
from desktop.domain.shop import INDUSTRIES


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    init = add_command(subcommands, "init", _init, opens=Opens.STORE, help_text="make a new shop")
    init.add_argument("--name", required=True)
    init.add_argument("--industry", required=True, choices=INDUSTRIES)
    init.add_argument("--timezone", default="Asia/Shanghai")


async def _init(graph: Graph, args: argparse.Namespace) -> Document:
    shop = await graph.shop.create(args.name, args.industry, args.timezone)
    return {
        "uid": shop.uid,
        "name": shop.name,
        "industry": shop.industry,
        "timezone": shop.timezone,
        "data_dir": str(graph.config.data_dir),
    }
