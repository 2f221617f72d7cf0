"""Commands `group requests|accept|texts|say|recall|create`: what a platform lets one do with fan groups."""

from __future__ import annotations

import argparse

from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.errors import NotFoundError
from desktop.services.public_accounts import GROUP_TEXTS


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "group", "who waits to join a group, what a group is told")
    add_command(family, "requests", _requests, help_text="who waits to join (Douyin), longest first")
    accept = add_command(family, "accept", _accept, help_text="let people in; leaves at the next sync")
    accept.add_argument("request", nargs="+", help="uids of `group requests`")
    texts = add_command(family, "texts", _texts, help_text="what a group was told from here (Douyin)")
    texts.add_argument("group", type=int)
    told = add_command(family, "say", _say, help_text="tell a group something; leaves at the next sync")
    told.add_argument("group", type=int)
    told.add_argument("--what", choices=sorted(GROUP_TEXTS), default="message")
    told.add_argument("--text", required=True, help="'' switches an announcement or a welcome off")
    recall = add_command(
        family, "recall", _recall, help_text="take a message back; leaves at the next sync"
    )
    recall.add_argument("item", help="outbox uid of `group texts`")
    create = add_command(family, "create", _create, help_text="a new group; made at the next sync (Douyin)")
    create.add_argument(
        "--like", type=int, required=True, help="the group whose account and picture it takes"
    )
    create.add_argument("--name", required=True)
    create.add_argument("--text", required=True, help="what it is about")


async def _requests(graph: Graph, args: argparse.Namespace) -> Document:
    return {
        "requests": [
            {
                "uid": row.uid,
                "name": row.name,
                "fan_id": None if row.fan_id is None else str(row.fan_id),
                "group": row.group_name,
                "asked_at": row.asked_at,
                "accepted": row.is_deciding,
            }
            for row in await graph.public.requests()
        ],
        "refuse": "by_hand",
    }


async def _accept(graph: Graph, args: argparse.Namespace) -> Document:
    queued = await graph.public.accept(args.request, hold_s=0)
    return {"queued": list(queued.items), "leaves": "next_sync"}


async def _texts(graph: Graph, args: argparse.Namespace) -> Document:
    told = await graph.public.group_texts(args.group)
    if told is None:
        return {"takes_texts": False, "texts": []}
    return {
        "takes_texts": True,
        "refused": sorted(told.refused),
        "texts": [
            {
                "outbox_uid": one.uid,
                "what": one.what,
                "text": one.text,
                "at": one.at,
                "state": one.state.value,
                "can_recall": one.can_recall,
                "recalled": one.is_recalled,
            }
            for one in told.rows
        ],
    }


async def _say(graph: Graph, args: argparse.Namespace) -> Document:
    queued = await graph.public.say_in_group(args.group, args.what, args.text, hold_s=0)
    return {"queued": list(queued.items), "leaves": "next_sync"}


async def _recall(graph: Graph, args: argparse.Namespace) -> Document:
    queued = await graph.public.recall(args.item, hold_s=0)
    return {"queued": list(queued.items), "leaves": "next_sync"}


async def _create(graph: Graph, args: argparse.Namespace) -> Document:
    pictures = {one.group_id: one for one in await graph.public.group_pictures()}
    if args.like not in pictures:
        raise NotFoundError("group_no_picture", group=args.like)
    like = pictures[args.like]
    queued = await graph.public.create_group(like.account_id, args.name, args.text, like.picture, hold_s=0)
    return {"queued": list(queued.items), "leaves": "next_sync"}
