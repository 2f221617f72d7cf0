"""Commands about saved audiences: `segment list|show|save|count|export|why|overlap|freeze|thaw|remove|handovers`.

FILE.json holds a rule ({"all": [...]}, {"any": [...]} or {"not": ...}; see docs/audiences.md), or
{"name", "note", "rule"}; a single condition stands inside "all". In rules of files, tags
and groups may be given by name.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from desktop.cli.draft_files import read_draft
from desktop.cli.fans import fan_document, whole_number
from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.errors import InvalidInputError
from desktop.domain.handover import PRESETS, Handover
from desktop.domain.segments import rules
from desktop.domain.segments.rules import Rule
from desktop.domain.segments.saved import Segment, SegmentDraft, SegmentLine
from desktop.wording.catalogue import Wording
from desktop.wording.segments import RuleWords

FIELDS = frozenset({"name", "note", "rule", "all", "any", "not"})


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "segment", "saved audiences")
    listing = add_command(
        family, "list", _list, help_text="every audience with how many belong now; of FILE.json its people"
    )
    listing.add_argument("file", nargs="?", metavar="FILE.json", help="a rule whose people are wanted")
    listing.add_argument("--limit", type=int, default=50, help="of a rule's people, by id")
    listing.add_argument("--offset", type=int, default=0)
    for name, handler, words in (
        ("show", _show, "one audience: its rule, in words too, and its last days"),
        ("freeze", _freeze, "fix the members as they are now"),
        ("thaw", _thaw, "let the rule decide again"),
        ("remove", _remove, "put an audience away"),
    ):
        command = add_command(family, name, handler, help_text=words)
        command.add_argument("segment", metavar="NAME")
    add = add_command(family, "add", _add, help_text="put fans on a frozen list, made when missing")
    add.add_argument("segment", metavar="NAME")
    add.add_argument("fans", metavar="ID", nargs="+")
    save = add_command(family, "save", _save, help_text="make an audience, or change the one of that name")
    save.add_argument("file", metavar="FILE.json")
    save.add_argument("--name", default="", help="its name, where the file holds a rule only")
    count = add_command(family, "count", _count, help_text="how many meet the rule of a file now")
    count.add_argument("file", metavar="FILE.json")
    count.add_argument("--account", default="", help="whose monthly sends are looked at")
    why = add_command(family, "why", _why, help_text="which conditions a fan meets")
    why.add_argument("segment", metavar="NAME")
    why.add_argument("fan", metavar="ID")
    overlap = add_command(
        family, "overlap", _overlap, help_text="how two to five audiences lie over each other"
    )
    overlap.add_argument("segments", metavar="NAME", nargs="+")
    export = add_command(family, "export", _export, help_text="hand over hashed phones in a taker's form")
    export.add_argument(
        "segment", metavar="NAME", help="an audience, or FILE.json with a rule to save first"
    )
    export.add_argument("--to", required=True, type=Path, metavar="FILE")
    export.add_argument("--preset", required=True, choices=sorted(PRESETS))
    export.add_argument("--purpose", required=True, help="what it is for; logged")
    add_command(family, "handovers", _handovers, help_text="lists that left: who, when, what for, how many")


async def _list(graph: Graph, args: argparse.Namespace) -> Document:
    if args.file:
        return await _people(graph, args)
    lines = await graph.segments.lines()
    words = await _words(graph, args)
    return {"total": len(lines), "rows": [_line(line, words) for line in lines]}


async def _people(graph: Graph, args: argparse.Namespace) -> Document:
    """Who meets the rule of a file."""
    if args.limit < 0 or args.offset < 0:
        raise InvalidInputError("usage", detail="--limit, --offset", usage="N >= 0")
    rule = await rule_of(graph, read_draft(Path(args.file), FIELDS))
    ids = await graph.segments.meeting(rule)
    rows = await graph.fans.rows(ids[args.offset : args.offset + args.limit])
    return {
        "total": len(ids),
        "sentence": (await _words(graph, args)).sentence(rule),
        "rows": [fan_document(row) for row in rows],
    }


async def _show(graph: Graph, args: argparse.Namespace) -> Document:
    wanted = await graph.segments.get(args.segment)
    lines = {line.segment.uid: line for line in await graph.segments.lines()}
    words = await _words(graph, args)
    days = [
        {"day": day.day, "size": day.size, "joined": day.joined, "gone": day.gone}
        for day in lines[wanted.uid].days
    ]
    return {**_line(lines[wanted.uid], words), "rule": rules.as_json(wanted.draft.rule), "days": days}


async def _save(graph: Graph, args: argparse.Namespace) -> Document:
    document = read_draft(Path(args.file), FIELDS)
    draft = SegmentDraft(
        str(document.get("name") or args.name),
        await rule_of(graph, document),
        str(document.get("note") or ""),
    )
    same = [
        line.segment.uid for line in await graph.segments.lines() if line.segment.draft.name == draft.name
    ]
    uid = await graph.segments.save(draft, same[0] if same else None)
    return {"segment": uid, "name": draft.name, "is_new": not same}


async def _count(graph: Graph, args: argparse.Namespace) -> Document:
    rule = await rule_of(graph, read_draft(Path(args.file), FIELDS))
    found = await graph.segments.count(rule, args.account or None)
    words = await _words(graph, args)
    return {
        "total": found.total,
        "sample": list(found.sample),
        "refused": found.refused,
        "never_asked": found.unknown,
        "suppressed": found.suppressed,
        "over_quota": found.over_quota,
        "sentence": words.sentence(rule),
    }


async def _why(graph: Graph, args: argparse.Namespace) -> Document:
    found = await graph.segments.why(args.segment, whole_number(args.fan))
    words = await _words(graph, args)
    return {
        "fan_id": args.fan,
        "belongs": found.belongs,
        "conditions": [
            {"condition": words.condition(each), "holds": holds, "rule": each.as_json()}
            for each, holds in found.answers
        ],
    }


async def _overlap(graph: Graph, args: argparse.Namespace) -> Document:
    found = await graph.segments.overlap(args.segments)
    return {
        "segments": [{"name": n, "size": s} for n, s in zip(found.names, found.sizes, strict=True)],
        "regions": [
            {"in": [found.names[place] for place in places], "size": size}
            for places, size in found.regions.items()
        ],
    }


async def _freeze(graph: Graph, args: argparse.Namespace) -> Document:
    return {"segment": args.segment, "size": await graph.segments.freeze(args.segment)}


async def _add(graph: Graph, args: argparse.Namespace) -> Document:
    fan_ids = [whole_number(fan) for fan in args.fans]
    return {"segment": args.segment, "added": await graph.segments.add_fans(fan_ids, args.segment)}


async def _thaw(graph: Graph, args: argparse.Namespace) -> Document:
    await graph.segments.thaw(args.segment)
    return {"segment": args.segment}


async def _remove(graph: Graph, args: argparse.Namespace) -> Document:
    await graph.segments.remove(args.segment)
    return {"segment": args.segment}


async def _export(graph: Graph, args: argparse.Namespace) -> Document:
    key = args.segment
    if key.endswith(".json"):
        saved = await _save(
            graph, argparse.Namespace(file=key, name=Path(key).stem, language=args.language)
        )
        key = saved["segment"]
    return _handover(await graph.segments.hand_over(key, args.preset, args.purpose, args.to))


async def _handovers(graph: Graph, args: argparse.Namespace) -> Document:
    rows = await graph.segments.handovers()
    return {"total": len(rows), "rows": [_handover(row) for row in rows]}


async def rule_of(graph: Graph, document: Document) -> Rule:
    """The rule of a file, names of tags and groups replaced by ids. Raises InvalidInputError, NotFoundError."""
    inner = document.get("rule", {k: v for k, v in document.items() if k not in ("name", "note")})
    return rules.parsed(await _with_ids(graph, inner))


async def _with_ids(graph: Graph, value: Any) -> Any:
    if isinstance(value, list):
        return [await _with_ids(graph, each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {
        key: await _with_ids(graph, each) for key, each in value.items() if key not in ("tags", "groups")
    }
    for key, named in (("tags", graph.segments.tags_named), ("groups", graph.segments.groups_named)):
        given = value.get(key)
        if isinstance(given, list) and all(isinstance(each, str) for each in given):
            made[key] = await named(given)
        elif key in value:
            made[key] = given
    return made


async def _words(graph: Graph, args: argparse.Namespace) -> RuleWords:
    names = await graph.segments.names()
    return RuleWords(Wording(args.language), names.tags, names.groups)


def _line(line: SegmentLine, words: RuleWords) -> Document:
    segment: Segment = line.segment
    last = line.days[-1] if line.days else None
    return {
        "segment": segment.uid,
        "name": segment.draft.name,
        "note": segment.draft.note,
        "size": line.size,
        "is_frozen": segment.is_frozen,
        "joined": last.joined if last else None,
        "gone": last.gone if last else None,
        "is_by_hand": segment.is_by_hand,
        "sentence": words.sentence(segment.draft.rule),
    }


def _handover(done: Handover) -> Document:
    return {
        "segment": done.segment_name,
        "preset": done.preset,
        "purpose": done.purpose,
        "file": done.file_name,
        "sha256": done.file_sha256,
        "rows": done.rows,
        "left_out": dict(done.left_out),
        "at": done.at,
        "operator": done.operator,
    }
