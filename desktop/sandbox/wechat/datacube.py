"""Daily figures: followers, articles, incoming messages, the callback."""

import datetime
from collections import Counter
from collections.abc import Callable
from typing import Any

from desktop.sandbox.chance import long_word, word
from desktop.sandbox.wechat.account import CHINA, Account, Endpoint, china_date, day_start
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.press import Press, Publication
from desktop.sandbox.world.followers import SCENES

DAY = 86_400
FIRST_DAY = datetime.date(2014, 12, 1)
READY_HOUR = 8
DETAIL_DAYS = 30
FEWEST = 3  # an article with fewer readers is not in the daily summary
Row = dict[str, Any]
Days = list[datetime.date]


def _days(account: Account, args: Arguments, span: int) -> Days:
    first, last = (_date(args.text(name, missing=61500)) for name in ("begin_date", "end_date"))
    now = account.seconds()
    today = china_date(now)
    if last < first or (last - first).days + 1 > span or first < FIRST_DAY or last >= today:
        raise Refusal(61501)
    hour = datetime.datetime.fromtimestamp(now, CHINA).hour
    if last == today - datetime.timedelta(days=1) and hour < READY_HOUR:
        raise Refusal(61503)
    return [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]


def _date(text: str) -> datetime.date:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=CHINA).date()
    except ValueError:
        raise Refusal(61500) from None


def _figures(span: int, row: Callable[[Account, Days], list[Row]]) -> Callable[[Account, Arguments], Row]:
    """A call that answers a list of figures for at most `span` days."""

    def answer(account: Account, args: Arguments) -> Row:
        return {"list": row(account, _days(account, args, span))}

    return answer


def _new_figures(
    span: int, row: Callable[[Account, Days], list[Row]]
) -> Callable[[Account, Arguments], Row]:
    """The same for the newer calls, which say when figures are late."""

    def answer(account: Account, args: Arguments) -> Row:
        return {"list": row(account, _days(account, args, span)), "is_delay": False}

    return answer


# followers --------------------------------------------------------------------------------------------
def _user_summary(account: Account, days: Days) -> list[Row]:
    rows: list[Row] = []
    followers = account.followers
    for day in days:
        first, end = day_start(day), day_start(day) + DAY
        new: Counter[int] = Counter()
        gone: Counter[int] = Counter()
        for number in followers.seeded_between(first, end):
            new[SCENES.get(followers.seeded_scene(number), 0)] += 1
        for number in followers.seeded_leavers(first, end):
            gone[SCENES.get(followers.seeded_scene(number), 0)] += 1
        for at, kind, scene in followers.moves:
            if first <= at < end:
                (new if kind == "new" else gone)[SCENES.get(scene, 0)] += 1
        for source in sorted(new | gone):
            figures = {"new_user": new[source], "cancel_user": gone[source]}
            rows.append({"ref_date": str(day), "user_source": source} | figures)
    return rows


def _user_cumulate(account: Account, days: Days) -> list[Row]:
    return [
        {"ref_date": str(day), "cumulate_user": account.followers.total_at(day_start(day) + DAY)}
        for day in days
    ]


# articles ---------------------------------------------------------------------------------------------
def _readers(account: Account, row: Publication, position: int, day: datetime.date) -> int:
    """Readers of an article on a day: most on the first, a third of the rest each day after."""
    age = (day - china_date(row.at)).days
    if not 0 <= age < DETAIL_DAYS:
        return 0
    bits = account.chance.roll(b"readers", row.msg_data_id * 10 + position)
    share = (40 + word(bits, 0) % 200) / 1000 / (1 if row.notified else 4) / position
    return int(account.followers.total() * share / 3**age)


def _published(account: Account) -> list[tuple[Publication, int]]:
    rows = account.shelf(Press).rows
    return [(row, position) for row in rows for position in range(1, len(row.articles) + 1)]


def _page_figures(readers: int) -> Row:
    return {
        "int_page_read_user": readers,
        "int_page_read_count": readers * 2,
        "ori_page_read_user": readers // 50,
        "ori_page_read_count": readers // 40,
        "share_user": readers // 9,
        "share_count": readers // 8,
        "add_to_fav_user": readers // 30,
        "add_to_fav_count": readers // 30,
    }


def _article_summary(account: Account, days: Days) -> list[Row]:
    rows: list[Row] = []
    for row, position in _published(account):
        readers = _readers(account, row, position, days[0])
        if readers >= FEWEST:
            head = {"ref_date": str(days[0]), "msgid": f"{row.msg_data_id}_{position}"}
            rows.append(head | {"title": row.articles[position - 1]["title"]} | _page_figures(readers))
    return rows


def _since(account: Account, day: datetime.date, row: Publication) -> Days:
    """The days from the publication on that have figures by now."""
    last = china_date(account.seconds()) - datetime.timedelta(days=1)
    length = min((last - day).days + 1, DETAIL_DAYS)
    return [day + datetime.timedelta(days=number) for number in range(length)]


