"""What followers, the web console, the administrator and the platform do while nobody calls."""

from collections.abc import Callable
from typing import Any

from desktop.sandbox.wechat.account import Account
from desktop.sandbox.wechat.articles import checked_article
from desktop.sandbox.wechat.custom import Counter, visit
from desktop.sandbox.wechat.desk import FROM_USER, TO_USER, ServiceDesk, record
from desktop.sandbox.wechat.mass import admin_answers
from desktop.sandbox.wechat.mass_rules import MassBook
from desktop.sandbox.wechat.material import Library
from desktop.sandbox.wechat.notices import notices
from desktop.sandbox.wechat.press import Comment, Press, Publication, Talk

Doc = dict[str, Any]


def follower_number(account: Account, doc: Doc) -> int:
    """The follower that `index` or `openid` names; LookupError when there is none."""
    number = int(doc["index"]) if "index" in doc else account.followers.number_of(str(doc["openid"]))
    if number is None or not 0 <= number < account.followers.count:
        raise LookupError("no such follower")
    return number


def new_followers(account: Account, doc: Doc) -> Doc:
    """`count` people follow, with `scene`, `qr_scene`, `qr_scene_str` and, for one, `unionid`."""
    made = [
        account.followers.add(
            account.now(),
            str(doc.get("scene", "ADD_SCENE_SEARCH")),
            int(doc.get("qr_scene", 0)),
            str(doc.get("qr_scene_str", "")),
            str(doc.get("unionid", "")),
        )
        for _ in range(int(doc.get("count", 1)))
    ]
    for number in made:
        visit(account, number, "follow")
    return {"openids": [account.followers.openid(number) for number in made], "indexes": made}


def follower_leaves(account: Account, doc: Doc) -> Doc:
    """A follower unfollows."""
    account.followers.leave(follower_number(account, doc), account.now())
    return {}


def follower_returns(account: Account, doc: Doc) -> Doc:
    """Somebody who left follows again."""
    account.followers.come_back(follower_number(account, doc), account.now())
    return {}


def _talk(account: Account, doc: Doc) -> Talk:
    return _publication(account, doc).talks[int(doc.get("article", 0))]


def _publication(account: Account, doc: Doc) -> Publication:
    press = account.shelf(Press)
    if "msg_data_id" in doc:
        row = press.by_data_id(int(doc["msg_data_id"]))
    elif "article_id" in doc:
        row = press.by_article_id(str(doc["article_id"]))
    else:
        row = press.rows[-1] if press.rows else None
    if row is None:
        raise LookupError("no such publication")
    return row


def follower_comments(account: Account, doc: Doc) -> Doc:
    """A follower (left out: somebody who is no WeChat user) writes `content` under an article."""
    named = "index" in doc or "openid" in doc
    who = follower_number(account, doc) if named else None
    talk = _talk(account, doc)
    if not talk.is_open:
        raise ValueError("comments are closed there")
    return {"user_comment_id": talk.add(who, account.now(), str(doc.get("content", "好吃!"))).ident}


def _comment(account: Account, doc: Doc) -> Comment:
    rows = _talk(account, doc).rows
    wanted = int(doc["user_comment_id"]) if "user_comment_id" in doc else rows[-1].ident
    return next(row for row in rows if row.ident == wanted)


def follower_withdraws_comment(account: Account, doc: Doc) -> Doc:
    """Somebody takes the comment `user_comment_id` back."""
    _comment(account, doc).withdrawn = True
    return {}


def _visits(kind: str, words: str) -> Callable[[Account, Doc], Doc]:
    def act(account: Account, doc: Doc) -> Doc:
        visit(account, follower_number(account, doc), kind)
        return {}

    act.__doc__ = words
    return act


def follower_writes(account: Account, doc: Doc) -> Doc:
    """A follower writes `content` to the account."""
    number = follower_number(account, doc)
    visit(account, number, "message")
    record(account, number, str(doc.get("content", "在吗")), FROM_USER)
    return {}


