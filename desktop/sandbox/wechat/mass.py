"""Mass messages: to all, to a tag, to a list; preview, status, delete, speed."""

from typing import Any

from desktop.sandbox.wechat.account import FIRST_MSG_ID, Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.drafts import take_out
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.mass_content import content_of
from desktop.sandbox.wechat.mass_rules import FAILED, SENDING, Mass, MassBook, own_key, require_quota
from desktop.sandbox.wechat.press import Press, new_msg_data_id
from desktop.sandbox.wechat.tags import require_tag

ADMIN_WAIT_S = 1800
MOST_OPENIDS = 10_000
SPEEDS = (80, 60, 45, 30, 10)


def sendall(account: Account, args: Arguments) -> dict[str, Any]:
    """A message to everybody or to the bearers of a tag."""
    chosen = args.part("filter", missing=40035)
    if chosen.flag("is_to_all"):
        return _accept(account, args, "all", None)
    tag = require_tag(account, chosen.number("tag_id", wrong=45159))
    return _accept(account, args, f"tag:{tag}", list(account.followers.tagged(tag)))


def send(account: Account, args: Arguments) -> dict[str, Any]:
    """A message to 2 to 10,000 listed followers; those who are none are left out."""
    openids = args.texts("touser", wrong=40130)
    if len(openids) > MOST_OPENIDS:
        raise Refusal(40032)
    numbers = [account.followers.number_of(openid) for openid in dict.fromkeys(openids)]
    present = [number for number in numbers if number is not None and account.followers.follows(number)]
    if len(present) < 2:
        raise Refusal(40130)
    return _accept(account, args, "openids:" + ",".join(map(str, sorted(present))), present)


def _accept(account: Account, args: Arguments, audience: str, numbers: list[int] | None) -> dict[str, Any]:
    settings, book = account.settings, account.shelf(MassBook)
    kind, body = args.text("msgtype", missing=40008), args.values
    key = args.optional_text("clientmsgid") or own_key(audience, kind, body)
    if args.optional_text("clientmsgid") and len(key.encode()) > settings.clientmsgid_most:
        raise Refusal(45067)
    book.refuse_known(account, key)
    if not settings.mass_agreement:
        raise Refusal(48003)
    content = content_of(account, args, kind)
    try:
        reached = require_quota(account, numbers)
    except Refusal as refusal:
        if refusal.code == 45028 and settings.mass_beyond_quota == "empty":
            return {"__nothing__": True}
        raise
    row = Mass(
        msg_id=account.next_number("msg_id", FIRST_MSG_ID, step=5),
        msg_data_id=new_msg_data_id(account) if kind == "mpnews" else None,
        at=account.now(),
        audience=audience if not audience.startswith("openids:") else "openids",
        msgtype=kind,
        media_id=content.media_id,
        key=key,
        articles=content.articles,
        listed=numbers is not None,
        numbers=reached,
        received=args.raw.decode("utf-8", "backslashreplace"),
    )
    book.keep(account, row)
    if content.media_id and settings.draft_gone_at == "submit":
        take_out(account, content.media_id)
    _book_the_end(account, row)
    answer: dict[str, Any] = {"errmsg": "send job submission success", "msg_id": row.msg_id}
    return answer if row.msg_data_id is None else answer | {"msg_data_id": row.msg_data_id}


def _book_the_end(account: Account, row: Mass) -> None:
    if account.settings.mass_protection and row.audience == "all":
        row.waits_for_admin = True
        account.later(row.at + ADMIN_WAIT_S, lambda: admin_answers(account, row, False))
    else:
        account.later(account.seconds() + account.settings.mass_s, lambda: finish(account, row))


def admin_answers(account: Account, row: Mass, accepts: bool) -> None:
    """The administrator's word about a message to all; no word in 30 minutes is a no."""
    if not row.waits_for_admin:
        return
    row.waits_for_admin = False
    if accepts:
        account.later(account.seconds() + account.settings.mass_s, lambda: finish(account, row))
    else:
        row.status = FAILED


def finish(account: Account, row: Mass) -> None:
    """The message arrives, or does not, as the switch says."""
    if row.status != SENDING:
        return
    row.status = FAILED if row.numbers == [] else account.settings.mass_outcome
    if row.status == FAILED:
        return
    row.sent_count = account.followers.total() if row.numbers is None else len(row.numbers)
    if row.articles is not None:
        row.publication = account.shelf(Press).add(account, row.articles, True, row.msg_data_id)
        take_out(account, row.media_id)


def preview(account: Account, args: Arguments) -> dict[str, Any]:
    """A look for one follower; the WeChat name wins over the openid."""
    name, openid = args.optional_text("towxname"), args.optional_text("touser")
    if not name and not (openid and account.followers.follows(account.follower(openid))):
        raise Refusal(40003)
    kind = args.text("msgtype", missing=40008)
    content_of(account, args, kind, preview=True)
    msg_id = account.next_number("msg_id", FIRST_MSG_ID, step=5)
    account.shelf(MassBook).previews.append(
        {"msg_id": msg_id, "to": name or openid, "msgtype": kind, "at": account.now()}
    )
    return {"errmsg": "preview success", "msg_id": msg_id}


def get(account: Account, args: Arguments) -> dict[str, Any]:
    """How a message goes; no figures."""
    row = account.shelf(MassBook).find(args.ident("msg_id", missing=40059))
    return {"msg_id": row.msg_id, "msg_status": row.status}


def delete(account: Account, args: Arguments) -> dict[str, Any]:
    """Take the articles of a sent message away, by id or by an article's address."""
    url = args.optional_text("url")
    book = account.shelf(MassBook)
    if url and not args.has("msg_id"):
        row = next((row for row in book.rows if row.publication and url in row.publication_urls()), None)
        if row is None:
            raise Refusal(40059)
    else:
        row = book.find(args.ident("msg_id", missing=40059))
    if row.msgtype not in ("mpnews", "mpvideo"):
        raise Refusal(40059)
    size = len(row.articles) if row.articles else 1
    index = args.number("article_idx", 0)
    if not 0 <= index <= size:
        raise Refusal(40060)
    row.deleted |= {index} if index else set(range(1, size + 1))
    if row.publication is not None:
        row.publication.deleted |= row.deleted
    if len(row.deleted) == size:
        row.status = "DELETE"
    return {}


def speed_get(account: Account, args: Arguments) -> dict[str, Any]:
    """How fast messages go out, in steps and in ten thousands a minute."""
    step = account.shelf(MassBook).speed
    return {"speed": step, "realspeed": SPEEDS[step]}


def speed_set(account: Account, args: Arguments) -> dict[str, Any]:
    """Choose a speed, 0 the fastest to 4."""
    if not args.has("speed"):
        raise Refusal(45084)
    step = args.number("speed", wrong=45083)
    if not 0 <= step < len(SPEEDS):
        raise Refusal(45083)
    account.shelf(MassBook).speed = step
    return {}


_C = "cgi-bin/message/mass/"
ENDPOINTS = (
    Endpoint(_C + "sendall", sendall, write=True, needs="verified"),
    Endpoint(_C + "send", send, write=True, needs="verified"),
    Endpoint(_C + "preview", preview, write=True, needs="verified"),
    Endpoint(_C + "get", get, bare=True, needs="verified"),
    Endpoint(_C + "delete", delete, write=True, needs="verified"),
    Endpoint(_C + "speed/get", speed_get, "ANY", bare=True, needs="verified"),
    Endpoint(_C + "speed/set", speed_set, write=True, needs="verified"),
)
