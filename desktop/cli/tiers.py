"""Commands about tiers: `tier explain|rules|preview|save|refresh|flow|pin|unpin`.

FILE.json holds rules as `tier rules` prints them under "rules"; see docs/tiers.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop.cli.draft_files import read_draft
from desktop.cli.fans import whole_number
from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import Tier
from desktop.domain.periods import parsed_day
from desktop.domain.tier_moves import TierMatrix
from desktop.domain.tiers import RULED, TierRules, parsed_rules
from desktop.wording import Wording
from desktop.wording.tiers import TierWords

FIELDS = frozenset({"tiers", "interaction_kinds", "connected_only", "version", "source", "checked_on"})


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "tier", "how close fans are: rules, reasons, days")
    explain = add_command(family, "explain", _explain, help_text="why a fan is in a tier, and until when")
    explain.add_argument("fan", metavar="ID")
    add_command(family, "rules", _rules, help_text="the rules in force")
    preview = add_command(family, "preview", _preview, help_text="who would move under the rules of a file")
    preview.add_argument("file", metavar="FILE.json")
    save = add_command(family, "save", _save, help_text="put the rules of a file in force")
    save.add_argument("file", metavar="FILE.json", nargs="?")
    save.add_argument("--shipped", action="store_true", help="the rules that came with the program")
    add_command(family, "refresh", _refresh, help_text="decide now, as the program does by itself each day")
    flow = add_command(family, "flow", _flow, help_text="who came to and left each tier, day by day")
    flow.add_argument("--days", type=int, default=30, metavar="N")
    pin = add_command(family, "pin", _pin, help_text="keep a fan in a tier whatever the rules say")
    pin.add_argument("fan", metavar="ID")
    pin.add_argument("tier", choices=[tier.value for tier in Tier])
    pin.add_argument("--until", default="", metavar="DAY", help="the last day it holds, YYYY-MM-DD")
    unpin = add_command(family, "unpin", _unpin, help_text="let the rules decide again")
    unpin.add_argument("fan", metavar="ID")


async def _explain(graph: Graph, args: argparse.Namespace) -> Document:
    story = await graph.tiers.explain(whole_number(args.fan))
    decision = story.decision
    return {
        "fan_id": str(story.fan_id),
        "name": story.name,
        "tier": decision.tier.value,
        "before": story.before,
        "since": story.since,
        "sentence": TierWords(Wording(args.language)).sentence(decision, story.before),
        "reasons": [reason.as_json() for reason in decision.reasons],
        "falls_back_on": None if decision.falls_back_on is None else decision.falls_back_on.isoformat(),
        "falls_back_to": decision.falls_back_to,
        "pinned": story.pinned,
        "pinned_until": story.pinned_until,
        "history": [{"at": at, "from": before, "to": after} for at, before, after in story.history],
    }


async def _rules(graph: Graph, args: argparse.Namespace) -> Document:
    rules = await graph.tiers.rules()
    words = TierWords(Wording(args.language))
    return {
        "is_own": rules != graph.tiers.shipped_rules(),
        "rules": rules.as_json(),
        "in_words": {tier.value: [words.condition(each) for each in rules.of(tier)] for tier in RULED},
    }


async def _preview(graph: Graph, args: argparse.Namespace) -> Document:
    return _matrix(await graph.tiers.preview(_read(args.file)))


async def _save(graph: Graph, args: argparse.Namespace) -> Document:
    if bool(args.file) == args.shipped:
        raise InvalidInputError(
            "usage", detail="FILE.json, --shipped", usage="tier save FILE.json|--shipped"
        )
    return {"moved": await graph.tiers.save(None if args.shipped else _read(args.file))}


async def _refresh(graph: Graph, args: argparse.Namespace) -> Document:
    return {"moved": await graph.fans.refresh_tiers()}


async def _flow(graph: Graph, args: argparse.Namespace) -> Document:
    rows = []
    for day in await graph.tiers.flow(args.days):
        tiers = {
            tier.value: {
                "opening": day.opening[tier],
                "came": day.came(tier),
                "left": day.left(tier),
                "closing": day.closing[tier],
            }
            for tier in Tier
        }
        moves = [{"from": a, "to": b, "fans": n} for (a, b), n in day.moves.items()]
        rows.append({"day": day.day.isoformat(), "tiers": tiers, "moves": moves})
    return {"total": len(rows), "rows": rows}


async def _pin(graph: Graph, args: argparse.Namespace) -> Document:
    last_day = parsed_day(args.until) if args.until else None
    done = await graph.fans.pin_tier([whole_number(args.fan)], Tier(args.tier), last_day=last_day)
    return {"fan_id": args.fan, "tier": args.tier, "until": args.until or None, "fans": done}


async def _unpin(graph: Graph, args: argparse.Namespace) -> Document:
    return {"fan_id": args.fan, "fans": await graph.fans.unpin_tier([whole_number(args.fan)])}


def _read(file: str) -> TierRules:
    return parsed_rules(read_draft(Path(file), FIELDS))


def _matrix(matrix: TierMatrix) -> Document:
    return {
        "moved": matrix.moved,
        "matrix": {a.value: {b.value: matrix.count(a, b) for b in Tier} for a in Tier},
    }
