"""Commands about being reached: `consent show|note|child ID`, `quiet ID`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date
from pathlib import Path

from desktop.cli.fans import whole_number
from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.clock import day_start_ms
from desktop.domain.consents import Channel, ConsentDraft, Purpose, ReachChange, Said, Standing
from desktop.domain.errors import InvalidInputError

EVERYWHERE = "all"
CHANNELS = {channel.value or EVERYWHERE: channel for channel in Channel}


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "consent", "what a fan said about being reached")
    show = add_command(family, "show", _show, help_text="every word, and what is queued for them")
    note = add_command(family, "note", _note, help_text="keep one word (undoable)")
    child = add_command(family, "child", _child, help_text="below fourteen years: a guardian must agree")
    quiet = add_command(subcommands, "quiet", _quiet, help_text="the do-not-contact list")
    for command in (show, note, child, quiet):
        command.add_argument("fan", metavar="ID")
    note.add_argument("said", choices=[said.value for said in Said])
    note.add_argument("--purpose", choices=[purpose.value for purpose in Purpose], default="marketing")
    note.add_argument("--day", help="when they said it, YYYY-MM-DD; now without it")
    note.add_argument("--source", default="", help="where: a form, a chat, a counter")
    note.add_argument("--wording", default="", help="what they were shown")
    note.add_argument("--proof", default="", help="where it can be seen")
    note.add_argument("--proof-file", type=Path, help="its path and hash are kept")
    for command in (note, quiet):
        command.add_argument("--channel", choices=list(CHANNELS), default=EVERYWHERE)
    quiet.add_argument("--reason", default="")
    for command in (child, quiet):
        command.add_argument("--off", action="store_true", help="take it back")


async def _show(graph: Graph, args: argparse.Namespace) -> Document:
    return standing_document(await graph.consents.standing(whole_number(args.fan)))


async def _note(graph: Graph, args: argparse.Namespace) -> Document:
    draft = ConsentDraft(
        Purpose(args.purpose),
        Said(args.said),
        await _moment(graph, args.day),
        CHANNELS[args.channel],
        args.source,
        args.wording,
        args.proof,
    )
    wanted = ReachChange(draft=draft)
    return standing_document(await graph.consents.change(whole_number(args.fan), wanted, args.proof_file))


async def _child(graph: Graph, args: argparse.Namespace) -> Document:
    wanted = ReachChange(is_under_14=not args.off)
    return standing_document(await graph.consents.change(whole_number(args.fan), wanted))


async def _quiet(graph: Graph, args: argparse.Namespace) -> Document:
    fan_id, channel = whole_number(args.fan), CHANNELS[args.channel].value
    if args.off:
        await graph.fans.unsuppress([fan_id], channel=channel)
    else:
        await graph.fans.suppress([fan_id], channel=channel, reason=args.reason)
    return standing_document(await graph.consents.standing(fan_id))


async def _moment(graph: Graph, day: str | None) -> int:
    if day is None:
        return graph.consents.now_ms()
    try:
        return day_start_ms(date.fromisoformat(day), (await graph.shop.get()).timezone)
    except ValueError as error:
        raise InvalidInputError("usage", detail="--day", usage="YYYY-MM-DD") from error


def standing_document(standing: Standing) -> Document:
    """How a fan stands; times in UTC milliseconds, the channel `all` for every one."""
    return {
        "consents": [
            {
                "uid": one.uid,
                **asdict(one.draft),
                "channel": one.draft.channel.value or EVERYWHERE,
                "origin": one.origin,
                "noted_at": one.noted_at,
                "counts": one.is_latest,
            }
            for one in standing.consents
        ],
        "quiet": [channel or EVERYWHERE for channel in standing.shut],
        "under_14": standing.is_under_14,
        "waiting": [asdict(one) for one in standing.waiting],
    }
