"""Private messages: replies inside their windows, the consent scene once a day, recall, who agreed."""

import hashlib

from desktop.sandbox.douyin.account import DAY, Account, Doc, Endpoint
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.content import CARDS, Content, check_content
from desktop.sandbox.douyin.envelope import Form
from desktop.sandbox.douyin.errors import Refusal
from desktop.sandbox.douyin.events import record_sent, seeded
from desktop.sandbox.douyin.groups import Groups, Sent
from desktop.sandbox.douyin.talks import Consent, Opening, Talk, Talks

DIRECT = "im.direct_message"
_ALLOWED = {1, 2, 3, 8, 9, 10, 11, 12, 204}


def send(account: Account, args: Arguments) -> Doc:
    """One message or a list of at most three, inside a window or by consent."""
    seeded(account)
    to_user = args.text("to_user_id")
    scene = args.optional("scene") or "im_reply_msg"
    contents = args.rows("content_list")
    single = args.part("content")
    if single is not None:
        contents = [single.values, *contents]
    if not contents:
        raise Refusal(28001007, "content不能为空")
    if len(contents) > 3:
        raise Refusal(28001007, "content_list最多3条")
    kinds = [check_content(account, content, _ALLOWED) for content in contents]
    if scene in ("im_reply_msg", "im_replay_msg", "im_enter_direct_msg"):
        talk = _inside_window(account, args, to_user, scene, len(contents))
        place = talk.conversation_id
    elif scene == "im_authorize_message":
        place = _by_consent(account, to_user, kinds)
    elif scene == "im_b2b_direct_message":
        if 10 not in kinds:
            raise Refusal(28001038, "必须包含小程序卡片")
        place = account.shelf(Talks).talk(account.fan_number(to_user)).conversation_id
    else:
        raise Refusal(28001007, "scene不支持")
    account.spend("dm", account.settings.dm_per_day, len(contents))
    made = [
        Sent(account.fresh(b"dy-msg"), place, account.seconds(), content, scene, to_user)
        for content in contents
    ]
    account.shelf(Talks).sent += made
    for message in made:
        record_sent(account, message)
    return {"msg_id": made[0].msg_id, "msg_list": [row.msg_id for row in made]}


def _inside_window(account: Account, args: Arguments, to_user: str, scene: str, count: int) -> Talk:
    """Take from the window that a message or an opened chat page gave; refuse outside of it."""
    settings = account.settings
    found = account.shelf(Talks).opening(args.text("msg_id"))
    if found is None:
        raise Refusal(28001007, "msg_id不存在")
    talk, opening = found
    if args.text("conversation_id") != talk.conversation_id or to_user != account.fan_id(talk.fan):
        raise Refusal(28003082)
    entering = scene == "im_enter_direct_msg"
    if opening.entered != entering:
        raise Refusal(28001007, "msg_id与scene不匹配")
    life = settings.enter_window_s if entering else settings.reply_window_s
    if account.seconds() - opening.at > life:
        raise Refusal(28003081 if entering else 28003080)
    if _counted(talk, opening) + count > (settings.enter_count if entering else settings.reply_count):
        raise Refusal(28003070)
    opening.sent += count
    return talk


def _counted(talk: Talk, opening: Opening) -> int:
    """What was sent since the fan last wrote: an older message id gives no second allowance."""
    if opening.entered:
        return opening.sent
    latest = max(row.at for row in talk.openings if not row.entered)
    since = [row for row in talk.openings if not row.entered and row.at == latest]
    if opening not in since:  # answering an older message counts against the present window
        since.append(opening)
    return sum(row.sent for row in since)


def _by_consent(account: Account, to_user: str, kinds: list[int]) -> str:
    talks = account.shelf(Talks)
    consent = talks.consents.get(to_user)
    if consent is None:
        raise Refusal(28001012, "用户未授权主动私信")
    if consent.until <= account.seconds():
        raise Refusal(28003081)
    if not CARDS & set(kinds):
        raise Refusal(28001038, "必须包含卡片消息")
    today = (account.now() + 8 * 3600) // DAY
    if consent.last_day == today:
        raise Refusal(28003070)
    consent.last_day = today
    return talks.talk(account.fan_number(to_user)).conversation_id


