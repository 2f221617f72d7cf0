"""Mass messages, the writing side: a call creates a task, staff confirm it by hand."""

import calendar
import datetime
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.content import message_content
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.habits import habit

MOST_CUSTOMERS = 10_000
MOST_GROUPS = 2_000
DAY = 86_400
SHOP_ZONE = datetime.timezone(datetime.timedelta(hours=8))
UNSENT, SENT, NOT_A_FRIEND, OVER_LIMIT = 0, 1, 2, 3


@dataclass(slots=True)
class Share:
    """What one member of staff has to confirm of a task."""

    userid: str
    targets: Sequence[int]  # customer numbers, or group numbers
    confirmed_at: int | None = None
    results: Sequence[int] = ()


@dataclass(slots=True)
class Task:
    """One mass message."""

    number: int
    msgid: str
    app: str
    chat_type: str
    created_at: int
    text: dict[str, str] | None
    attachments: list[dict[str, Any]]
    shares: list[Share]
    fail_list: list[str]
    received: str
    creator: str | None = None  # a member of staff for messages made in the client
    cancelled: bool = False
    reminders: list[int] = field(default_factory=list)


class MassSends:
    """All tasks, and when each customer or group last received mass messages."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.received: dict[tuple[str, int], list[int]] = {}

    def find(self, msgid: str) -> Task | None:
        """The task with this id."""
        return next((task for task in self.tasks if task.msgid == msgid), None)


def add_msg_template(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Create a task; unreachable customers come back in fail_list."""
    chat_type = args.optional_text("chat_type", "single") or "single"
    if chat_type not in ("single", "group"):
        raise Refusal(40058)
    text, attachments = message_content(corp, args)
    shares, failed = _single(corp, args) if chat_type == "single" else _group(corp, args)
    if not any(share.targets for share in shares):
        raise Refusal(41048)
    book = corp.shelf(MassSends)
    number = len(book.tasks)
    task = Task(
        number=number,
        msgid=corp.chance.ident("msg", b"mass", number),
        app=corp.app,
        chat_type=chat_type,
        created_at=corp.now(),
        text=text,
        attachments=attachments,
        shares=shares,
        fail_list=failed,
        received=args.raw.decode("utf-8", "backslashreplace"),
    )
    book.tasks.append(task)
    if corp.settings.staff_habits:
        book_habits(corp, task)
    return {"fail_list": failed, "msgid": task.msgid}


def _single(corp: Corp, args: Arguments) -> tuple[list[Share], list[str]]:
    listed = args.texts("external_userid", most=MOST_CUSTOMERS)
    sender = args.optional_text("sender")
    only = corp.member(sender).userid if sender else None
    if not listed:
        if only is None and not args.has("tag_filter"):
            raise Refusal(40063)
        return _everybody(corp, only, _tag_lists(args)), []
    by_staff: dict[str, list[int]] = {}
    failed: list[str] = []
    for external in dict.fromkeys(listed):
        index = corp.people.index_of(external.strip())
        owner = _owner(corp, index, only) if index is not None else None
        if index is None or owner is None:
            failed.append(external)
        else:
            by_staff.setdefault(owner, []).append(index)
    return [Share(userid, targets) for userid, targets in by_staff.items()], failed


def _owner(corp: Corp, index: int, only: str | None) -> str | None:
    rows = [row for row in corp.people.relations(index).values() if not row.gone]
    if only is not None:
        rows = [row for row in rows if row.userid == only]
    return max(rows, key=lambda row: row.createtime).userid if rows else None


def _tag_lists(args: Arguments) -> list[set[str]]:
    lists = [
        Arguments(row).texts("tag_list", most=100) for row in args.part("tag_filter").rows("group_list")
    ]
    return [set(row) for row in lists if row]


