"""The part of the small WeCom that takes mass sends, lists them, and tells what became of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.simulator.shop_world import Task
from tests.simulator.world import Effect, Fields

if TYPE_CHECKING:
    from tests.simulator.wecom import WeCom

NUMBER = re.compile(r"^第(\d+)号")
MEDIA_LIFE_MS = 3 * 86_400_000


class Tasks:
    """Answers requests about pictures and tasks."""

    def __init__(self, wecom: WeCom) -> None:
        self._wecom, self._corp = wecom, wecom.corp
        self.paths: dict[str, Callable[[Fields], Fields]] = {
            "externalcontact/add_msg_template": self._make_task,
            "externalcontact/get_groupmsg_list_v2": self._list_tasks,
            "externalcontact/get_groupmsg_task": self._task_staff,
            "externalcontact/get_groupmsg_send_result": self._task_results,
            "media/upload": self._upload,
            "media/upload_attachment": self._upload,
        }

    def _upload(self, asked: Fields) -> Fields:
        media_id = f"media{self._wecom.number()}"
        self._wecom.media[media_id] = self._wecom.line.true_ms() + MEDIA_LIFE_MS
        return {
            "type": "image",
            "media_id": media_id,
            "created_at": str(self._wecom.line.true_ms() // 1000),
        }

    def _make_task(self, asked: Fields) -> Fields:
        attachments = asked.get("attachments") or []
        for attachment in attachments:
            if self._wecom.media.get(attachment["image"]["media_id"], 0) <= self._wecom.line.true_ms():
                return self._wecom.refusal(40007)
        targets = asked.get("external_userid") or asked.get("chat_id_list") or []
        known = [
            t for t in targets if t in self._corp.chats or any(who == t for _, who in self._corp.follows)
        ]
        if not known:
            return self._wecom.refusal(41048)
        refused = tuple(t for t in targets if t not in known)
        if self._wecom.moods.refuses_some and len(known) > 1:
            refused += (known[0],)
        now = self._wecom.line.true_ms()
        task = Task(
            f"msg{len(self._corp.tasks) + 1}",
            now,
            now + self._wecom.moods.lag_ms,
            asked.get("chat_type", "single"),
            (asked.get("text") or {}).get("content", ""),
            tuple(a["msgtype"] for a in attachments),
            tuple(t for t in targets if t not in refused),
            asked.get("sender", ""),
            refused,
        )
        self._corp.tasks.append(task)
        self._wecom.executed(effect_of(task))
        return {"msgid": task.msgid, "fail_list": list(refused)}

    def _list_tasks(self, asked: Fields) -> Fields:
        now = self._wecom.line.true_ms()
        rows: list[Any] = [
            {
                "msgid": task.msgid,
                "create_time": task.made_ms // 1000,
                "create_type": 0,
                "text": {"content": task.text},
                "attachments": [{"msgtype": kind} for kind in task.kinds],
            }
            for task in self._corp.tasks
            if task.chat_type == asked["chat_type"]
            and asked["start_time"] <= task.made_ms // 1000 <= asked["end_time"]
            and task.shown_ms <= now
        ]
        if self._wecom.moods.odd_rows:
            rows.append({"msgid": "", "create_time": now // 1000})
        page, cursor = self._wecom.steady_page("tasks", rows, asked)
        return {"group_msg_list": page, "next_cursor": cursor}

    def _task_staff(self, asked: Fields) -> Fields:
        task = self._wecom.task(asked["msgid"])
        if task is None:
            return self._wecom.refusal(41046)
        if task.shown_ms > self._wecom.line.true_ms():
            return self._wecom.refusal(41063)
        rows = [
            {"userid": staff, "status": 2, "send_time": task.confirmed[staff]}
            if staff in task.confirmed
            else {"userid": staff, "status": 0}
            for staff in self._corp.senders(task)
        ]
        page, cursor = self._wecom.page_of("staff", rows, asked)
        return {"task_list": page, "next_cursor": cursor}

    def _task_results(self, asked: Fields) -> Fields:
        task = self._wecom.task(asked["msgid"])
        if task is None:
            return self._wecom.refusal(41047)
        name = "chat_id" if task.chat_type == "group" else "external_userid"
        rows = [
            {
                name: target,
                "userid": asked["userid"],
                "status": 2 if target in self._corp.names and not self._is_friend(target) else 1,
                "send_time": task.confirmed.get(asked["userid"], 0),
            }
            for target in task.targets
        ]
        page, cursor = self._wecom.page_of("results", rows, asked)
        return {"send_list": page, "next_cursor": cursor}

    def _is_friend(self, who: str) -> bool:
        return any(one == who for _, one in self._corp.follows)


def effect_of(task: Task) -> Effect:
    """What making a task does."""
    number = NUMBER.match(task.text)
    what = number[0] if number else task.text
    said = f"{task.msgid} {task.text} -> {','.join(task.targets)}"
    return Effect(said, task.msgid, tuple((what, target) for target in task.targets))
