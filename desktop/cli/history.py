"""Commands `history list` and `history export`: everything that ever went out, also made elsewhere."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.errors import InvalidInputError
from desktop.domain.sent_history import SentFilter
from desktop.services.sent_history import COLUMNS, proof_of
from desktop.wording import Wording

MADE = {"here": True, "elsewhere": False}


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "history", "everything that ever went out")
    listing = add_command(family, "list", _list, help_text="newest first")
    listing.add_argument("--limit", type=int, default=200)
    listing.add_argument("--offset", type=int, default=0)
    export = add_command(family, "export", _export, help_text="to an .xlsx or .csv file")
    export.add_argument("file", type=Path)
    for command in (listing, export):
        command.add_argument("--search", default="", help="in texts, names, ids and hashes")
        command.add_argument("--made", choices=tuple(MADE), help="through this program, or elsewhere")
        command.add_argument("--kind", default="", help="one kind of write, such as wecom.mass_send.single")


def _wanted(args: argparse.Namespace) -> SentFilter:
    return SentFilter(args.search, MADE.get(args.made or ""), args.kind)


async def _list(graph: Graph, args: argparse.Namespace) -> Document:
    wanted, wording = _wanted(args), Wording(args.language)
    rows = await graph.sent.rows(wanted, args.limit, args.offset)
    return {
        "total": await graph.sent.total(wanted),
        "rows": [
            {
                **asdict(row),
                "what": wording.text(f"write_kind.{row.kind}"),
                "proof_by": proof_of(row),
            }
            for row in rows
        ],
    }


async def _export(graph: Graph, args: argparse.Namespace) -> Document:
    if args.file.suffix.lower() not in (".xlsx", ".csv"):
        raise InvalidInputError("export_kind", ending=args.file.suffix)
    wording = Wording(args.language)
    headers = {key: wording.text(f"sent.column.{key}") for key in COLUMNS}
    written = await graph.sent.export(
        args.file, _wanted(args), headers, lambda family, value: wording.text(f"{family}.{value}")
    )
    return {"file": str(args.file), "rows": written}
