"""Commands about one person seen as several fans: `merge suggest|do|undo|list|refuse`."""

from __future__ import annotations

import argparse

from desktop.cli.fans import whole_number
from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.fans import FanRow
from desktop.domain.matching.clues import SUGGESTED
from desktop.services.matching import Merge, Suggestion
from desktop.wording import Wording
from desktop.wording.matching import clue_text


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "merge", "one person seen as several fans")
    suggest = add_command(family, "suggest", _suggest, help_text="pairs that may be one person, and why")
    suggest.add_argument(
        "--least", type=float, default=SUGGESTED, help="from which probability on (0 to 1)"
    )
    suggest.add_argument("--limit", type=int, default=100)
    merge = add_command(family, "do", _merge, help_text="make one person of two; the first stands for both")
    merge.add_argument("kept", metavar="ID")
    merge.add_argument("other", metavar="ID")
    undo = add_command(family, "undo", _undo, help_text="part them again, at any later time")
    undo.add_argument("merge", metavar="MERGE", help="as `merge list` and `merge do` name it")
    refuse = add_command(family, "refuse", _refuse, help_text="these are two: do not suggest them again")
    refuse.add_argument("one", metavar="ID")
    refuse.add_argument("other", metavar="ID")
    known = add_command(family, "list", _list, help_text="the merges that hold")
    known.add_argument("--fan", default="", metavar="ID", help="only those of this person")


async def _suggest(graph: Graph, args: argparse.Namespace) -> Document:
    found, total = await graph.matching.suggest(least=args.least, limit=args.limit)
    wording = Wording(args.language)
    return {"total": total, "rows": [_suggested(one, wording) for one in found]}


async def _merge(graph: Graph, args: argparse.Namespace) -> Document:
    kept, other = whole_number(args.kept), whole_number(args.other)
    found = await graph.matching.between(kept, other)
    uid = await graph.matching.merge(kept, other, found.proof if found else ())
    return {"merge": uid, "kept": str(kept), "merged": str(other)}


async def _undo(graph: Graph, args: argparse.Namespace) -> Document:
    return _told(await graph.matching.part(args.merge))


async def _refuse(graph: Graph, args: argparse.Namespace) -> Document:
    one, other = whole_number(args.one), whole_number(args.other)
    found = await graph.matching.between(one, other)
    await graph.matching.refuse(one, other, found.marks if found else ())
    return {"fan_id": str(one), "other_id": str(other), "refused": True}


async def _list(graph: Graph, args: argparse.Namespace) -> Document:
    found = await graph.matching.merges(whole_number(args.fan) if args.fan else None)
    return {"total": len(found), "rows": [_told(one) for one in found]}


def _suggested(one: Suggestion, wording: Wording) -> Document:
    return {
        "probability": round(one.candidate.probability, 4),
        "kept": _fan(one.kept),
        "other": _fan(one.other),
        "reasons": [
            {
                "clue": str(found.clue),
                "bits": round(found.bits, 1),
                "text": clue_text(wording.text, found.clue, found.shown),
            }
            for found in one.candidate.found
        ],
    }


def _fan(row: FanRow) -> Document:
    return {
        "fan_id": str(row.fan_id),
        "name": row.name,
        "phone": row.phone_masked,
        "orders": row.orders,
        "spend_cents": row.spend_cents,
        "platforms": sorted({one.platform for one in row.identities}),
    }


def _told(one: Merge) -> Document:
    return {
        "merge": one.uid,
        "kept": str(one.kept_id),
        "kept_name": one.kept_name,
        "merged": str(one.merged_id),
        "merged_name": one.merged_name,
        "clues": [clue for clue, _ in one.proof],
        "at": one.at,
        "operator": one.operator,
        "is_undone": one.undone_at is not None,
    }
