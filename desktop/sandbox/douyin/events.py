"""What fans do, as events: in the intention log double-encoded, and as signed webhook bodies."""

import hashlib
import json

from desktop.sandbox.chance import word
from desktop.sandbox.douyin.account import DAY, Account, Doc
from desktop.sandbox.douyin.groups import Sent
from desktop.sandbox.douyin.talks import QUESTIONS, Consent, Opening, Talks

AS_TEXT = {
    "im_enter_direct_msg", "im_authorize", "enter_group_audit_change", "group_fans_event",
    "new_follow_action", "new_video_digg",
}  # events whose content is a JSON text inside the JSON  # fmt: skip
LOGGED = {"im_receive_msg", "im_enter_direct_msg", "new_follow_action", "new_video_digg", "im_send_msg"}
LOG_DAYS = 30
MOST_SEEDED = 3000


class Events:
    """Every event that would have been pushed, newest last."""

    def __init__(self, account: Account) -> None:
        self.rows: list[Doc] = []
        self.seeded = False


def packed(doc: object) -> str:
    """Compact JSON, Chinese unescaped."""
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":"))


def record(
    account: Account, at: float, event: str, open_id: str, content: Doc, outward: bool = False
) -> None:
    """Note an event, and put it into the log when the log has its kind."""
    whole: Doc = {
        "event": event,
        "client_key": account.client_key,
        "from_user_id": account.open_id if outward else open_id,
        "to_user_id": open_id if outward else account.open_id,
        "content": packed(content) if event in AS_TEXT else content,
        "log_id": account.log_id(),
    }
    account.shelf(Events).rows.append({"at": at, **whole})
    if event in LOGGED and (event != "im_send_msg" or account.settings.log_shows_sent):
        account.shelf(Talks).log.append((at, event, open_id, whole))


def webhook(account: Account, row: Doc) -> Doc:
    """Body and headers as they would be pushed: SHA-1 over secret and body, and an id to tell repeats."""
    body = packed({key: value for key, value in row.items() if key != "at"})
    return {
        "body": body,
        "headers": {
            "X-Douyin-Signature": signature(account.client_secret, body.encode()),
            "Msg-Id": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        },
    }


def signature(secret: str, body: bytes) -> str:
    """The signature of a push."""
    return hashlib.sha1(secret.encode() + body, usedforsecurity=False).hexdigest()


def receive(
    account: Account, fan: int, at: float, words: str, kind: str = "text", more: Doc | None = None
) -> Doc:
    """A fan writes; returns the ids the account needs to answer."""
    talk = account.shelf(Talks).talk(fan)
    opening = Opening(account.fresh(b"dy-in"), at, media_type=kind if kind in ("image", "video") else "")
    talk.openings.append(opening)
    person, open_id = account.fan(fan), account.fan_id(fan)
    content: Doc = {
        "conversation_short_id": talk.conversation_id,
        "server_message_id": opening.msg_id,
        "conversation_type": 1,
        "create_time": int(at * 1000),
        "message_type": kind,
        "source": "",
        "user_infos": [{"open_id": open_id, "nick_name": person.nickname, "avatar": person.avatar}],
    }
    content |= {"text": words} if kind == "text" else {}
    record(account, at, "im_receive_msg", open_id, content | (more or {}))
    return {"open_id": open_id, "conversation_id": talk.conversation_id, "msg_id": opening.msg_id}


def enter(account: Account, fan: int, at: float) -> Doc:
    """A fan opens the chat page."""
    talk = account.shelf(Talks).talk(fan)
    opening = Opening(account.fresh(b"dy-in"), at, entered=True)
    talk.openings.append(opening)
    person, open_id = account.fan(fan), account.fan_id(fan)
    content = {
        "conversation_short_id": talk.conversation_id,
        "server_message_id": opening.msg_id,
        "conversation_type": 1,
        "create_time": int(at * 1000),
        "scene_type": "profile",
        "objectId": "",
        "user_infos": [{"open_id": open_id, "nick_name": person.nickname, "avatar": person.avatar}],
        "ad_info": "",
        "path": "",
        "query": "",
        "data-im-extra": "",
    }
    record(account, at, "im_enter_direct_msg", open_id, content)
    return {"open_id": open_id, "conversation_id": talk.conversation_id, "msg_id": opening.msg_id}


