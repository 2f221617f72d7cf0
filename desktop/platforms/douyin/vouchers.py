"""Group-buy vouchers that the shop verified, by the app's own token."""

from __future__ import annotations

from desktop.domain.platform_records import PageOf
from desktop.domain.public_accounts import VoucherRecord
from desktop.platforms.douyin.client import DouyinClient, listed, moment
from desktop.platforms.douyin.envelope import Fields, Form
from desktop.platforms.strict_json import text, whole

SIZE = 20


async def page(
    client: DouyinClient, life_account: str, since_ms: int, until_ms: int, cursor: str
) -> PageOf[VoucherRecord]:
    """One page of what was verified; each record is its own cursor. Raises the five errors."""
    query = {
        "account_id": life_account,
        "cursor": cursor or "0",
        "size": str(SIZE),
        "start_time": str(since_ms // 1000),
        "end_time": str(until_ms // 1000),
    }
    path = "/goodlife/v1/fulfilment/certificate/verify_record/query/"
    entries = listed(await client.get(path, Form.DATA, query, as_app=True), "records")
    found = [one for one in map(_record, entries) if one is not None]
    last = text(entries[-1].get("cursor")) if entries else ""
    following = last if len(entries) == SIZE and last != cursor else ""
    return PageOf(tuple(found), following, len(entries) - len(found))


def _record(entry: Fields) -> VoucherRecord | None:
    verify_id, at = text(entry.get("verify_id")), moment(entry.get("verify_time"))
    if not verify_id or at is None:
        return None
    sku, amount = entry.get("sku"), entry.get("amount")
    paid = whole(amount.get("pay_amount")) if isinstance(amount, dict) else None
    return VoucherRecord(
        verify_id,
        text(entry.get("certificate_id")),
        at,
        text(sku.get("title")) if isinstance(sku, dict) else "",
        moment(entry.get("cancel_time")),
        max(0, paid or 0),
    )
