"""Receivers as ciphertext: made from the order and the field, opened again within the day's quota."""

import base64
import hashlib

from desktop.sandbox.calls import Doc
from desktop.sandbox.doudian.errors import Refusal
from desktop.sandbox.doudian.shop import Order, Shop

KINDS = {"addr": 1, "name": 2, "phone": 3}


def plain(shop: Shop, order: Order) -> dict[str, str]:
    """The receiver's words by kind."""
    person = shop.buyer_person(order)
    return {"addr": person.door, "name": person.name, "phone": person.phone}


def seal(shop: Shop, order: Order, kind: str) -> str:
    """The ciphertext of one field: search index and body between signs of its kind."""
    sign = {"addr": "~", "name": "~", "phone": "$"}[kind]
    words = plain(shop, order)[kind]
    body = hashlib.blake2b(
        f"{order.order_id}:{kind}:{words}".encode(), key=_key(shop), digest_size=30
    ).digest()
    return f"{sign}{index_of(shop, words, KINDS[kind])}{sign}{base64.b64encode(body).decode()}{sign}1{sign * 2}"


def index_of(shop: Shop, words: str, kind: int) -> str:
    """The index under which equal words are found again."""
    made = hashlib.blake2b(f"{kind}:{words}".encode(), key=_key(shop), digest_size=12).digest()
    return base64.b64encode(made).decode()


def _key(shop: Shop) -> bytes:
    return shop.chance.roll(b"dd-cipher", 0)[:32]


def mask(kind: str, words: str) -> str:
    """The masked form that may always be shown."""
    if kind == "phone":
        return f"{words[:2]}*******{words[-2:]}"
    return f"{words[:1]}{'*' * max(1, len(words) - 1)}"


def _asked(shop: Shop, params: Doc) -> list[tuple[Doc, Order | None, str]]:
    infos = params.get("cipher_infos")
    if not isinstance(infos, list) or not infos:
        raise Refusal("isv.parameter-missing", "cipher_infos不能为空")
    if len(infos) > 50:
        raise Refusal("isv.parameter-invalid", "cipher_infos最多50个")
    found = []
    for info in infos:
        text = str(info.get("cipher_text", ""))
        order = shop.find(str(info.get("auth_id", "")))
        kind = next((kind for kind in KINDS if order and seal(shop, order, kind) == text), "")
        found.append((info, order, kind))
    return found


def decrypt(shop: Shop, params: Doc) -> Doc:
    """order.batchDecrypt: each ciphertext costs one of the day's quota."""
    rows = []
    for info, order, kind in _asked(shop, params):
        row: Doc = {
            "auth_id": str(info.get("auth_id", "")), "cipher_text": str(info.get("cipher_text", "")),
            "decrypt_text": "", "err_no": 0, "err_msg": "", "data_type": KINDS.get(kind, 0),
            "is_virtual_tel": False, "phone_no_a": "", "phone_no_b": "", "expire_time": 0,
        }  # fmt: skip
        if order is None or not kind:
            row |= {"err_no": 40003, "err_msg": "密文与订单不匹配"}
        elif shop.decrypted.get(shop.day(), 0) >= shop.settings.decrypts_per_day:
            row |= {"err_no": shop.settings.decrypt_quota_code, "err_msg": "解密额度不足"}
        else:
            shop.decrypted[shop.day()] = shop.decrypted.get(shop.day(), 0) + 1
            row["decrypt_text"] = plain(shop, order)[kind]
        rows.append(row)
    failed = next((row for row in rows if row["err_no"]), None)
    custom = {"err_code": failed["err_no"] if failed else 0, "err_msg": failed["err_msg"] if failed else ""}
    return {"decrypt_infos": rows, "custom_err": custom}


def sensitive(shop: Shop, params: Doc) -> Doc:
    """order.batchSensitive: masked words, free of the quota."""
    rows = [
        {
            "auth_id": str(info.get("auth_id", "")),
            "cipher_text": str(info.get("cipher_text", "")),
            "decrypt_text": mask(kind, plain(shop, order)[kind]) if order and kind else "",
            "err_no": 0 if kind else 40003,
            "err_msg": "" if kind else "密文与订单不匹配",
            "data_type": KINDS.get(kind, 0),
        }
        for info, order, kind in _asked(shop, params)
    ]
    return {"decrypt_infos": rows, "custom_err": {"err_code": 0, "err_msg": ""}}


def search_index(shop: Shop, params: Doc) -> Doc:
    """order.getSearchIndex: where a plain word would be found."""
    words, kind = str(params.get("plain_text") or ""), params.get("sensitive_type")
    if not words or kind is None:
        raise Refusal("isv.parameter-missing")
    if str(kind) not in ("1", "2", "3"):
        raise Refusal("isv.parameter-invalid")
    return {"encrypt_index_text": index_of(shop, words, int(kind))}
