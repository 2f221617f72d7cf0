"""Handing customers over to a colleague, on the job or after a resignation."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.paging import BadCursor
from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.world.people import Relation

DAY = 86_400
DONE, WAITING, REFUSED, NO_RECORD = 1, 2, 3, 5


@dataclass(slots=True)
class HandOver:
    """One customer on the way to a new owner."""

    index: int
    giver: str
    taker: str
    at: int
    status: int = WAITING
    done_at: int = 0


@dataclass(slots=True)
class Transfers:
    """Every hand-over, oldest first."""

    rows: list[HandOver] = field(default_factory=list)


def _due(corp: Corp, row: HandOver) -> int:
    return row.at + int(corp.settings.transfer_hours * 3600)


def settle(corp: Corp) -> None:
    """Complete what the customer did not refuse in time."""
    for row in corp.shelf(Transfers).rows:
        due = _due(corp, row)
        if row.status == WAITING and corp.now() >= due:
            row.status, row.done_at = DONE, due
            relations = corp.people.touch(row.index)
            old = relations.get(row.giver)
            fresh = Relation(userid=row.taker, createtime=due, oper_userid=row.taker, add_way=202)
            if old is not None:
                old.gone = True
                fresh.remark, fresh.remark_mobiles = old.remark, list(old.remark_mobiles)
            relations[row.taker] = fresh


def transfer_customer(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Hand over customers of somebody still here."""
    args.optional_text("transfer_success_msg", max_chars=200)
    return _begin(corp, args, resigned=False)


def resigned_transfer_customer(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Hand over customers of somebody who resigned."""
    return _begin(corp, args, resigned=True)


def _begin(corp: Corp, args: Arguments, resigned: bool) -> dict[str, Any]:
    settle(corp)
    giver = corp.member(args.text("handover_userid"))
    taker = corp.member(args.text("takeover_userid"))
    wanted = args.texts("external_userid", most=100)
    if not wanted:
        raise Refusal(40063)
    if resigned and not giver.resigned:
        raise Refusal(40097)
    book = corp.shelf(Transfers)
    answer = []
    for external in wanted:
        index = corp.people.index_of(external.strip())
        code = 40096 if index is None else _refused(corp, index, giver.userid)
        if code == 0 and index is not None:
            row = HandOver(index, giver.userid, taker.userid, corp.now())
            book.rows.append(row)
            corp.later(_due(corp, row), lambda: settle(corp))
        answer.append({"external_userid": external, "errcode": code})
    return {"customer": answer}


def _refused(corp: Corp, index: int, giver: str) -> int:
    if corp.people.live(index, giver) is None:
        return 40096
    mine = [row for row in corp.shelf(Transfers).rows if row.index == index]
    recent = [row for row in mine if row.at > corp.now() - 90 * DAY]
    return 40100 if any(row.status == WAITING for row in mine) or len(recent) >= 2 else 0


def transfer_result(corp: Corp, args: Arguments) -> dict[str, Any]:
    """What became of hand-overs between two people."""
    settle(corp)
    giver = corp.member(args.text("handover_userid")).userid
    taker = corp.member(args.text("takeover_userid")).userid
    rows = [row for row in corp.shelf(Transfers).rows if (row.giver, row.taker) == (giver, taker)]
    page, following = corp.page(f"transfer:{giver}:{taker}", rows, args, 1000)
    customers = [
        {
            "external_userid": corp.people.external_userid(row.index),
            "status": row.status,
            "takeover_time": _due(corp, row) if row.status == WAITING else row.done_at,
        }
        for row in page
    ]
    return {"customer": customers, "next_cursor": following}


def get_unassigned_list(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Customers of people who resigned, by cursor or by page number (then at most 50,000)."""
    size = max(1, min(args.number("page_size", 1000), 1000))
    resigned = {row.userid: row.resigned_at for row in corp.staff if row.resigned}
    if args.number("page_id", 0) > 0 and not args.optional_text("cursor"):
        skipped = args.number("page_id") * size
        if skipped >= 50_000:
            raise Refusal(40058)
        found = list(itertools.islice(corp.people.scan(0, set(resigned)), skipped, skipped + size + 1))
        return _unassigned(corp, found[:size], resigned, "", len(found) <= size)
    try:
        position, calm = corp.pager.decode("unassigned", args.optional_text("cursor"))
    except BadCursor:
        raise Refusal(40058) from None
    size = corp.pager.size("unassigned", position, calm, size)
    if size == 0:
        cursor = corp.pager.encode("unassigned", position, calm=True)
        return _unassigned(corp, [], resigned, cursor, False)
    rows, following = corp.people.window(set(resigned), position, size)
    cursor = "" if following is None else corp.pager.encode("unassigned", following)
    return _unassigned(corp, rows, resigned, cursor, following is None)


def _unassigned(
    corp: Corp, rows: list[tuple[int, Relation]], resigned: dict[str, int], cursor: str, last: bool
) -> dict[str, Any]:
    info = [
        {
            "handover_userid": relation.userid,
            "external_userid": corp.people.external_userid(index),
            "dimission_time": resigned[relation.userid],
        }
        for index, relation in rows
    ]
    return {"info": info, "is_last": last, "next_cursor": cursor}


_P = "externalcontact/"
_LEFT = _P + "resigned/"
ENDPOINTS = (
    Endpoint(_P + "transfer_customer", transfer_customer, "POST", {"customer": []}, write=True),
    Endpoint(_P + "transfer_result", transfer_result, "POST", {"customer": []}),
    Endpoint(_LEFT + "transfer_customer", resigned_transfer_customer, "POST", {"customer": []}, write=True),
    Endpoint(_LEFT + "transfer_result", transfer_result, "POST", {"customer": []}),
    Endpoint(_P + "get_unassigned_list", get_unassigned_list, "POST", {"info": []}),
)
