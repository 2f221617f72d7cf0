"""Acquisition links: links that add a member of staff, who came through them, and the quota."""

from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.statistics import day_start

DAY = 86_400
QUOTA = 1000


@dataclass(slots=True)
class Links:
    """Links by id with what is read back."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: int = 0


def _fields(corp: Corp, args: Arguments, before: dict[str, Any]) -> dict[str, Any]:
    scope = args.part("range")
    users = [corp.member(userid).userid for userid in scope.texts("user_list")]
    departments = scope.values.get("department_list") or []
    if not users and not departments and "range" not in before:
        raise Refusal(40063)
    held = before.get("link", {})
    row: dict[str, Any] = {
        "link": {
            "link_name": args.optional_text("link_name", str(held.get("link_name", "")), max_chars=30),
            "skip_verify": args.flag("skip_verify", bool(held.get("skip_verify", True))),
            "mark_source": args.flag("mark_source", bool(held.get("mark_source", True))),
        },
        "range": {"user_list": users, "department_list": departments} if users else before.get("range", {}),
    }
    if args.has("priority_option"):
        row["priority_option"] = args.part("priority_option").values
    return row


def create_link(corp: Corp, args: Arguments) -> dict[str, Any]:
    """A new link."""
    args.text("link_name")
    fields = _fields(corp, args, {})
    book = corp.shelf(Links)
    book.made += 1
    link_id = corp.chance.ident("ca", b"link", book.made)
    fields["link"] |= {
        "link_id": link_id,
        "url": f"https://work.weixin.qq.com/ca/{link_id[2:]}",
        "create_time": corp.now(),
    }
    book.rows[link_id] = fields
    shown = ("link_id", "link_name", "url", "create_time")
    return {"link": {name: fields["link"][name] for name in shown}}


def _link(corp: Corp, args: Arguments) -> dict[str, Any]:
    row = corp.shelf(Links).rows.get(args.text("link_id"))
    if row is None:
        raise Refusal(41098)
    return row


def list_links(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Ids of all links."""
    page, following = corp.page("links", list(corp.shelf(Links).rows), args, args.limit(100, 100))
    return {"link_id_list": page, "next_cursor": following}


def get_link(corp: Corp, args: Arguments) -> dict[str, Any]:
    """One link."""
    return _link(corp, args)


def update_link(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Change name, staff or switches."""
    row = _link(corp, args)
    changed = _fields(corp, args, row)
    row["link"] |= changed.pop("link")
    row |= changed
    return {}


def delete_link(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Delete a link."""
    del corp.shelf(Links).rows[_link(corp, args)["link"]["link_id"]]
    return {}


def link_customers(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Who came through a link: customers whose state is the link's id."""
    link_id = _link(corp, args)["link"]["link_id"]
    rows = _came(corp, link_id)
    page, following = corp.page(f"link:{link_id}", rows, args, args.limit(1000, 1000))
    return {"customer_list": page, "next_cursor": following}


def _came(corp: Corp, link_id: str) -> list[dict[str, Any]]:
    return [
        {
            "external_userid": corp.people.external_userid(index),
            "userid": relation.userid,
            "chat_status": 0,
            "state": relation.state,
        }
        for index, relation in corp.people.newcomers()
        if relation.state == link_id
    ]


def statistic(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Clicks and new customers of a link in a window of at most 30 days."""
    link_id = _link(corp, args)["link"]["link_id"]
    start, end = args.number("start_time"), args.number("end_time")
    if end < start or day_start(end) - day_start(start) > 30 * DAY:
        raise Refusal(40058)
    came = len(_came(corp, link_id))
    return {"click_link_customer_cnt": came * 3, "new_customer_cnt": came}


def quota(corp: Corp, args: Arguments) -> dict[str, Any]:
    """What is left of the yearly number of customers."""
    used = sum(len(_came(corp, link_id)) for link_id in corp.shelf(Links).rows)
    left = max(0, QUOTA - used)
    expires = day_start(corp.origin) + 300 * DAY
    return {"total": QUOTA, "balance": left, "quota_list": [{"expire_date": expires, "balance": left}]}


_P = "externalcontact/customer_acquisition"
ENDPOINTS = (
    Endpoint(_P + "/list_link", list_links, "POST", {"link_id_list": []}),
    Endpoint(_P + "/get", get_link),
    Endpoint(_P + "/create_link", create_link, write=True),
    Endpoint(_P + "/update_link", update_link, write=True),
    Endpoint(_P + "/delete_link", delete_link, write=True),
    Endpoint(_P + "/customer", link_customers, "POST", {"customer_list": []}),
    Endpoint(_P + "/statistic", statistic, "ANY"),
    Endpoint(_P + "_quota", quota, "ANY"),
    Endpoint(_P + "_quota/get_quota_info", quota, "ANY"),
)
