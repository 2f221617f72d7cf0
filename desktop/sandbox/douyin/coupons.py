"""Group-buy coupons of the local life service: prepared, verified, cancelled, and their history."""

import hashlib
from dataclasses import dataclass

from desktop.sandbox.chance import word
from desktop.sandbox.douyin.account import DAY, Account, Doc, Endpoint, Handler
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.errors import Refusal

POI = "6601136930455300000"
HISTORY = 45


def life_sign(secret: str, query: dict[str, str], body: bytes = b"") -> str:
    """The header x-life-sign of a call to the merchant: secret, sorted parameters, the body last."""
    parts = [secret.encode(), *(f"{key}={query[key]}".encode() for key in sorted(query))]
    if body:
        parts.append(b"http_body=" + body)
    return hashlib.sha256(b"&".join(parts)).hexdigest()


@dataclass(slots=True)
class Coupon:
    """One bought coupon."""

    number: int
    code: str
    encrypted: str
    certificate_id: str
    order_id: str
    bought_at: float
    verify_id: str = ""
    verified_at: float = 0.0
    cancelled_at: float = 0.0
    token: str = ""


class Coupons:
    """Coupons by number; the first ones were used before the origin."""

    def __init__(self, account: Account) -> None:
        self.made = 0
        self.history: list[tuple[Coupon, str, float]] = []
        self.rows = [self._seeded(account, number) for number in range(HISTORY + 15)]

    def _seeded(self, account: Account, number: int) -> Coupon:
        bits = account.chance.roll(b"dy-coupon", number)
        ident = 7_200_000_000_000_000_000 + number * 1_000_033
        row = Coupon(
            number,
            f"1{word(bits, 0):05d}{word(bits, 2):05d}{number:04d}",
            f"CgYIASAHKAE{bits.hex()[:40]}=",
            str(ident),
            str(ident + 500),
            account.origin - (number + 2) * DAY,
        )
        if number >= 15:
            row.verified_at, row.verify_id = row.bought_at + DAY, str(ident + 7)
        return row

    def find(self, args: Arguments, name: str, field: str) -> Coupon:
        """The coupon whose field has the value of a parameter."""
        wanted = args.text(name)
        row = next((row for row in self.rows if getattr(row, field) == wanted), None)
        if row is None:
            raise Refusal(28001007, f"{name}不存在")
        return row


_AMOUNT = {
    "original_amount": 12_800, "pay_amount": 9_900, "list_market_amount": 12_800, "merchant_ticket_amount": 0,
    "payment_discount_amount": 0, "platform_discount_amount": 900, "coupon_pay_amount": 9_000,
}  # fmt: skip


def _sku(account: Account) -> Doc:
    return {
        "sku_id": "1745000000000123456", "title": "坚果试吃双人套餐", "groupon_type": 1, "market_price": 12_800,
        "sold_start_time": account.origin - 200 * DAY, "third_sku_id": "", "account_id": account.life_account_id,
    }  # fmt: skip


def _show(account: Account, row: Coupon, ms: bool) -> Doc:
    used = row.verified_at > 0
    doc: Doc = {
        "encrypted_code": row.encrypted,
        "certificate_id": row.certificate_id,
        "code": row.code,
        "status": 2 if used else 1,
        "start_time": int(row.bought_at),
        "expire_time": int(row.bought_at + 90 * DAY) * (1000 if ms else 1),
        "sku": _sku(account),
        "amount": _AMOUNT,
    }
    if used:
        doc["verify"] = {
            "verify_id": row.verify_id, "certificate_id": row.certificate_id, "verify_time": int(row.verified_at),
            "can_cancel": account.seconds() - row.verified_at < 3600, "verify_type": 1, "poi_id": POI,
        }  # fmt: skip
    return doc


def prepare(account: Account, args: Arguments) -> Doc:
    """Look at a coupon before it is used; the token is good for one use."""
    name, field = ("code", "code") if args.optional("code") else ("encrypted_data", "encrypted")
    coupons = account.shelf(Coupons)
    row = coupons.find(args, name, field)
    coupons.made += 1
    row.token = account.chance.roll(b"dy-verify", coupons.made).hex()[:32]
    shown = _show(account, row, ms=False)
    return {
        "verify_token": row.token, "order_id": row.order_id, "certificates": [shown], "certificates_v2": [shown]
    }  # fmt: skip


