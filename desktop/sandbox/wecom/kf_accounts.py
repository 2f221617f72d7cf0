"""Customer-service accounts, their links, servicers and customers."""

import re
from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.kf_desk import account, desk, new_account
from desktop.sandbox.wecom.media import require_medium

MOST_ACCOUNTS = 5000
MOST_UNVERIFIED = 10
_SCENE = re.compile(r"[0-9A-Za-z_-]{0,32}")


def account_list(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Accounts by offset."""
    offset, limit = args.number("offset", 0), args.limit(100, 100)
    rows = [row for row in desk(corp).accounts if not row.deleted][offset : offset + limit]
    return {
        "account_list": [
            {
                "open_kfid": row.open_kfid,
                "name": row.name,
                "avatar": row.avatar,
                "manage_privilege": row.managed,
            }
            for row in rows
        ]
    }


def account_add(corp: Corp, args: Arguments) -> dict[str, Any]:
    """A new account."""
    name = args.text("name", max_chars=16, too_long=95006)
    require_medium(corp, args.text("media_id", missing=41006), "image")
    book = desk(corp)
    present = sum(1 for row in book.accounts if not row.deleted)
    if not corp.settings.corp_verified and present >= MOST_UNVERIFIED:
        raise Refusal(95027)
    if present >= MOST_ACCOUNTS:
        raise Refusal(95005)
    row = new_account(corp, book, name)
    book.accounts.append(row)
    return {"open_kfid": row.open_kfid}


def account_update(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Change name or picture."""
    row = account(corp, args.text("open_kfid"), write=True)
    if args.has("media_id"):
        require_medium(corp, args.values["media_id"], "image")
    row.name = args.optional_text("name", row.name, max_chars=16, too_long=95006)
    return {}


def account_del(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Delete an account; one must remain."""
    row = account(corp, args.text("open_kfid"), write=True)
    if sum(1 for other in desk(corp).accounts if not other.deleted) == 1:
        raise Refusal(95005)
    row.deleted = True
    return {}


def add_contact_way(corp: Corp, args: Arguments) -> dict[str, Any]:
    """The link of an account; the same scene gives the same link."""
    row = account(corp, args.text("open_kfid"))
    scene = args.optional_text("scene", max_bytes=32)
    if not _SCENE.fullmatch(scene):
        raise Refusal(40058)
    return {"url": f"https://work.weixin.qq.com/kf/kfc{row.open_kfid[2:16]}?enc_scene={scene}"}


def servicer_add(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Add servicers; per-row results."""
    return _servicers(corp, args, add=True)


def servicer_del(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Remove servicers; per-row results."""
    return _servicers(corp, args, add=False)


def _servicers(corp: Corp, args: Arguments, add: bool) -> dict[str, Any]:
    row = account(corp, args.text("open_kfid"), write=True)
    users = args.texts("userid_list", most=100)
    departments = [part for part in args.values.get("department_id_list") or [] if isinstance(part, int)]
    if not users and not departments:
        raise Refusal(40063)
    known = {person.userid for person in corp.staff}
    results: list[dict[str, Any]] = []
    for userid in users:
        code = 0 if userid in known else 60111
        ignored = (userid in row.servicers) == add
        text = "userid not found" if code else "ignored" if ignored else "success"
        results.append({"userid": userid, "errcode": code, "errmsg": text})
        if not code and not ignored:
            row.servicers = (
                [*row.servicers, userid] if add else [name for name in row.servicers if name != userid]
            )
    for department in departments:
        ignored = (department in row.departments) == add
        results.append(
            {"department_id": department, "errcode": 0, "errmsg": "ignored" if ignored else "success"}
        )
        others = [part for part in row.departments if part != department]
        row.departments = [*others, department] if add else others
    return {"result_list": results}


def servicer_list(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Servicers of an account."""
    row = account(corp, args.text("open_kfid"))
    people: list[dict[str, Any]] = []
    for userid in row.servicers:
        shown: dict[str, Any] = {"userid": userid}
        if row.managed:
            shown["status"] = int(userid in row.paused)
            if userid in row.paused:
                shown["stop_type"] = row.paused[userid]
        people.append(shown)
    return {"servicer_list": people + [{"department_id": part} for part in row.departments]}


def batchget(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Profiles of customers who wrote."""
    wanted = args.texts("external_userid_list", most=100)
    if not wanted:
        raise Refusal(40063)
    context = args.number("need_enter_session_context", 0) == 1
    found: list[dict[str, Any]] = []
    invalid: list[str] = []
    for external in wanted:
        index = corp.people.index_of(external)
        if index is None:
            invalid.append(external)
            continue
        profile = corp.people.profile(index)
        row = {
            "external_userid": external,
            "nickname": profile["name"],
            "avatar": profile["avatar"],
            "gender": profile["gender"],
        }
        if "unionid" in profile:
            row["unionid"] = profile["unionid"]
        found.append(
            row | ({"enter_session_context": {"scene": "shop", "scene_param": ""}} if context else {})
        )
    return {"customer_list": found, "invalid_external_userid": invalid}


ENDPOINTS = (
    Endpoint("kf/account/list", account_list, "ANY", {"account_list": []}),
    Endpoint("kf/account/add", account_add, write=True),
    Endpoint("kf/account/update", account_update, write=True),
    Endpoint("kf/account/del", account_del, write=True),
    Endpoint("kf/add_contact_way", add_contact_way, write=True),
    Endpoint("kf/servicer/add", servicer_add, "POST", {"result_list": []}, write=True),
    Endpoint("kf/servicer/del", servicer_del, "POST", {"result_list": []}, write=True),
    Endpoint("kf/servicer/list", servicer_list, "GET", {"servicer_list": []}),
    Endpoint("kf/customer/batchget", batchget, "POST", {"customer_list": []}),
)
