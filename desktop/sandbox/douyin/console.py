"""What the control endpoint can ask of the account: switches, what was sent, pushes, and acts of fans."""

import dataclasses
from collections.abc import Callable

from desktop.sandbox import switches
from desktop.sandbox.douyin import events
from desktop.sandbox.douyin.access import Access
from desktop.sandbox.douyin.account import Account, Doc
from desktop.sandbox.douyin.comments import Comment, Comments
from desktop.sandbox.douyin.coupons import Coupons
from desktop.sandbox.douyin.groups import Application, Groups
from desktop.sandbox.douyin.talks import Talks
from desktop.sandbox.douyin.videos import Posts

AccountAct = Callable[[Account, Doc], Doc]


def settings(account: Account, doc: Doc) -> Doc:
    """Turn switches; returns all of them."""
    return switches.turn(account.settings, doc)


def sent(account: Account, doc: Doc) -> Doc:
    """Messages, groups, posts, comments and decisions that exist because somebody called."""
    groups = account.shelf(Groups)
    own = [row for row in account.shelf(Comments).rows if row.user_id == account.open_id]
    return {
        "messages": [dataclasses.asdict(row) for row in account.shelf(Talks).sent],
        "group_messages": [dataclasses.asdict(row) for row in groups.sent],
        "groups": [dataclasses.asdict(row) for row in groups.rows],
        "applications": [dataclasses.asdict(row) for row in groups.applications],
        "posts": [dataclasses.asdict(row) for row in account.shelf(Posts).rows if row.received],
        "comments": [dataclasses.asdict(row) for row in own],
    }


def pushes(account: Account, doc: Doc) -> Doc:
    """Events as they would be pushed, with their signed headers; the newest `count` (20)."""
    events.seeded(account)
    rows = account.shelf(events.Events).rows[-int(doc.get("count", 20)) :]
    return {"events": [events.webhook(account, row) for row in rows]}


def look(account: Account, doc: Doc) -> Doc:
    """One fan by `index`, or the account with its coupons and grants."""
    if "index" in doc:
        index = int(doc["index"])
        return {"open_id": account.fan_id(index), **dataclasses.asdict(account.fan(index))}
    return {
        "open_id": account.open_id,
        "codes": [row.text for row in account.shelf(Access).codes if not row.used],
        "grants": [dataclasses.asdict(row) for row in account.shelf(Access).grants],
        "coupons": [dataclasses.asdict(row) for row in account.shelf(Coupons).rows],
        "items": [row.item_id for row in account.shelf(Posts).rows],
    }


def _fan(doc: Doc) -> int:
    return int(doc.get("index", 0))


def fan_writes(account: Account, doc: Doc) -> Doc:
    """`index`, `text`: a fan writes; answers the ids needed to reply."""
    return events.receive(account, _fan(doc), account.seconds(), str(doc.get("text", "在吗")))


def fan_enters(account: Account, doc: Doc) -> Doc:
    """`index`: a fan opens the chat page."""
    return events.enter(account, _fan(doc), account.seconds())


def fan_agrees(account: Account, doc: Doc) -> Doc:
    """`index`: a fan agrees to be written to."""
    return events.agree(account, _fan(doc), account.seconds())


def fan_follows(account: Account, doc: Doc) -> Doc:
    """`index`: a fan follows."""
    return events.follow(account, _fan(doc), account.seconds())


def fan_likes(account: Account, doc: Doc) -> Doc:
    """`index`, `item_id`: a fan likes a post (the newest)."""
    item = str(doc.get("item_id") or account.shelf(Posts).rows[0].item_id)
    return events.like(account, _fan(doc), account.seconds(), item)


def fan_answers_card(account: Account, doc: Doc) -> Doc:
    """`index`, `card_id`: a fan fills in a card."""
    return events.answer_card(account, _fan(doc), account.seconds(), str(doc.get("card_id", "")))


def fan_comments(account: Account, doc: Doc) -> Doc:
    """`index`, `text`, `item_id`, `comment_id`: a fan comments or replies."""
    item = str(doc.get("item_id") or account.shelf(Posts).rows[0].item_id)
    person = account.fan(_fan(doc))
    row = Comment(
        account.fresh(b"dy-comment-id"), item, account.fan_id(_fan(doc)), person.nickname, person.avatar,
        str(doc.get("text", "好吃")), account.seconds(), 0, str(doc.get("comment_id", "")),
    )  # fmt: skip
    account.shelf(Comments).rows.append(row)
    return {"comment_id": row.comment_id, "item_id": item}


def fan_asks_to_join(account: Account, doc: Doc) -> Doc:
    """`index`, `group_id`: a fan asks to join a group (the first)."""
    groups = account.shelf(Groups)
    group = groups.find(str(doc["group_id"])) if "group_id" in doc else groups.rows[0]
    open_id = account.fan_id(_fan(doc))
    row = Application(account.fresh(b"dy-apply-id"), group.group_id, open_id, 1, account.seconds())
    groups.applications.append(row)
    return {"apply_id": row.apply_id, "group_id": row.group_id}


def authorise(account: Account, doc: Doc) -> Doc:
    """The owner scans again; answers a new code. `scopes` narrows what is granted."""
    scopes = tuple(doc["scopes"]) if "scopes" in doc else account.shelf(Access).codes[0].scopes
    return {"code": account.shelf(Access).authorise(scopes)}


def revoke(account: Account, doc: Doc) -> Doc:
    """The owner takes the authorisation back."""
    account.shelf(Access).revoke()
    return {"revoked": True}


ACTS: dict[str, AccountAct] = {
    act.__name__: act
    for act in (
        authorise, fan_agrees, fan_answers_card, fan_asks_to_join, fan_comments, fan_enters, fan_follows,
        fan_likes, fan_writes, revoke,
    )
}  # fmt: skip


def play(account: Account, doc: Doc) -> Doc:
    """Do one of ACTS, or several."""
    events.seeded(account)
    return switches.play(ACTS, account, doc)


ROUTES: dict[tuple[str, str], AccountAct] = {
    ("GET", "/settings"): lambda account, doc: settings(account, {}),
    ("POST", "/settings"): settings,
    ("GET", "/sent"): sent,
    ("GET", "/events"): pushes,
    ("GET", "/world"): look,
    ("POST", "/world"): play,
    ("GET", "/acts"): lambda account, doc: switches.named(ACTS),
}
