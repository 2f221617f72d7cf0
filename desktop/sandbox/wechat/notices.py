"""Notices of a service account: templates, and messages a follower agreed to one by one."""

import re
from dataclasses import dataclass
from typing import Any

from desktop.sandbox.wechat.account import Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal

MOST_TEMPLATES = 25
KEY_LIFE_S = 600
INDUSTRY_REST_S = 30 * 86_400
FIRST_MSG_ID = 1_528_177_725_000
_FIELD = re.compile(r"\{\{(\w+)\.DATA\}\}")
_SEEDED = (
    ("OPENTM207777", "订单发货提醒", "订单号:{{keyword1.DATA}}\n快递:{{keyword2.DATA}}\n{{remark.DATA}}"),
    ("OPENTM204444", "取货通知", "商品:{{thing1.DATA}}\n地点:{{thing2.DATA}}"),
)


@dataclass(slots=True)
class Template:
    """One template of the account."""

    template_id: str
    title: str
    content: str


class Notices:
    """Templates, agreed messages and what went out."""

    def __init__(self) -> None:
        self.templates: dict[str, Template] | None = None
        self.industry = ("1", "2")
        self.industry_at = 0.0
        self.agreed: dict[tuple[int, str], int] = {}
        self.sent: list[dict[str, Any]] = []
        self.keys: dict[tuple[str, str], tuple[int, float]] = {}


def notices(account: Account) -> Notices:
    """The store, with the templates that are there from the beginning."""
    held = account.shelf(Notices)
    if held.templates is None:
        held.templates = {}
        for _, title, content in _SEEDED:
            _add(account, held.templates, title, content)
    return held


def _add(account: Account, templates: dict[str, Template], title: str, content: str) -> Template:
    number = account.next_number("template", 0)
    made = Template(account.chance.token(b"oa-template", number, 43), title, content)
    templates[made.template_id] = made
    return made


def _templates(account: Account) -> dict[str, Template]:
    return notices(account).templates or {}


def _template(account: Account, args: Arguments) -> Template:
    found = _templates(account).get(args.optional_text("template_id"))
    if found is None:
        raise Refusal(40037)
    return found


def _receiver(account: Account, args: Arguments) -> tuple[str, int]:
    openid = args.text("touser", missing=40003)
    number = account.follower(openid)
    if not account.followers.follows(number):
        raise Refusal(43004)
    return openid, number


def _check_data(template: Template, args: Arguments) -> None:
    data = args.part("data", missing=47003).values
    for name in _FIELD.findall(template.content):
        given = data.get(name)
        if not isinstance(given, dict) or not isinstance(given.get("value"), str | int):
            raise Refusal(47003, f"argument invalid! data.{name}.value invalid")


def send(account: Account, args: Arguments) -> dict[str, Any]:
    """A template message; the same client_msg_id for the same follower within ten minutes sends once."""
    openid, _ = _receiver(account, args)
    template = _template(account, args)
    _check_data(template, args)
    held, now = notices(account), account.seconds()
    key = args.optional_text("client_msg_id")
    if key:
        msgid, at = held.keys.get((openid, key), (0, 0.0))
        if msgid and now - at < KEY_LIFE_S:
            return {"msgid": msgid}
    msgid = account.next_number("notice", FIRST_MSG_ID)
    held.keys[openid, key] = (msgid, now)
    held.sent.append(
        {"msgid": msgid, "openid": openid, "template_id": template.template_id, "at": int(now)}
    )
    return {"msgid": msgid}


def listing(account: Account, args: Arguments) -> dict[str, Any]:
    """All templates."""
    return {
        "template_list": [
            {
                "template_id": row.template_id,
                "title": row.title,
                "primary_industry": "消费品",
                "deputy_industry": "消费品",
                "content": row.content,
                "example": _FIELD.sub("示例", row.content),
            }
            for row in _templates(account).values()
        ]
    }


def add_template(account: Account, args: Arguments) -> dict[str, Any]:
    """Take a template from the platform's stock by its short id."""
    short = args.text("template_id_short", missing=40037)
    title, content = next(
        ((title, content) for known, title, content in _SEEDED if known == short),
        ("通知", "{{thing1.DATA}}"),
    )
    if len(_templates(account)) >= MOST_TEMPLATES:
        raise Refusal(45026)
    return {"template_id": _add(account, _templates(account), title, content).template_id}


def del_template(account: Account, args: Arguments) -> dict[str, Any]:
    """Give a template back."""
    del _templates(account)[_template(account, args).template_id]
    return {}


def get_industry(account: Account, args: Arguments) -> dict[str, Any]:
    """The two trades of the account."""
    first, second = notices(account).industry
    return {
        "primary_industry": {"first_class": "消费品", "second_class": first},
        "secondary_industry": {"first_class": "消费品", "second_class": second},
    }


def set_industry(account: Account, args: Arguments) -> dict[str, Any]:
    """Choose other trades; once a month."""
    held, now = notices(account), account.seconds()
    first, second = args.ident("industry_id1"), args.ident("industry_id2")
    if held.industry_at and now - held.industry_at < INDUSTRY_REST_S:
        raise Refusal(43100)
    held.industry, held.industry_at = (first, second), now
    return {}


def bizsend(account: Account, args: Arguments) -> dict[str, Any]:
    """A message the follower agreed to; each agreement is good for one."""
    openid, number = _receiver(account, args)
    template = _template(account, args)
    _check_data(template, args)
    held = notices(account)
    left = held.agreed.get((number, template.template_id), 0)
    if left < 1:
        raise Refusal(43101)
    held.agreed[number, template.template_id] = left - 1
    held.sent.append(
        {"msgid": 0, "openid": openid, "template_id": template.template_id, "at": account.now()}
    )
    return {}


def gettemplate(account: Account, args: Arguments) -> dict[str, Any]:
    """Templates for agreed messages."""
    return {"data": [{"priTmplId": row.template_id} for row in _templates(account).values()]}


_T = "cgi-bin/template/"
ENDPOINTS = (
    Endpoint("cgi-bin/message/template/send", send, write=True, needs="service"),
    Endpoint(_T + "get_all_private_template", listing, "GET", bare=True, needs="service"),
    Endpoint(_T + "api_add_template", add_template, write=True, needs="service"),
    Endpoint(_T + "del_private_template", del_template, write=True, needs="service"),
    Endpoint(_T + "get_industry", get_industry, "GET", bare=True, needs="service"),
    Endpoint(_T + "api_set_industry", set_industry, write=True, needs="service"),
    Endpoint("cgi-bin/message/subscribe/bizsend", bizsend, write=True, needs="service"),
    Endpoint("wxaapi/newtmpl/gettemplate", gettemplate, "GET", needs="service"),
)
