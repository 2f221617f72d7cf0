"""Conversations: what fans wrote, which windows that opened, what was answered, who agreed to be written to."""

from dataclasses import dataclass, field

from desktop.sandbox.douyin.account import Account, Doc
from desktop.sandbox.douyin.groups import Sent

QUESTIONS = ("还有货吗", "快递到哪了", "有没有低糖的", "能开发票吗", "什么时候上新", "想团购20箱怎么下单")


@dataclass(slots=True)
class Opening:
    """Something a fan did that lets the account write: a message, or opening the chat page."""

    msg_id: str
    at: float
    entered: bool = False
    sent: int = 0
    media_type: str = ""


@dataclass(slots=True)
class Talk:
    """The conversation with one fan."""

    fan: int
    conversation_id: str
    openings: list[Opening] = field(default_factory=list)


@dataclass(slots=True)
class Consent:
    """A fan agreed to be written to first."""

    open_id: str
    made_at: float
    until: float
    last_day: int = -1


class Talks:
    """All conversations, consents and sent messages, and the log of what fans did."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.rows: dict[int, Talk] = {}
        self.sent: list[Sent] = []
        self.consents: dict[str, Consent] = {}
        self.log: list[tuple[float, str, str, Doc]] = []  # at, event, open_id, the whole event

    def talk(self, fan: int) -> Talk:
        """The conversation with a fan, begun if need be."""
        if fan not in self.rows:
            ident = self._account.sealed(b"dy-conv", fan)
            self.rows[fan] = Talk(fan, ident)
        return self.rows[fan]

    def opening(self, msg_id: str) -> tuple[Talk, Opening] | None:
        """The conversation and the thing a message id stands for."""
        for talk in self.rows.values():
            for opening in talk.openings:
                if opening.msg_id == msg_id:
                    return talk, opening
        return None
