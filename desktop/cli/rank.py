"""Command `rank`: the boards as of any day, and one fan's place opened down to events."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from desktop.cli.fans import whole_number
from desktop.cli.parser import Document, Subcommands, add_command
from desktop.composition.graph import Graph
from desktop.domain.errors import InvalidInputError
from desktop.domain.periods import Window, parsed_day
from desktop.domain.rankings import PARTS, Board, PartScore, weights_as_json
from desktop.services.rankings import BoardRow


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    rank = add_command(subcommands, "rank", _rank, help_text="super users or KOCs, best first")
    rank.add_argument("--board", choices=[board.value for board in Board], default=Board.SUPER.value)
    rank.add_argument("--top", type=int, help="only the first N places")
    rank.add_argument("--as-of", metavar="DATE", help="the day the year ends with, YYYY-MM-DD")
    rank.add_argument("--explain", metavar="FAN", help="the events behind one fan's place")
    rank.add_argument("--part", choices=(*PARTS, "spend"), help="with --explain: only this part")


async def _rank(graph: Graph, args: argparse.Namespace) -> Document:
    as_of = None if args.as_of is None else parsed_day(args.as_of)
    if args.top is not None and args.top < 1:
        raise InvalidInputError("usage", detail="--top", usage="--top N, N >= 1")
    board = Board(args.board)
    if args.explain is not None:
        explained = await graph.rankings.explain(whole_number(args.explain), board, args.part, as_of)
        return {
            "board": board.value,
            "fan_id": str(explained.fan_id),
            "name": explained.name,
            "rank": explained.rank,
            "score": explained.score,
            "window": _window(explained.window),
            "parts": _points(explained.parts),
            "events": {part: [asdict(e) for e in events] for part, events in explained.events.items()},
        }
    if board is Board.SUPER:
        result = await graph.rankings.super_board(as_of, top=args.top)
        return {
            "board": board.value,
            "as_of": result.as_of.isoformat(),
            "window": _window(result.window),
            "buyers": result.buyers,
            "super_users": result.super_users,
            "share_of_sales": result.share_of_sales,
            "threshold_cents": result.threshold_cents,
            "multiple": result.multiple,
            "rows": [_super_row(row) for row in result.rows],
        }
    koc = await graph.rankings.koc_board(as_of, top=args.top)
    return {
        "board": board.value,
        "as_of": koc.as_of.isoformat(),
        "window": _window(koc.window),
        "ranked": koc.ranked,
        "weights": weights_as_json(koc.weights),
        "no_data": [part for part in PARTS if part not in koc.measured],
        "rows": [{**_row(row), "score": row.score, "parts": _points(row.parts)} for row in koc.rows],
    }


def _super_row(row: BoardRow) -> dict[str, Any]:
    paid = row.spend_cents + row.refund_cents
    return {
        **_row(row),
        "score": row.spend_cents,
        "parts": {"paid_cents": paid, "refund_cents": row.refund_cents},
    }


def _row(row: BoardRow) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "fan_id": str(row.fan_id),
        "name": row.name,
        "external_ids": list(row.external_ids),
        "tier": row.tier,
        "orders": row.orders,
        "spend_cents": row.spend_cents,
        "refund_cents": row.refund_cents,
        "is_super": row.is_super,
    }


def _points(parts: Any) -> dict[str, float | None]:
    """Points per part, 0 to 100; None where the shop has no data of the kind."""
    scores: dict[str, PartScore] = dict(parts)
    return {part: score.points for part, score in scores.items()}


def _window(span: Window) -> dict[str, str]:
    return {"from": span.first.isoformat(), "to": span.last.isoformat()}
