"""Mass messages, the reading side: listing, who confirmed, what became of each recipient; reminders."""

from collections.abc import Iterator, Sequence
from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.mass_send import SENT, UNSENT, MassSends, Share, Task, confirm

DAY = 86_400
REMINDERS_PER_DAY = 3


def _settled(corp: Corp, task: Task) -> bool:
    return corp.seconds() >= task.created_at + corp.settings.settle_s


def _catch_up(corp: Corp) -> None:
    wait = corp.settings.auto_confirm_s
    if wait is not None:
        for task in corp.shelf(MassSends).tasks:
            if corp.seconds() >= task.created_at + wait:
                with corp.as_of(task.created_at + wait):
                    confirm(corp, task)


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
    return {"group_msg_list": [_shown(corp, task) for task in page], "next_cursor": following}


def _listed(
    corp: Corp, chat_type: str, start: int, end: int, creator: str, filter_type: int
) -> Iterator[Task]:
    visible_until = corp.seconds() - corp.settings.listing_lag_s
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


def _shown(corp: Corp, task: Task) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "msgid": task.msgid,
        "create_time": corp.listed_time(task.created_at),
        "create_type": 0 if task.creator is None else 1,
        "attachments": [_shown_attachment(row) for row in task.attachments],
    }
    if task.creator is not None:
        answer["creator"] = task.creator
    if task.text is not None:
        answer["text"] = task.text
    return answer


def _shown_attachment(row: dict[str, Any]) -> dict[str, Any]:
    """A picture is read back with an address beside its media id."""
    image = row.get("image")
    if not isinstance(image, dict) or "pic_url" in image or "media_id" not in image:
        return row
    url = f"https://wework.qpic.cn/wwpic/{image['media_id'][:20]}/0"
    return {**row, "image": {**image, "pic_url": url}}


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
    places = _places(task, share)
    page, following = corp.page(f"result:{task.msgid}:{userid}", places, args, args.limit(500, 1000))
    return {
        "send_list": [] if share is None else [_result(corp, task, share, place) for place in page],
        "next_cursor": following,
    }


def _places(task: Task, share: Share | None) -> Sequence[int]:
    if share is None:
        return ()
    if task.chat_type == "group":
        return [place for place, status in enumerate(share.results) if status == SENT]
    return range(len(share.targets))


def _result(corp: Corp, task: Task, share: Share, place: int) -> dict[str, Any]:
    target = share.targets[place]
    status = share.results[place] if share.results else UNSENT
    if task.chat_type == "group":
        row: dict[str, Any] = {"chat_id": corp.groups.rows[target].chat_id}
    else:
        row = {"external_userid": corp.people.external_userid(target)}
    row |= {"userid": share.userid, "status": status}
    if status == SENT:
        row["send_time"] = share.confirmed_at
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
    Endpoint(_P + "get_groupmsg_list_v2", get_groupmsg_list_v2, "POST", {"group_msg_list": []}),
    Endpoint(_P + "get_groupmsg_task", get_groupmsg_task, "POST", {"task_list": []}),
    Endpoint(_P + "get_groupmsg_send_result", get_groupmsg_send_result, "POST", {"send_list": []}),
    Endpoint(_P + "remind_groupmsg_send", remind_groupmsg_send, write=True),
    Endpoint(_P + "cancel_groupmsg_send", cancel_groupmsg_send, write=True),
    Endpoint(_P + "get_groupmsg_list", retired),
    Endpoint(_P + "get_group_msg_result", retired),
)
