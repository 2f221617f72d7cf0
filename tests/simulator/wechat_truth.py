"""What is true at the small official account: what requests say, what is so, how the shop's file should look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.simulator.wechat_facts import Account
from tests.simulator.world import Fields, Rows

Pair = tuple[Any, Any]
Difference = tuple[str, dict[Any, Any], dict[Any, Any]]
MONTH_MS = 29 * 86_400_000
COMMENT = {"article": "msg_data_id", "index": "index", "comment": "user_comment_id"}


def other_than(frozen: Fields, path: str, asked: Fields) -> str:
    """What differs; '' when the request says what was confirmed."""
    kind = frozen["kind"]
    pairs = REQUESTS[kind](frozen["body"], asked)
    if kind in ("wechat.follower.tag", "wechat.follower.untag"):
        pairs.append((frozen["targets"], asked["openid_list"]))
    if kind == "wechat.follower.remark":
        pairs.append((frozen["targets"], [asked["openid"]]))
    wanted = path_for(frozen)
    if path != wanted:
        return f"{path} instead of {wanted}"
    return "; ".join(f"{there!r} instead of {here!r}" for here, there in pairs if here != there)


def path_for(frozen: Fields) -> str:
    """The path of a write; two kinds have two."""
    path, body = PATHS[frozen["kind"]], frozen["body"]
    if frozen["kind"] == "wechat.comment.elect" and not body["is_elected"]:
        return path.replace("markelect", "unmarkelect")
    if frozen["kind"] == "wechat.comments.open" and not body["is_open"]:
        return path.replace("open", "close")
    return path


def _draft_is(body: Fields, key: str) -> list[Pair]:
    """Where the bytes name no draft it is what was made before."""
    return [(body["draft"] or key, key)]


def _article(body: Fields, told: Fields) -> list[Pair]:
    return [(body[name], told[name]) for name in ("title", "digest", "author")]


def _audience(body: Fields, asked: Fields) -> list[Pair]:
    told = asked["filter"]
    return [(body["to_all"], told["is_to_all"]), (body["tag"], str(told.get("tag_id", "")))]


def _about(body: Fields, asked: Fields) -> list[Pair]:
    return [(int(body[ours]), asked[theirs]) for ours, theirs in COMMENT.items() if ours in body]


REQUESTS: dict[str, Callable[[Fields, Fields], list[Pair]]] = {
    "wechat.draft.add": lambda body, asked: _article(body, asked["articles"][0]),
    "wechat.draft.edit": lambda body, asked: (
        _article(body, asked["articles"]) + _draft_is(body, asked["media_id"])
    ),
    "wechat.draft.delete": lambda body, asked: _draft_is(body, asked["media_id"]),
    "wechat.preview": lambda body, asked: (
        [(body["wxname"], asked["towxname"]), *_draft_is(body, asked["mpnews"]["media_id"])]
    ),
    "wechat.publish": lambda body, asked: _draft_is(body, asked["media_id"]),
    "wechat.mass_send": lambda body, asked: (
        _audience(body, asked) + _draft_is(body, asked["mpnews"]["media_id"])
    ),
    "wechat.tag.add": lambda body, asked: [(body["name"], asked["tag"]["name"])],
    "wechat.tag.edit": lambda body, asked: (
        [(body["name"], asked["tag"]["name"]), (int(body["id"]), asked["tag"]["id"])]
    ),
    "wechat.tag.delete": lambda body, asked: [(int(body["id"]), asked["tag"]["id"])],
    "wechat.follower.tag": lambda body, asked: [(int(body["id"]), asked["tagid"])],
    "wechat.follower.untag": lambda body, asked: [(int(body["id"]), asked["tagid"])],
    "wechat.follower.remark": lambda body, asked: [(body["remark"], asked["remark"])],
    "wechat.menu.set": lambda body, asked: [(body["buttons"], asked["button"])],
    "wechat.menu.delete": lambda body, asked: [],
    "wechat.comment.reply": lambda body, asked: [*_about(body, asked), (body["text"], asked["content"])],
    "wechat.comment.reply.delete": _about,
    "wechat.comment.elect": _about,
    "wechat.comment.delete": _about,
    "wechat.comments.open": _about,
}
PATHS = {
    "wechat.draft.add": "cgi-bin/draft/add",
    "wechat.draft.edit": "cgi-bin/draft/update",
    "wechat.draft.delete": "cgi-bin/draft/delete",
    "wechat.preview": "cgi-bin/message/mass/preview",
    "wechat.publish": "cgi-bin/freepublish/submit",
    "wechat.mass_send": "cgi-bin/message/mass/sendall",
    "wechat.tag.add": "cgi-bin/tags/create",
    "wechat.tag.edit": "cgi-bin/tags/update",
    "wechat.tag.delete": "cgi-bin/tags/delete",
    "wechat.follower.tag": "cgi-bin/tags/members/batchtagging",
    "wechat.follower.untag": "cgi-bin/tags/members/batchuntagging",
    "wechat.follower.remark": "cgi-bin/user/info/updateremark",
    "wechat.menu.set": "cgi-bin/menu/create",
    "wechat.menu.delete": "cgi-bin/menu/delete",
    "wechat.comment.reply": "cgi-bin/comment/reply/add",
    "wechat.comment.reply.delete": "cgi-bin/comment/reply/delete",
    "wechat.comment.elect": "cgi-bin/comment/markelect",
    "wechat.comment.delete": "cgi-bin/comment/delete",
    "wechat.comments.open": "cgi-bin/comment/open",
}


def is_so(facts: Account, frozen: Fields) -> bool:
    """Whether a thing is now as these frozen bytes want it; never of what goes out to readers."""
    kind, body = frozen["kind"].removeprefix("wechat."), frozen["body"]
    if kind.startswith("tag."):
        return _tag_is_so(facts, kind, body)
    if kind.startswith("follower."):
        return all(_follower_is_so(facts, kind, body, who) for who in frozen["targets"])
    if kind.startswith("comment."):
        return _comment_is_so(facts, kind, body)
    if kind == "comments.open":
        article = facts.article(int(body["article"]))
        return article is not None and article.takes_comments is body["is_open"]
    if kind == "menu.set":
        return facts.menu == body["buttons"]
    if kind == "menu.delete":
        return facts.menu is None
    if kind == "draft.delete":
        return body["draft"] not in facts.drafts
    if kind in ("draft.add", "draft.edit"):
        told = body["title"], body["digest"]
        drafts = [d for key, d in facts.drafts.items() if kind == "draft.add" or key == body["draft"]]
        return any((one.article["title"], one.article["digest"]) == told for one in drafts)
    return False


def _tag_is_so(facts: Account, kind: str, body: Fields) -> bool:
    if kind == "tag.add":
        return body["name"] in facts.tags.values()
    there = facts.tags.get(int(body["id"]))
    return there is None if kind == "tag.delete" else there == body["name"]


def _follower_is_so(facts: Account, kind: str, body: Fields, who: str) -> bool:
    one = facts.followers.get(who)
    if kind == "follower.remark":
        return one is not None and one.remark == body["remark"]
    if kind == "follower.untag":
        return one is None or int(body["id"]) not in one.tags
    return one is not None and int(body["id"]) in one.tags


def _comment_is_so(facts: Account, kind: str, body: Fields) -> bool:
    article = facts.article(int(body["article"]))
    one = article.comments.get(int(body["comment"])) if article else None
    if kind == "comment.delete":
        return one is None
    if one is None:
        return kind == "comment.reply.delete"
    if kind == "comment.elect":
        return one.is_elected is body["is_elected"]
    return one.reply == (body["text"] if kind == "comment.reply" else "")


# -- the shop's file in the end


def differences(facts: Account, rows: Rows, now_ms: int) -> Iterator[Difference]:
    """(what, as the file has it, as it is)."""
    sql = (
        "SELECT i.external_id, f.remark, f.followed_at, f.tags FROM follower f"
        " JOIN identity i ON i.id = f.identity_id WHERE f.unfollowed_at IS NULL"
    )
    here = {who: (remark, since, tuple(sorted(json.loads(tags)))) for who, remark, since, tags in rows(sql)}
    there = {
        who: (one.remark, one.since_s * 1000, tuple(sorted(map(str, one.tags))))
        for who, one in facts.followers.items()
    }
    yield "followers", here, there
    sql = (
        "SELECT t.external_id, t.name FROM tag t JOIN account a ON a.id = t.account_id"
        " WHERE a.platform = 'wechat' AND t.removed_at IS NULL AND t.external_id IS NOT NULL"
    )
    yield "tags", dict(rows(sql)), {str(tag): name for tag, name in facts.tags.items()}
    sql = (
        "SELECT external_id, title FROM article_draft WHERE removed_at IS NULL AND external_id IS NOT NULL"
    )
    yield "drafts", dict(rows(sql)), {key: one.article["title"] for key, one in facts.drafts.items()}
    sql = "SELECT external_id, title FROM article WHERE removed_at IS NULL AND external_id IS NOT NULL"
    published = {one.article_id: one.title for one in facts.articles if one.article_id}
    yield "articles", dict(rows(sql)), published
    menu = rows("SELECT buttons FROM account_menu")
    yield "menu", {0: json.loads(menu[0][0]) if menu else []}, {0: facts.menu or []}
    yield _comments(facts, rows, now_ms)


def _comments(facts: Account, rows: Rows, now_ms: int) -> Difference:
    """Of all articles of a month whose number the file knows and that have any."""
    sql = (
        "SELECT a.send_id, c.external_id, c.text, c.is_elected, c.reply FROM article_comment c"
        " JOIN article a ON a.id = c.article_id WHERE c.removed_at IS NULL"
    )
    talked = {
        str(one.send_id): one.comments
        for one in facts.articles
        if one.comments and (one.came_ms or 0) > now_ms - MONTH_MS
    }
    known = {row[0] for row in rows("SELECT send_id FROM article WHERE send_id IS NOT NULL")}
    here = {
        (send, key): (text, bool(elected), reply)
        for send, key, text, elected, reply in rows(sql)
        if send in talked
    }
    there = {
        (send, str(key)): (one.text, one.is_elected, one.reply)
        for send, comments in talked.items()
        for key, one in comments.items()
        if send in known
    }
    return "comments", here, there
