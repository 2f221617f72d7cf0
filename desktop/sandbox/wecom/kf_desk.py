"""The customer-service desk: accounts, sessions, codes and the messages of the last days."""

from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.wecom.errors import Refusal

DAY = 86_400
NEW, BOT, QUEUE, HUMAN, ENDED = 0, 1, 2, 3, 4
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


@dataclass(slots=True)
class Session:
    """One customer at one account."""

    state: int = ENDED
    servicer: str = ""
    asked_at: int = 0
    answered: int = 0


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
    tokens: dict[str, float] = field(default_factory=dict)
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
            at = corp.origin - 4 * DAY + turn * 29_000
            external = corp.people.external_userid(turn * corp.people.count // 12)
            customer_writes(corp, found.accounts[0], external, _QUESTIONS[turn % len(_QUESTIONS)], at)
    return found


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


def customer_writes(corp: Corp, to: Account, external_userid: str, content: str, at: int) -> str:
    """A customer asks something: the session starts anew or goes on."""
    session = corp.shelf(Desk).session(to.open_kfid, external_userid)
    if session.state == ENDED or at > session.asked_at + 2 * DAY:
        session.state, session.servicer = NEW, ""
        body = {
            "event_type": "enter_session",
            "open_kfid": to.open_kfid,
            "external_userid": external_userid,
            "scene": "shop",
            "scene_param": "",
        }
        post(corp, to, 4, "event", body, at)
    session.asked_at, session.answered = at, 0
    return post(corp, to, 3, "text", {"content": content}, at, external_userid=external_userid)


def new_code(corp: Corp, to: Account, external: str, life_s: float, state: int | None, menus: bool) -> str:
    """A one-use code bound to a session."""
    book = desk(corp)
    code = corp.chance.token(b"kf-code", book.number(), 40)
    book.codes[code] = Code(to.open_kfid, external, corp.clock.seconds() + life_s, state, menus)
    return code


def new_token(corp: Corp) -> str:
    """A callback token for sync_msg, valid ten minutes."""
    book = desk(corp)
    token = corp.chance.token(b"kf-token", book.number(), 60)
    book.tokens[token] = corp.clock.seconds() + 600
    return token
