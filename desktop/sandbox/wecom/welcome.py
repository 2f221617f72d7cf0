"""Welcome messages: one-use codes for new customers, templates for groups."""

from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.content import check_attachment, message_content
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal

CODE_LIFE_S = 20
MOST_TEMPLATES = 100
_KINDS = ("image", "link", "miniprogram", "file", "video")  # the first one given wins


@dataclass(slots=True)
class Welcomes:
    """Codes that customers' arrivals handed out, what was sent with them, and the templates."""

    codes: dict[str, float] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    templates: dict[str, dict[str, Any]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def issue(self, corp: Corp) -> str:
        """A new code, valid 20 seconds."""
        self.count += 1
        code = corp.chance.token(b"welcome", self.count, 40)
        self.codes[code] = corp.seconds() + CODE_LIFE_S
        return code


def send_welcome_msg(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Greet a new customer; the first app wins."""
    book = corp.shelf(Welcomes)
    code = args.text("welcome_code", missing=41049)
    if code not in book.codes:
        raise Refusal(41050)
    message_content(corp, args)
    if code in book.used:
        raise Refusal(41051)
    if book.codes[code] < corp.seconds():
        raise Refusal(41050)
    book.used[code] = corp.app
    return {}


def _template(corp: Corp, args: Arguments) -> dict[str, Any]:
    content = args.part("text").optional_text("content", max_bytes=3000, too_long=45002)
    kind = next((name for name in _KINDS if args.has(name)), None)
    if not content and kind is None:
        raise Refusal(40063)
    row: dict[str, Any] = {"text": {"content": content}} if content else {}
    if kind is not None:
        part = args.part(kind).values
        check_attachment(corp, {"msgtype": kind, kind: part})
        row[kind] = _picture(part) if kind == "image" else part
    return row


def _picture(part: dict[str, Any]) -> dict[str, Any]:
    """A picture is read back as an address, whichever way it was given; media_id wins."""
    given = "" if part.get("media_id") else part.get("pic_url")
    return {"pic_url": given or f"https://wework.qpic.cn/wwpic/{str(part.get('media_id'))[:16]}/0"}


def add(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Add a group welcome template."""
    row = _template(corp, args)
    book = corp.shelf(Welcomes)
    if len(book.templates) >= MOST_TEMPLATES:
        raise Refusal(41055)
    book.count += 1
    template_id = corp.chance.ident("msg", b"template", book.count)
    book.templates[template_id] = row
    book.owners[template_id] = corp.app
    return {"template_id": template_id}


def _own(corp: Corp, args: Arguments, reading: bool = False) -> str:
    template_id = args.text("template_id")
    book = corp.shelf(Welcomes)
    if template_id not in book.templates:
        raise Refusal(41058)
    if not reading and book.owners[template_id] != corp.app:
        raise Refusal(41058)
    return template_id


def edit(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Replace the content of one's own template."""
    template_id = _own(corp, args)
    corp.shelf(Welcomes).templates[template_id] = _template(corp, args)
    return {}


def get(corp: Corp, args: Arguments) -> dict[str, Any]:
    """A template's content at top level."""
    return dict(corp.shelf(Welcomes).templates[_own(corp, args, reading=True)])


def delete(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Delete one's own template."""
    del corp.shelf(Welcomes).templates[_own(corp, args)]
    return {}


_P = "externalcontact/group_welcome_template/"
ENDPOINTS = (
    Endpoint("externalcontact/send_welcome_msg", send_welcome_msg, write=True),
    Endpoint(_P + "add", add, write=True),
    Endpoint(_P + "edit", edit, write=True),
    Endpoint(_P + "get", get),
    Endpoint(_P + "del", delete, write=True),
)
