"""Commands about people and groups: `fans`, `fans show|search|export`, `fan tag`, `fan note`, `groups`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import FanChoice, FanFilter, FanRow, FanSort, Tier
from desktop.domain.groups import GroupRow
from desktop.services.customer_edits import PlatformSide
from desktop.services.fan_files import COLUMNS
from desktop.wording import Wording

# Columns may also be named as they stand in the rows.
SORT_NAMES = {
    **{sort.value: sort for sort in FanSort},
    "spend_cents": FanSort.SPEND,
    "refund_cents": FanSort.REFUND,
    "first_order_at": FanSort.FIRST_ORDER,
    "last_order_at": FanSort.LAST_ORDER,
    "last_touch_at": FanSort.LAST_TOUCH,
    "first_seen_at": FanSort.FIRST_SEEN,
}
SMALLEST_FIRST = (FanSort.NAME, FanSort.FAN_ID)


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    fans = add_command(
        subcommands, "fans", _fans, help_text="the directory; `show ID`, `search WORDS`, `export FILE`"
    )
    fans.add_argument("verb", nargs="?", choices=("show", "search", "export"))
    fans.add_argument("fan", nargs="?", metavar="ID|WORDS|FILE")
    fans.add_argument("--search", default="", help="part of a name, pinyin, phone ending, id, tag, order")
    fans.add_argument("--tier", choices=[tier.value for tier in Tier], action="append", default=[])
    fans.add_argument("--tag", action="append", default=[], help="a tag's name; given twice: any of them")
    fans.add_argument("--group", type=int, help="members of this group only")
    fans.add_argument("--segment", default="", help="members of this saved audience only")
    fans.add_argument("--sort", choices=sorted(SORT_NAMES), default="spend", metavar="KEY")
    direction = fans.add_mutually_exclusive_group()
    direction.add_argument(
        "--desc", action="store_true", help="largest first (as by itself, but for names)"
    )
    direction.add_argument("--asc", action="store_true", help="smallest first")
    fans.add_argument("--limit", type=int, default=50)
    fans.add_argument("--offset", type=int, default=0)
    groups = add_command(subcommands, "groups", _groups, help_text="fan groups; `groups show ID` for one")
    groups.add_argument("verb", nargs="?", choices=("show",))
    groups.add_argument("group", nargs="?", metavar="ID")
    family = add_family(subcommands, "fan", "change one fan")
    tag = add_command(family, "tag", _tag, help_text="put a tag on a fan, or take it off")
    tag.add_argument("fan", metavar="ID")
    tag.add_argument("name")
    tag.add_argument("--remove", action="store_true")
    note = add_command(family, "note", _note, help_text="replace a fan's note")
    note.add_argument("fan", metavar="ID")
    note.add_argument("text")
    remark = add_command(family, "remark", _remark, help_text="what staff note about a fan at the platform")
    remark.add_argument("fan", metavar="ID")
    remark.add_argument("--staff", default="", help="whose contact it is, where there are several")
    remark.add_argument("--remark", help="at most 20 characters")
    remark.add_argument("--description", help="at most 150 characters")
    remark.add_argument("--mobile", action="append", help="may be given again; '' takes all away")


async def _fans(graph: Graph, args: argparse.Namespace) -> Document:
    if args.verb == "show":
        return await _show(graph, whole_number(args.fan))
    if args.verb == "search":
        args.search = args.fan or args.search
    if args.limit < 0 or args.offset < 0:
        raise InvalidInputError("usage", detail="--limit, --offset", usage="N >= 0")
    tag_ids = [tag_id for name in args.tag for tag_id in await graph.fans.tags_named(name)]
    if args.tag and not tag_ids:
        return {"total": 0, "rows": []}
    wanted = FanFilter(
        search=args.search,
        tiers=tuple(Tier(tier) for tier in args.tier),
        tags=tuple(tag_ids),
        group_id=args.group,
        segment=(await graph.segments.get(args.segment)).uid if args.segment else "",
        segment_at=graph.config.clock.now_ms() if args.segment else None,
    )
    if args.verb == "export":
        return await _export(graph, wanted, args)
    sort = SORT_NAMES[args.sort]
    descending = args.desc or (sort not in SMALLEST_FIRST and not args.asc)
    ids = await graph.fans.all_ids(wanted, sort, descending=descending)
    rows = await graph.fans.rows(ids[args.offset : args.offset + args.limit])
    return {"total": len(ids), "rows": [fan_document(row) for row in rows]}


async def _export(graph: Graph, wanted: FanFilter, args: argparse.Namespace) -> Document:
    """Those who pass the filter, best customers first; phones masked, the export noted."""
    if not args.fan:
        raise InvalidInputError("usage", detail="FILE", usage="fans export FILE.xlsx|FILE.csv")
    wording = Wording(args.language)
    headers = {key: wording.text(f"fans.column.{key}") for key in COLUMNS}
    rows = await graph.fans.export(FanChoice(wanted=wanted), Path(args.fan), headers=headers)
    return {"file": args.fan, "rows": rows}


async def _show(graph: Graph, fan_id: int) -> Document:
    detail = await graph.fans.detail(fan_id)
    timeline = await graph.fans.timeline(fan_id)
    explained = await graph.fans.explain_tier(fan_id)
    return {
        **fan_document(detail.row),
        "tier_since": detail.tier_since,
        "tier_reasons": explained.as_json(),
        "tier_pinned": detail.tier_pinned,
        "tier_pinned_until": detail.tier_pinned_until,
        "average_order_cents": detail.average_order_cents,
        "groups": [{**asdict(group), "group_id": str(group.group_id)} for group in detail.groups],
        "suppressions": [asdict(row) for row in detail.suppressions],
        "recent_orders": [
            {**asdict(order), "order_id": str(order.order_id)} for order in detail.recent_orders
        ],
        "platform": [_side_document(side) for side in await graph.customer_edits.sides(fan_id)],
        "timeline": [
            {"at": entry.at, "kind": entry.kind, "cents": entry.cents, **entry.params} for entry in timeline
        ],
    }


def _side_document(side: PlatformSide) -> dict[str, Any]:
    """One staff member's side of a fan; `mine` waits for the platform."""
    return {
        "account": side.account_name,
        "staff": side.staff_id,
        "staff_name": side.staff_name,
        **asdict(side.notes),
        "tags": [tag.name for tag in side.tags if tag.is_carried],
        "tags_waiting": {tag.name: tag.change for tag in side.tags if tag.change in ("add", "remove")},
        "tags_refused": {tag.name: tag.reason for tag in side.tags if tag.change == "refused"},
        "mine": None if side.mine is None else asdict(side.mine),
        "changed_there": side.changed_there,
        "refused": side.reason or None,
    }