def _article_total(account: Account, days: Days) -> list[Row]:
    rows: list[Row] = []
    for row, position in _published(account):
        if china_date(row.at) != days[0]:
            continue
        sum_of = 0
        details: list[Row] = []
        for day in _since(account, days[0], row)[:7]:
            sum_of += _readers(account, row, position, day)
            target = account.followers.total() if row.notified else 0
            details.append({"stat_date": str(day), "target_user": target} | _page_figures(sum_of))
        head = {"ref_date": str(days[0]), "msgid": f"{row.msg_data_id}_{position}"}
        rows.append(head | {"title": row.articles[position - 1]["title"], "details": details})
    return rows


def _total_detail(account: Account, days: Days) -> list[Row]:
    rows: list[Row] = []
    for row, position in _published(account):
        if china_date(row.at) != days[0]:
            continue
        details = []
        for day in _since(account, days[0], row):
            readers = _readers(account, row, position, day)
            details.append(
                {
                    "stat_date": str(day),
                    "read_user": readers,
                    "read_user_source": [],
                    "share_user": readers // 9,
                }
            )
        rows.append(
            {
                "ref_date": str(days[0]),
                "msgid": f"{row.msg_data_id}_{position}",
                "publish_type": 0 if row.notified else 1,
                "detail_list": details,
            }
        )
    return rows


def _read(account: Account, day: datetime.date) -> int:
    return sum(_readers(account, row, position, day) for row, position in _published(account))


def _user_read(account: Account, days: Days) -> list[Row]:
    return [
        {"ref_date": str(day), "user_source": 99999999} | _page_figures(_read(account, day)) for day in days
    ]


def _user_read_hour(account: Account, days: Days) -> list[Row]:
    return [
        {"ref_date": str(days[0]), "ref_hour": hour * 100, "user_source": 99999999}
        | _page_figures(_read(account, days[0]) // 24)
        for hour in range(24)
    ]


def _user_share(account: Account, days: Days) -> list[Row]:
    return [
        {"ref_date": str(day), "share_scene": 1, "share_user": shared, "share_count": shared}
        for day in days
        if (shared := _read(account, day) // 9)
    ]


def _user_share_hour(account: Account, days: Days) -> list[Row]:
    return [row | {"ref_hour": 1200} for row in _user_share(account, days)]


# messages and callback --------------------------------------------------------------------------------
def _messages(account: Account, day: datetime.date) -> int:
    return long_word(account.chance.roll(b"upstream", day.toordinal()), 0) % 40


def _upstream(account: Account, days: Days) -> list[Row]:
    return [
        {"ref_date": str(day), "msg_type": 1, "msg_user": count // 2 + 1, "msg_count": count}
        for day in days
        if (count := _messages(account, day))
    ]


def _upstream_hour(account: Account, days: Days) -> list[Row]:
    return [row | {"ref_hour": 1000} for row in _upstream(account, days)]


def _upstream_dist(account: Account, days: Days) -> list[Row]:
    return [
        {"ref_date": str(day), "count_interval": 1, "msg_user": count // 2 + 1}
        for day in days
        if (count := _messages(account, day))
    ]


def _interface(account: Account, days: Days) -> list[Row]:
    figures = {"callback_count": 0, "fail_count": 0, "total_time_cost": 0, "max_time_cost": 0}
    return [{"ref_date": str(day)} | figures for day in days]


def _interface_hour(account: Account, days: Days) -> list[Row]:
    return [row | {"ref_hour": 1000} for row in _interface(account, days)]


def _nothing(account: Account, days: Days) -> list[Row]:
    """Calls whose rows are not described anywhere answer an empty list."""
    return []


_SPANS: tuple[tuple[str, int, Callable[[Account, Days], list[Row]]], ...] = (
    ("getusersummary", 7, _user_summary),
    ("getusercumulate", 7, _user_cumulate),
    ("getarticlesummary", 1, _article_summary),
    ("getarticletotal", 1, _article_total),
    ("getuserread", 3, _user_read),
    ("getuserreadhour", 1, _user_read_hour),
    ("getusershare", 7, _user_share),
    ("getusersharehour", 1, _user_share_hour),
    ("getupstreammsg", 7, _upstream),
    ("getupstreammsghour", 1, _upstream_hour),
    ("getupstreammsgweek", 30, _upstream),
    ("getupstreammsgmonth", 30, _upstream),
    ("getupstreammsgdist", 15, _upstream_dist),
    ("getupstreammsgdistweek", 30, _upstream_dist),
    ("getupstreammsgdistmonth", 30, _upstream_dist),
    ("getinterfacesummary", 30, _interface),
    ("getinterfacesummaryhour", 1, _interface_hour),
)
_NEW_SPANS = (
    ("getarticleread", 1, _nothing),
    ("getarticleshare", 1, _nothing),
    ("getbizsummary", 30, _nothing),
    ("getarticletotaldetail", 1, _total_detail),
)
ENDPOINTS = (
    *(Endpoint(f"datacube/{name}", _figures(span, rows), bare=True) for name, span, rows in _SPANS),
    *(Endpoint(f"datacube/{name}", _new_figures(span, rows), bare=True) for name, span, rows in _NEW_SPANS),
)
