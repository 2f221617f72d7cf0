"""What a small corp has at WeCom: staff, customers, tags, groups, and the tasks that were made. Plain data."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

NAMES = ["小满", "阿青", "老周", "豆豆", "青禾", "木子", "晓峰", "燕子", "大川", "小鱼", "阿宁", "果果"]
TAGS = ("老客", "团购", "水果", "海鲜")


@dataclass
class Follow:
    """One staff member's view of a customer."""

    remark: str
    created_s: int
    tags: list[str] = field(default_factory=list)
    description: str = ""
    mobiles: list[str] = field(default_factory=list)


@dataclass
class Chat:
    """A customer group."""

    name: str
    owner: str
    created_s: int
    members: list[str] = field(default_factory=list)


@dataclass
class Task:
    """A mass send as the platform keeps it."""

    msgid: str
    made_ms: int
    shown_ms: int
    chat_type: str
    text: str
    kinds: tuple[str, ...]
    targets: tuple[str, ...]
    sender: str
    refused: tuple[str, ...] = ()
    confirmed: dict[str, int] = field(default_factory=dict)
    is_stopped: bool = False
    is_ours: bool = True  # False: another computer made it


@dataclass
class Moment:
    """A moment: handed over as a job, published by staff."""

    moment: str
    job: str
    made_ms: int
    shown_ms: int
    text: str
    pictures: int
    staff: tuple[str, ...]
    published: list[str] = field(default_factory=list)
    is_stopped: bool = False


@dataclass
class Way:
    """A way in: of staff (contact) or into groups (join), as the platform keeps it."""

    kind: str
    fields: dict[str, Any]
    state: str
    shown_ms: int


@dataclass
class Message:
    """One message at the service desk; `failed` names the reply of ours that did not arrive."""

    msgid: str
    who: str
    at_s: int
    text: str = ""
    failed: str = ""


class Corp:
    """The corp's facts, and the changes that people make at the platform."""

    def __init__(self, chance: random.Random, now_s: int) -> None:
        self.staff = ["ann", "bob"]
        self.names: dict[str, str] = {}
        self.follows: dict[tuple[str, str], Follow] = {}
        self.tags: dict[str, str] = {f"et{n}": name for n, name in enumerate(TAGS, 1)}
        self.chats: dict[str, Chat] = {}
        self.tag_groups = {"eg1": "客户"}
        self.group_of = dict.fromkeys(self.tags, "eg1")
        self.tasks: list[Task] = []
        self.moments: list[Moment] = []
        self.ways: dict[str, Way] = {}
        self.welcomes: dict[str, tuple[str, bool]] = {}
        self.messages: list[Message] = []
        self.replies: dict[str, tuple[str, str]] = {}  # msgid to who and what
        self.reminders: dict[str, int] = {}
        self._made = 0
        for _ in range(chance.randint(4, 9)):
            self.meet(chance, now_s - chance.randint(1, 400) * 86_400)
        for n in range(1, 4):
            owner = chance.choice(self.staff)
            members = [who for who in self.names if chance.random() < 0.5]
            self.chats[f"wr{n}"] = Chat(f"吃货{n}群", owner, now_s - n * 86_400, members)

    def meet(self, chance: random.Random, now_s: int) -> str:
        """Somebody new scans a code."""
        self._made += 1
        who = f"wm{self._made}"
        self.names[who] = f"{chance.choice(NAMES)}{self._made}"
        for staff in chance.sample(self.staff, chance.choice((1, 1, 2))):
            self.follows[staff, who] = Follow(f"备注{self._made}", now_s, self.some_tags(chance))
        return who

    def some_tags(self, chance: random.Random) -> list[str]:
        return sorted(chance.sample(sorted(self.tags), chance.randint(0, min(2, len(self.tags)))))

    def change(self, chance: random.Random, now_s: int) -> str:
        """Somebody does something at the platform; what, for the trace."""
        what = chance.choice(
            ["meet", "leave", "rename", "remark", "tag", "chat", "member", "retag", "ask", "ask"]
        )
        pairs = sorted(self.follows)
        if what == "meet" and len(self.names) < 14:
            return f"meet {self.meet(chance, now_s)}"
        if what == "leave" and len(pairs) > 3:
            staff, who = chance.choice(pairs)
            del self.follows[staff, who]
            return f"leave {staff} {who}"
        if what == "rename":
            who = chance.choice(sorted(self.names))
            self.names[who] = f"{chance.choice(NAMES)}{chance.randint(10, 99)}"
            return f"rename {who}"
        if what in ("remark", "tag"):
            follow = self.follows[chance.choice(pairs)]
            if what == "remark":
                follow.remark = f"备注{chance.randint(100, 999)}"
            else:
                follow.tags = self.some_tags(chance)
            return what
        if what == "retag" and self.tags:
            tag = chance.choice(sorted(self.tags))
            self.tags[tag] = f"{chance.choice(TAGS)}{chance.randint(1, 99)}"
            return f"retag {tag}"
        if what == "ask":
            who = chance.choice(sorted(self.names))
            number = len(self.messages) + 1
            self.messages.append(Message(f"in{number}", who, now_s, f"在吗{number}"))
            return f"ask {who}"
        chat = self.chats[chance.choice(sorted(self.chats))]
        if what == "chat":
            chat.name = f"群{chance.randint(1, 99)}"
        else:
            chat.members = [who for who in self.names if chance.random() < 0.5]
        return what

    def confirm(self, chance: random.Random, now_ms: int) -> str:
        """A staff member presses send on the phone, or publishes a moment."""
        unseen = [m for m in self.moments if not m.is_stopped and len(m.published) < len(m.staff)]
        if unseen and chance.random() < 0.4:
            moment = chance.choice(unseen)
            moment.published.append(next(one for one in moment.staff if one not in moment.published))
            return moment.moment
        waiting = [task for task in self.tasks if not task.confirmed and not task.is_stopped]
        if not waiting:
            return "nothing"
        task = chance.choice(waiting)
        for staff in self.senders(task):
            task.confirmed[staff] = now_ms // 1000
        return task.msgid

    def senders(self, task: Task) -> list[str]:
        """The staff whose phones show a task."""
        if task.sender:
            return [task.sender]
        return [s for s in self.staff if any((s, who) in self.follows for who in task.targets)] or ["ann"]

    def facts(self) -> dict[str, Any]:
        """Everything a complete pull has to bring, in a form to compare."""
        return {
            "names": {who: self.names[who] for _, who in self.follows},
            "follows": {
                (staff, who): (f.remark, f.description, tuple(f.mobiles), tuple(sorted(f.tags)))
                for (staff, who), f in self.follows.items()
            },
            "tags": {tag: (name, self.tag_groups[self.group_of[tag]]) for tag, name in self.tags.items()},
            "groups": {
                i: (c.name, c.owner, tuple(sorted({*c.members, c.owner}))) for i, c in self.chats.items()
            },
        }
