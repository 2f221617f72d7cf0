"""Commands `export person`: files for somebody outside the shop."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop.cli.fans import whole_number
from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.wording import Wording


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "export", "files for somebody outside the shop")
    person = add_command(
        family, "person", _person, help_text="everything kept about one fan, for that person"
    )
    person.add_argument("fan", metavar="ID")
    person.add_argument("file", type=Path, metavar="FILE.xlsx|FILE.json")


async def _person(graph: Graph, args: argparse.Namespace) -> Document:
    words = Wording(args.language).text
    rows = await graph.personal_records.export(whole_number(args.fan), args.file, words)
    return {"file": str(args.file), "rows": rows}
