"""What may stand in a message: its kinds, their parts, and whether the parts belong to this account."""

from desktop.sandbox.douyin.account import Account, Doc
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.errors import Refusal

KINDS = {
    1: "text", 2: "image", 3: "video", 8: "retain_consult_card", 9: "group_invitation", 10: "applet_card",
    11: "applet_coupon", 12: "auth_private_message_card", 204: "question_guide_msg_card", 0: "template_card",
}  # fmt: skip
CARDS = {10, 11, 12}


class Content:
    """Pictures and cards that were uploaded for messages."""

    def __init__(self, account: Account) -> None:
        self.images: set[str] = set()
        self.cards: dict[str, Doc] = {}
        self.templates: dict[str, Doc] = {}
        self.own_items: set[str] = {account.sealed(b"dy-item", -1 - number) for number in range(60)}


def check_content(account: Account, content: Doc, allowed: set[int]) -> int:
    """Refuse a message that is not well formed; returns its kind."""
    args = Arguments(content)
    kind = args.number("msg_type", 0 if "template_card" in content else None)
    if kind not in allowed or kind not in KINDS:
        raise Refusal(28001007, "msg_type不支持")
    part = args.part(KINDS[kind])
    if part is None:
        raise Refusal(28001007, f"{KINDS[kind]}不能为空")
    held = account.shelf(Content)
    if kind == 1:
        text = part.optional("text")
        if not text.strip() or len(text) > 1000:
            raise Refusal(28001038)
    elif kind == 2 and part.text("media_id") not in held.images:
        raise Refusal(28001038, "media_id不存在")
    elif kind == 3 and part.text("item_id") not in held.own_items:
        raise Refusal(28001038, "只能发送自己发布的视频")
    elif kind == 8:
        if part.text("card_id") not in held.cards:
            raise Refusal(28001038, "卡片不存在")
        account.spend("card", account.settings.cards_per_day)
    elif kind == 9 and not (part.optional("group_id") or part.optional("group_token")):
        raise Refusal(28001007, "group_id不能为空")
    elif kind == 11 and not (part.optional("activity_id") and part.optional("coupon_meta_id")):
        raise Refusal(28001007, "券参数不能为空")
    elif kind == 204:
        _check_guide(part)
    return kind


def _check_guide(part: Arguments) -> None:
    questions = part.rows("question_list")
    if len(part.text("title")) > 30 or not 1 <= len(questions) <= 6:
        raise Refusal(28001038)
    if any(len(str(row.get("text", ""))) > 14 for row in questions):
        raise Refusal(28001038)
