"""Daily and minute limits per call, and the calls that show, clear and explain them."""

import datetime
import hashlib
from collections import OrderedDict, deque
from typing import Any

from desktop.sandbox.wechat.account import Account, Endpoint, china_date
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.settings import TEST

CLEARS_PER_MONTH = 10
KEPT_TRACES = 10_000
TRACE_LIFE_S = 7 * 86_400
UNSTATED = 100_000  # where no limit is written down
LIMITS = {
    "cgi-bin/token": 2000,
    "cgi-bin/stable_token": 500_000,
    "cgi-bin/menu/create": 1000,
    "cgi-bin/menu/get": 10_000,
    "cgi-bin/menu/delete": 1000,
    "cgi-bin/media/get": 200_000,
    "cgi-bin/message/custom/send": 500_000,
    "cgi-bin/message/mass/sendall": 100,
    "cgi-bin/message/mass/send": 100,
    "cgi-bin/message/mass/preview": 100,
    "cgi-bin/media/uploadnews": 10,
    "cgi-bin/message/mass/delete": 10,
    "cgi-bin/qrcode/create": 100_000,
    "cgi-bin/user/get": 500,
    "cgi-bin/user/info": 5_000_000,
    "cgi-bin/user/info/updateremark": 10_000,
    "cgi-bin/tags/members/batchtagging": 10_000,
    "cgi-bin/draft/add": 1000,
    "cgi-bin/draft/update": 1000,
    "cgi-bin/draft/delete": 1000,
    "cgi-bin/draft/count": 1000,
    "cgi-bin/draft/batchget": 1000,
    "cgi-bin/draft/get": 500,
    "cgi-bin/freepublish/submit": 100,
    "cgi-bin/freepublish/get": 100,
    "cgi-bin/freepublish/getarticle": 100,
    "cgi-bin/freepublish/batchget": 100,
    "cgi-bin/freepublish/delete": 10,
}
TEST_LIMITS = {
    "cgi-bin/token": 200,
    "cgi-bin/media/upload": 500,
    "cgi-bin/media/get": 1000,
    "cgi-bin/message/custom/send": 50_000,
    "cgi-bin/user/get": 100,
}
_PER_MINUTE = {"cgi-bin/stable_token": 10_000}
_MASS = ("cgi-bin/message/mass/sendall", "cgi-bin/message/mass/send")


class Spent:
    """What was used of the limits, and the traces of refused calls."""

    def __init__(self) -> None:
        self.day: datetime.date | None = None
        self.used: dict[str, int] = {}
        self.minutes: dict[str, deque[float]] = {}
        self.clears: list[float] = []
        self.traces: OrderedDict[str, tuple[int, dict[str, Any]]] = OrderedDict()

    def today(self, account: Account) -> dict[str, int]:
        """Calls per path since midnight in China."""
        day = china_date(account.seconds())
        if day != self.day:
            self.day, self.used = day, {}
        return self.used


def daily_limit(account: Account, path: str) -> int:
    """How often a path may be called a day."""
    settings = account.settings
    own = settings.daily_limits.get(path, settings.daily_limits.get(path.removeprefix("cgi-bin/")))
    if own is not None:
        return own
    if settings.account_type == TEST and path in TEST_LIMITS:
        return TEST_LIMITS[path]
    return LIMITS.get(path, UNSTATED)


def spend(account: Account, path: str) -> None:
    """Count one call; 45009 beyond the day's limit, 45011 beyond the minute's."""
    spent = account.shelf(Spent)
    used = spent.today(account)
    if used.get(path, 0) >= daily_limit(account, path):
        raise Refusal(45009)
    limit = account.settings.mass_calls_per_minute if path in _MASS else _PER_MINUTE.get(path)
    if limit is not None:
        times = spent.minutes.setdefault(path, deque())
        now = account.seconds()
        while times and times[0] <= now - 60:
            times.popleft()
        if len(times) >= limit:
            raise Refusal(45011)
        times.append(now)
    used[path] = used.get(path, 0) + 1


def trace(account: Account, number: int) -> str:
    """The id that a refused call bears in its text."""
    digest = hashlib.md5(f"{account.now()}:{number}".encode(), usedforsecurity=False).hexdigest()
    return f"{account.now():08x}-{digest[:8]}-{digest[8:16]}"


def keep_trace(account: Account, rid: str, request: dict[str, Any]) -> None:
    """Remember a refused call for rid/get."""
    traces = account.shelf(Spent).traces
    traces[rid] = (account.now(), request)
    if len(traces) > KEPT_TRACES:
        traces.popitem(last=False)


def quota_get(account: Account, args: Arguments) -> dict[str, Any]:
    """What is left today of one call."""
    path = args.text("cgi_path")
    if not path.startswith("/"):
        raise Refusal(40066)
    path = path.strip("/")
    limit = daily_limit(account, path)
    used = account.shelf(Spent).today(account).get(path, 0)
    return {"quota": {"daily_limit": limit, "used": used, "remain": max(0, limit - used)}}


def _count_clear(account: Account) -> None:
    clears = account.shelf(Spent).clears
    now = account.seconds()
    month = china_date(now).replace(day=1)
    if sum(1 for at in clears if china_date(at).replace(day=1) == month) >= CLEARS_PER_MONTH:
        raise Refusal(48006)
    clears.append(now)


def clear_quota(account: Account, args: Arguments) -> dict[str, Any]:
    """Everything used today is forgiven; ten times a month."""
    if args.text("appid", missing=41002) != account.appid:
        raise Refusal(40013)
    _count_clear(account)
    account.shelf(Spent).today(account).clear()
    return {}


def quota_clear(account: Account, args: Arguments) -> dict[str, Any]:
    """What was used today of one call is forgiven."""
    account.shelf(Spent).today(account).pop(args.text("cgi_path").strip("/"), None)
    return {}


def rid_get(account: Account, args: Arguments) -> dict[str, Any]:
    """The refused call behind a trace, for a week."""
    at, request = account.shelf(Spent).traces.get(args.text("rid"), (0, None))
    if request is None or at + TRACE_LIFE_S <= account.now():
        raise Refusal(40035)
    return {"request": request}


def domain_ips(account: Account, args: Arguments) -> dict[str, Any]:
    """Addresses of the platform's own servers."""
    return {"ip_list": ["101.226.212.27", "101.226.103.0/25", "58.251.80.204"]}


def callback_check(account: Account, args: Arguments) -> dict[str, Any]:
    """The network check; this account has no callback address, so it finds nothing."""
    if args.text("action") not in ("all", "dns", "ping"):
        raise Refusal(40035)
    return {"dns": [], "ping": []}


_C = "cgi-bin/"
ENDPOINTS = (
    Endpoint(_C + "openapi/quota/get", quota_get),
    Endpoint(_C + "openapi/quota/clear", quota_clear, write=True),
    Endpoint(_C + "openapi/rid/get", rid_get),
    Endpoint(_C + "clear_quota", clear_quota, write=True),
    Endpoint(_C + "get_api_domain_ip", domain_ips, "GET", bare=True),
    Endpoint(_C + "getcallbackip", domain_ips, "GET", bare=True),
    Endpoint(_C + "callback/check", callback_check, bare=True),
)
