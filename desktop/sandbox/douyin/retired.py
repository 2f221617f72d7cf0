"""Calls the platform took away: 28001056, or with the switch `legacy` what they once answered."""

from desktop.sandbox.douyin.account import Account, Doc, Endpoint
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.errors import Refusal


class Legacy:
    """Tags of the enterprise account."""

    def __init__(self, account: Account) -> None:
        self.tags: dict[int, str] = {}
        self.made = 6_900_000_000_000_000_001
        self.bound: dict[str, set[int]] = {}


def fans(account: Account, args: Arguments) -> Doc:
    """At most 5000 fans, in no lasting order."""
    start, count = args.number("cursor", 0, 0), args.number("count", None, 1, 20)
    total = min(5000, account.size.fans)
    turn = account.now() // 60 % 7 + 1
    order = [
        index * turn % total if total % turn else index for index in range(start, min(start + count, total))
    ]
    rows = [_user(account, index) for index in order]
    return {
        "list": rows,
        "total": total,
        "cursor": start + len(rows),
        "has_more": start + len(rows) < total,
    }


def _user(account: Account, index: int) -> Doc:
    person = account.fan(index)
    return {
        "open_id": account.fan_id(index), "union_id": account.uuid(b"dy-union", index),
        "nickname": person.nickname, "avatar": person.avatar, "city": person.place[1],
        "province": person.place[0], "country": "中国", "gender": index % 3,
    }  # fmt: skip


def tags(account: Account, args: Arguments) -> Doc:
    """Tags of leads."""
    rows = [{"tag_id": ident, "tag_name": name} for ident, name in account.shelf(Legacy).tags.items()]
    start, count = max(0, args.number("cursor", 0)), args.number("count", None, 1, 50)
    part = rows[start : start + count]
    return {"list": part, "cursor": start + len(part), "has_more": start + len(part) < len(rows)}


def make_tag(account: Account, args: Arguments) -> Doc:
    """A new tag, at most 100."""
    held, name = account.shelf(Legacy), args.text("tag_name")
    if len(held.tags) >= 100:
        raise Refusal(28001007, "标签数量超限")
    held.made += 1
    held.tags[held.made] = name
    return {"tag_id": held.made}


def bind_tag(account: Account, args: Arguments) -> Doc:
    """Tag a user, at most five each."""
    held, tag, user = account.shelf(Legacy), args.number("tag_id"), args.text("user_id")
    if tag not in held.tags:
        raise Refusal(28001007, "标签不存在")
    mine = held.bound.setdefault(user, set())
    if not args.flag("bind"):
        mine.discard(tag)
    elif len(mine | {tag}) > 5:
        raise Refusal(28001007, "用户标签数量超限")
    else:
        mine.add(tag)
    return {}


def gone(account: Account, args: Arguments) -> Doc:
    """Nothing is known of the old answer: no such capability."""
    raise Refusal(28001018)


_GONE = (
    "friend/list/", "enterprise/leads/user/list/", "enterprise/leads/user/detail/",
    "enterprise/leads/user/action/list/", "enterprise/leads/tag/user/list/", "enterprise/leads/tag/update/",
    "enterprise/leads/tag/delete/", "enterprise/im/message/send/", "enterprise/im/card/save/",
    "enterprise/im/card/list/", "enterprise/im/card/delete/", "enterprise/im/persona/create/",
    "enterprise/im/persona/list/", "enterprise/im/persona/delete/", "enterprise/media/upload/",
    "enterprise/media/temp/upload/", "enterprise/media/list/", "enterprise/media/delete/",
    "video/comment/list/", "video/comment/reply/list/", "video/comment/reply/", "video/comment/top/",
    "data/external/item/base/", "enterprise/groupon/list/", "enterprise/groupon/save/",
)  # fmt: skip

ENDPOINTS = (
    Endpoint("fans/list/", fans, "GET", retired=True),
    Endpoint("following/list/", fans, "GET", retired=True),
    Endpoint("enterprise/leads/tag/list/", tags, "GET", retired=True),
    Endpoint("enterprise/leads/tag/create/", make_tag, retired=True, write=True),
    Endpoint("enterprise/leads/tag/user/update/", bind_tag, retired=True, write=True),
    *(Endpoint(path, gone, "ANY", retired=True) for path in _GONE),
)
