"""The customer-service desk: accounts, sessions, codes and the messages of the last days."""

from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.media import SAMPLES, Media

DAY = 86_400
SESSION_S = 2 * DAY
NEW, BOT, QUEUE, HUMAN, ENDED = 0, 1, 2, 3, 4
_OTHER_KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("image", {}),
    ("location", {"latitude": 30.27, "longitude": 120.15, "name": "湖滨路店", "address": "湖滨路 1 号"}),
    ("link", {"title": "坚果礼盒", "desc": "中秋", "url": "https://example.invalid/1", "pic_url": ""}),
    ("miniprogram", {"title": "好吃研究所", "appid": "wx01", "pagepath": "p/1", "thumb_media_id": ""}),
    ("channels_shop_product", {"product_id": "1", "head_img": "", "title": "肉脯", "sales_price": "2990",
                               "shop_nickname": "好吃研究所", "shop_head_img": ""}),
    ("merged_msg", {"title": "群聊的聊天记录", "item": [{"send_time": 1, "msgtype": "text", "sender_name": "阿花",
                                                  "msg_content": '{"text":{"content":"好吃"}}'}]}),
    ("voice", {}),
    ("note", {}),
)  # fmt: skip
_QUESTIONS = (
    "在吗?坚果礼盒还有货吗",
    "我上周买的肉脯到哪了",
    "低糖的哪几款呀🍬",
    "可以开发票吗",
    "团购 20 份能便宜点不",
    "少发了一袋,帮我看下",
)


@dataclass(slots=True)
class Account:
    """One service account; unmanaged ones belong to another app."""

    open_kfid: str
    name: str
    avatar: str
    managed: bool = True
    deleted: bool = False
    servicers: list[str] = field(default_factory=list)
    departments: list[int] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    used_msgids: set[str] = field(default_factory=set)
    paused: dict[str, int] = field(default_factory=dict)  # servicer -> stop_type 0 stopped, 1 suspended


@dataclass(slots=True)
class Session:
    """One customer at one account; it lasts 48 hours from the last question."""

    state: int = ENDED
    servicer: str = ""
    asked_at: int = 0
    answered: int = 0

    def end_when_old(self, now: int) -> None:
        """The platform ends a session by itself after 48 hours."""
        if self.state != ENDED and now > self.asked_at + SESSION_S:
            self.state = ENDED


@dataclass(slots=True)
class Code:
    """A one-use code for send_msg_on_event."""

    open_kfid: str
    external_userid: str
    until: float
    state: int | None
    menus: bool
    used: bool = False


@dataclass(slots=True)
class Desk:
    """All accounts, sessions, codes and callback tokens."""

    accounts: list[Account] = field(default_factory=list)
    sessions: dict[tuple[str, str], Session] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)  # token -> account, until
    pulls: list[float] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    made: int = 0

    def number(self) -> int:
        """A running number for ids."""
        self.made += 1
        return self.made

    def session(self, open_kfid: str, external_userid: str) -> Session:
        """The session, ended when the customer never wrote."""
        return self.sessions.setdefault((open_kfid, external_userid), Session())


def desk(corp: Corp) -> Desk:
    """The desk, seeded with two accounts and a few conversations on first use."""
    found = corp.shelf(Desk)
    if not found.accounts:
        for name, managed in (("好吃研究所客服", True), ("总部售后", False)):
            found.accounts.append(new_account(corp, found, name, managed))
        found.accounts[0].servicers = [row.userid for row in corp.staff[:2]]
        for turn in range(min(12, corp.people.count)):
            _seed_conversation(corp, found.accounts[0], turn)
    return found


