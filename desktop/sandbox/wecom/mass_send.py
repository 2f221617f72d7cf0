"""Mass messages: a call creates a task, staff confirm it by hand, results follow per recipient."""

import calendar
import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.content import message_content
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal

MOST_CUSTOMERS = 10_000
MOST_GROUPS = 2_000
REMINDERS_PER_DAY = 3
DAY = 86_400
SHOP_ZONE = datetime.timezone(datetime.timedelta(hours=8))
UNSENT, SENT, NOT_A_FRIEND, OVER_LIMIT = 0, 1, 2, 3


@dataclass(slots=True)
class Share:
    """What one member of staff has to confirm of a task."""

    userid: str
    targets: list[int]  # customer numbers, or group numbers
    confirmed_at: int | None = None
    results: list[int] = field(default_factory=list)


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
    by_staff: dict[str, list[int]] = {}
    seen: set[int] = set()
    for index, relation in corp.people.scan(0, userids):
        if index not in seen and all(not tags.isdisjoint(relation.tag_ids) for tags in tag_lists):
            seen.add(index)
            by_staff.setdefault(relation.userid, []).append(index)
    return [Share(userid, targets) for userid, targets in by_staff.items()]


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
            share.results = [
                _deliver(corp, task, share, target) if at < picked else UNSENT
                for at, target in enumerate(share.targets)
            ]
            dealt += picked
    return dealt


def _deliver(corp: Corp, task: Task, share: Share, target: int) -> int:
    if task.chat_type == "group":
        if corp.groups.rows[target].dismissed:
            return NOT_A_FRIEND
    else:
        relation = corp.people.live(target, share.userid)
        if relation is None or relation.one_way:
            return NOT_A_FRIEND
    times = corp.shelf(MassSends).received.setdefault((task.chat_type, target), [])
    now = corp.now()
    if _over_limit(corp, times, now):
        return OVER_LIMIT
    times.append(now)
    return SENT


def _over_limit(corp: Corp, times: list[int], now: int) -> bool:
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


def _settled(corp: Corp, task: Task) -> bool:
    return corp.clock.seconds() >= task.created_at + corp.settings.settle_s


def _catch_up(corp: Corp) -> None:
    wait = corp.settings.auto_confirm_s
    if wait is not None:
        for task in corp.shelf(MassSends).tasks:
            if corp.clock.seconds() >= task.created_at + wait:
                confirm(corp, task)


# reading back -------------------------------------------------------------------------------------------


