"""Cards for messages: those that ask for name and phone, and those that lead into a mini program."""

from desktop.sandbox.douyin.account import Account, Doc, Endpoint, page
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.content import Content
from desktop.sandbox.douyin.envelope import Form
from desktop.sandbox.douyin.errors import Refusal


def save(account: Account, args: Arguments) -> Doc:
    """Make a card, or change the one whose id is given."""
    cards = account.shelf(Content).cards
    ident = args.optional("card_id")
    if ident and ident not in cards:
        raise Refusal(28001007, "卡片不存在")
    title, media = args.text("title"), args.text("media_id")
    if media not in account.shelf(Content).images:
        raise Refusal(28001007, "media_id不存在")
    parts = [int(row) for row in args.texts("components")]
    ident = ident or account.fresh(b"dy-card")
    cards[ident] = {"card_id": ident, "title": title, "media_id": media, "components": parts, "status": 1}
    return {"card_id": ident}


def listing(account: Account, args: Arguments) -> Doc:
    """All cards at once."""
    return {"cards": list(account.shelf(Content).cards.values())}


def delete(account: Account, args: Arguments) -> Doc:
    """Take a card away."""
    if account.shelf(Content).cards.pop(args.text("card_id"), None) is None:
        raise Refusal(28001007, "卡片不存在")
    return {}


def set_template(account: Account, args: Arguments) -> Doc:
    """A card that leads into a mini program."""
    held = account.shelf(Content).templates
    ident = args.optional("card_template_id") or account.fresh(b"dy-tpl")
    held[ident] = {
        "card_template_id": ident, "card_type": args.number("card_type", 1), "title": args.text("title"),
        "content": args.optional("content"), "media_id": args.text("media_id"), "icon_media_id": "",
        "app_id": args.text("app_id"), "name": "好吃研究所小店", "app_icon_url": "", "status": 1,
        "reject_reasons": "", "create_time": account.now(), "update_time": account.now(),
    }  # fmt: skip
    return {"card_template_id": ident}


def templates(account: Account, args: Arguments) -> Doc:
    """Cards that lead into a mini program."""
    wanted = args.optional("card_template_id")
    rows = [row for key, row in account.shelf(Content).templates.items() if wanted in ("", key)]
    return page(rows, args.number("cursor", 0, 0), args.number("count", 20, 1, 50))


def delete_template(account: Account, args: Arguments) -> Doc:
    """Take such a card away."""
    if account.shelf(Content).templates.pop(args.text("card_template_id"), None) is None:
        raise Refusal(28001007, "卡片不存在")
    return {}


_CARD, _APPLET = "im.message_card", "im.microapp_card"
ENDPOINTS = (
    Endpoint("im/save/retain_consult_card/", save, "POST", Form.TOP, scope=_CARD, write=True),
    Endpoint("im/get/retain_consult_card/", listing, "GET", Form.TOP, scope=_CARD),
    Endpoint("im/del/retain_consult_card/", delete, "ANY", Form.A, scope=_CARD, write=True),
    Endpoint(
        "api/douyin/v1/im/set_applet_template/", set_template, "POST", Form.A, "client", _APPLET, True
    ),
    Endpoint("api/douyin/v1/im/get_applet_template/", templates, "POST", Form.A, "client", _APPLET),
    Endpoint(
        "api/douyin/v1/im/del_applet_template/", delete_template, "POST", Form.A, "client", _APPLET, True
    ),
)
