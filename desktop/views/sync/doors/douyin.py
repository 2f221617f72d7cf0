"""Connecting a Douyin account: its app's keys, the redirect address, and the owner's consent by a scan."""

from __future__ import annotations

from desktop.views.sync.doors.door import Door, Field

CONSENT = frozenset(
    {"douyin_not_authorised", "douyin_scan_needed", "douyin_not_granted", "grant_other_account"}
)
DOOR = Door(
    platform="douyin",
    icon="users",
    fields=(Field("client_key"), Field("client_secret", is_secret=True), Field("redirect_uri")),
    own_id="client_key",
    steps=("app", "redirect", "ability", "scan"),
    real_host="https://open.douyin.com",
    counts={"customers": "sync_page.customers", "groups": "sync_page.groups"},
    step_of={
        "douyin_key_wrong": "app",
        "douyin_app_barred": "app",
        "douyin_app_in_review": "app",
        "douyin_test_app": "app",
        "douyin_key_other": "app",
        "douyin_not_business": "app",
        "douyin_redirect_wrong": "redirect",
        "douyin_redirect": "redirect",
        "douyin_not_open": "ability",
        "douyin_closed": "ability",
        "douyin_not_granted": "scan",
        "douyin_not_authorised": "scan",
        "douyin_scan_needed": "scan",
        "douyin_account_other": "scan",
        "douyin_code_over": "scan",
        "douyin_oauth_refused": "scan",
    },
    needs_secret=frozenset({"douyin_key_wrong", "douyin_key_other"}),
    needs_consent=CONSENT,
)