def _seed_conversation(corp: Corp, to: Account, turn: int) -> None:
    """One of the seeded conversations of the last four days, the later ones with more than text."""
    at = corp.origin - 4 * DAY + turn * 29_000
    external = corp.people.external_userid(turn * corp.people.count // 12)
    with corp.as_of(at):
        customer_writes(corp, to, external, "text", {"content": _QUESTIONS[turn % len(_QUESTIONS)]})
    if turn >= 4:
        kind, body = _OTHER_KINDS[turn - 4]
        with corp.as_of(at + 600):
            customer_writes(corp, to, external, kind, body)
    if turn == 6:
        with corp.as_of(at + 1200):
            servicer_writes(corp, to, external, to.servicers[0], "text", {"content": "亲,有货的"})


def new_account(corp: Corp, book: Desk, name: str, managed: bool = True) -> Account:
    """An account that is not yet listed."""
    open_kfid = corp.chance.ident("wk", b"kf", book.number())
    return Account(open_kfid, name, f"https://wework.qpic.cn/wwpic/{open_kfid[2:14]}/0", managed)


def account(corp: Corp, open_kfid: str, write: bool = False) -> Account:
    """An account by id: 95000 malformed, 95004 gone or foreign, 48007 not granted for writing."""
    if not open_kfid.startswith("wk"):
        raise Refusal(95000)
    row = next((row for row in desk(corp).accounts if row.open_kfid == open_kfid), None)
    if row is None or row.deleted:
        raise Refusal(95004)
    if write and not row.managed:
        raise Refusal(48007)
    return row


def post(
    corp: Corp, to: Account, origin: int, msgtype: str, body: dict[str, Any], at: int, **ids: str
) -> str:
    """Append a message to an account's log; returns its msgid."""
    msgid = corp.chance.ident("", b"kf-msg", corp.shelf(Desk).number(), 32)
    top = {} if msgtype == "event" else {"open_kfid": to.open_kfid, **ids}
    to.messages.append(
        {"msgid": msgid, **top, "send_time": at, "origin": origin, "msgtype": msgtype, msgtype: body}
    )
    return msgid


def event(corp: Corp, to: Account, kind: str, **fields: Any) -> str:
    """Append a system event; its ids are inside the event."""
    body = {"event_type": kind, "open_kfid": to.open_kfid, **fields}
    return post(corp, to, 4, "event", body, corp.now())


def customer_enters(corp: Corp, to: Account, external_userid: str, scene: str = "shop") -> str:
    """A customer opens the chat; a welcome code comes only after two quiet days. Returns the code."""
    session = corp.shelf(Desk).session(to.open_kfid, external_userid)
    quiet = corp.now() > session.asked_at + SESSION_S
    code = new_code(corp, to, external_userid, 20, None, menus=True) if quiet else ""
    fields: dict[str, Any] = {"external_userid": external_userid, "scene": scene, "scene_param": ""}
    event(corp, to, "enter_session", **fields, **({"welcome_code": code} if code else {}))
    return code


def customer_writes(
    corp: Corp, to: Account, external_userid: str, msgtype: str, body: dict[str, Any]
) -> str:
    """A customer sends something: the session starts anew or goes on. Returns the msgid."""
    session = corp.shelf(Desk).session(to.open_kfid, external_userid)
    session.end_when_old(corp.now())
    if session.state == ENDED:
        customer_enters(corp, to, external_userid)
        session.state, session.servicer = NEW, ""
    session.asked_at, session.answered = corp.now(), 0
    body = with_medium(corp, msgtype, body)
    return post(corp, to, 3, msgtype, body, corp.now(), external_userid=external_userid)


def servicer_writes(
    corp: Corp, to: Account, external_userid: str, userid: str, msgtype: str, body: dict[str, Any]
) -> str:
    """A servicer answers in the client: takes the session, or opens an ended one again."""
    session = corp.shelf(Desk).session(to.open_kfid, external_userid)
    if session.state != HUMAN or session.servicer != userid:
        change = 4 if session.state == ENDED else 2 if session.state == HUMAN else 1
        _session_change(corp, to, external_userid, change, session.servicer, userid)
        session.state, session.servicer = HUMAN, userid
    body = with_medium(corp, msgtype, body)
    return post(
        corp, to, 5, msgtype, body, corp.now(), external_userid=external_userid, servicer_userid=userid
    )


def session_ends(corp: Corp, to: Account, external_userid: str) -> None:
    """The servicer ends the session in the client."""
    session = corp.shelf(Desk).session(to.open_kfid, external_userid)
    before, session.state, session.servicer = session.servicer, ENDED, ""
    _session_change(corp, to, external_userid, 3, before, "")


def _session_change(corp: Corp, to: Account, external: str, change: int, old: str, new: str) -> None:
    fields: dict[str, Any] = {"external_userid": external, "change_type": change}
    fields |= {"old_servicer_userid": old} if old else {}
    fields |= {"new_servicer_userid": new} if new else {}
    if change == 1:
        fields["msg_code"] = new_code(corp, to, external, SESSION_S, HUMAN, menus=False)
    elif change == 3:
        fields["msg_code"] = new_code(corp, to, external, 20, ENDED, menus=True)
    event(corp, to, "session_status_change", **fields)


def with_medium(corp: Corp, msgtype: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body with a medium that can be fetched, for kinds that have one."""
    if msgtype not in SAMPLES or "media_id" in body:
        return body
    medium = corp.shelf(Media).add(corp, msgtype, "message", f"{msgtype}.bin", SAMPLES[msgtype])
    return body | {"media_id": medium.media_id}


def new_code(corp: Corp, to: Account, external: str, life_s: float, state: int | None, menus: bool) -> str:
    """A one-use code bound to a session."""
    book = corp.shelf(Desk)
    code = corp.chance.token(b"kf-code", book.number(), 40)
    book.codes[code] = Code(to.open_kfid, external, corp.seconds() + life_s, state, menus)
    return code


def new_token(corp: Corp, to: Account) -> str:
    """A callback token of one account for sync_msg, valid ten minutes."""
    book = desk(corp)
    token = corp.chance.token(b"kf-token", book.number(), 60)
    book.tokens[token] = (to.open_kfid, corp.seconds() + 600)
    return token
