"""A small Douyin: answers requests in its several envelopes out of an account's facts. Its own code."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from tests.simulator import douyin_truth
from tests.simulator.douyin_facts import DAY_MS, OWN, Account
from tests.simulator.douyin_talks import Talks
from tests.simulator.timeline import Timeline
from tests.simulator.world import Effect, Fields, Made, PlatformWorld, Rows, Said

SECRET = "s3cret"
RENEWALS = 5
PAGE = 2
LAGS_MS = (0, 20_000, 110_000, 300_000, 590_000)
MOODS = ("lag", "lag", "loop", "repeat", "empty", "drift", "odd", "review")
# Codes that the platform finds before it does anything, as its documents have it.
CHECKED = (
    2190008, 2190003, 28001007, 28001014, 28001056, 28003017, 28003018, 2111001, 2111003, 2113001, 2114005,
    28003070, 28003080, 28003082, 28029004,
)  # fmt: skip


class Douyin(PlatformWorld):
    """The platform, as `PlatformWorld` describes it."""

    name, prefix = "douyin", "/douyin/"
    secrets = MappingProxyType(
        {"client_key": "ck_sim", "client_secret": SECRET, "redirect_uri": "http://127.0.0.1:9/back"}
    )
    write_paths = (*dict.fromkeys(douyin_truth.PATHS.values()), "im/group/setting/disable/")
    trouble_paths = (
        "im/send/msg/", "im/send/msg/", "im/group", "im/", "comment", "video", "oauth/re", "oauth/re", "intention",
        "", "", "create_image",
    )  # fmt: skip
    checked = CHECKED
    busy, rate = 2100004, 28003018
    unfit = ("warning", "null_code")  # no words are looked at, and no code is none
    asked_too = frozenset({"douyin.group.create", "douyin.comment.reply", "douyin.image_text"})
    made_anew = asked_too

    def __init__(self, line: Timeline, seed: int) -> None:
        self.line, self.chance = line, random.Random(f"douyin{seed}")
        self.facts = Account(self.chance, line.true_ms())
        self.mooded = ""
        self.is_open = True  # the owner has not taken the consent back
        self.app_tokens: list[str] = []
        self.executed: Callable[[Effect], None] = lambda effect: None
        self._paths: dict[str, Callable[[Fields], Fields]] = Talks(self).paths

    def begin(self, chance: random.Random) -> None:
        """Listings lag, or not."""
        self.facts.lag_ms = chance.choice(LAGS_MS)

    def answer(self, path: str, query: Mapping[str, str], body: bytes) -> Fields:
        """Carry out one request; the reply's fields."""
        asked: Fields = dict(query)
        if body[:1] == b"{":
            asked |= json.loads(body)
        elif b"form-data" not in body:
            asked |= dict(parse_qsl(body.decode()))
        if path.startswith("oauth/") and path != "oauth/userinfo/":
            return self._oauth(path, asked)
        code = self._token_code(asked)
        if code:
            return self.refusal(code)
        work = self._paths.get(path)
        return self.refusal(28001007) if work is None else work(asked)

    def _token_code(self, asked: Fields) -> int:
        token, consent = asked.pop("access-token", asked.get("access_token")), self.facts.consent
        if token in self.app_tokens[-2:]:  # only the two newest are good
            return 0
        if token != consent.access:
            return 2190008
        self.looked_for(token)
        return 2190002 if self.line.true_ms() >= consent.access_until else 0

    def looked_for(self, token: str) -> None:
        """A token is used: it has to be kept where it outlives the program."""
        if token not in self.kept():
            self.complain(f"promise 61: {token} is used and not kept")

    # -- tokens

    def _oauth(self, path: str, asked: Fields) -> Fields:
        consent, now = self.facts.consent, self.line.true_ms()
        if path == "oauth/client_token/":
            self.app_tokens.append(f"clt{self.facts.number()}")
            return _data({"access_token": self.app_tokens[-1], "expires_in": 7200})
        if path == "oauth/access_token/":
            if not self.is_first_consent(asked["code"]):
                consent = self.facts.consent = self.facts.agreed(now)
            self.is_open = True
            return _data(self._told(now))
        if asked["refresh_token"] != consent.refresh or now >= consent.refresh_until or not self.is_open:
            return _data({"error_code": 10010, "description": "refresh_token expired"})
        self.looked_for(consent.refresh)
        if path == "oauth/refresh_token/":
            consent.access, consent.access_until = f"act{self.facts.number()}", now + 3 * DAY_MS
            return _data(self._told(now))
        if consent.renewals >= RENEWALS:
            return _data({"error_code": 10020, "description": "renewed too often"})
        consent.renewals += 1
        consent.refresh = f"{consent.refresh.partition('.')[0]}.{consent.renewals}"
        consent.refresh_until = now + 5 * DAY_MS + 43_200_000
        left_s = (consent.refresh_until - now) // 1000
        return _data({"refresh_token": consent.refresh, "expires_in": left_s})

    def is_first_consent(self, code: str) -> bool:
        """The consent that every story begins with."""
        return code == "first"

    def _told(self, now: int) -> Fields:
        one = self.facts.consent
        return {
            "access_token": one.access,
            "refresh_token": one.refresh,
            "open_id": OWN,
            "expires_in": (one.access_until - now) // 1000,
            "refresh_expires_in": (one.refresh_until - now) // 1000,
            "scope": "user_info",
        }

    # -- what a story does with it

    def refusal(self, code: int) -> Fields:
        """A reply with an error code."""
        return _data({"error_code": code, "description": "no"})

    def ghost(self, chance: random.Random) -> Fields:
        """A success about things that were never made."""
        ids = dict.fromkeys(("item_id", "comment_id", "group_id", "msg_id"), f"g{chance.randint(1, 10**6)}")
        return _data(ids) | ids | {"err_no": 0, "success": True}

    def spoilt(self, kind: str, answer: Fields) -> Fields:
        """An answer with one thing wrong."""
        if kind == "no_id":
            return _data({}) | {"err_no": 0, "err_msg": ""}
        return answer | {"err_no": "zero"}

    def other_than(self, frozen: Fields, path: str, asked: Fields) -> str:
        """What a request says that was not confirmed so."""
        return douyin_truth.other_than(frozen, path, asked)

    def path_of(self, kind: str) -> str:
        """The request that a kind of write becomes."""
        return douyin_truth.PATHS[kind]

    def is_so(self, frozen: Fields) -> bool:
        """Whether a thing is now as these frozen bytes want it."""
        return douyin_truth.is_so(self.facts, frozen)

    def said(self) -> Iterator[Said]:
        """Messages, posts and words in groups."""
        yield from (Said(key, text) for key, text in self.facts.messages.items())

    def change(self, chance: random.Random) -> str:
        """People do something."""
        return self.facts.change(chance, self.line.true_ms())

    def mood(self, chance: random.Random) -> str:
        """What is wrong with the data from now on."""
        self.mooded = "" if chance.random() < 0.4 else chance.choice(MOODS)
        if self.mooded in ("", "lag"):
            self.facts.lag_ms = chance.choice(LAGS_MS)
        return self.mooded or "well"

    def turn_secret(self) -> str:
        """The owner takes the consent back; a new one is given by somebody who agrees again."""
        self.is_open = False
        self.revoke_token()
        return "taken back"

    def revoke_token(self) -> None:
        """The token in use is no good from now on."""
        self.facts.consent.access = "dead"
        self.app_tokens.clear()

    def heal(self) -> None:
        """Everything is well; what lagged is shown."""
        self.mooded, self.facts.lag_ms = "", 0
        self.line.pass_by(7_200)

    def differences(
        self, rows: Rows, made: Made, excused: set[str]
    ) -> Iterator[tuple[str, dict[Any, Any], dict[Any, Any]]]:
        """What to compare in the end."""
        return douyin_truth.differences(self.facts, rows, self.line.true_ms())

    def did(self, said: str, platform_id: str = "", *once: tuple[str, str]) -> None:
        """Something was carried out."""
        self.executed(Effect(said, platform_id, once))


def _data(fields: Fields) -> Fields:
    return {"data": {"error_code": 0, "description": "", **fields}, "message": "success"}