def _everybody(corp: Corp, only: str | None, tag_lists: list[set[str]]) -> list[Share]:
    userids = {only} if only else {person.userid for person in corp.visible_staff()}
    live = corp.tags.live_names()
    if any(ident not in live for tags in tag_lists for ident in tags):
        raise Refusal(40068)
    by_staff: dict[str, array[int]] = {}
    last = -1
    for index, userid in _matching(corp, userids, tag_lists):
        if index != last:  # a customer of two staff gets it once
            by_staff.setdefault(userid, array("I")).append(index)
        last = index
    return [Share(userid, targets) for userid, targets in by_staff.items()]


def _matching(corp: Corp, userids: set[str], tag_lists: list[set[str]]) -> Iterator[tuple[int, str]]:
    if not tag_lists:
        yield from corp.people.followed(userids)
        return
    for index, relation in corp.people.scan(0, userids):
        if all(not tags.isdisjoint(relation.tag_ids) for tags in tag_lists):
            yield index, relation.userid


def _group(corp: Corp, args: Arguments) -> tuple[list[Share], list[str]]:
    sender = corp.member(args.text("sender")).userid
    wanted = args.texts("chat_id_list", most=MOST_GROUPS)
    failed: list[str] = []
    targets: list[int] = []
    if wanted:
        for chat_id in dict.fromkeys(wanted):
            group = corp.groups.get(chat_id)
            if group is None or group.dismissed or group.owner != sender:
                failed.append(chat_id)
            else:
                targets.append(group.number)
    else:
        targets = [row.number for row in corp.groups.rows if row.owner == sender and not row.dismissed]
    return [Share(sender, targets)], failed


# the staff's side ------------------------------------------------------------------------------------


def confirm(corp: Corp, task: Task, userid: str | None = None, fraction: float = 1.0) -> int:
    """Staff press send: results are settled now. Returns how many messages were dealt with."""
    dealt = 0
    for share in task.shares:
        if share.confirmed_at is None and not task.cancelled and userid in (None, share.userid):
            share.confirmed_at = corp.now()
            picked = round(len(share.targets) * fraction)
            share.results = bytearray(
                _deliver(corp, task, share, target) if at < picked else UNSENT
                for at, target in enumerate(share.targets)
            )
            dealt += picked
    return dealt


def _deliver(corp: Corp, task: Task, share: Share, target: int) -> int:
    if task.chat_type == "group":
        if corp.groups.rows[target].dismissed:
            return NOT_A_FRIEND
    elif not corp.people.reachable(target, share.userid):
        return NOT_A_FRIEND
    times = corp.shelf(MassSends).received.setdefault((task.chat_type, target), [])
    now = corp.now()
    if _over_limit(corp, times, now):
        return OVER_LIMIT
    times.append(now)
    return SENT


def _over_limit(corp: Corp, times: list[int], now: int) -> bool:
    if not times:
        return False
    today = datetime.datetime.fromtimestamp(now, SHOP_ZONE)
    month_days = calendar.monthrange(today.year, today.month)[1]
    days = [datetime.datetime.fromtimestamp(at, SHOP_ZONE) for at in times]
    if sum(1 for day in days if (day.year, day.month) == (today.year, today.month)) >= month_days:
        return True
    per_day, per_week = corp.settings.per_day, corp.settings.per_week
    if per_day and sum(1 for day in days if day.date() == today.date()) >= per_day:
        return True
    return (
        bool(per_week)
        and sum(1 for day in days if day.isocalendar()[:2] == today.isocalendar()[:2]) >= per_week
    )


def book_habits(corp: Corp, task: Task) -> None:
    """Let each member of staff confirm by habit: soon, late or never."""
    for share in task.shares:
        wait = habit(corp, f"{task.msgid}:{share.userid}")
        if wait is not None and share.confirmed_at is None:
            corp.later(task.created_at + wait, lambda who=share.userid: confirm(corp, task, who))  # type: ignore[misc]


_P = "externalcontact/"
ENDPOINTS = (Endpoint(_P + "add_msg_template", add_msg_template, "POST", {"fail_list": []}, write=True),)
