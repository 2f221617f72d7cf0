"""Commands about ways in: `ways list|show|add|edit|delete|qr`, and group welcomes: `welcomes …`."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path

from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.entry_ways import CONTACT, JOIN, KINDS, EntryWayDraft
from desktop.domain.errors import InvalidInputError
from desktop.domain.welcomes import WelcomeDraft
from desktop.services import qr_codes
from desktop.services.entry_ways import WayRow
from desktop.services.platform_edits import Queued
from desktop.services.welcomes import WelcomeRow


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "ways", "codes through which people come in")
    listing = add_command(family, "list", _list, help_text="contact ways and join ways")
    listing.add_argument("--kind", choices=KINDS, default="")
    add_command(family, "show", _show, help_text="one way").add_argument("uid")
    make = add_command(family, "add", _add, help_text="a new code of staff (contact) or of groups (join)")
    make.add_argument("kind", choices=KINDS)
    _way_arguments(make)
    change = add_command(family, "edit", _edit, help_text="change a way; what is not given stays")
    change.add_argument("uid")
    _way_arguments(change)
    add_command(family, "delete", _delete, help_text="take a way away").add_argument("uid")
    code = add_command(family, "qr", _qr, help_text="write the code as a PNG, where its link is known")
    code.add_argument("uid")
    code.add_argument("--to", type=Path, required=True)
    welcomes = add_family(subcommands, "welcomes", "what newcomers to a group read")
    add_command(welcomes, "list", _welcomes, help_text="the welcomes made here")
    for name, handler, words in (
        ("add", _welcome_add, "a new welcome; {昵称} stands for the newcomer's name"),
        ("edit", _welcome_edit, "change a welcome; what is not given stays"),
    ):
        command = add_command(welcomes, name, handler, help_text=words)
        if name == "edit":
            command.add_argument("uid")
        command.add_argument("--text")
        command.add_argument("--image", type=Path)
        command.add_argument("--no-image", action="store_true")
        command.add_argument("--account", help="the account's uid, name or the platform's id")
    gone = add_command(welcomes, "delete", _welcome_delete, help_text="take a welcome away")
    gone.add_argument("uid")


def _way_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--name", help="at most 30 characters; customers do not see it")
    command.add_argument("--staff", action="append", default=[], help="name or id; may be given again")
    command.add_argument("--group", action="append", default=[], help="name or id; may be given again")
    asking = command.add_mutually_exclusive_group()
    asking.add_argument("--ask-first", dest="skip_verify", action="store_false", default=None)
    asking.add_argument("--add-at-once", dest="skip_verify", action="store_true", default=None)
    full = command.add_mutually_exclusive_group()
    full.add_argument("--next-group", dest="auto_create", action="store_true", default=None)
    full.add_argument("--no-next-group", dest="auto_create", action="store_false", default=None)
    command.add_argument("--base-name", help="name of the groups that follow")
    command.add_argument("--base-number", type=int)


async def _list(graph: Graph, args: argparse.Namespace) -> Document:
    kinds = (args.kind,) if args.kind else KINDS
    rows = [row for kind in kinds for row in await graph.entry_ways.rows(kind)]
    return {"total": len(rows), "rows": [_way(row) for row in rows]}


async def _show(graph: Graph, args: argparse.Namespace) -> Document:
    return _way(await graph.entry_ways.row(args.uid))


async def _add(graph: Graph, args: argparse.Namespace) -> Document:
    draft = await _given(graph, args, EntryWayDraft(args.kind, ""))
    return _queued(await graph.entry_ways.add(draft, hold_s=0))


async def _edit(graph: Graph, args: argparse.Namespace) -> Document:
    row = await graph.entry_ways.row(args.uid)
    draft = await _given(graph, args, row.shown)
    return _queued(await graph.entry_ways.edit(args.uid, draft, hold_s=0))


async def _given(graph: Graph, args: argparse.Namespace, draft: EntryWayDraft) -> EntryWayDraft:
    """The draft with what the arguments say."""
    if (args.group and draft.kind == CONTACT) or (args.staff and draft.kind == JOIN):
        raise InvalidInputError("way_kind", kind=draft.kind)
    if args.staff:
        draft = replace(draft, staff=await graph.entry_ways.staff_named(args.staff))
    if args.group:
        draft = replace(draft, groups=await graph.entry_ways.groups_named(args.group))
    told = {
        "name": args.name,
        "skip_verify": args.skip_verify,
        "auto_create": args.auto_create,
        "base_name": args.base_name,
        "base_id": args.base_number,
    }
    return replace(draft, **{name: value for name, value in told.items() if value is not None})


async def _delete(graph: Graph, args: argparse.Namespace) -> Document:
    return _queued(await graph.entry_ways.delete(args.uid, hold_s=0))


async def _qr(graph: Graph, args: argparse.Namespace) -> Document:
    row = await graph.entry_ways.row(args.uid)
    qr_codes.save_png(row.qr_url, args.to)
    return {"uid": row.uid, "file": str(args.to), "qr_url": row.qr_url}


async def _welcomes(graph: Graph, args: argparse.Namespace) -> Document:
    rows = await graph.welcomes.rows()
    return {"total": len(rows), "rows": [_welcome(row) for row in rows]}


async def _welcome_add(graph: Graph, args: argparse.Namespace) -> Document:
    draft = await _said(graph, args, WelcomeDraft(""))
    account = await graph.posts.account_uid(args.account) if args.account else None
    return _queued(await graph.welcomes.add(draft, account, hold_s=0))


async def _welcome_edit(graph: Graph, args: argparse.Namespace) -> Document:
    row = await graph.welcomes.row(args.uid)
    draft = await _said(graph, args, row.shown)
    return _queued(await graph.welcomes.edit(args.uid, draft, hold_s=0))


async def _said(graph: Graph, args: argparse.Namespace, draft: WelcomeDraft) -> WelcomeDraft:
    if args.text is not None:
        draft = replace(draft, text=args.text)
    if args.no_image:
        draft = replace(draft, media=())
    if args.image is not None:
        draft = replace(draft, media=(await graph.welcomes.keep_picture(args.image),))
    return draft


async def _welcome_delete(graph: Graph, args: argparse.Namespace) -> Document:
    return _queued(await graph.welcomes.delete(args.uid, hold_s=0))


def _queued(queued: Queued) -> Document:
    return {"uid": queued.uid, "outbox": list(queued.items)}


def _way(row: WayRow) -> Document:
    return {
        "uid": row.uid,
        "kind": row.draft.kind,
        "standing": row.standing.value,
        **_draft(row.draft),
        "waiting": None if row.waiting is None else _draft(row.waiting),
        "leads_to": list(row.leads_to),
        "came": row.came,
        "qr_url": row.qr_url,
        "state": row.state,
        "platform_id": row.external_id or None,
        "outbox": list(row.items),
        "reason": row.reason or None,
        "platform_code": row.platform_code or None,
    }


def _draft(draft: EntryWayDraft) -> Document:
    fields = asdict(draft)
    unused = ("groups", "auto_create", "base_name", "base_id")
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in fields.items()
        if name != "kind" and name not in (unused if draft.kind == CONTACT else ("staff", "skip_verify"))
    }


def _welcome(row: WelcomeRow) -> Document:
    return {
        "uid": row.uid,
        "standing": row.standing.value,
        **_greeting(row.draft),
        "waiting": None if row.waiting is None else _greeting(row.waiting),
        "platform_id": row.external_id or None,
        "outbox": list(row.items),
        "reason": row.reason or None,
        "platform_code": row.platform_code or None,
    }


def _greeting(draft: WelcomeDraft) -> Document:
    return {"text": draft.text, "images": [one.file_name for one in draft.media]}
