"""Connecting WeCom: a self-built app's secret, its right to see customers, this computer's address."""

from __future__ import annotations

from desktop.views.sync.doors.door import Door, Field

DOOR = Door(
    platform="wecom",
    icon="message-square",
    fields=(Field("corpid"), Field("corpsecret", is_secret=True)),
    own_id="corpid",
    steps=("corpid", "app", "right", "ip"),
    real_host="https://qyapi.weixin.qq.com",
    counts={
        "customers": "sync_page.customers",
        "groups": "sync_page.groups",
        "staff": "sync_page.staff",
    },
    step_of={
        "wecom_corpid_wrong": "corpid",
        "wecom_secret_wrong": "app",
        "wecom_app_barred": "app",
        "wecom_out_of_range": "app",
        "wecom_no_permission": "right",
        "wecom_ip_not_trusted": "ip",
    },
    needs_secret=frozenset(
        {
            "wecom_secret_wrong",
            "wecom_corpid_wrong",
            "wecom_secret_missing_part",
            "wecom_no_licence",
            "wecom_token",
        }
    ),
    needs_trust=frozenset({"wecom_ip_not_trusted"}),
)
