"""A small official account: answers requests in WeChat's wire format. Shares no code with adapters."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from tests.simulator import wechat_truth
from tests.simulator.timeline import Timeline
from tests.simulator.wechat_articles import Articles
from tests.simulator.wechat_facts import Account
from tests.simulator.world import Effect, Fields, Made, PlatformWorld, Rows, Said

SECRET = "s3cret"
TOKEN_LIFE_S = 7_200
PAGE = 3
LAGS_MS = (0, 20_000, 110_000, 300_000, 600_000)
MOODS = ("lag", "lag", "loop", "repeat", "barren", "hides", "all_hidden", "drift", "odd")
# Codes that the platform finds before it does anything, as its documents have it.
CHECKED = (
    40003, 40007, 40013, 40155, 41001, 42001, 43004, 45009, 45011, 45028, 45157, 45159, 46003, 48001, 48004,
    53501, 53502, 88000, 88001, 88008, 9500002,
)  # fmt: skip


class WeChat(PlatformWorld):
    """The platform, as `PlatformWorld` describes it."""

    name, prefix = "wechat", "/wechat/"
    secrets = MappingProxyType({"appid": "wx_sim", "appsecret": SECRET})
    write_paths = (
        *dict.fromkeys(wechat_truth.PATHS.values()),
        "cgi-bin/comment/close",
        "cgi-bin/comment/unmarkelect",
    )
    trouble_paths = (
        "mass/sendall", "mass/sendall", "freepublish", "freepublish/submit", "draft", "comment", "tags/", "remark",
        "menu", "preview", "stable_token", "", "", "user/", "upload",
    )  # fmt: skip
    checked = CHECKED
    rate = 45011
    unfit = ("warning",)  # its words are never looked at
    keys = MappingProxyType({"wechat.mass_send": "clientmsgid"})
    asked_too = frozenset({"wechat.publish"})
    made_anew = frozenset({"wechat.draft.add"})

    def __init__(self, line: Timeline, seed: int) -> None:
        self.line, self.chance = line, random.Random(f"wechat{seed}")
        self.facts = Account(self.chance, line.true_ms() // 1000)
        self.mooded, self.lag_ms = "", 0
        self.secret, self.token, self.token_until_ms, self._given = SECRET, "", 0, 0
        self.pages: dict[str, set[str]] = {}
        self.executed: Callable[[Effect], None] = lambda effect: None
        self._paths: dict[str, Callable[[Fields], Fields]] = {
            "cgi-bin/user/get": self._ids,
            "cgi-bin/user/info": lambda asked: self._person(asked["openid"]),
            "cgi-bin/user/info/batchget": self._people,
            "cgi-bin/user/info/updateremark": self._remark,
            "cgi-bin/tags/get": lambda asked: {"tags": self._tags()},
            "cgi-bin/tags/getidlist": self._tags_of,
            "cgi-bin/tags/create": self._add_tag,
            "cgi-bin/tags/update": self._rename_tag,
            "cgi-bin/tags/delete": self._delete_tag,
            "cgi-bin/tags/members/batchtagging": lambda asked: self._mark(asked, on=True),
            "cgi-bin/tags/members/batchuntagging": lambda asked: self._mark(asked, on=False),
            "cgi-bin/menu/create": lambda asked: self._set_menu(asked["button"]),
            "cgi-bin/menu/delete": lambda asked: self._set_menu(None),
            "cgi-bin/get_current_selfmenu_info": self._menu,
        } | Articles(self).paths

    def begin(self, chance: random.Random) -> None:
        """Listings lag, or not."""
        self.lag_ms = chance.choice(LAGS_MS)

    def answer(self, path: str, query: Mapping[str, str], body: bytes) -> Fields:
        """Carry out one request; the reply's fields."""
        asked: Fields = dict(query)
        if body[:1] == b"{":
            asked |= json.loads(body)
        elif body:
            asked["file"] = body
        if path == "cgi-bin/stable_token":
            return self._give_token(asked)
        if not self.token or query.get("access_token") != self.token:
            return self.refusal(40001)
        if self.line.true_ms() >= self.token_until_ms:
            return self.refusal(42001)
        work = self._paths.get(path)
        if work is None:
            return self.refusal(40066)
        return work(asked) or {"errcode": 0, "errmsg": "ok"}

    # -- what a story does with it

    def refusal(self, code: int) -> Fields:
        """A reply with an error code."""
        return {"errcode": code, "errmsg": f"no rid: {code:08x}-1779-1"}

    def ghost(self, chance: random.Random) -> Fields:
        """A success about things that were never made."""
        number = chance.randint(10**6, 10**7)
        ids = dict.fromkeys(("msg_id", "publish_id", "msg_data_id"), number)
        return {"errcode": 0, "errmsg": "ok", "media_id": f"ghost{number}", "tag": {"id": number}, **ids}

    def other_than(self, frozen: Fields, path: str, asked: Fields) -> str:
        """What a request says that was not confirmed so."""
        return wechat_truth.other_than(frozen, path, asked)

    def path_of(self, kind: str) -> str:
        """The request that a kind of write becomes."""
        return wechat_truth.PATHS[kind]

    def is_so(self, frozen: Fields) -> bool:
        """Whether a thing is now as these frozen bytes want it."""
        return wechat_truth.is_so(self.facts, frozen)

    def page(self, kept: str) -> set[str] | None:
        """Followers on the page before a cursor."""
        return self.pages.get(kept)

    def said(self) -> Iterator[Said]:
        """Titles of what was published and sent."""
        yield from (Said(one.task, one.title) for one in self.facts.articles if one.way != "console")

    def change(self, chance: random.Random) -> str:
        """People do something."""
        return self.facts.change(chance, self.line.true_ms())

    def mood(self, chance: random.Random) -> str:
        """What is wrong with the data from now on."""
        self.mooded = "" if chance.random() < 0.4 else chance.choice(MOODS)
        if self.mooded in ("", "lag"):
            self.lag_ms = chance.choice(LAGS_MS)
        return self.mooded or "well"

    def turn_secret(self) -> str:
        """Refused from now on, or good again."""
        self.secret = SECRET if self.secret != SECRET else "changed"
        self.revoke_token()
        return "good" if self.secret == SECRET else "refused"

    def revoke_token(self) -> None:
        """The token in use is no good from now on."""
        self.token = ""

    def heal(self) -> None:
        """Everything is well; a new day with new allowances begins."""
        self.mooded, self.lag_ms, self.secret = "", 0, SECRET
        self.line.pass_by(86_400)

    def differences(
        self, rows: Rows, made: Made, excused: set[str]
    ) -> Iterator[tuple[str, dict[Any, Any], dict[Any, Any]]]:
        """What to compare in the end."""
        return wechat_truth.differences(self.facts, rows, self.line.true_ms())

    def did(self, said: str, platform_id: str = "", *once: tuple[str, str]) -> None:
        """Something was carried out."""
        self.executed(Effect(said, platform_id, once))

    def _give_token(self, asked: Fields) -> Fields:
        if asked["appid"] != "wx_sim":
            return self.refusal(40013)
        if asked["secret"] != self.secret or self.secret != SECRET:
            return self.refusal(40125)
        if not self.token or self.line.true_ms() >= self.token_until_ms - 300_000:
            self._given += 1
            self.token = f"stable{self._given}"
            self.token_until_ms = self.line.true_ms() + TOKEN_LIFE_S * 1000
        left_s = (self.token_until_ms - self.line.true_ms()) // 1000
        return {"access_token": self.token, "expires_in": left_s}

    # -- followers and tags

    def _ids(self, asked: Fields) -> Fields:
        everybody = sorted(self.facts.followers)
        there = [who for who in everybody if not self._is_hidden(who)]
        behind = str(asked.get("next_openid", ""))
        page = [who for who in there if who > behind][:PAGE]
        total = len(everybody) if self.mooded != "all_hidden" else 0
        if self.mooded == "barren" and behind:
            page = []
        if not page:
            return {"total": total, "count": 0, "next_openid": ""}
        following = behind if self.mooded == "loop" and behind else page[-1]
        if self.mooded != "loop":
            self.pages[following] = set(page)
        if self.mooded == "repeat":
            page = [*page, page[0]]
        return {"total": total, "count": len(page), "data": {"openid": page}, "next_openid": following}

    def _is_hidden(self, who: str) -> bool:
        return self.mooded == "all_hidden" or (self.mooded == "hides" and who[-1] in "369")

    def _people(self, asked: Fields) -> Fields:
        rows = [self._person(one["openid"]) for one in asked["user_list"]]
        if self.mooded == "odd":
            for page in self.pages.values():  # nobody can take in whom the platform says nothing of
                page.discard(rows[0]["openid"])
            rows = [*rows[1:], {"subscribe": 1}]
        return {"user_info_list": rows}

    def _person(self, who: str) -> Fields:
        one = self.facts.followers.get(who)
        if one is None:
            return {"subscribe": 0, "openid": who}
        told: Fields = {"subscribe": 1, "openid": who, "nickname": "", "remark": one.remark, "groupid": 0}
        told |= {"subscribe_time": one.since_s, "tagid_list": sorted(one.tags), "qr_scene": 0}
        return told | ({"zodiac": {"sign": 3}, "language": None} if self.mooded == "drift" else {})

    def _remark(self, asked: Fields) -> Fields:
        one = self.facts.followers.get(asked["openid"])
        if one is None:
            return self.refusal(40003)
        one.remark = asked["remark"]
        self.did(f"remark of {asked['openid']} is {one.remark}")
        return {}

    def _tags(self) -> list[Fields]:
        return [{"id": tag, "name": name, "count": 0} for tag, name in self.facts.tags.items()]

    def _tags_of(self, asked: Fields) -> Fields:
        one = self.facts.followers.get(asked["openid"])
        return self.refusal(40003) if one is None else {"tagid_list": sorted(one.tags)}

    def _add_tag(self, asked: Fields) -> Fields:
        name = asked["tag"]["name"]
        if name in self.facts.tags.values():
            return self.refusal(45157)
        number = self.facts.number()
        self.facts.tags[number] = name
        self.did(f"tag {number} {name}", str(number))
        return {"tag": {"id": number, "name": name}}

    def _rename_tag(self, asked: Fields) -> Fields:
        tag, name = asked["tag"]["id"], asked["tag"]["name"]
        if tag not in self.facts.tags or tag < 100:
            return self.refusal(45159 if tag >= 100 else 45058)
        if any(there == name for one, there in self.facts.tags.items() if one != tag):
            return self.refusal(45157)
        self.facts.tags[tag] = name
        self.did(f"tag {tag} is {name}")
        return {}

    def _delete_tag(self, asked: Fields) -> Fields:
        tag = asked["tag"]["id"]
        if tag not in self.facts.tags or tag < 100:
            return self.refusal(45159 if tag >= 100 else 45058)
        del self.facts.tags[tag]
        for one in self.facts.followers.values():
            one.tags.discard(tag)
        self.did(f"tag {tag} is gone")
        return {}

    def _mark(self, asked: Fields, *, on: bool) -> Fields:
        people = [self.facts.followers.get(who) for who in asked["openid_list"]]
        if any(one is None for one in people):
            return self.refusal(40003)
        if asked["tagid"] not in self.facts.tags:
            return self.refusal(45159)
        for one in people:
            if one is not None:
                (one.tags.add if on else one.tags.discard)(asked["tagid"])
        self.did(f"tag {asked['tagid']} {'on' if on else 'off'} {','.join(asked['openid_list'])}")
        return {}

    # -- menu

    def _set_menu(self, buttons: list[Fields] | None) -> Fields:
        if buttons is None and self.facts.menu is None:
            return self.refusal(46003)
        self.facts.menu = buttons
        self.did(f"menu {buttons}")
        return {}

    def _menu(self, asked: Fields) -> Fields:
        told = [
            one | ({"sub_button": {"list": one["sub_button"]}} if one.get("sub_button") else {})
            for one in self.facts.menu or []
        ]
        return {"is_menu_open": int(bool(told)), "selfmenu_info": {"button": told}}