def recall(account: Account, args: Arguments) -> Doc:
    """Take back one's own message; 1 single, 2 group."""
    msg_id, place = args.text("msg_id"), args.text("conversation_id")
    kind = args.number("conversation_type", None, 1, 2)
    rows = account.shelf(Talks).sent if kind == 1 else account.shelf(Groups).sent
    row = next((row for row in rows if row.msg_id == msg_id and row.place == place), None)
    if row is None:
        raise Refusal(28001007, "消息不存在")
    if row.recalled:
        raise Refusal(28001007, "消息已撤回")
    row.recalled = True
    return {}


def _consent_doc(row: Consent) -> Doc:
    return {
        "enter_from": "auth_card",
        "data_im_extra": "",
        "path": "pages/index",
        "query": "",
        "attribution": {
            "author_id": "", "room_id": "", "anchor_id": "", "from_att_uid": "", "conversation_id": "",
            "message_id": "", "group_id": "",
        },
    }  # fmt: skip


def consents(account: Account, args: Arguments) -> Doc:
    """Who agreed to be written to: by page, or by cursor and limit."""
    seeded(account)
    rows = [row for row in account.shelf(Talks).consents.values() if row.until > account.seconds()]
    if args.values.get("page_num") is not None:
        size = args.number("page_size", 20, 1, 50)
        start = (args.number("page_num", 1, 0, 50_000) - 1) * size
        start = max(0, start)
    else:
        start, size = args.number("cursor", 0, 0), args.number("limit", 20, 1, 100)
    part = rows[start : start + size]
    listed = [
        {"target_open_id": row.open_id, "auth_user_source_app_id": "", **_consent_doc(row)} for row in part
    ]
    return {
        "auth_user_list": listed,
        "has_more": start + size < len(rows),
        "next_cursor": str(start + len(part)),
    }


def consent_status(account: Account, args: Arguments) -> Doc:
    """Whether one fan agreed: status 1 or 2."""
    seeded(account)
    row = account.shelf(Talks).consents.get(args.text("c_open_id"))
    live = row is not None and row.until > account.seconds()
    return {"status": 1 if live else 2, **(_consent_doc(row) if row is not None else {})}


def resources(account: Account, args: Arguments) -> Doc:
    """Where the picture or film of a fan's message can be fetched."""
    found = account.shelf(Talks).opening(args.text("message_id"))
    if found is None or found[0].conversation_id != args.text("conversation_id") or not found[1].media_type:
        raise Refusal(28001007, "消息资源不存在")
    return {"media_type": found[1].media_type, "url": f"https://p9-im.douyinpic.com/{found[0].fan}.jpeg"}


def upload_image(account: Account, args: Arguments) -> Doc:
    """A picture for messages; its id stands at the top of the answer."""
    data = args.file("image")
    number = len(account.shelf(Content).images) + 1
    ident = f"@{account.chance.roll(b'dy-image', number).hex()[:40]}=="
    account.shelf(Content).images.add(ident)
    width, height = picture_size(data)
    return {"image_id": ident, "width": width, "height": height, "md5": digest(data)}


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG; anything else is told as 720 by 960."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    return 720, 960


def digest(data: bytes) -> str:
    """MD5 of an uploaded file, as the platform tells it."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


ENDPOINTS = (
    Endpoint("im/send/msg/", send, "POST", Form.TOP, scope=DIRECT, write=True),
    Endpoint("im/recall/msg/", recall, "POST", Form.C, scope="im.recall_message", write=True),
    Endpoint("im/authorize/user_list/", consents, "POST", Form.C, scope=DIRECT),
    Endpoint("im/authorize/status/", consent_status, "POST", Form.C, scope=DIRECT),
    Endpoint("api/im/message/resources/", resources, "GET", Form.C, scope=DIRECT),
    Endpoint(
        "tool/imagex/client_upload/",
        upload_image,
        "POST",
        Form.TOP,
        "client",
        write=True,
        needs_open_id=False,
    ),
)
