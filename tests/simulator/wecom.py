"""A small WeCom: answers requests in its wire format out of a corp's facts. Shares no code with adapters."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tests.simulator import wecom_truth
from tests.simulator.shop_world import Corp, Task
from tests.simulator.timeline import Timeline
from tests.simulator.wecom_edits import Edits
from tests.simulator.wecom_talks import Talks
from tests.simulator.wecom_tasks import Tasks
from tests.simulator.world import Effect, Fields, Made, PlatformWorld, Rows, Said

CORP_ID, SECRET = "ww_sim", "s3cret"
# Codes that the platform finds before it does anything, as its documents have it.
CHECKED = (
    40003, 40007, 40031, 40058, 40063, 40066, 40068, 40096, 41048, 41052, 41063, 41064, 45002, 45009,
    45033, 46004, 48001, 48002, 50001, 60011, 60020, 60111, 81013, 84061, 84074, 86001, 301002, 701008,
)  # fmt: skip
TOKEN_LIFE_S = 7_200
PAGE = 3  # small, so that a small corp has several pages
LAGS_MS = (0, 20_000, 110_000, 300_000, 600_000)
MOODS = (
    "lag", "lag", "lag", "loop", "repeat", "shuffle", "barren", "hides", "all_hidden", "drift", "odd", "refuses",
)  # fmt: skip
WRITES = (
    "externalcontact/add_msg_template", "externalcontact/add_moment_task", "externalcontact/cancel_moment_task",
    "externalcontact/remind_groupmsg_send", "externalcontact/cancel_groupmsg_send",
    "externalcontact/add_corp_tag", "externalcontact/edit_corp_tag", "externalcontact/del_corp_tag",
    "externalcontact/mark_tag", "externalcontact/remark", "externalcontact/add_contact_way",
    "externalcontact/update_contact_way", "externalcontact/del_contact_way",
    "externalcontact/groupchat/add_join_way", "externalcontact/groupchat/update_join_way",
    "externalcontact/groupchat/del_join_way", "externalcontact/group_welcome_template/add",
    "externalcontact/group_welcome_template/edit", "externalcontact/group_welcome_template/del",
    "kf/send_msg",
)  # fmt: skip


@dataclass
class Moods:
    """What is wrong with the platform's data just now; all as it should be when new."""

    lag_ms: int = 0  # a task shows in listings this much later
    paging: str = ""  # loop, repeat, shuffle, barren
    hides: float = 0.0  # share of the entities that are missing everywhere
    drift: bool = False  # fields nobody knows, values of other types
    odd_rows: bool = False  # rows of listings that cannot be used
    refuses_some: bool = False  # recipients that a task leaves out


