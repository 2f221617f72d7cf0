"""Single messages to followers: what opens a window for them, how many it holds, and typing."""

from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.wechat.account import Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.material import require_medium
from desktop.sandbox.wechat.publish import require_article

HOUR = 3600
UNLIMITED = 10**9
WINDOWS = {
    "message": (5, 48 * HOUR),
    "menu": (3, 60),
    "follow": (3, 60),
    "scan": (3, 60),
    "pay": (UNLIMITED, 48 * HOUR),
}  # what a follower did -> (messages, seconds)
LONGEST_TEXT_BYTES = 2048
TYPING_AFTER_S = 30


@dataclass(slots=True)
class Window:
    """One permission to write to a follower."""

    kind: str
    until: float
    left: int


@dataclass(slots=True)
class Visitor:
    """What one follower did lately."""

    windows: list[Window] = field(default_factory=list)
    last_act: float = 0.0
    last_message: float = 0.0
    typing_until: float = 0.0
    refuses: bool = False


class Counter:
    """Followers who did something, and every single message that went out."""

    def __init__(self) -> None:
        self.visitors: dict[int, Visitor] = {}
        self.sent: list[dict[str, Any]] = []

    def visitor(self, number: int) -> Visitor:
        """The follower's record."""
        return self.visitors.setdefault(number, Visitor())


def visit(account: Account, number: int, kind: str) -> None:
    """A follower did something that opens a window."""
    visitor = account.shelf(Counter).visitor(number)
    now, (messages, seconds) = account.seconds(), WINDOWS[kind]
    visitor.windows = [row for row in visitor.windows if row.until > now and row.kind != kind]
    visitor.windows.append(Window(kind, now + seconds, messages))
    visitor.last_act = now
    if kind == "message":
        visitor.last_message = now


def _spend(account: Account, number: int) -> None:
    now = account.seconds()
    open_ones = [row for row in account.shelf(Counter).visitor(number).windows if row.until > now]
    if not open_ones:
        raise Refusal(45015)
    usable = [row for row in open_ones if row.left > 0]
    if not usable:
        raise Refusal(45047)
    min(usable, key=lambda row: row.until).left -= 1


def send(account: Account, args: Arguments) -> dict[str, Any]:
    """One message to one follower; the answer has no id."""
    openid = args.text("touser", missing=40003)
    number = account.follower(openid)
    kind = args.text("msgtype", missing=40008)
    if account.settings.custom_blocked:
        raise Refusal(45087)
    if account.followers.get(number).blacklisted:
        raise Refusal(43019)
    if not account.followers.follows(number):
        raise Refusal(45015)
    if account.shelf(Counter).visitor(number).refuses:
        raise Refusal(48002)
    body = _checked(account, args, kind)
    _spend(account, number)
    account.shelf(Counter).sent.append(
        {"openid": openid, "msgtype": kind, "body": body.values, "at": account.now()}
    )
    return {}


def _checked(account: Account, args: Arguments, kind: str) -> Arguments:
    if kind == "link":
        raise Refusal(45162)
    body = args.part(kind, missing=40008)
    if kind == "text":
        if len(body.text("content", missing=44004).encode()) > LONGEST_TEXT_BYTES:
            raise Refusal(45002)
    elif kind in ("image", "voice"):
        require_medium(account, body.values.get("media_id"), kind)
    elif kind == "video":
        require_medium(account, body.values.get("media_id"), "video")
    elif kind in ("music", "miniprogrampage"):
        require_medium(account, body.values.get("thumb_media_id"), "thumb", "image")
    elif kind == "news":
        if len(body.rows("articles")) != 1:
            raise Refusal(45008)
    elif kind == "mpnewsarticle":
        require_article(account, body.values.get("article_id"))
    elif kind == "msgmenu":
        body.rows("list")
    elif kind not in ("mpnews", "wxcard"):
        raise Refusal(40008)
    return body


def typing(account: Account, args: Arguments) -> dict[str, Any]:
    """Show or stop "is typing"; only within 30 seconds of what the follower did."""
    visitor = account.shelf(Counter).visitor(account.follower(args.text("touser", missing=40003)))
    command = args.optional_text("command")
    if command not in ("Typing", "CancelTyping"):
        raise Refusal(45072)
    now = account.seconds()
    if command == "CancelTyping":
        visitor.typing_until = 0.0
        return {}
    if not visitor.last_act or visitor.last_act + TYPING_AFTER_S < now:
        raise Refusal(45080)
    if visitor.typing_until > now:
        raise Refusal(45081)
    visitor.typing_until = now + 15
    return {}


_C = "cgi-bin/message/custom/"
ENDPOINTS = (
    Endpoint(_C + "send", send, write=True, needs="verified"),
    Endpoint(_C + "typing", typing, write=True, needs="verified"),
)