def verify(account: Account, args: Arguments) -> Doc:
    """Use coupons; each tells its own result."""
    coupons, token = account.shelf(Coupons), args.text("verify_token")
    args.text("poi_id")
    results = []
    for code in args.texts("encrypted_codes") or args.texts("codes"):
        row = next((row for row in coupons.rows if code in (row.encrypted, row.code)), None)
        good = row is not None and row.token == token and not row.verified_at
        doc: Doc = {"result": 0 if good else 1, "msg": "" if good else "券不可用", "code": code}
        if row is not None:
            if good:
                coupons.made += 1
                row.verified_at, row.token = account.seconds(), ""
                row.verify_id = str(7_300_000_000_000_000_000 + coupons.made)
            doc |= {
                "origin_code": row.code, "verify_id": row.verify_id, "certificate_id": row.certificate_id,
                "order_id": row.order_id, "account_id": account.life_account_id,
            }  # fmt: skip
        results.append(doc)
    if not results:
        raise Refusal(28001007, "encrypted_codes不能为空")
    return {"verify_results": results}


def cancel(account: Account, args: Arguments) -> Doc:
    """Take a use back within the hour."""
    row = account.shelf(Coupons).find(args, "verify_id", "verify_id")
    good = row.certificate_id == args.text("certificate_id") and account.seconds() - row.verified_at < 3600
    result = {
        "verify_id": row.verify_id, "order_id": row.order_id, "result_code": 0 if good else 1,
        "result_msg": "" if good else "不可撤销",
    }  # fmt: skip
    if good:
        account.shelf(Coupons).history.append((row, row.verify_id, row.verified_at))
        row.cancelled_at, row.verified_at = account.seconds(), 0.0
    return {"cancel_results": [result]}


def get(account: Account, args: Arguments) -> Doc:
    """One coupon; its end in milliseconds."""
    row = account.shelf(Coupons).find(args, "encrypted_code", "encrypted")
    return {"certificate": _show(account, row, ms=True)}


def query(account: Account, args: Arguments) -> Doc:
    """Coupons of an order or by code; their end in seconds."""
    name, field = ("order_id", "order_id") if args.optional("order_id") else ("encrypted_code", "encrypted")
    return {"certificates": [_show(account, account.shelf(Coupons).find(args, name, field), ms=False)]}


def records(account: Account, args: Arguments) -> Doc:
    """Uses, newest first; the cursor is the last record's own."""
    if args.text("account_id") != account.life_account_id:
        raise Refusal(28001007, "account_id不存在")
    begin = args.moment("start_time") if args.optional("start_time") else 0.0
    end = args.moment("end_time") if args.optional("end_time") else float("inf")
    held = account.shelf(Coupons)
    uses = [(row, row.verify_id, row.verified_at, 1) for row in held.rows if row.verified_at]
    uses += [(row, ident, at, 2) for row, ident, at in held.history]
    uses = sorted((use for use in uses if begin <= use[2] < end), key=lambda use: (-use[2], use[1]))
    cursor, size = args.optional("cursor", "0"), args.number("size", None, 1, 20)
    rows = [_record(account, *use) for use in uses]
    start = 0
    if cursor != "0":
        start = next((at for at, row in enumerate(rows, 1) if row["cursor"] == cursor), len(rows))
    return {"records": rows[start : start + size], "total": len(rows)}


def _record(account: Account, row: Coupon, ident: str, at: float, status: int) -> Doc:
    return {
        "verify_id": ident,
        "certificate_id": row.certificate_id,
        "verify_time": int(at),
        "verify_type": 1,
        "status": status,
        "can_cancel": status == 1 and account.seconds() - at < 3600,
        "cancel_time": int(row.cancelled_at) if status == 2 else 0,
        "cursor": f"{int(at)}_{ident}",
        "sku": _sku(account),
        "amount": _AMOUNT,
        "code": row.code,
    }


_BASE = "goodlife/v1/fulfilment/certificate/"


def _life(name: str, handler: Handler, verb: str, write: bool = False) -> Endpoint:
    return Endpoint(f"{_BASE}{name}/", handler, verb, token="client", write=write, needs_open_id=False)


ENDPOINTS = (
    _life("prepare", prepare, "GET"),
    _life("verify", verify, "POST", True),
    _life("cancel", cancel, "POST", True),
    _life("get", get, "GET"),
    _life("query", query, "GET"),
    _life("verify_record/query", records, "GET"),
)
