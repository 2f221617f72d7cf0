"""Commands about tags: `tags list|add|rename|delete|mark|unmark|dress|rule|merge|refresh|overview|push`.

NAME is a tag's name or local id.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop.cli.draft_files import read_draft
from desktop.cli.fans import whole_number
from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.cli.segments import FIELDS, rule_of
from desktop.composition.graph import Graph
from desktop.domain.errors import NotFoundError
from desktop.domain.own_tags import COLOURS
from desktop.services.platform_tags import TagLine


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "tags", "tags of the shop's own and of platforms")
    add_command(family, "list", _list, help_text="every tag with how many fans carry it")
    make = add_command(family, "add", _add, help_text="a new tag; with --group one at the platform")
    make.add_argument("name")
    make.add_argument("--group", help="the platform's tag group, made when missing")
    make.add_argument("--account", default="", help="the account's name, where there are several")
    rename = add_command(family, "rename", _rename, help_text="another name")
    rename.add_argument("tag", metavar="NAME")
    rename.add_argument("new_name", metavar="NEW")
    delete = add_command(family, "delete", _delete, help_text="take a tag away, and off everybody")
    delete.add_argument("tag", metavar="NAME")
    dress = add_command(family, "dress", _dress, help_text="group and colour of a tag of the shop's own")
    dress.add_argument("tag", metavar="NAME")
    dress.add_argument("--group", default="")
    dress.add_argument("--colour", choices=COLOURS, default="")
    rule = add_command(family, "rule", _rule, help_text="let a rule put a tag of the shop's own on")
    rule.add_argument("tag", metavar="NAME")
    rule.add_argument(
        "file", metavar="FILE.json", nargs="?", help="a rule of an audience; without it: no rule"
    )
    merge = add_command(family, "merge", _merge, help_text="make one own tag part of another")
    merge.add_argument("tag", metavar="NAME")
    merge.add_argument("into", metavar="INTO")
    add_command(family, "refresh", _refresh, help_text="put tags with a rule on who belongs now")
    add_command(
        family, "overview", _overview, help_text="own tags nobody carries, and pairs nearly the same"
    )
    push = add_command(family, "push", _push, help_text="take an own tag and its carriers to the platform")
    push.add_argument("tag", metavar="NAME")
    push.add_argument("--group", required=True, help="the platform's tag group, made when missing")
    push.add_argument("--account", default="", help="the account's name, where there are several")
    for name, handler, words in (
        ("mark", _mark, "put a platform tag on fans"),
        ("unmark", _unmark, "take a platform tag off fans"),
    ):
        command = add_command(family, name, handler, help_text=words)
        command.add_argument("tag", metavar="NAME")
        command.add_argument("fans", metavar="ID", nargs="+")
    for command in (rename, delete):
        command.add_argument("--platform", action="store_true", help="the platform's, not the shop's own")


async def _list(graph: Graph, args: argparse.Namespace) -> Document:
    lines = await graph.platform_tags.lines()
    return {"total": len(lines), "rows": [_line(line) for line in lines]}


async def _add(graph: Graph, args: argparse.Namespace) -> Document:
    if not args.group:
        return {"tag_id": str(await graph.platform_tags.add_own(args.name)), "outbox": []}
    account_id = await _account(graph, args.account)
    done = await graph.platform_tags.add(account_id, args.name, args.group, hold_s=0)
    return {"tag_id": done.uid, "outbox": list(done.items)}


async def _rename(graph: Graph, args: argparse.Namespace) -> Document:
    line = await _named(graph, args)
    if line.account_id is None:
        await graph.platform_tags.rename_own(line.tag_id, args.new_name)
        return {"tag_id": str(line.tag_id), "outbox": []}
    done = await graph.platform_tags.rename(line.tag_id, args.new_name, hold_s=0)
    return {"tag_id": done.uid, "outbox": list(done.items)}


async def _delete(graph: Graph, args: argparse.Namespace) -> Document:
    line = await _named(graph, args)
    if line.account_id is None:
        carried = await graph.platform_tags.delete_own(line.tag_id)
        return {"tag_id": str(line.tag_id), "fans": carried, "outbox": []}
    done = await graph.platform_tags.delete(line.tag_id, hold_s=0)
    return {"tag_id": done.uid, "fans": line.fans, "outbox": list(done.items)}


async def _mark(graph: Graph, args: argparse.Namespace) -> Document:
    return await _put(graph, args, remove=False)


async def _unmark(graph: Graph, args: argparse.Namespace) -> Document:
    return await _put(graph, args, remove=True)


async def _put(graph: Graph, args: argparse.Namespace, *, remove: bool) -> Document:
    line = await graph.platform_tags.named(args.tag)
    fan_ids = [whole_number(fan) for fan in args.fans]
    done = await graph.platform_tags.mark(fan_ids, line.tag_id, remove=remove, hold_s=0)
    return {
        "tag_id": str(line.tag_id),
        "outbox": list(done.items),
        "fans": done.fans,
        "already": done.already,
        "no_contact": done.strangers,
        "stopped": done.stopped,
    }


async def _dress(graph: Graph, args: argparse.Namespace) -> Document:
    tag_id = await _own(graph, args.tag)
    await graph.own_tags.dress(tag_id, args.group, args.colour)
    return {"tag_id": str(tag_id), "group": args.group, "colour": args.colour}


async def _rule(graph: Graph, args: argparse.Namespace) -> Document:
    tag_id = await _own(graph, args.tag)
    rule = await rule_of(graph, read_draft(Path(args.file), FIELDS)) if args.file else None
    return {"tag_id": str(tag_id), "by_rule": await graph.own_tags.set_rule(tag_id, rule)}


async def _merge(graph: Graph, args: argparse.Namespace) -> Document:
    source, target = await _own(graph, args.tag), await _own(graph, args.into)
    return {"tag_id": str(target), "added": await graph.own_tags.merge(source, target)}


async def _refresh(graph: Graph, args: argparse.Namespace) -> Document:
    return {"changed": await graph.own_tags.refresh()}


async def _overview(graph: Graph, args: argparse.Namespace) -> Document:
    found = await graph.own_tags.overview()
    return {
        "nobody": [found.names[tag_id] for tag_id in found.orphans],
        "nearly_same": [
            {
                "tags": [found.names[pair.first], found.names[pair.second]],
                "both": pair.both,
                "alike": round(pair.alike, 4),
            }
            for pair in found.pairs
        ],
    }


async def _push(graph: Graph, args: argparse.Namespace) -> Document:
    tag_id = await _own(graph, args.tag)
    account_id = await _account(graph, args.account)
    done = await graph.own_tags.push(tag_id, account_id, args.group, hold_s=0)
    if done is None:
        return {"tag_id": str(tag_id), "waits_for_tag": True, "outbox": []}
    return {"tag_id": str(tag_id), "waits_for_tag": False, "outbox": list(done.items), "fans": done.fans}


async def _account(graph: Graph, name: str) -> int:
    """The local id of the account named, or of the only one that keeps tags."""
    return (await graph.accounts.find(name)).id if name else await graph.platform_tags.only_account()


async def _own(graph: Graph, name: str) -> int:
    """The local id of one of the shop's own tags. Raises NotFoundError('tag_missing')."""
    for line in await graph.platform_tags.lines():
        if line.account_id is None and name in (line.name, str(line.tag_id)):
            return line.tag_id
    raise NotFoundError("tag_missing", tag_id=name)


async def _named(graph: Graph, args: argparse.Namespace) -> TagLine:
    """The shop's own tag of a name where there is one, else the platform's."""
    own = [
        line
        for line in await graph.platform_tags.lines()
        if line.account_id is None and args.tag in (line.name, str(line.tag_id))
    ]
    if own and not args.platform:
        return own[0]
    return await graph.platform_tags.named(args.tag)


def _line(line: TagLine) -> Document:
    return {
        "tag_id": str(line.tag_id),
        "name": line.name,
        "group": line.group_name,
        "account": line.account_name or None,
        "fans": line.fans,
        "colour": line.colour,
        "has_rule": line.has_rule,
        "standing": line.standing.value,
        "new_name": line.new_name or None,
        "outbox": list(line.items),
        "reason": line.reason or None,
        "platform_code": line.platform_code or None,
    }
