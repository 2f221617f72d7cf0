"""Commands about files: `import`, `imports`, `undo-import`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from desktop.cli.parser import Document, Subcommands, add_command
from desktop.composition.graph import Graph
from desktop.domain.errors import InvalidInputError
from desktop.domain.imports import MODES, Rejection
from desktop.services.imports import AUTO
from desktop.wording import Wording
from desktop.wording.imports import rejection_text


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    bring = add_command(subcommands, "import", _import, help_text="bring a file in")
    bring.add_argument("file", type=Path)
    bring.add_argument("--source", default=AUTO, help="auto, or a kind of file such as generic_orders")
    bring.add_argument(
        "--map", action="append", default=[], metavar="FIELD=HEADER", help="which column holds a field"
    )
    bring.add_argument("--mode", choices=MODES, default="update")
    bring.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
    bring.add_argument(
        "--password-stdin", action="store_true", help="read a workbook's password from standard input"
    )
    add_command(subcommands, "imports", _imports, help_text="what was brought in")
    undo = add_command(subcommands, "undo-import", _undo, help_text="take an import back")
    undo.add_argument("batch")


async def _import(graph: Graph, args: argparse.Namespace) -> Document:
    wording = Wording(args.language)
    password = None
    if args.password_stdin:
        password = (await asyncio.to_thread(sys.stdin.readline)).rstrip("\r\n")
    plan = await graph.imports.plan(args.file, args.source, _mapping(args.map), args.mode, password)
    document: Document = {
        "batch": None,
        "file": plan.file_name,
        "source": plan.source,
        "because": list(plan.because),
        "encoding": plan.encoding,
        "mode": plan.mode,
        "mapping": dict(plan.mapping),
        "dry_run": bool(args.dry_run),
        "unit": "order" if plan.reads == "orders" else "row",
    }
    counts, rejections = plan.counts, plan.rejections
    if not args.dry_run:
        result = await graph.imports.commit(plan)
        document["batch"] = result.batch
        counts, rejections = result.counts, result.rejections
    return {
        **document,
        **counts,
        "unknown_words": dict(plan.unknown_words),
        "rejections": [_rejection(wording, one) for one in rejections],
    }


async def _imports(graph: Graph, args: argparse.Namespace) -> Document:
    found = await graph.imports.batches()
    return {
        "total": len(found),
        "rows": [
            {
                "batch": batch.uid,
                "file": batch.file_name,
                "source": batch.source,
                "mode": batch.mode,
                "at": batch.at,
                "undone_at": batch.undone_at,
                **batch.counts,
            }
            for batch in found
        ],
    }


async def _undo(graph: Graph, args: argparse.Namespace) -> Document:
    undone = await graph.imports.undo(args.batch)
    return {
        "batch": undone.batch,
        "removed": undone.removed,
        "restored": undone.restored,
        "kept": undone.kept,
    }


def _rejection(wording: Wording, one: Rejection) -> dict[str, Any]:
    return {
        "row": one.row,
        "sheet": one.sheet,
        "code": one.code,
        "reason": rejection_text(wording.text, one),
    }


def _mapping(given: list[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for text in given:
        field, equals, header = text.partition("=")
        if not equals or not field.strip():
            raise InvalidInputError("usage", detail=f"--map {text}", usage="--map FIELD=HEADER")
        mapping[field.strip()] = header.strip()
    return mapping