class WeCom(PlatformWorld):
    """The platform, as `PlatformWorld` describes it."""

    name, prefix = "wecom", "/wecom/cgi-bin/"
    secrets = MappingProxyType({"corpid": CORP_ID, "corpsecret": SECRET})
    write_paths = WRITES
    trouble_paths = (
        "add_msg", "add_msg", "_way", "remark", "tag", "welcome", "kf/s", "moment", "add_", "list_v2",
        "gettoken", "", "", "by_user", "chat",
    )  # fmt: skip
    checked = CHECKED
    keys = MappingProxyType({"wecom.kf.message": "msgid"})
    never_asked = frozenset({"wecom.contact_way.add"})

    def __init__(self, line: Timeline, seed: int) -> None:
        self.line = line
        self.chance = random.Random(seed)
        self.corp = Corp(self.chance, line.true_ms() // 1000)
        self.moods = Moods()
        self.secret = SECRET
        self.token = ""
        self.token_until_ms = 0
        self.tokens_given = 0
        self.media: dict[str, int] = {}
        self.pages: dict[str, set[str]] = {}
        self.executed: Callable[[Effect], None] = lambda effect: None
        self._cursors: dict[str, tuple[list[Any], int]] = {}
        self._count = 0
        self._paths: dict[str, Callable[[Fields], Fields]] = {
            "externalcontact/get_follow_user_list": self._staff,
            "externalcontact/list": self._customer_ids,
            "externalcontact/batch/get_by_user": self._customers,
            "externalcontact/groupchat/list": self._chats,
            "externalcontact/groupchat/get": self._chat,
            "externalcontact/groupchat/statistic_group_by_day": lambda asked: {"items": []},
            "externalcontact/get_user_behavior_data": lambda asked: {"behavior_data": []},
        }
        self._paths |= Tasks(self).paths | Edits(self).paths | Talks(self).paths

    def answer(self, path: str, query: Mapping[str, str], body: bytes) -> Fields:
        """Carry out one request; the reply's fields."""
        if path == "gettoken":
            return self._gettoken(query)
        if not self.token or query.get("access_token") != self.token:
            return refusal(40014, "invalid access_token")
        if self.line.true_ms() >= self.token_until_ms:
            return refusal(42001, "access_token expired")
        work = self._paths.get(path)
        if work is None:
            return refusal(40058, "no such path")
        asked = dict(query)
        if body[:1] == b"{":
            asked |= json.loads(body)
        return {"errcode": 0, "errmsg": "ok"} | work(asked)

    # -- what a story does with it

    def begin(self, chance: random.Random) -> None:
        """Listings lag, or not."""
        self.moods.lag_ms = chance.choice(LAGS_MS)

    def refusal(self, code: int) -> Fields:
        """A reply with an error code."""
        return refusal(code, "no")

    def ghost(self, chance: random.Random) -> Fields:
        """A reply about a task that was never made."""
        return {"errcode": 0, "errmsg": "ok", "msgid": f"ghost{chance.randint(1, 10**6)}"}

    def spoilt(self, kind: str, answer: Fields) -> Fields:
        """An answer with one thing wrong."""
        if kind == "warning":
            return answer | {"errmsg": "Warning: wrong json format. ok"}
        return super().spoilt(kind, answer)

    def other_than(self, frozen: Fields, path: str, asked: Fields) -> str:
        """What a request says that was not confirmed so."""
        return wecom_truth.other_than(frozen, path, asked)

    def path_of(self, kind: str) -> str:
        """The request that a kind of write becomes."""
        return wecom_truth.PATHS[kind]

    def is_so(self, frozen: Fields) -> bool:
        """Whether a thing is now as these frozen bytes want it."""
        return wecom_truth.is_so(self.corp, frozen)

    def barred_targets(self, asked: Fields) -> list[str]:
        """People and groups a mass send goes to."""
        return (
            list(asked.get("chat_id_list") or asked.get("external_userid") or ())
            if "chat_type" in asked
            else []
        )

    def page(self, kept: str) -> set[str] | None:
        """People on the page before a cursor."""
        cursor = json.loads(kept)["cursor"]
        return self.pages.get(cursor) if cursor else None

    def said(self) -> Iterator[Said]:
        """Words of mass sends, moments, welcomes and replies."""
        yield from (Said(task.msgid, task.text) for task in self.corp.tasks if task.is_ours)
        yield from (Said(one.moment, one.text) for one in self.corp.moments)
        yield from (Said(key, text) for key, (_, text) in self.corp.replies.items())

    def change(self, chance: random.Random) -> str:
        """People do something."""
        return self.corp.change(chance, self.line.true_ms() // 1000)

    def confirm(self, chance: random.Random) -> str:
        """A staff member presses send."""
        return self.corp.confirm(chance, self.line.true_ms())

    def elsewhere(self, chance: random.Random, frozen: Fields) -> str:
        """Another computer makes the same mass send, which shows at once."""
        if not frozen["kind"].startswith("wecom.mass_send.") or "text" not in frozen["body"]:
            return ""
        now, chat_type = self.line.true_ms(), frozen["kind"].rpartition(".")[2]
        kinds = tuple(one["kind"] for one in frozen["pictures"])
        told = (
            chat_type,
            frozen["body"]["text"],
            kinds,
            tuple(frozen["targets"]),
            frozen["body"]["sender"],
        )
        self.corp.tasks.append(Task(f"msg{len(self.corp.tasks) + 1}", now, now, *told, is_ours=False))
        return self.corp.tasks[-1].msgid

    def mood(self, chance: random.Random) -> str:
        """What is wrong with the data from now on."""
        moods, name = self.moods, chance.choice(MOODS)
        if chance.random() < 0.4:
            self.moods = Moods(lag_ms=chance.choice(LAGS_MS))
            name = "well"
        elif name == "lag":
            moods.lag_ms = chance.choice(LAGS_MS)
        elif name in ("loop", "repeat", "shuffle", "barren"):
            moods.paging = name
        elif name in ("hides", "all_hidden"):
            moods.hides = 1.0 if name == "all_hidden" else 0.3
        elif name == "drift":
            moods.drift = True
        elif name == "odd":
            moods.odd_rows = True
        else:
            moods.refuses_some = True
        return name

    def turn_secret(self) -> str:
        """Refused from now on, or good again."""
        self.secret = SECRET if self.secret != SECRET else "changed"
        self.revoke_token()
        return "good" if self.secret == SECRET else "refused"

    def heal(self) -> None:
        """Everything is well."""
        self.moods = Moods()
        self.secret = SECRET

    def differences(
        self, rows: Rows, made: Made, excused: set[str]
    ) -> Iterator[tuple[str, dict[Any, Any], dict[Any, Any]]]:
        """What to compare in the end."""
        return wecom_truth.differences(self.corp, rows, made, excused, self.line.true_ms())

    def revoke_token(self) -> None:
        """The token in use is no good from now on."""
        self.token = ""

    def _gettoken(self, query: Mapping[str, str]) -> Fields:
        if query.get("corpid") != CORP_ID:
            return refusal(40013, "invalid corpid")
        if query.get("corpsecret") != self.secret or self.secret != SECRET:
            return refusal(40001, "invalid credential")
        if not self.token or self.line.true_ms() >= self.token_until_ms:
            self.tokens_given += 1
            self.token = f"token{self.tokens_given}"
            self.token_until_ms = self.line.true_ms() + TOKEN_LIFE_S * 1000
        left_s = (self.token_until_ms - self.line.true_ms()) // 1000
        return {"errcode": 0, "errmsg": "ok", "access_token": self.token, "expires_in": left_s}

    # -- reads

    def _staff(self, asked: Fields) -> Fields:
        return {"follow_user": self._shown(self.corp.staff)}

    def _customer_ids(self, asked: Fields) -> Fields:
        ids = [who for staff, who in self.corp.follows if staff == asked["userid"]]
        if not ids:
            return refusal(84061, "not external contact") | {"external_userid": []}
        return {"external_userid": self._shown(ids)}

    def _customers(self, asked: Fields) -> Fields:
        wanted = set(asked["userid_list"])
        rows = [
            self._customer(staff, who)
            for staff, who in self.corp.follows
            if staff in wanted and who in self._shown([who])
        ]
        page, cursor = self.page_of("customers", rows, asked)
        people = {row["external_contact"]["external_userid"] for row in page if row}
        self.pages.setdefault(cursor, people)  # a cursor that comes back is another page's too
        if self.moods.odd_rows:
            page = [*page, {}, {"external_contact": {"name": "谁"}}]
        return {"external_contact_list": page, "next_cursor": cursor}

    def _customer(self, staff: str, who: str) -> Fields:
        follow = self.corp.follows[staff, who]
        contact: Fields = {"external_userid": who, "name": self.corp.names[who], "type": 1, "gender": 0}
        info: Fields = {
            "userid": staff,
            "remark": follow.remark,
            "description": follow.description,
            "createtime": follow.created_s,
            "tag_id": list(follow.tags),
            "remark_mobiles": list(follow.mobiles),
            "add_way": 1,
        }
        if self.moods.drift:
            contact |= {"type": "new", "gender": None, "zodiac": {"sign": 3}}
            info |= {"add_way": 9_999, "oper_userid": 7}
        return {"external_contact": contact, "follow_info": info}

    def _chats(self, asked: Fields) -> Fields:
        rows: list[Any] = [{"chat_id": chat, "status": 0} for chat in self._shown(list(self.corp.chats))]
        if self.moods.odd_rows:
            rows.append({"status": 0})
        page, cursor = self.page_of("chats", rows, asked, size=2)
        return {"group_chat_list": page, "next_cursor": cursor}

    def _chat(self, asked: Fields) -> Fields:
        chat = self.corp.chats.get(asked["chat_id"])
        if chat is None:
            return refusal(86001, "no such chat")
        members: list[Fields] = [
            {"userid": chat.owner, "type": 1, "join_time": chat.created_s, "join_scene": 1}
        ]
        for who in chat.members:
            row: Fields = {"userid": who, "type": 2, "join_time": chat.created_s, "join_scene": 3}
            members.append(row | {"name": self.corp.names[who]})
        found: Fields = {
            "chat_id": asked["chat_id"],
            "name": chat.name,
            "owner": chat.owner,
            "create_time": chat.created_s,
            "notice": "",
            "member_list": members,
            "admin_list": [],
            "member_version": str(len(members)),
        }
        return {"group_chat": found | ({"mood": "sunny", "notice": None} if self.moods.drift else {})}

    def _shown(self, ids: list[str]) -> list[str]:
        """Without those that are hidden just now; which ones stays the same while the mood lasts."""
        share = self.moods.hides
        if not share:
            return ids
        return [i for i in ids if random.Random(f"{i}{share}").random() >= share]

    def page_of(self, name: str, rows: list[Any], asked: Fields, size: int = PAGE) -> tuple[list[Any], str]:
        """One page, and the cursor of the next; what the paging's mood makes of them."""
        cursor = str(asked.get("cursor") or "")
        if not cursor:
            if self.moods.paging == "shuffle":
                self.chance.shuffle(rows)
            at = 0
        elif cursor in self._cursors:
            rows, at = self._cursors[cursor]
        else:
            return [], ""
        page = rows[at : at + size]
        after = at + size
        mood = self.moods.paging
        if mood == "loop" and cursor:
            return page, cursor
        if mood == "repeat" and cursor and page:
            page = [rows[at - 1], *page, page[-1]]
        if mood == "barren" and cursor:
            return [], self._cursor(name, rows, at)
        if mood == "shuffle" and cursor and self.chance.random() < 0.5:
            after -= 1  # an entity moved to the next page meanwhile
        if after >= len(rows) or not page:
            return page, ""
        return page, self._cursor(name, rows, after)

    def steady_page(self, name: str, rows: list[Any], asked: Fields) -> tuple[list[Any], str]:
        """A page of a listing whose order holds."""
        held, self.moods.paging = self.moods.paging, self.moods.paging.replace("shuffle", "")
        try:
            return self.page_of(name, rows, asked)
        finally:
            self.moods.paging = held

    def task(self, msgid: str) -> Task | None:
        """A mass send."""
        return next((task for task in self.corp.tasks if task.msgid == msgid), None)

    def number(self) -> int:
        """A number nothing else has."""
        self._count += 1
        return self._count

    def _cursor(self, name: str, rows: list[Any], at: int) -> str:
        self._count += 1
        cursor = f"{name}-{self._count}"
        self._cursors[cursor] = (rows, at)
        return cursor


def refusal(code: int, message: str) -> Fields:
    """What an error looks like."""
    hint = (
        f"{message}, hint: [1779_1_00], from ip: 203.0.113.7, more info at https://open.work.weixin.qq.com"
    )
    return {"errcode": code, "errmsg": hint}
