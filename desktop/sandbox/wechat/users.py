"""Followers: the list of openids, details, remarks, the black list."""

from typing import Any

from desktop.sandbox.wechat.account import Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal

LANGUAGES = ("zh_CN", "zh_TW", "en")
MOST_BATCH = 100
MOST_BLACK = 20
LONGEST_REMARK = 30


def user_get(account: Account, args: Arguments) -> dict[str, Any]:
    """A page of openids; the last full page names its last openid, the one after it has no `data`."""
    first = account.start_after(args.optional_text("next_openid"))
    numbers = account.followers.window(first, account.settings.page_size)
    return {"total": account.followers.total(), **account.openids_page(numbers)}


def _profile(account: Account, openid: str, number: int, language: str) -> dict[str, Any]:
    follower = account.followers.get(number)
    answer: dict[str, Any] = {"subscribe": int(follower.subscribed), "openid": openid}
    union = (
        {"unionid": account.followers.unionid(number)} if account.settings.bound_to_open_platform else {}
    )
    if not follower.subscribed:
        return answer | union
    if account.settings.old_profile_fields:
        answer |= {
            "nickname": "",
            "sex": 0,
            "language": language,
            "city": "",
            "province": "",
            "country": "",
        }
        answer["headimgurl"] = ""
    tags = account.followers.tags_of(number)
    return (
        answer
        | {"language": language, "subscribe_time": follower.subscribe_time}
        | union
        | {
            "remark": follower.remark,
            "groupid": tags[0] if tags else 0,
            "tagid_list": tags,
            "subscribe_scene": follower.scene,
            "qr_scene": follower.qr_scene,
            "qr_scene_str": follower.qr_scene_str,
        }
    )


def _language(given: object) -> str:
    return given if isinstance(given, str) and given in LANGUAGES else "zh_CN"


def user_info(account: Account, args: Arguments) -> dict[str, Any]:
    """One follower; somebody who left keeps openid and unionid only."""
    openid = args.text("openid", missing=40003)
    return _profile(account, openid, account.follower(openid), _language(args.values.get("lang")))


def batchget(account: Account, args: Arguments) -> dict[str, Any]:
    """Up to 100 followers in the order of the request."""
    rows = args.rows("user_list", missing=40031)
    if not 1 <= len(rows) <= MOST_BATCH:
        raise Refusal(40032)
    wanted = [(Arguments(row).text("openid", missing=40003), _language(row.get("lang"))) for row in rows]
    return {
        "user_info_list": [
            _profile(account, openid, account.follower(openid), language) for openid, language in wanted
        ]
    }


def updateremark(account: Account, args: Arguments) -> dict[str, Any]:
    """Give a follower a remark of less than 30 characters; an empty one clears it."""
    number = account.follower(args.text("openid", missing=40003))
    remark = args.optional_text("remark")
    if len(remark) >= LONGEST_REMARK:
        raise Refusal(40092)
    if not account.followers.follows(number):
        raise Refusal(43004)
    account.followers.touch(number).remark = remark
    return {}


def getblacklist(account: Account, args: Arguments) -> dict[str, Any]:
    """A page of openids on the black list."""
    listed = account.followers.blacklisted()
    first = account.start_after(args.optional_text("begin_openid"))
    page = [number for number in listed if number >= first][: account.settings.page_size]
    return {"total": len(listed), **account.openids_page(page)}


def _black(account: Account, args: Arguments, listed: bool) -> dict[str, Any]:
    openids = args.texts("openid_list")
    if not 1 <= len(openids) <= MOST_BLACK:
        raise Refusal(40032)
    for number in [account.follower(openid, unknown=49003) for openid in openids]:
        account.followers.touch(number).blacklisted = listed
    return {}


def batchblacklist(account: Account, args: Arguments) -> dict[str, Any]:
    """Put up to 20 people on the black list."""
    return _black(account, args, True)


def batchunblacklist(account: Account, args: Arguments) -> dict[str, Any]:
    """Take up to 20 people off the black list."""
    return _black(account, args, False)


_C = "cgi-bin/"
ENDPOINTS = (
    Endpoint(_C + "user/get", user_get, "GET", bare=True),
    Endpoint(_C + "user/info", user_info, "GET", bare=True),
    Endpoint(_C + "user/info/batchget", batchget, bare=True),
    Endpoint(_C + "user/info/updateremark", updateremark, write=True, needs="service"),
    Endpoint(_C + "tags/members/getblacklist", getblacklist, bare=True, may_be_empty=True),
    Endpoint(_C + "tags/members/batchblacklist", batchblacklist, write=True),
    Endpoint(_C + "tags/members/batchunblacklist", batchunblacklist, write=True),
)