def fan_document(row: FanRow) -> dict[str, Any]:
    """One fan as a document; money in cents, times in UTC milliseconds."""
    return {
        "fan_id": str(row.fan_id),
        "uid": row.uid,
        "name": row.name,
        "tier": row.tier.value,
        "phone_masked": row.phone_masked,
        "identities": [
            {"platform": i.platform, "scope": i.scope, "external_id": i.external_id, "left": i.left}
            for i in row.identities
        ],
        "tags": [tag.name for tag in row.tags],
        "orders": row.orders,
        "spend_cents": row.spend_cents,
        "refund_cents": row.refund_cents,
        "first_order_at": row.first_order_at,
        "last_order_at": row.last_order_at,
        "interactions": row.interactions,
        "last_interaction_at": row.last_interaction_at,
        "first_seen_at": row.first_seen_at,
        "marketing": row.marketing,
        "suppressed": row.is_suppressed,
        "note": row.note,
    }


async def _groups(graph: Graph, args: argparse.Namespace) -> Document:
    if args.verb != "show":
        found = await graph.groups.groups()
        return {"total": len(found), "rows": [_group_document(row) for row in found]}
    detail = await graph.groups.detail(whole_number(args.group))
    return {
        **_group_document(detail.row),
        "members": [
            {**asdict(member), "fan_id": None if member.fan_id is None else str(member.fan_id)}
            for member in detail.members
        ],
        "weeks": [{**asdict(week), "last": week.last.isoformat()} for week in detail.weeks],
    }


def _group_document(row: GroupRow) -> dict[str, Any]:
    return {**asdict(row), "group_id": str(row.group_id), "health": row.health.value}


async def _tag(graph: Graph, args: argparse.Namespace) -> Document:
    fan_id = whole_number(args.fan)
    if not args.remove:
        return {"added": await graph.fans.add_tag([fan_id], args.name)}
    detail = await graph.fans.detail(fan_id)
    carried = [tag for tag in detail.row.tags if tag.name == args.name]
    own = [tag for tag in carried if not tag.is_platform] or carried
    return {"removed": sum([await graph.fans.remove_tag([fan_id], tag.tag_id) for tag in own])}


async def _note(graph: Graph, args: argparse.Namespace) -> Document:
    fan_id = whole_number(args.fan)
    await graph.fans.set_note(fan_id, args.text)
    return {"fan_id": str(fan_id), "note": args.text}


async def _remark(graph: Graph, args: argparse.Namespace) -> Document:
    """What is not given stays as it is, or as it waits to become."""
    fan_id = whole_number(args.fan)
    sides = [
        side
        for side in await graph.customer_edits.sides(fan_id)
        if not args.staff or args.staff in (side.staff_id, side.staff_name)
    ]
    now = (sides[0].mine or sides[0].notes) if len(sides) == 1 else CustomerNotes()
    notes = CustomerNotes(
        now.remark if args.remark is None else args.remark,
        now.description if args.description is None else args.description,
        now.mobiles if args.mobile is None else tuple(args.mobile),
    )
    staff = sides[0].staff_id if len(sides) == 1 else args.staff
    done = await graph.customer_edits.set_notes(fan_id, staff, notes, hold_s=0)
    return {"fan_id": done.uid, "outbox": list(done.items)}


def whole_number(text: str | None) -> int:
    """A local id. Raises InvalidInputError('id_invalid') for anything else."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidInputError("id_invalid", text=text or "")
    return int(text)