def follower_refuses_messages(account: Account, doc: Doc) -> Doc:
    """A follower wants no messages any more; `refuses` false takes it back."""
    number = follower_number(account, doc)
    account.shelf(Counter).visitor(number).refuses = bool(doc.get("refuses", True))
    return {}


def follower_subscribes(account: Account, doc: Doc) -> Doc:
    """A follower agrees to `count` messages of `template_id`."""
    held, key = notices(account), (follower_number(account, doc), str(doc["template_id"]))
    held.agreed[key] = held.agreed.get(key, 0) + int(doc.get("count", 1))
    return {}


def worker_goes_online(account: Account, doc: Doc) -> Doc:
    """Somebody takes the seat of `kf_account`; `online` false leaves it."""
    worker = account.shelf(ServiceDesk).workers[str(doc["kf_account"])]
    worker.wx, worker.online = worker.wx or "worker_wx", bool(doc.get("online", True))
    return {}


def worker_answers(account: Account, doc: Doc) -> Doc:
    """The worker in session with a follower writes `content`."""
    record(account, follower_number(account, doc), str(doc.get("content", "在的")), TO_USER)
    return {}


def console_renames_tag(account: Account, doc: Doc) -> Doc:
    """Tag `id` gets another `name` in the web console."""
    account.followers.tag_names[int(doc["id"])] = str(doc["name"])
    return {}


def console_adds_tag(account: Account, doc: Doc) -> Doc:
    """A tag `name` is made in the web console."""
    return {"id": account.followers.new_tag(str(doc["name"]))}


def console_deletes_tag(account: Account, doc: Doc) -> Doc:
    """Tag `id` is deleted in the web console."""
    del account.followers.tag_names[int(doc["id"])]
    return {}


def console_remarks(account: Account, doc: Doc) -> Doc:
    """A follower gets a `remark` in the web console."""
    account.followers.touch(follower_number(account, doc)).remark = str(doc.get("remark", ""))
    return {}


def console_publishes(account: Account, doc: Doc) -> Doc:
    """An article `title` goes out from the web console; `notified` for a mass message."""
    thumb = next(iter(account.shelf(Library).permanent))
    row = {
        "title": str(doc.get("title", "后台发的")),
        "content": "<p>在网页后台写的。</p>",
        "thumb_media_id": thumb,
        "need_open_comment": 1,
    }
    article = checked_article(account, row, alone=True)
    made = account.shelf(Press).add(account, [article], bool(doc.get("notified", False)))
    return {"msg_data_id": made.msg_data_id, "article_id": made.article_id}


def admin_decides(account: Account, doc: Doc) -> Doc:
    """The administrator answers a protected message `msg_id` with `accepts`."""
    row = account.shelf(MassBook).find(str(doc["msg_id"]))
    admin_answers(account, row, bool(doc.get("accepts", True)))
    return {"status": row.status}


def platform_bans(account: Account, doc: Doc) -> Doc:
    """The platform takes a publication away."""
    _publication(account, doc).banned = True
    return {}


ACTS: dict[str, Callable[[Account, Doc], Doc]] = {
    act.__name__: act
    for act in (
        new_followers,
        follower_leaves,
        follower_returns,
        follower_comments,
        follower_withdraws_comment,
        console_adds_tag,
        console_renames_tag,
        console_deletes_tag,
        console_remarks,
        console_publishes,
        admin_decides,
        platform_bans,
        follower_writes,
        follower_refuses_messages,
        follower_subscribes,
        worker_goes_online,
        worker_answers,
    )
} | {
    "follower_taps_menu": _visits("menu", "A follower taps a menu button that sends an event."),
    "follower_scans": _visits("scan", "A follower scans a code with a scene."),
    "follower_pays": _visits("pay", "A follower pays in the account."),
}
