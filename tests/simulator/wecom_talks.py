"""The part of the small WeCom that staff and customers talk through: moments, reminders, the service desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.simulator.shop_world import Message, Moment
from tests.simulator.wecom_tasks import effect_of
from tests.simulator.world import Effect, Fields

if TYPE_CHECKING:
    from tests.simulator.wecom import WeCom

DESK = "wk1"
DAY_MS = 86_400_000
KEPT_S = 3 * 86_400
PAGE = 3
REPLIES_EACH = 5
FAILS = 0.15  # of all replies do not arrive


class Talks:
    """Answers requests about moments, open tasks and talks."""

    def __init__(self, wecom: WeCom) -> None:
        self._wecom, self._corp = wecom, wecom.corp
        self.paths: dict[str, Callable[[Fields], Fields]] = {
            "externalcontact/add_moment_task": self._make_moment,
            "externalcontact/get_moment_task_result": self._job,
            "externalcontact/get_moment_list": self._moments,
            "externalcontact/get_moment_task": self._publishing,
            "externalcontact/get_moment_send_result": lambda asked: {"customer_list": []},
            "externalcontact/get_moment_comments": lambda asked: {"like_list": [], "comment_list": []},
            "externalcontact/cancel_moment_task": self._stop_moment,
            "externalcontact/remind_groupmsg_send": self._remind,
            "externalcontact/cancel_groupmsg_send": self._stop_task,
            "kf/account/list": self._desks,
            "kf/sync_msg": self._messages,
            "kf/send_msg": self._send,
            "kf/customer/batchget": self._people,
            "kf/service_state/get": lambda asked: {"service_state": 0},
        }

    # -- moments

    def _make_moment(self, asked: Fields) -> Fields:
        attachments = asked.get("attachments") or []
        now = self._wecom.line.true_ms()
        if any(self._wecom.media.get(a["image"]["media_id"], 0) <= now for a in attachments):
            return self._wecom.refusal(40007)
        number = self._wecom.number()
        staff = tuple(asked["visible_range"]["sender_list"]["user_list"])
        text = (asked.get("text") or {}).get("content", "")
        shown = now + self._wecom.moods.lag_ms
        moment = Moment(f"mom{number}", f"job{number}", now, shown, text, len(attachments), staff)
        self._corp.moments.append(moment)
        once = tuple((f"moment {text}", one) for one in staff)
        self._wecom.executed(Effect(f"{moment.moment} {text} -> {','.join(staff)}", moment.moment, once))
        return {"jobid": moment.job}

    def _found(self, asked: Fields) -> Moment | None:
        return next((one for one in self._corp.moments if one.moment == asked["moment_id"]), None)

    def _job(self, asked: Fields) -> Fields:
        moment = next((one for one in self._corp.moments if one.job == asked["jobid"]), None)
        if moment is None or moment.made_ms + DAY_MS < self._wecom.line.true_ms():
            return self._wecom.refusal(40201)
        if moment.shown_ms > self._wecom.line.true_ms():
            return {"status": 2}
        return {"status": 3, "result": {"errcode": 0, "errmsg": "ok", "moment_id": moment.moment}}

    def _moments(self, asked: Fields) -> Fields:
        now = self._wecom.line.true_ms()
        rows: list[Any] = [
            {
                "moment_id": one.moment,
                "creator": "",
                "create_time": one.made_ms // 1000,
                "create_type": 0,
                "text": {"content": one.text},
                "image": [{"media_id": f"p{n}"} for n in range(one.pictures)],
            }
            for one in self._corp.moments
            if asked["start_time"] <= one.made_ms // 1000 <= asked["end_time"] and one.shown_ms <= now
        ]
        if self._wecom.moods.odd_rows:
            rows.append({"create_time": now // 1000})
        page, cursor = self._wecom.steady_page("moments", rows, asked)
        return {"moment_list": page, "next_cursor": cursor}

    def _publishing(self, asked: Fields) -> Fields:
        moment = self._found(asked)
        if moment is None:
            return self._wecom.refusal(41060)
        rows: list[Any] = [
            {"userid": one, "publish_status": int(one in moment.published)} for one in moment.staff
        ]
        page, cursor = self._wecom.steady_page("publishing", rows, asked)
        return {"task_list": page, "next_cursor": cursor}

    def _stop_moment(self, asked: Fields) -> Fields:
        moment = self._found(asked)
        if moment is None or moment.is_stopped:
            return self._wecom.refusal(41067)
        moment.is_stopped = True
        self._wecom.executed(Effect(f"{moment.moment} is stopped"))
        return {}

    # -- tasks that wait for staff

    def _remind(self, asked: Fields) -> Fields:
        task = self._wecom.task(asked["msgid"])
        if task is None or task.is_stopped:
            return self._wecom.refusal(41047)
        count = self._corp.reminders.get(task.msgid, 0) + 1
        self._corp.reminders[task.msgid] = count
        self._wecom.executed(Effect(f"reminder {count} of {task.msgid}"))
        return {}

    def _stop_task(self, asked: Fields) -> Fields:
        task = self._wecom.task(asked["msgid"])
        if task is None:
            return self._wecom.refusal(41047)
        if task.is_stopped:
            return self._wecom.refusal(41093)
        task.is_stopped = True
        undone = () if task.confirmed else effect_of(task).once
        self._wecom.executed(Effect(f"{task.msgid} is stopped", undone=undone))
        return {}

    # -- the service desk

    def _desks(self, asked: Fields) -> Fields:
        row = {"open_kfid": DESK, "name": "客服", "manage_privilege": True}
        return {"account_list": [row] if not asked.get("offset") else []}

    def _messages(self, asked: Fields) -> Fields:
        oldest = self._wecom.line.true_ms() // 1000 - KEPT_S
        at = int(asked.get("cursor") or 0)
        rows = [(n, one) for n, one in enumerate(self._corp.messages[at:], at + 1) if one.at_s >= oldest]
        page = rows[:PAGE]
        last = page[-1][0] if page else len(self._corp.messages)
        entries = [self._entry(one) for _, one in page]
        return {"msg_list": entries, "next_cursor": str(last), "has_more": int(len(rows) > PAGE)}

    def _entry(self, one: Message) -> Fields:
        entry: Fields = {"msgid": one.msgid, "open_kfid": DESK, "send_time": one.at_s}
        if one.failed:
            event = {"event_type": "msg_send_fail", "open_kfid": DESK, "external_userid": one.who}
            told = event | {"fail_msgid": one.failed, "fail_type": 4}
            return entry | {"msgtype": "event", "origin": 4, "event": told}
        words = {"msgtype": "text", "text": {"content": one.text}}
        return entry | {"external_userid": one.who, "origin": 3} | words

    def _send(self, asked: Fields) -> Fields:
        msgid, who = asked["msgid"], asked["touser"]
        if msgid in self._corp.replies:  # taken once; what is said then is not documented
            told = self._wecom.chance.choice((0, 40058, 95099))
            return self._wecom.refusal(told) if told else {"msgid": msgid}
        asks = [one.at_s for one in self._corp.messages if one.who == who and one.text]
        now_s = self._wecom.line.true_ms() // 1000
        if not asks or now_s - max(asks) > 48 * 3600:
            return self._wecom.refusal(95018)
        text = (asked.get("text") or {}).get("content", "")
        self._corp.replies[msgid] = (who, text)
        self._wecom.executed(Effect(f"reply {text} -> {who}", msgid, ((text, who),)))
        if self._wecom.chance.random() < FAILS:
            number = len(self._corp.messages) + 1
            self._corp.messages.append(Message(f"ev{number}", who, now_s, failed=msgid))
        return {"msgid": msgid}

    def _people(self, asked: Fields) -> Fields:
        rows = [
            {"external_userid": who, "nickname": self._corp.names[who]}
            for who in asked["external_userid_list"]
            if who in self._corp.names
        ]
        return {"customer_list": rows, "invalid_external_userid": []}
