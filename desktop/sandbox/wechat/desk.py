"""The account's own customer service: its accounts, sessions and the record of what was said."""

import re
from dataclasses import dataclass
from typing import Any

from desktop.sandbox.wechat.account import Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.custom import Counter
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.upload import JPEG, media_part

WXID = "fanshop"  # the account's WeChat name, after the @ of its service accounts
MOST_ACCOUNTS = 100
LONGEST_NICK = 16
FIRST_KF_ID = 1001
MOST_RECORDS = 10_000
MOST_WAITING = 100
DAY = 86_400
_NAME = re.compile(r"[0-9A-Za-z_]{1,10}")
TO_USER, FROM_USER = 2002, 2003


@dataclass(slots=True)
class Worker:
    """One service account."""

    kf_account: str
    nick: str
    kf_id: int
    head: str
    wx: str = ""
    invited: str = ""
    invited_until: int = 0
    online: bool = False


class ServiceDesk:
    """Workers, open sessions by follower, and the record."""

    def __init__(self) -> None:
        self.workers: dict[str, Worker] = {}
        self.sessions: dict[int, tuple[str, int]] = {}
        self.records: list[dict[str, Any]] = []


def _desk(account: Account) -> ServiceDesk:
    if not account.settings.desk_allowed:
        raise Refusal(65400)
    return account.shelf(ServiceDesk)


def _worker(account: Account, given: object) -> Worker:
    worker = _desk(account).workers.get(given) if isinstance(given, str) else None
    if worker is None:
        raise Refusal(65401)
    return worker


def _nick(args: Arguments) -> str:
    nick = args.text("nickname", missing=65403)
    if len(nick) > LONGEST_NICK:
        raise Refusal(65403)
    return nick


def add(account: Account, args: Arguments) -> dict[str, Any]:
    """A new service account `prefix@wxid`."""
    desk = _desk(account)
    name, nick = args.text("kf_account", missing=65404), _nick(args)
    prefix, _, wxid = name.partition("@")
    if wxid != WXID or not _NAME.fullmatch(prefix):
        raise Refusal(65404)
    if name in desk.workers:
        raise Refusal(65406)
    if len(desk.workers) >= MOST_ACCOUNTS:
        raise Refusal(65405)
    kf_id = account.next_number("kf", FIRST_KF_ID)
    desk.workers[name] = Worker(name, nick, kf_id, f"http://mmbiz.qpic.cn/mmbiz/kf{kf_id}/0")
    return {}


def invite(account: Account, args: Arguments) -> dict[str, Any]:
    """Ask somebody to work under a service account; a day to say yes."""
    worker, name = _worker(account, args.values.get("kf_account")), args.text("invite_wx", missing=65401)
    if worker.invited and worker.invited_until > account.now():
        raise Refusal(65407)
    worker.invited, worker.invited_until = name, account.now() + DAY
    return {}


def update(account: Account, args: Arguments) -> dict[str, Any]:
    """Another shown name."""
    _worker(account, args.values.get("kf_account")).nick = _nick(args)
    return {}


def delete(account: Account, args: Arguments) -> dict[str, Any]:
    """Delete a service account, named in the query or the body."""
    worker = _worker(account, args.values.get("kf_account") or args.query.get("kf_account"))
    del _desk(account).workers[worker.kf_account]
    return {}


def upload_head(account: Account, args: Arguments) -> dict[str, Any]:
    """Another picture; JPEG only."""
    worker = _worker(account, args.query.get("kf_account"))
    _, data = media_part(args)
    if not data.startswith(JPEG):
        raise Refusal(61457)
    worker.head = f"http://mmbiz.qpic.cn/mmbiz/kf{worker.kf_id}-{len(data)}/0"
    return {}


def getkflist(account: Account, args: Arguments) -> dict[str, Any]:
    """All service accounts; ids are texts here."""
    rows = []
    for row in _desk(account).workers.values():
        shown: dict[str, Any] = {"kf_account": row.kf_account, "kf_nick": row.nick, "kf_id": str(row.kf_id)}
        shown["kf_headimgurl"] = row.head
        if row.wx:
            shown["kf_wx"] = row.wx
        elif row.invited:
            waiting = row.invited_until > account.now()
            shown |= {"invite_wx": row.invited, "invite_expire_time": row.invited_until}
            shown["invite_status"] = "waiting" if waiting else "expired"
        rows.append(shown)
    return {"kf_list": rows}


