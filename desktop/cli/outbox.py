"""Commands about the outbox: `outbox [--state S]`, `outbox show|attest|cancel|release|remind|retry|stop UID`."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from desktop.cli.parser import Document, Subcommands, add_command
from desktop.composition.graph import Graph
from desktop.domain.errors import InvalidInputError
from desktop.domain.write_kinds.wecom import MASS_SEND_REMIND
from desktop.services.attesting import is_message
from desktop.services.follow_ups import STOPPED_BY
from desktop.services.outbox import OutboxRow
from desktop.wording import Wording
from desktop.wording.sentences import known_text, next_text

VERBS = ("show", "attest", "cancel", "release", "remind", "retry", "stop")
ATTEST_USAGE = "outbox attest UID sent|not-sent (a message), done|not-done (a change) [--id ID]"
FOLLOW_UPS = ("remind", "stop")
VERDICTS = {"done": True, "not-done": False, "sent": True, "not-sent": False}


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    outbox = add_command(
        subcommands, "outbox", _outbox, help_text="what was decided; with a verb, one item of it"
    )
    outbox.add_argument("verb", nargs="?", choices=VERBS)
    outbox.add_argument("uid", nargs="?", metavar="UID")
    outbox.add_argument(
        "verdict",
        nargs="?",
        metavar="VERDICT",
        choices=tuple(VERDICTS),
        help="with attest: done|not-done, or sent|not-sent",
    )
    outbox.add_argument("--id", default="", help="with attest done: what was made has this id there")
    outbox.add_argument("--state", help="only items in this state")
    outbox.add_argument("--search", default="")
    outbox.add_argument("--limit", type=int, default=200)
    outbox.add_argument("--offset", type=int, default=0)


async def _outbox(graph: Graph, args: argparse.Namespace) -> Document:
    if args.verb is None:
        return await _listed(graph, args)
    if not args.uid or (args.verb == "attest") != bool(args.verdict):
        usage = ATTEST_USAGE if args.verb == "attest" else f"outbox {args.verb} UID"
        raise InvalidInputError("usage", detail=args.verb, usage=usage)
    if args.verb == "show":
        return await _shown(graph, args)
    if args.verb in FOLLOW_UPS:
        of = (await graph.outbox.detail(args.uid)).row.item.kind
        kind = MASS_SEND_REMIND if args.verb == "remind" else STOPPED_BY.get(of, of)
        asked = await graph.outbox.follow_up(args.uid, kind, hold_s=0)
        follow = (await graph.outbox.detail(args.uid)).follow_up
        return {"uid": asked, "of": args.uid, "reminders_left": follow.reminders_left if follow else 0}
    new_uid = None
    if args.verb == "attest":
        await _attested(graph, args)
    elif args.verb == "cancel":
        await graph.outbox.cancel(args.uid)
    elif args.verb == "release":
        await graph.outbox.release(args.uid)
    else:
        new_uid = await graph.outbox.retry(args.uid, hold_s=0)
    detail = await graph.outbox.detail(args.uid)
    document: Document = {"uid": args.uid, "state": detail.row.item.state.value}
    return {**document, "replaced_by": new_uid} if new_uid else document


async def _attested(graph: Graph, args: argparse.Namespace) -> None:
    """The verdict in the words that fit: messages are sent, changes are done."""
    kind = (await graph.outbox.detail(args.uid)).row.item.kind
    if args.verdict.endswith("sent") and not is_message(kind):
        raise InvalidInputError(
            "attest_word", given=args.verdict, wanted=args.verdict.replace("sent", "done")
        )
    await graph.outbox.attest(args.uid, VERDICTS[args.verdict], platform_id=args.id)


async def _listed(graph: Graph, args: argparse.Namespace) -> Document:
    zone = (await graph.shop.get()).timezone
    rows = await graph.outbox.rows(args.state, args.search, args.limit, args.offset)
    return {
        "total": await graph.outbox.total(args.state, args.search),
        "counts": await graph.outbox.counts(),
        "rows": [_document(row, Wording(args.language), zone) for row in rows],
    }


async def _shown(graph: Graph, args: argparse.Namespace) -> Document:
    zone = (await graph.shop.get()).timezone
    detail = await graph.outbox.detail(args.uid)
    return {
        **_document(detail.row, Wording(args.language), zone),
        "text": detail.text,
        "payload_sha256": detail.row.item.payload_sha256,
        "attempts": [asdict(attempt) for attempt in detail.attempts],
        "recipients": [asdict(delivery) for delivery in detail.recipients],
    }


def _document(row: OutboxRow, wording: Wording, zone: str) -> Document:
    item = row.item
    return {
        "uid": item.uid,
        "state": item.state.value,
        "kind": item.kind,
        "entity": item.entity,
        "entity_uid": item.summary.get("entity_uid"),
        "title": item.summary.get("title", ""),
        "known": known_text(wording, row.known, zone),
        "next": next_text(wording, row.next_step, zone),
        "known_code": row.known[0],
        "next_code": row.next_step[0],
        "recipients": row.deliveries.total,
        "sent": row.deliveries.sent,
        "waiting": row.deliveries.waiting,
        "failed": row.deliveries.failed,
        "attempts": item.attempts,
        "not_before": item.not_before,
        "not_after": item.not_after,
        "confirmed_at": item.confirmed_at,
        "confirmed_by": item.confirmed_by,
        "platform_id": item.platform_id,
        "reason": item.reason,
        "proof": item.proof,
        "replaced_by": item.replaced_by,
    }
