"""What the directory shows of a fan, and what an export writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from desktop.domain.fans import FanRow, FanSort
from desktop.models.row_table import Column, Kind
from desktop.qtkit.i18n import label, t

# Columns by which the service can order, by column key.
SORTS = {
    "name": FanSort.NAME,
    "tier": FanSort.TIER,
    "orders": FanSort.ORDERS,
    "spend": FanSort.SPEND,
    "last_order": FanSort.LAST_ORDER,
    "interactions": FanSort.INTERACTIONS,
    "last_touch": FanSort.LAST_TOUCH,
    "first_seen": FanSort.FIRST_SEEN,
    "tags": FanSort.TAGS,
    "source": FanSort.SOURCE,
    "phone": FanSort.PHONE,
    "note": FanSort.NOTE,
}

EXPORTED = (
    "name", "tier", "phone", "tags", "external_ids", "orders", "spend", "refund", "first_order",
    "last_order", "interactions", "last_touch", "note", "uid",
)  # fmt: skip


def platform_name(platform: str) -> str:
    """A platform in the operator's language."""
    return label("fans.platform", platform)


def source_of(row: FanRow) -> str:
    """Where the shop knows the fan from, each platform once."""
    names = dict.fromkeys(
        platform_name(identity.platform)
        for identity in row.identities
        if identity.platform not in ("phone", "wechat_union")
    )
    return "、".join(names)


def export_headers() -> Mapping[str, str]:
    """Titles of exported columns in the present language."""
    return {key: t(f"fans.column.{key}") for key in EXPORTED}


def fan_columns(is_super: Callable[[int], bool]) -> list[Column]:
    """The columns of the directory."""
    return [
        Column(
            "name",
            "fans.column.name",
            lambda row: row.name,
            Kind.PERSON,
            width=210,
            stretch=True,
            badge=lambda row: "super" if is_super(row.fan_id) else "",
        ),
        Column("tier", "fans.column.tier", lambda row: row.tier.value, Kind.TIER, width=104),
        Column(
            "tags",
            "fans.column.tags",
            lambda row: [tag.name for tag in row.tags],
            Kind.TAGS,
            width=196,
            tooltip=lambda row: "、".join(tag.name for tag in row.tags),
        ),
        Column("orders", "fans.column.orders", lambda row: row.orders, Kind.COUNT, width=86),
        Column("spend", "fans.column.spend", lambda row: row.spend_cents, Kind.MONEY, width=112),
        Column("last_order", "fans.column.last_order", lambda row: row.last_order_at, Kind.WHEN, width=118),
        Column("interactions", "fans.column.interactions", lambda row: row.interactions, Kind.COUNT, 98),
        Column("source", "fans.column.source", source_of, Kind.TEXT, width=112),
        *_further_columns(),
    ]


def _further_columns() -> list[Column]:
    """Columns that are shown when chosen."""
    return [
        Column(
            "last_touch",
            "fans.column.last_touch",
            lambda row: row.last_touch_at,
            Kind.WHEN,
            width=118,
            shown=False,
        ),
        Column(
            "first_seen",
            "fans.column.first_seen",
            lambda row: row.first_seen_at,
            Kind.DAY,
            width=110,
            shown=False,
        ),
        Column(
            "phone",
            "fans.column.phone",
            lambda row: row.phone_masked,
            Kind.TEXT,
            width=120,
            shown=False,
        ),
        Column("note", "fans.column.note", lambda row: row.note, Kind.TEXT, 160, shown=False),
    ]