def getonlinekflist(account: Account, args: Arguments) -> dict[str, Any]:
    """Those who are at work; ids are numbers here."""
    desk = _desk(account)
    served = [name for name, _ in desk.sessions.values()]
    return {
        "kf_online_list": [
            {
                "kf_account": row.kf_account,
                "status": 1,
                "kf_id": row.kf_id,
                "accepted_case": served.count(row.kf_account),
            }
            for row in desk.workers.values()
            if row.online
        ]
    }


def session_create(account: Account, args: Arguments) -> dict[str, Any]:
    """Give a follower to a worker who is at work."""
    worker = _worker(account, args.values.get("kf_account"))
    number = account.follower(args.text("openid", missing=40003))
    if not worker.wx:
        raise Refusal(65402)
    if not worker.online:
        raise Refusal(65415)
    held = _desk(account).sessions.get(number)
    if held is not None and held[0] != worker.kf_account:
        raise Refusal(65414)
    _desk(account).sessions.setdefault(number, (worker.kf_account, account.now()))
    return {}


def session_close(account: Account, args: Arguments) -> dict[str, Any]:
    """End a session."""
    worker = _worker(account, args.values.get("kf_account"))
    number = account.follower(args.text("openid", missing=40003))
    held = _desk(account).sessions.get(number)
    if held is None:
        raise Refusal(65413)
    if held[0] != worker.kf_account:
        raise Refusal(65414)
    del _desk(account).sessions[number]
    return {}


def getsession(account: Account, args: Arguments) -> dict[str, Any]:
    """Who serves a follower; nobody is an empty text."""
    number = account.follower(args.text("openid", missing=40003))
    name, at = _desk(account).sessions.get(number, ("", 0))
    return {"createtime": at, "kf_account": name}


def getsessionlist(account: Account, args: Arguments) -> dict[str, Any]:
    """Whom a worker serves."""
    worker = _worker(account, args.values.get("kf_account"))
    return {
        "sessionlist": [
            {"createtime": at, "openid": account.followers.openid(number)}
            for number, (name, at) in _desk(account).sessions.items()
            if name == worker.kf_account
        ]
    }


def getwaitcase(account: Account, args: Arguments) -> dict[str, Any]:
    """Followers who wrote within two days and whom nobody serves, the longest waiting first."""
    sessions = _desk(account).sessions
    since = account.seconds() - 2 * DAY
    waiting = sorted(
        (int(row.last_message), number)
        for number, row in account.shelf(Counter).visitors.items()
        if row.last_message > since and number not in sessions
    )
    return {
        "count": len(waiting),
        "waitcaselist": [
            {"latest_time": at, "openid": account.followers.openid(number)}
            for at, number in waiting[:MOST_WAITING]
        ],
    }


def record(account: Account, number: int, text: str, code: int) -> None:
    """Keep what was said inside a session; messages sent by call are not kept."""
    held = account.shelf(ServiceDesk).sessions.get(number)
    if held is not None:
        openid = account.followers.openid(number)
        row = {"openid": openid, "opercode": code, "text": text, "time": account.now(), "worker": held[0]}
        account.shelf(ServiceDesk).records.append(row)


def getmsglist(account: Account, args: Arguments) -> dict[str, Any]:
    """What was said within at most a day; pages start at `msgid`, counted from 1."""
    first, last = args.number("starttime"), args.number("endtime")
    start, most = args.number("msgid"), args.number("number")
    if not 0 < last - first <= DAY:
        raise Refusal(65416)
    if not 1 <= most <= MOST_RECORDS or start < 1:
        raise Refusal(65417)
    rows = [row for row in _desk(account).records if first <= row["time"] <= last]
    page = rows[start - 1 : start - 1 + most]
    return {"recordlist": page, "number": len(page), "msgid": start + len(page)}


_A, _S = "customservice/kfaccount/", "customservice/kfsession/"
ENDPOINTS = (
    Endpoint(_A + "add", add, write=True),
    Endpoint(_A + "inviteworker", invite, write=True),
    Endpoint(_A + "update", update, write=True),
    Endpoint(_A + "del", delete, "ANY", write=True),
    Endpoint(_A + "uploadheadimg", upload_head, "FILE", write=True),
    Endpoint("cgi-bin/customservice/getkflist", getkflist, "GET", bare=True),
    Endpoint("cgi-bin/customservice/getonlinekflist", getonlinekflist, "GET", bare=True),
    Endpoint(_S + "create", session_create, write=True),
    Endpoint(_S + "close", session_close, write=True),
    Endpoint(_S + "getsession", getsession, "GET", bare=True),
    Endpoint(_S + "getsessionlist", getsessionlist, "GET", bare=True),
    Endpoint(_S + "getwaitcase", getwaitcase, "GET", bare=True),
    Endpoint("customservice/msgrecord/getmsglist", getmsglist, bare=True),
)