def get_groupmsg_list_v2(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Tasks created in a window of at most a month, newest first."""
    chat_type = args.text("chat_type")
    start, end = args.number("start_time"), args.number("end_time")
    if chat_type not in ("single", "group") or end < start or end - start > 31 * DAY:
        raise Refusal(40058)
    creator = args.optional_text("creator")
    filter_type = args.number("filter_type", 2)
    _catch_up(corp)
    rows = list(_listed(corp, chat_type, start, end, creator, filter_type))
    if any(not _settled(corp, task) for task in rows):
        raise Refusal(41063)
    listing = f"mass:{chat_type}:{start}:{end}:{creator}:{filter_type}"
    page, following = corp.page(listing, rows, args, args.limit(50, 100))
    return {"group_msg_list": [_shown(task) for task in page], "next_cursor": following}


def _listed(
    corp: Corp, chat_type: str, start: int, end: int, creator: str, filter_type: int
) -> Iterator[Task]:
    visible_until = corp.clock.seconds() - corp.settings.listing_lag_s
    for task in reversed(corp.shelf(MassSends).tasks):
        personal = task.creator is not None
        if (
            task.chat_type == chat_type
            and start <= task.created_at <= end
            and task.created_at <= visible_until
            and (filter_type == 2 or personal == (filter_type == 1))
            and (not creator or task.creator == creator)
        ):
            yield task


def _shown(task: Task) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "msgid": task.msgid,
        "create_time": task.created_at,
        "create_type": 0 if task.creator is None else 1,
        "attachments": task.attachments,
    }
    if task.creator is not None:
        answer["creator"] = task.creator
    if task.text is not None:
        answer["text"] = task.text
    return answer


def _task(corp: Corp, args: Arguments) -> Task:
    task = corp.shelf(MassSends).find(args.text("msgid", missing=41046).strip())
    if task is None:
        raise Refusal(41047)
    return task


def get_groupmsg_task(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Which staff confirmed: status 0 or 2."""
    task = _task(corp, args)
    if not _settled(corp, task):
        raise Refusal(41063)
    _catch_up(corp)
    rows = []
    for share in task.shares:
        row: dict[str, Any] = {"userid": share.userid, "status": 0 if share.confirmed_at is None else 2}
        if share.confirmed_at is not None:
            row["send_time"] = share.confirmed_at
        rows.append(row)
    page, following = corp.page(f"task:{task.msgid}", rows, args, args.limit(500, 1000))
    return {"task_list": page, "next_cursor": following}


def get_groupmsg_send_result(corp: Corp, args: Arguments) -> dict[str, Any]:
    """What became of each recipient of one member of staff; group tasks list only sent ones."""
    task = _task(corp, args)
    userid = corp.member(args.text("userid", missing=41009)).userid
    if not _settled(corp, task):
        raise Refusal(41063)
    _catch_up(corp)
    share = next((share for share in task.shares if share.userid == userid), None)
    rows: list[tuple[int, int]] = []
    if share is not None:
        results = share.results or [UNSENT] * len(share.targets)
        rows = list(zip(share.targets, results, strict=True))
    if task.chat_type == "group":
        rows = [row for row in rows if row[1] == SENT]
    page, following = corp.page(f"result:{task.msgid}:{userid}", rows, args, args.limit(500, 1000))
    sent_at = share.confirmed_at if share is not None else None
    return {
        "send_list": [_result(corp, task, userid, target, status, sent_at) for target, status in page],
        "next_cursor": following,
    }


def _result(
    corp: Corp, task: Task, userid: str, target: int, status: int, sent_at: int | None
) -> dict[str, Any]:
    if task.chat_type == "group":
        row: dict[str, Any] = {"chat_id": corp.groups.rows[target].chat_id}
    else:
        row = {"external_userid": corp.people.external_userid(target)}
    row |= {"userid": userid, "status": status}
    if status == SENT:
        row["send_time"] = sent_at
    return row


def remind_groupmsg_send(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Remind staff; three times in 24 hours."""
    task = _task(corp, args)
    if task.cancelled:
        raise Refusal(41093)
    now = corp.now()
    task.reminders = [at for at in task.reminders if at > now - DAY]
    if len(task.reminders) >= REMINDERS_PER_DAY:
        raise Refusal(41094)
    task.reminders.append(now)
    return {}


def cancel_groupmsg_send(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Cancel what is not sent yet."""
    task = _task(corp, args)
    if task.cancelled:
        raise Refusal(41093)
    task.cancelled = True
    return {}


def retired(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Old paths that were taken out of service."""
    raise Refusal(48005)


_P = "externalcontact/"
ENDPOINTS = (
    Endpoint(_P + "add_msg_template", add_msg_template, "POST", {"fail_list": []}, write=True),
    Endpoint(_P + "get_groupmsg_list_v2", get_groupmsg_list_v2, "POST", {"group_msg_list": []}),
    Endpoint(_P + "get_groupmsg_task", get_groupmsg_task, "POST", {"task_list": []}),
    Endpoint(_P + "get_groupmsg_send_result", get_groupmsg_send_result, "POST", {"send_list": []}),
    Endpoint(_P + "remind_groupmsg_send", remind_groupmsg_send, write=True),
    Endpoint(_P + "cancel_groupmsg_send", cancel_groupmsg_send, write=True),
    Endpoint(_P + "get_groupmsg_list", retired),
    Endpoint(_P + "get_group_msg_result", retired),
)
