"""The Douyin account itself: its card and the figures of its fans."""

from __future__ import annotations

from typing import Any

from desktop.domain.errors import RejectedError
from desktop.domain.public_accounts import AccountFacts
from desktop.platforms.douyin.client import DouyinClient
from desktop.platforms.douyin.envelope import Fields, Form
from desktop.platforms.strict_json import rows, text, whole

SPREADS = ("gender", "age", "geographical", "active_days", "device", "interest")


async def facts(client: DouyinClient) -> AccountFacts:
    """Card and fans. The figures of fans exist from a hundred fans on and two days after the consent.

    Raises the five errors; without the right to the figures the card alone comes.
    """
    card = await client.card()
    open_id = text(card.get("open_id")) or await client.open_id()
    name = text(card.get("nickname"))
    try:
        data = await client.get("/api/douyin/v1/user/fans_data/", Form.DATA)
    except RejectedError as error:
        if error.params.get("is_permission"):
            raise
        return AccountFacts(open_id, name)  # too few fans yet
    told = data.get("fans_data")
    figures: Fields = told if isinstance(told, dict) else {}
    return AccountFacts(open_id, name, whole(figures.get("all_fans_num")), _spread(figures))


def _spread(figures: Fields) -> dict[str, Any]:
    """Shares by the platform's own groups, those that were told."""
    found: dict[str, Any] = {}
    for name in SPREADS:
        part = [
            [text(row.get("item")), whole(row.get("value")) or 0]
            for row in rows(figures.get(f"{name}_distributions"))
        ]
        if part:
            found[name] = part
    return found
