"""All platforms that an account can be connected on, in the order they are offered. A new one is a line here."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.views.sync.doors import doudian, douyin, wechat, wecom
from desktop.views.sync.doors.door import Door

DOORS: Mapping[str, Door] = {
    door.platform: door for door in (wecom.DOOR, wechat.DOOR, douyin.DOOR, doudian.DOOR)
}

# What the owner can do about it here, beside trying again.
NEEDS_SECRET = frozenset({"secret_missing"}).union(*(door.needs_secret for door in DOORS.values()))
NEEDS_TRUST = frozenset[str]().union(*(door.needs_trust for door in DOORS.values()))
NEEDS_CONSENT = frozenset[str]().union(*(door.needs_consent for door in DOORS.values()))
REAL_HOSTS = frozenset(door.real_host for door in DOORS.values())
