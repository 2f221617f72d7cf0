"""Commands about welfare drops: `drop plan|confirm|show|reschedule|cancel|claim|redeem|refund`, `drops`.

A plan file holds: kind, item, price (yuan) or price_cents, likewise normal_price and cost, stock,
cap_per_person, opens_at, window_minutes, announce_at (ISO, the shop's zone unless they have an
offset), groups (platform ids, names or ids, or "all"), text or body, images (paths, relative to the
file), account (uid or name), and uid to change an existing draft.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from desktop.cli import content, draft_files
from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.drops import KINDS, WINDOW_MOST, Claim, DropDraft, DropResult
from desktop.domain.errors import InvalidInputError
from desktop.domain.moments import parsed_moment
from desktop.services.claims import ClaimEntry
from desktop.services.drops import DropRow

FIELDS = frozenset(
    (
        "uid",
        "kind",
        "item",
        "price",
        "price_cents",
        "normal_price",
        "normal_price_cents",
        "cost",
        "cost_cents",
        "stock",
        "cap_per_person",
        "opens_at",
        "window_minutes",
        "announce_at",
        "groups",
        "text",
        "body",
        "images",
        "account",
    )
)


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "drop", "plan and confirm welfare drops")
    plan = add_command(family, "plan", _plan, help_text="make or change a draft from a JSON file")
    plan.add_argument("file", type=Path)
    for name, handler, words in (
        ("confirm", _confirm, "freeze it and put it into the outbox"),
        ("show", _show, "one drop with what came of it"),
        ("cancel", _cancel, "stop what has not left"),
    ):
        add_command(family, name, handler, help_text=words).add_argument("uid")
    move = add_command(family, "reschedule", _reschedule, help_text="a new opening, to be confirmed again")
    move.add_argument("uid")
    move.add_argument("--opens-at", required=True, help="ISO time")
    move.add_argument("--announce-at", help="ISO time; left out: as long before the opening as it was")
    claim = add_command(family, "claim", _claim, help_text="write a claim down")
    claim.add_argument("uid")
    claim.add_argument("--fan", default="", help="the fan's id")
    claim.add_argument("--name", default="", help="a name, where the fan is not known")
    claim.add_argument("--quantity", type=int, default=1)
    claim.add_argument("--redeemed", action="store_true")
    add_command(family, "redeem", _redeem, help_text="a claim was used").add_argument("claim")
    add_command(family, "refund", _refund, help_text="give a claim back").add_argument("claim")
    content.add_list(subcommands, "drops", _drops)


async def _plan(graph: Graph, args: argparse.Namespace) -> Document:
    fields = draft_files.read_draft(args.file, FIELDS)
    draft = await _draft_of(graph, fields, args.file)
    drop = await graph.drops.save_draft(draft, draft_files.text(fields, "uid") or None)
    problems = await graph.drops.check(draft, drop.uid)
    return {
        "uid": drop.uid,
        "revision": drop.revision,
        "state": drop.state,
        "groups": len(draft.group_ids),
        "opens_at": draft.opens_at,
        "problems": draft_files.problem_documents(problems, args),
    }


async def _draft_of(graph: Graph, fields: dict[str, Any], file: Path) -> DropDraft:
    zone = (await graph.shop.get()).timezone
    kind = draft_files.text(fields, "kind", "coupon")
    if kind not in KINDS:
        raise InvalidInputError("drop_kind", kind=kind, known=list(KINDS))
    if "text" in fields and "body" in fields:
        raise InvalidInputError("field_twice", field="text, body")
    named = draft_files.text(fields, "account")
    account_uid = await graph.posts.account_uid(named) if named else None
    groups = await graph.drops.groups_named(draft_files.words(fields, "groups"), account_uid)
    kept = [await graph.drops.keep_picture(path) for path in draft_files.pictures(fields, file)]
    cap = draft_files.whole(fields, "cap_per_person", 1)
    window = draft_files.whole(fields, "window_minutes", WINDOW_MOST)
    return DropDraft(
        kind=kind,
        item=draft_files.text(fields, "item"),
        price_cents=draft_files.money(fields, "price"),
        normal_price_cents=draft_files.money(fields, "normal_price"),
        cost_cents=draft_files.money(fields, "cost"),
        stock=draft_files.whole(fields, "stock", None),
        cap_per_person=1 if cap is None else cap,
        opens_at=draft_files.moment(fields, "opens_at", zone),
        window_minutes=WINDOW_MOST if window is None else window,
        announce_at=draft_files.moment(fields, "announce_at", zone),
        group_ids=tuple(groups),
        body=draft_files.text(fields, "text") or draft_files.text(fields, "body"),
        media=tuple(kept),
        account_uid=account_uid,
    )


async def _confirm(graph: Graph, args: argparse.Namespace) -> Document:
    return await content.confirm(graph.drops, args, "groups")


async def _show(graph: Graph, args: argparse.Namespace) -> Document:
    row = await graph.drops.row(args.uid)
    result = await graph.drops.result(args.uid)
    claims = await graph.claims.of_drop(args.uid)
    return {
        **_document(row),
        "body": row.drop.draft.body,
        "result": _result_document(result),
        "claims": [_claim_document(claim) for claim in claims],
        **await content.outbox_and_problems(graph, graph.drops, row.drop, args),
    }


async def _cancel(graph: Graph, args: argparse.Namespace) -> Document:
    return await content.cancel(graph.drops, args)


async def _reschedule(graph: Graph, args: argparse.Namespace) -> Document:
    zone = (await graph.shop.get()).timezone
    opens_at = parsed_moment(args.opens_at, zone)
    announce_at = parsed_moment(args.announce_at, zone) if args.announce_at else None
    drop = await graph.drops.reschedule(args.uid, opens_at, announce_at)
    problems = await graph.drops.check(drop.draft, drop.uid)
    return {
        "uid": drop.uid,
        "revision": drop.revision,
        "state": drop.state,
        "opens_at": drop.draft.opens_at,
        "announce_at": drop.draft.announce_at,
        "problems": draft_files.problem_documents(problems, args),
    }


async def _claim(graph: Graph, args: argparse.Namespace) -> Document:
    entry = ClaimEntry(fan=args.fan, name=args.name, quantity=args.quantity, is_redeemed=args.redeemed)
    return _claim_document(await graph.claims.add(args.uid, entry))


async def _redeem(graph: Graph, args: argparse.Namespace) -> Document:
    return _claim_document(await graph.claims.redeem(args.claim))


async def _refund(graph: Graph, args: argparse.Namespace) -> Document:
    return _claim_document(await graph.claims.refund(args.claim))


async def _drops(graph: Graph, args: argparse.Namespace) -> Document:
    rows = await graph.drops.rows(args.search, args.limit, args.offset)
    return {"rows": [_document(row) for row in rows]}


def _document(row: DropRow) -> Document:
    draft = row.drop.draft
    return {
        "uid": row.drop.uid,
        "kind": draft.kind,
        "item": draft.item,
        "state": row.drop.state,
        "progress": row.progress.value,
        "revision": row.drop.revision,
        "price_cents": draft.price_cents,
        "stock": draft.stock,
        "opens_at": draft.opens_at,
        "window_minutes": draft.window_minutes,
        "announce_at": draft.announce_at,
        "groups": len(draft.group_ids),
        "sent": row.deliveries.sent,
        "waiting": row.deliveries.waiting,
        "failed": row.deliveries.failed,
        "claimed": row.claims.claimed,
        "sold": row.claims.redeemed,
    }


def _result_document(result: DropResult) -> Document:
    """Each figure with its formula's key and, where there is none, the reason."""
    document: Document = {}
    for name in DropResult.__dataclass_fields__:
        figure = getattr(result, name)
        document[name] = {"value": figure.value, "formula": figure.formula, "reason": figure.reason}
    return document


def _claim_document(claim: Claim) -> Document:
    return {
        "uid": claim.uid,
        "fan_id": None if claim.fan_id is None else str(claim.fan_id),
        "name": claim.name,
        "quantity": claim.quantity,
        "claimed_at": claim.claimed_at,
        "redeemed": claim.is_redeemed,
        "refunded_at": claim.refunded_at,
    }
