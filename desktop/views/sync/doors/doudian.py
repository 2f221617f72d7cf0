"""Connecting a Douyin shop: its own app's keys, the shop's id, permissions and white list."""

from __future__ import annotations

from desktop.views.sync.doors.door import Door, Field

DOOR = Door(
    platform="doudian",
    icon="store",
    fields=(Field("app_key"), Field("app_secret", is_secret=True), Field("shop_id")),
    own_id="shop_id",
    steps=("app", "shop", "right", "ip"),
    real_host="https://openapi-fxg.jinritemai.com",
    counts={"customers": "sync_page.customers"},
    step_of={
        "doudian_key_wrong": "app",
        "doudian_secret_wrong": "app",
        "doudian_app_barred": "app",
        "doudian_shop_other": "shop",
        "doudian_not_open": "right",
        "doudian_not_authorised": "right",
        "doudian_ip_not_trusted": "ip",
    },
    needs_secret=frozenset({"doudian_key_wrong", "doudian_secret_wrong", "doudian_shop_other"}),
)
