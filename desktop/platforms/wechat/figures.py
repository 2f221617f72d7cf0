"""The data cube: followers and readers day by day, as WeChat counts them after eight in the morning."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from typing import Any

from desktop.domain.official_account import ArticleDay, FollowerDay
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import rows, text, whole
from desktop.platforms.wechat.client import WeChatClient, listed

CHINA = timezone(timedelta(hours=8))
COUNTED_HOUR = 8


def newest_day(client: WeChatClient) -> date:
    """The last day that is counted, by the platform's clock where that is known: yesterday from eight on (61503
    before that, as of 2026-11), the day before yesterday until then."""
    now = datetime.fromtimestamp(client.platform_now_ms() / 1000, CHINA)
    return now.date() - timedelta(days=1 if now.hour >= COUNTED_HOUR else 2)


async def follower_days(client: WeChatClient, first: date, last: date) -> list[FollowerDay]:
    """At most seven days, both ends included; a day nobody came or left is there with its total."""
    body = {"begin_date": first.isoformat(), "end_date": last.isoformat()}
    moved: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in listed(await client.ask("datacube/getusersummary", body), "list"):
        day = moved[text(row.get("ref_date"))]
        day[0] += _count(row.get("new_user"))
        day[1] += _count(row.get("cancel_user"))
    totals = {
        text(row.get("ref_date")): whole(row.get("cumulate_user"))
        for row in listed(await client.ask("datacube/getusercumulate", body), "list")
    }
    days = sorted(day for day in {*moved, *totals} if _is_day(day))
    return [FollowerDay(day, moved[day][0], moved[day][1], totals.get(day)) for day in days]


async def article_days(client: WeChatClient, published_on: date) -> list[ArticleDay]:
    """Every article of one day with its readers on each day since, at most 30 days."""
    day = published_on.isoformat()
    fields = await client.ask("datacube/getarticletotaldetail", {"begin_date": day, "end_date": day})
    return [found for row in listed(fields, "list") for found in _days(row, day)]


def _days(row: Fields, published_on: str) -> list[ArticleDay]:
    send_id, _, place = text(row.get("msgid")).partition("_")
    if not send_id.isdecimal() or not place.isdecimal():
        return []
    is_notified = whole(row.get("publish_type")) == 0
    return [
        ArticleDay(
            send_id,
            int(place),
            published_on,
            day,
            _count(one.get("read_user")),
            _count(one.get("share_user")),
            is_notified,
        )
        for one in rows(row.get("detail_list"))
        if _is_day(day := text(one.get("stat_date")))
    ]


def _is_day(told: str) -> bool:
    try:
        date.fromisoformat(told)
    except ValueError:
        return False
    return True


def _count(value: Any) -> int:
    return max(0, whole(value) or 0)
