"""WeCom's figures per day: what one staff member did with customers, and the groups of one owner."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from desktop.domain.clock import at_ms
from desktop.domain.statistics import GroupDay, StaffDay
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import whole
from desktop.platforms.wecom.client import WeComClient, listed

CHINA = timezone(timedelta(hours=8))  # WeCom's days, wherever the shop is


def today(client: WeComClient) -> date:
    """The day it is at the platform, by its own clock where that is known."""
    return datetime.fromtimestamp(client.platform_now_ms() / 1000, CHINA).date()


async def staff_days(client: WeComClient, staff_id: str, first: date, last: date) -> list[StaffDay]:
    """One staff member from one day to another, at most 30 days, at most 180 days back."""
    body = {"userid": [staff_id], "start_time": _day_start_s(first), "end_time": _day_start_s(last)}
    fields = await client.ask("externalcontact/get_user_behavior_data", body)
    found = []
    for row in listed(fields, "behavior_data"):
        day = _day_of(row)
        if day is not None:
            found.append(
                StaffDay(
                    day,
                    chats=_count(row, "chat_cnt"),
                    messages=_count(row, "message_cnt"),
                    replied_permille=_permille(row.get("reply_percentage")),
                    first_reply_minutes=whole(row.get("avg_reply_time")),
                    lost=_count(row, "negative_feedback_cnt"),
                    asked=_count(row, "new_apply_cnt"),
                    added=_count(row, "new_contact_cnt"),
                )
            )
    return found


async def group_days(client: WeComClient, owner_id: str, first: date, last: date) -> list[GroupDay]:
    """All groups of one owner from one day to another, at most 30 days, at most 180 days back."""
    body = {
        "day_begin_time": _day_start_s(first),
        "day_end_time": _day_start_s(last),
        "owner_filter": {"userid_list": [owner_id]},
    }
    fields = await client.ask("externalcontact/groupchat/statistic_group_by_day", body)
    found = []
    for row in listed(fields, "items"):
        day, data = _day_of(row), row.get("data")
        if day is not None and isinstance(data, dict):
            found.append(
                GroupDay(
                    day,
                    groups_new=_count(data, "new_chat_cnt"),
                    groups_all=_count(data, "chat_total"),
                    groups_talking=_count(data, "chat_has_msg"),
                    members_new=_count(data, "new_member_cnt"),
                    members_all=_count(data, "member_total"),
                    members_talking=_count(data, "member_has_msg"),
                    messages=_count(data, "msg_total"),
                )
            )
    return found


def _day_start_s(day: date) -> int:
    return at_ms(datetime(day.year, day.month, day.day, tzinfo=CHINA)) // 1000


def _day_of(row: Fields) -> date | None:
    at_s = whole(row.get("stat_time"))
    return datetime.fromtimestamp(at_s, CHINA).date() if at_s and 0 < at_s < 10**11 else None


def _count(row: Fields, name: str) -> int:
    return max(0, whole(row.get(name)) or 0)


def _permille(percent: object) -> int | None:
    """A percentage with fractions as thousandths; None without chats and for nonsense."""
    if isinstance(percent, bool) or not isinstance(percent, int | float):
        return None
    return round(percent * 10) if 0 <= percent <= 100 else None
