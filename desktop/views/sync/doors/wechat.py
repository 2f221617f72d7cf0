"""Connecting an official account: its AppID and AppSecret, the IP white list, what its kind may do."""

from __future__ import annotations

from desktop.views.sync.doors.door import Door, Field

DOOR = Door(
    platform="wechat",
    icon="newspaper",
    fields=(Field("appid"), Field("appsecret", is_secret=True)),
    own_id="appid",
    steps=("appid", "secret", "ip", "right"),
    real_host="https://api.weixin.qq.com",
    counts={"customers": "sync_page.followers"},
    step_of={
        "wechat_appid_wrong": "appid",
        "wechat_secret_wrong": "secret",
        "wechat_secret_missing_part": "secret",
        "wechat_ip_not_listed": "ip",
        "wechat_ip_waits": "ip",
        "wechat_ip_denied": "ip",
        "wechat_no_permission": "right",
        "wechat_agreement_missing": "right",
        "wechat_punished": "right",
    },
    needs_secret=frozenset(
        {"wechat_appid_wrong", "wechat_secret_wrong", "wechat_secret_missing_part", "wechat_token"}
    ),
    needs_trust=frozenset({"wechat_ip_not_listed"}),
)
