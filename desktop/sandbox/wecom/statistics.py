"""Figures per day: what staff did with customers, and what happened in groups."""

from collections.abc import Iterable
from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.world.groups import STAT_FIELDS, Group

DAY = 86_400
SHOP_OFFSET_S = 8 * 3600
_ORDERS = {1: "new_chat_cnt", 2: "chat_total", 3: "new_member_cnt", 4: "member_total"}


def day_start(at: int) -> int:
    """Midnight in China of the day in which `at` (seconds) lies."""
    return (at + SHOP_OFFSET_S) // DAY * DAY - SHOP_OFFSET_S


def _days(corp: Corp, start: int, end: int) -> list[int]:
    first, last = day_start(start), day_start(end)
    today = day_start(corp.now())
    if last < first or last - first > 30 * DAY or first < today - 180 * DAY:
        raise Refusal(40058)
    return [day for day in range(first, last + 1, DAY) if day < today]


def get_user_behavior_data(corp: Corp, args: Arguments) -> dict[str, Any]:
    """One row per day, summed over the given staff."""
    userids = args.texts("userid", most=100)
    if not userids and not args.has("partyid"):
        raise Refusal(40063)
    names = [corp.member(userid).userid for userid in userids] or [
        row.userid for row in corp.visible_staff()
    ]
    positions = [at for at, row in enumerate(corp.staff) if row.userid in names]
    days = _days(corp, args.number("start_time"), args.number("end_time"))
    return {"behavior_data": [_behaviour(corp, positions, day) for day in days]}


def _behaviour(corp: Corp, positions: list[int], day: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "stat_time": day,
        "chat_cnt": 0,
        "message_cnt": 0,
        "negative_feedback_cnt": 0,
        "new_apply_cnt": 0,
        "new_contact_cnt": 0,
    }
    replies, minutes, talked = 0.0, 0, 0
    for position in positions:
        bits = corp.chance.roll(b"behaviour", position * 100_000 + (day + SHOP_OFFSET_S) // DAY)
        chats = 0 if corp.staff[position].weight == 0 else bits[0] % 25
        row["chat_cnt"] += chats
        row["message_cnt"] += chats * (2 + bits[1] % 8)
        row["negative_feedback_cnt"] += int(bits[2] < 10)
        row["new_apply_cnt"] += bits[3] % 5
        row["new_contact_cnt"] += bits[3] % 5 * bits[4] // 256
        if chats:
            replies += 60 + bits[5] % 40 + bits[6] % 100 / 100
            minutes += 1 + bits[7] % 30
            talked += 1
    if talked:
        row |= {"reply_percentage": round(replies / talked, 2), "avg_reply_time": minutes // talked}
    return row


def _sum(corp: Corp, groups: Iterable[Group], days: list[int]) -> dict[str, int]:
    total = dict.fromkeys(STAT_FIELDS, 0)
    for group in groups:
        seen = [corp.groups.day(group, day) for day in days]
        for name in STAT_FIELDS:
            last = name in ("chat_total", "member_total")
            total[name] += (seen[-1][name] if seen else 0) if last else sum(row[name] for row in seen)
    return total


def _owners(corp: Corp, args: Arguments) -> list[str]:
    wanted = args.part("owner_filter").texts("userid_list", most=100)
    if not wanted:
        raise Refusal(40063)
    return list(dict.fromkeys(corp.member(userid).userid for userid in wanted))


def statistic(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Group figures per owner; complete when next_offset equals total."""
    begin = args.number("day_begin_time")
    days = _days(corp, begin, args.number("day_end_time", begin))
    order = _ORDERS.get(args.number("order_by", 1))
    if order is None:
        raise Refusal(40058)
    rows = []
    for owner in _owners(corp, args):
        groups = [group for group in corp.groups.rows if group.owner == owner]
        if groups:
            rows.append({"owner": owner, "data": _sum(corp, groups, days)})
    rows.sort(key=lambda row: row["data"][order], reverse=args.number("order_asc", 0) == 0)  # type: ignore[index]
    offset = args.number("offset", 0)
    page = rows[offset : offset + args.limit(500, 1000)]
    return {"total": len(rows), "next_offset": offset + len(page), "items": page}


def statistic_group_by_day(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Group figures per day over the given owners."""
    begin = args.number("day_begin_time")
    days = _days(corp, begin, args.number("day_end_time", begin))
    owners = _owners(corp, args)
    groups = [group for group in corp.groups.rows if group.owner in owners]
    return {"items": [{"stat_time": day, "data": _sum(corp, groups, [day])} for day in days]}


_P = "externalcontact/"
ENDPOINTS = (
    Endpoint(_P + "get_user_behavior_data", get_user_behavior_data, "POST", {"behavior_data": []}),
    Endpoint(_P + "groupchat/statistic", statistic, "POST", {"items": []}),
    Endpoint(_P + "groupchat/statistic_group_by_day", statistic_group_by_day, "POST", {"items": []}),
)
