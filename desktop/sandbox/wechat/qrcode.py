"""Codes with a scene: temporary and permanent, by number and by text."""

from typing import Any

from desktop.sandbox.wechat.account import Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal

LONGEST_LIFE_S = 2_592_000
DEFAULT_LIFE_S = 30
MOST_PERMANENT = 100_000
LONGEST_SCENE = 64
KINDS = ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE")


class Codes:
    """Permanent codes by scene; the same scene is the same code."""

    def __init__(self) -> None:
        self.permanent: dict[str, str] = {}


def create(account: Account, args: Arguments) -> dict[str, Any]:
    """A code for a scene."""
    kind = args.text("action_name", missing=40053)
    if kind not in KINDS:
        raise Refusal(40053)
    scene = _scene(args.part("action_info", missing=40053).part("scene", missing=40053), kind)
    if kind.startswith("QR_LIMIT"):
        held = account.shelf(Codes).permanent
        if scene not in held and len(held) >= MOST_PERMANENT:
            raise Refusal(45029)
        return _said(held.setdefault(scene, _ticket(account)))
    life = args.number("expire_seconds", DEFAULT_LIFE_S)
    if not 1 <= life <= LONGEST_LIFE_S:
        raise Refusal(40053)
    return _said(_ticket(account)) | {"expire_seconds": life}


def _scene(given: Arguments, kind: str) -> str:
    if kind.endswith("STR_SCENE"):
        text = given.text("scene_str", missing=40053)
        if len(text) > LONGEST_SCENE:
            raise Refusal(40053)
        return text
    number = given.number("scene_id", wrong=40053)
    most = MOST_PERMANENT if kind == "QR_LIMIT_SCENE" else 2**32 - 1
    if not 1 <= number <= most:
        raise Refusal(40053)
    return f"#{number}"


def _ticket(account: Account) -> str:
    return "gQ" + account.chance.token(b"oa-ticket", account.next_number("ticket", 0), 94)


def _said(ticket: str) -> dict[str, Any]:
    return {"ticket": ticket, "url": f"http://weixin.qq.com/q/{ticket[2:34]}"}


ENDPOINTS = (Endpoint("cgi-bin/qrcode/create", create, write=True, bare=True, needs="service"),)
