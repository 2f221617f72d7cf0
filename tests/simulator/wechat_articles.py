"""The part of the small official account that is read: drafts, publications, mass sends, comments, figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.simulator.wechat_facts import Article, Comment, Draft
from tests.simulator.world import Effect, Fields

if TYPE_CHECKING:
    from tests.simulator.wechat import WeChat

FILE_NAME = re.compile(rb'filename="([^"]+)"')
KEY_LIVES_MS = 24 * 3_600_000
SETTLES_MS = 60_000
SENDS_A_DAY = 6
RUNS_MS = (2_000, 40_000, 400_000, 1_500_000)  # how long a task takes
REFUSALS = (2, 3, 4)


class Articles:
    """Answers requests about what the account writes and what readers make of it."""

    def __init__(self, wechat: WeChat) -> None:
        self._wechat, self._facts = wechat, wechat.facts
        self._leaves_at_once = wechat.chance.random() < 0.5  # when a draft leaves the box is not documented
        self._keys: dict[str, tuple[int, int]] = {}  # clientmsgid to (when, msg_id)
        self.paths: dict[str, Callable[[Fields], Fields]] = {
            "cgi-bin/material/batchget_material": self._materials,
            "cgi-bin/material/add_material": self._material,
            "cgi-bin/media/uploadimg": lambda asked: {"url": f"http://mmbiz.example/{self._number()}"},
            "cgi-bin/draft/add": self._add,
            "cgi-bin/draft/update": self._update,
            "cgi-bin/draft/delete": self._delete,
            "cgi-bin/draft/get": self._draft,
            "cgi-bin/draft/batchget": self._drafts,
            "cgi-bin/message/mass/preview": self._preview,
            "cgi-bin/message/mass/sendall": self._send,
            "cgi-bin/message/mass/get": self._sent,
            "cgi-bin/freepublish/submit": self._submit,
            "cgi-bin/freepublish/get": self._published,
            "cgi-bin/freepublish/batchget": self._listed,
            "cgi-bin/comment/list": self._comments,
            "cgi-bin/comment/open": lambda asked: self._open(asked, is_open=True),
            "cgi-bin/comment/close": lambda asked: self._open(asked, is_open=False),
            "cgi-bin/comment/markelect": lambda asked: self._about(asked, self._elect, True),
            "cgi-bin/comment/unmarkelect": lambda asked: self._about(asked, self._elect, False),
            "cgi-bin/comment/delete": lambda asked: self._about(asked, self._drop, None),
            "cgi-bin/comment/reply/add": lambda asked: self._about(asked, self._reply, asked["content"]),
            "cgi-bin/comment/reply/delete": lambda asked: self._about(asked, self._take_back, None),
            "datacube/getusersummary": lambda asked: {"list": []},
            "datacube/getusercumulate": self._totals,
            "datacube/getarticletotaldetail": self._readers,
        }

    def _now(self) -> int:
        return self._wechat.line.true_ms()

    def _number(self) -> int:
        return self._facts.number()

    # -- drafts

    def _materials(self, asked: Fields) -> Fields:
        rows = [{"media_id": key, "name": name} for name, key in self._facts.materials.items()]
        return {"total_count": len(rows), "item_count": len(rows), "item": rows}

    def _material(self, asked: Fields) -> Fields:
        found = FILE_NAME.search(asked["file"])
        key = f"mat{self._number()}"
        self._facts.materials[found[1].decode() if found else key] = key
        return {"media_id": key, "url": f"http://mmbiz.example/{key}"}

    def _add(self, asked: Fields) -> Fields:
        article = asked["articles"][0]
        if article["thumb_media_id"] not in self._facts.materials.values():
            return self._wechat.refusal(40007)
        key = f"draft{self._number()}"
        self._facts.drafts[key] = Draft(article, self._now() // 1000)
        self._wechat.did(f"draft {key} {article['title']}", key)
        return {"media_id": key}

    def _update(self, asked: Fields) -> Fields:
        if asked["media_id"] not in self._facts.drafts:
            return self._wechat.refusal(40007)
        self._facts.drafts[asked["media_id"]] = Draft(asked["articles"], self._now() // 1000)
        self._wechat.did(f"draft {asked['media_id']} is {asked['articles']['title']}")
        return {}

    def _delete(self, asked: Fields) -> Fields:
        if self._facts.drafts.pop(asked["media_id"], None) is None:
            return self._wechat.refusal(40007)
        self._wechat.did(f"draft {asked['media_id']} is gone")
        return {}

    def _draft(self, asked: Fields) -> Fields:
        draft = self._facts.drafts.get(asked["media_id"])
        return self._wechat.refusal(40007) if draft is None else {"news_item": [draft.article]}

    def _page(self, rows: list[Any], asked: Fields) -> Fields:
        """By offset: a listing may repeat a row, or stop short of its own total."""
        at = asked["offset"]
        page = rows[at : at + min(asked["count"], 3)]
        if self._wechat.mooded == "repeat" and at and page:
            page = [rows[at - 1], *page]
        if self._wechat.mooded == "barren" and at:
            page = []
        if self._wechat.mooded == "odd":
            page = [*page, {"update_time": 5}]
        return {"total_count": len(rows), "item_count": len(page), "item": page}

    def _drafts(self, asked: Fields) -> Fields:
        rows = [
            {"media_id": key, "content": {"news_item": [one.article]}, "update_time": one.updated_s}
            for key, one in reversed(self._facts.drafts.items())
        ]
        return self._page(rows, asked)

    # -- going out

    def _preview(self, asked: Fields) -> Fields:
        if asked["mpnews"]["media_id"] not in self._facts.drafts:
            return self._wechat.refusal(40007)
        whom = asked.get("towxname") or asked.get("touser")
        self._wechat.did(f"preview of {asked['mpnews']['media_id']} for {whom}")
        return {"errcode": 0, "errmsg": "preview success", "msg_id": self._number()}

    def _submit(self, asked: Fields) -> Fields:
        key = asked["media_id"]
        if key not in self._facts.drafts:
            return self._wechat.refusal(40007)
        task = str(self._number())
        one = self._taken(task, "publish", key)
        self._wechat.did(f"publishes {key} as {task}", task, (f"publication of {key}", "everybody"))
        return {"errcode": 0, "errmsg": "ok", "publish_id": task, "msg_data_id": str(one.send_id)}

    def _taken(self, task: str, way: str, key: str) -> Article:
        chance, now, draft = self._wechat.chance, self._now(), self._facts.drafts[key]
        one = Article(
            task, way, draft.article["title"], key, self._number(), now, now + chance.choice(RUNS_MS), 1,
            takes_comments=bool(draft.article.get("need_open_comment")),
        )  # fmt: skip
        self._facts.articles.append(one)
        if self._leaves_at_once:
            del self._facts.drafts[key]
        refused = chance.choice(REFUSALS) if chance.random() < 0.15 else 0
        self._wechat.line.at(one.ends_ms, lambda: self._end(one, draft, refused))
        return one

    def _end(self, one: Article, draft: Draft, refused: int) -> None:
        """The task comes to its end: readers have it, or the draft is back in the box."""
        one.status = refused
        if refused:
            self._facts.drafts.setdefault(one.media_id, draft)
            gone = ((f"publication of {one.media_id}", "everybody"),)
            self._wechat.executed(Effect(f"{one.task} is refused", undone=gone))
            return
        self._facts.drafts.pop(one.media_id, None)
        one.came_ms, one.shown_ms = self._now(), self._now() + self._wechat.lag_ms
        one.article_id = f"art{one.send_id}" if one.way == "publish" else ""

    def _send(self, asked: Fields) -> Fields:
        now, key, media = self._now(), asked["clientmsgid"], asked["mpnews"]["media_id"]
        at, known = self._keys.get(key, (0, 0))
        is_known = bool(known) and now - at < KEY_LIVES_MS
        others = {40007: media not in self._facts.drafts, 45028: self._is_used_up()}
        wrong = next((code for code, is_wrong in others.items() if is_wrong), 0)
        if wrong and (not is_known or self._wechat.chance.random() < 0.3):  # which is looked at first
            return self._wechat.refusal(wrong)
        if is_known and now - at < SETTLES_MS:
            return self._wechat.refusal(45066)
        if is_known:
            return {"errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": known}
        number = self._number()
        one = self._taken(str(number), "mass", media)
        self._keys[key] = now, number
        self._wechat.did(
            f"sends {media} as {number}", str(number), (f"publication of {media}", "everybody")
        )
        told = {"errcode": 0, "errmsg": "send job submission success", "msg_id": number}
        return told | {"msg_data_id": one.send_id}

    def _is_used_up(self) -> bool:
        day = self._now() // 86_400_000
        sends = [one for one in self._facts.articles if one.way == "mass"]
        return sum(one.taken_ms // 86_400_000 == day for one in sends) >= SENDS_A_DAY

    def _task(self, task: object) -> Article | None:
        return next((one for one in self._facts.articles if one.task == str(task)), None)

    def _sent(self, asked: Fields) -> Fields:
        one = self._task(asked["msg_id"])
        if one is None:
            return self._wechat.refusal(40059)
        told = {1: "SENDING", 0: "SEND_SUCCESS"}.get(int(one.status), "SEND_FAIL")
        return {"msg_id": int(one.task), "msg_status": told}

    def _published(self, asked: Fields) -> Fields:
        one = self._task(asked["publish_id"])
        if one is None:
            return self._wechat.refusal(53600)
        told: Fields = {"publish_id": one.task, "publish_status": one.status, "fail_idx": []}
        if one.status == 0:
            urls = [{"idx": 1, "article_url": f"https://mp.example/{one.send_id}"}]
            told |= {"article_id": one.article_id, "article_detail": {"count": 1, "item": urls}}
        return told

    def _listed(self, asked: Fields) -> Fields:
        now = self._now()
        rows = [
            {
                "article_id": one.article_id,
                "content": {
                    "news_item": [
                        {"title": one.title, "digest": "", "url": f"https://mp.example/{one.send_id}"}
                    ]
                },
                "update_time": (one.came_ms or 0) // 1000,
            }
            for one in reversed(self._facts.articles)
            if one.article_id and one.shown_ms <= now
        ]
        return self._page(rows, asked)

    # -- comments and figures

    def _comments(self, asked: Fields) -> Fields:
        article = self._facts.article(asked["msg_data_id"])
        if article is None or asked["index"]:
            return self._wechat.refusal(88001)
        rows = [self._told(key, one) for key, one in article.comments.items()]
        page = rows[asked["begin"] : asked["begin"] + 2]
        return {"errcode": 0, "errmsg": "ok", "total": len(rows), "comment": page}

    @staticmethod
    def _told(key: int, one: Comment) -> Fields:
        told: Fields = {"user_comment_id": key, "create_time": one.at_s, "content": one.text}
        told |= {"comment_type": int(one.is_elected), "openid": one.who}
        return told | ({"reply": {"content": one.reply, "create_time": one.reply_s}} if one.reply else {})

    def _open(self, asked: Fields, *, is_open: bool) -> Fields:
        article = self._facts.article(asked["msg_data_id"])
        if article is None:
            return self._wechat.refusal(88001)
        article.takes_comments = is_open
        self._wechat.did(f"comments of {article.send_id} open {is_open}")
        return {}

    def _about(self, asked: Fields, work: Callable[[Article, int, Any], int], value: Any) -> Fields:
        article, key = self._facts.article(asked["msg_data_id"]), asked["user_comment_id"]
        if article is None:
            return self._wechat.refusal(88001)
        if key not in article.comments:
            return self._wechat.refusal(88008)
        code = work(article, key, value)
        return self._wechat.refusal(code) if code else {}

    def _elect(self, article: Article, key: int, value: bool) -> int:
        article.comments[key].is_elected = value
        self._wechat.did(f"comment {key} is featured: {value}")
        return 0

    def _drop(self, article: Article, key: int, _value: None) -> int:
        del article.comments[key]
        self._wechat.did(f"comment {key} is gone")
        return 0

    def _reply(self, article: Article, key: int, value: str) -> int:
        if article.comments[key].reply:
            return 88005
        article.comments[key].reply, article.comments[key].reply_s = value, self._now() // 1000
        self._wechat.did(f"comment {key} is answered {value}")
        return 0

    def _take_back(self, article: Article, key: int, _value: None) -> int:
        if not article.comments[key].reply:
            return 88009
        article.comments[key].reply = ""
        self._wechat.did(f"the answer to comment {key} is gone")
        return 0

    def _totals(self, asked: Fields) -> Fields:
        row = {"ref_date": asked["end_date"], "cumulate_user": len(self._facts.followers)}
        return {"list": [row]}

    def _readers(self, asked: Fields) -> Fields:
        day = asked["begin_date"]
        rows = [
            {
                "ref_date": day,
                "msgid": f"{one.send_id}_1",
                "publish_type": int(one.way != "mass"),
                "detail_list": [{"stat_date": day, "read_user": 3, "share_user": 1}],
            }
            for one in self._facts.articles
            if one.came_ms is not None and _day(one.came_ms) == day
        ]
        return {"list": rows, "is_delay": False}


def _day(at_ms: int) -> str:
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(hours=8)).date().isoformat()
