"""Customer-service messages: pulling with has_more, sending with the caller's msgid."""

import re
from typing import Any

from desktop.sandbox.paging import BadCursor
from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.kf_desk import BOT, DAY, ENDED, NEW, Account, account, desk, event
from desktop.sandbox.wecom.media import require_medium

KEPT_S = 3 * DAY
REPLY_WINDOW_S = 2 * DAY
REPLIES_PER_QUESTION = 5
FAILS_AFTER_S = 5.0
_MSGID = re.compile(r"[0-9A-Za-z_-]{1,32}\Z")
_MEDIA = ("image", "voice", "video", "file")
_KINDS = (*_MEDIA, "text", "link", "miniprogram", "msgmenu", "location", "business_card", "ca_link")
_MENU_ITEMS = ("click", "view", "miniprogram", "text")


def sync_msg(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Messages of one account since the cursor; go on while has_more is 1."""
    token = args.optional_text("token", max_bytes=128)
    named = args.optional_text("open_kfid") or desk(corp).tokens.get(token, ("", 0.0))[0]
    if not named:
        raise Refusal(95007 if token else 40063)
    row = account(corp, named)
    _spend_pull(corp, token, row)
    limit = args.limit(1000, 1000)
    listing = f"kf:{row.open_kfid}"
    cursor = args.optional_text("cursor", max_bytes=64)
    oldest = corp.now() - KEPT_S
    first = next(
        (at for at, one in enumerate(row.messages) if one["send_time"] >= oldest), len(row.messages)
    )
    try:
        position, calm = corp.pager.decode(listing, cursor)
    except BadCursor:
        raise Refusal(40058) from None
    position = max(position, first)
    size = corp.pager.size(listing, position, calm, limit)
    page = row.messages[position : position + size]
    following = position + len(page)
    more = following < len(row.messages) and (size == 0 or len(page) == size)
    return {
        "next_cursor": corp.pager.encode(listing, following, calm=size == 0),
        "has_more": int(more),
        "msg_list": page,
    }


def _spend_pull(corp: Corp, token: str, row: Account) -> None:
    book, now = desk(corp), corp.seconds()
    if token:
        of, until = book.tokens.get(token, ("", 0.0))
        if of != row.open_kfid or until < now:
            raise Refusal(95007)
        return
    book.pulls = [at for at in book.pulls if at > now - 60]
    if len(book.pulls) >= corp.settings.kf_calls_without_token_per_minute:
        raise Refusal(45009)
    book.pulls.append(now)


def _take_msgid(corp: Corp, row: Account, args: Arguments) -> str:
    msgid = args.optional_text("msgid") or corp.chance.ident("", b"kf-own", desk(corp).number(), 32)
    if not _MSGID.match(msgid):
        raise Refusal(40058)
    if msgid in row.used_msgids:
        raise Refusal(corp.settings.kf_duplicate_msgid_code, "msgid duplicated")
    return msgid


def send_msg(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Answer a customer; the msgid comes back and may be used once per account."""
    external = args.text("touser")
    row = account(corp, args.text("open_kfid"), write=True)
    kind = args.text("msgtype")
    if kind not in _KINDS:
        raise Refusal(40058)
    _check_body(corp, kind, args.part(kind))
    msgid = _take_msgid(corp, row, args)
    corp.customer(external)
    session = desk(corp).session(row.open_kfid, external)
    if session.state == ENDED:
        raise Refusal(95013 if session.asked_at else 95018)
    if session.state not in (NEW, BOT):
        raise Refusal(95018)
    if corp.now() > session.asked_at + REPLY_WINDOW_S:
        raise Refusal(95002)
    if session.answered >= REPLIES_PER_QUESTION:
        raise Refusal(95001)
    session.answered += 1
    _keep(corp, row, args, msgid, external)
    if corp.chance.roll_text(b"kf-fail", msgid)[0] < 256 * corp.settings.kf_fail_share:
        corp.later(corp.seconds() + FAILS_AFTER_S, lambda: fail_message(corp, msgid, 10))
    return {"msgid": msgid}


def _keep(corp: Corp, row: Account, args: Arguments, msgid: str, external: str) -> None:
    row.used_msgids.add(msgid)
    sent = {
        "msgid": msgid,
        "open_kfid": row.open_kfid,
        "touser": external,
        "at": corp.now(),
        "received": args.raw.decode("utf-8", "backslashreplace"),
    }
    desk(corp).sent.append(sent)


def _check_body(corp: Corp, kind: str, part: Arguments) -> None:
    if kind == "text":
        part.text("content", missing=44004, max_bytes=2048, too_long=45002)
    elif kind in _MEDIA:
        require_medium(corp, part.text("media_id", missing=41006), kind)
    elif kind == "link":
        part.text("title")
        if "://" not in part.text("url", max_bytes=2048):
            raise Refusal(40058)
        require_medium(corp, part.text("thumb_media_id", missing=41006), "image")
    elif kind == "miniprogram":
        part.text("title", max_bytes=64)
        if not part.text("appid").startswith("wx"):
            raise Refusal(90207)
        part.text("pagepath")
        require_medium(corp, part.text("thumb_media_id", missing=41006), "image")
    elif kind == "msgmenu":
        _check_menu(part)
    elif kind == "location":
        _check_place(part.values.get("latitude"), 90)
        _check_place(part.values.get("longitude"), 180)
    else:
        part.text("userid" if kind == "business_card" else "link_url")


def _check_menu(part: Arguments) -> None:
    part.optional_text("head_content", max_bytes=1024)
    part.optional_text("tail_content", max_bytes=1024)
    items = part.rows("list")
    if len(items) > 10:
        raise Refusal(95008)
    for item in items:
        if item.get("type") not in _MENU_ITEMS:
            raise Refusal(95009)
        body = Arguments(item).part(str(item["type"]))
        body.text("content", max_bytes=128 if item["type"] == "click" else 1024)
        body.optional_text("id", max_bytes=128)
        body.optional_text("url", max_bytes=2048)


def _check_place(degrees: object, most: int) -> None:
    if isinstance(degrees, bool) or not isinstance(degrees, int | float) or abs(degrees) > most:
        raise Refusal(40058)


def send_msg_on_event(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Send with a one-use code; a used or late code is 95007."""
    code = desk(corp).codes.get(args.text("code"))
    kind = args.text("msgtype")
    if code is None or code.used or code.until < corp.seconds():
        raise Refusal(95007)
    if kind != "text" and not (kind == "msgmenu" and code.menus):
        raise Refusal(40058)
    _check_body(corp, kind, args.part(kind))
    row = account(corp, code.open_kfid, write=True)
    session = desk(corp).session(code.open_kfid, code.external_userid)
    if code.state is not None and session.state != code.state:
        raise Refusal(95018)
    msgid = _take_msgid(corp, row, args)
    code.used = True
    _keep(corp, row, args, msgid, code.external_userid)
    return {"msgid": msgid}


def fail_message(corp: Corp, msgid: str, fail_type: int) -> None:
    """A message that was accepted does not arrive: the event appears in sync_msg."""
    sent = next((one for one in desk(corp).sent if one["msgid"] == msgid), None)
    if sent is None:
        raise LookupError(f"no reply {msgid}")
    event(
        corp,
        account(corp, sent["open_kfid"]),
        "msg_send_fail",
        external_userid=sent["touser"],
        fail_msgid=msgid,
        fail_type=fail_type,
    )


ENDPOINTS = (
    Endpoint("kf/sync_msg", sync_msg, "POST", {"msg_list": []}),
    Endpoint("kf/send_msg", send_msg, write=True),
    Endpoint("kf/send_msg_on_event", send_msg_on_event, write=True),
)