def agree(account: Account, fan: int, at: float) -> Doc:
    """A fan agrees to be written to, for thirty days."""
    open_id, until = account.fan_id(fan), at + 30 * DAY
    account.shelf(Talks).consents[open_id] = Consent(open_id, at, until)
    content = {
        "operation_type": 1, "auth_status": 1, "source": "card", "create_time": int(at),
        "update_time": int(at), "expire_time": int(until), "extra": "", "path": "", "query": "",
        "data_im_extra": "",
    }  # fmt: skip
    record(account, at, "im_authorize", open_id, content)
    return {"open_id": open_id}


def answer_card(account: Account, fan: int, at: float, card_id: str) -> Doc:
    """A fan fills in a card that asks for name and phone."""
    person = account.fan(fan)
    data = [{"label": "姓名", "value": person.name}, {"label": "电话", "value": person.phone}]
    more: Doc = {"card_id": card_id, "card_status": 1, "card_data": data}
    return receive(account, fan, at, "", "retain_consult_card", more)


def record_sent(account: Account, message: Sent) -> None:
    """The event of a message the account sent."""
    content = {
        "conversation_short_id": message.place,
        "server_message_id": message.msg_id,
        "conversation_type": 1,
        "create_time": int(message.at * 1000),
        "message_type": "text" if "text" in message.content else "other",
        "text": message.content.get("text", {}).get("text", ""),
    }
    record(account, message.at, "im_send_msg", message.to_user_id, content, outward=True)


def seeded(account: Account) -> None:
    """Fill the log with what fans did before the origin; done once."""
    events = account.shelf(Events)
    if events.seeded:
        return
    events.seeded = True
    begin = account.origin - LOG_DAYS * DAY
    plan: list[tuple[float, int, str]] = []
    for fan in range(min(account.size.fans, MOST_SEEDED)):
        bits = account.chance.roll(b"dy-act", fan)
        followed = account.followed_at(fan)
        if followed is not None and followed >= begin:
            plan.append((float(followed), fan, "follow"))
        at = float(begin + word(bits, 0) * LOG_DAYS * DAY // 65_536)
        if bits[2] < 70:
            plan.append((at, fan, "like"))
        if bits[3] < 26:
            plan.append((at + 60, fan, "ask"))
        elif bits[3] < 32:
            plan.append((at + 90, fan, "card"))
        elif bits[3] < 40:
            plan.append((at + 30, fan, "enter"))
        if bits[4] < 10:
            plan.append((at + 200, fan, "agree"))
    held = account.shelf(Talks).log[:]
    account.shelf(Talks).log.clear()
    for at, fan, what in sorted(plan):
        if at < account.origin:
            _happen(account, at, fan, what)
    account.shelf(Talks).log += held


def _happen(account: Account, at: float, fan: int, what: str) -> None:
    bits = account.chance.roll(b"dy-word", fan)
    if what == "ask":
        receive(account, fan, at, QUESTIONS[bits[0] % len(QUESTIONS)])
    elif what == "card":
        answer_card(account, fan, at, account.sealed(b"dy-card", -1))
    elif what == "enter":
        enter(account, fan, at)
    elif what == "agree":
        agree(account, fan, at)
    elif what == "like":
        like(account, fan, at, account.sealed(b"dy-item", -1 - bits[1] % 30))
    else:
        follow(account, fan, at)


def follow(account: Account, fan: int, at: float) -> Doc:
    """A fan follows the account."""
    open_id = account.fan_id(fan)
    record(account, at, "new_follow_action", open_id, {"action_type": 1, "action_time": int(at)})
    return {"open_id": open_id}


def like(account: Account, fan: int, at: float, item_id: str) -> Doc:
    """A fan likes a post."""
    open_id = account.fan_id(fan)
    content = {"action_type": 1, "action_time": int(at), "item_id": item_id}
    record(account, at, "new_video_digg", open_id, content)
    return {"open_id": open_id}
