"""The official account's error codes as dated data, and the error each one becomes."""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from desktop.domain.errors import (
    AuthError,
    PlatformError,
    RateLimitedError,
    RejectedError,
    UnclearReplyError,
)

FILE = Path(__file__).resolve().parents[3] / "resources" / "rules" / "wechat_codes.json"
MAX_HINT = 300
DAY_S = 86_400.0
CHINA_S = 8 * 3600.0  # daily quotas begin anew at midnight in China
# "invalid ip 8.149.1.2 ipv6 ::ffff:8.149.1.2, not in whitelist": the one message that is read, for display.
PUBLIC_IP = re.compile(r"invalid ip (\d{1,3}(?:\.\d{1,3}){3})")


class Kind(StrEnum):
    """How the program reacts to a code."""

    TOKEN = "token"  # fetch the token again and repeat, once
    AUTH = "auth"  # stop the account
    PERMISSION = "permission"  # this ability is closed to the account
    BUSY = "busy"  # reads: again after a pause
    RATE = "rate"  # after `retry_after_s`
    DAY = "day"  # not before tomorrow in China
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class CodeRule:
    """What one code proves (`is_proof`: the request was not executed) and how to react."""

    code: int
    is_proof: bool
    kind: Kind
    text: str
    retry_after_s: float | None = None


@cache
def _tables() -> tuple[dict[int, CodeRule], dict[int, CodeRule]]:
    """Codes of every call, and what differs when a token is asked for. A fault in the file raises."""
    listed = json.loads(FILE.read_text(encoding="utf-8"))
    every, signing_in = (_rules(listed[part]) for part in ("codes", "on_token"))
    return every, {**every, **signing_in}


def _rules(part: dict[str, Any]) -> dict[int, CodeRule]:
    return {
        int(code): CodeRule(
            int(code), rule["evidence"] == "N", Kind(rule["kind"]), rule["text"], rule.get("retry_after_s")
        )
        for code, rule in part.items()
    }


def rule_of(code: int, *, signs_in: bool = False) -> CodeRule | None:
    """What is known of a code; None for one that is not listed."""
    return _tables()[signs_in].get(code)


def error_of(
    code: int, message: str, *, writes: bool, signs_in: bool = False, now_s: float = 0.0
) -> PlatformError:
    """The error an errcode other than 0 stands for; `message` is shown as the platform's words.

    A code nobody listed proves nothing: for a request that changes something it is an unclear reply.
    `now_s` is the Unix time, for quotas that end with the day.
    """
    rule = rule_of(code, signs_in=signs_in)
    said: dict[str, Any] = {"platform_code": code, "hint": message[:MAX_HINT]}
    if rule is None:
        if writes:
            return UnclearReplyError("platform_code_unknown", **said)
        return RejectedError("platform_code_unknown", **said)
    if not rule.is_proof:
        return UnclearReplyError(rule.text, retry_after_s=rule.retry_after_s, **said)
    if rule.kind in (Kind.RATE, Kind.DAY):
        left = DAY_S - (now_s + CHINA_S) % DAY_S
        wait = left if rule.kind is Kind.DAY else rule.retry_after_s or 60.0
        return RateLimitedError(rule.text, retry_after_s=wait, seconds=round(wait), **said)
    if rule.kind in (Kind.AUTH, Kind.TOKEN):
        return AuthError(rule.text, ip=ip_in(message), **said)
    return RejectedError(
        rule.text, retry_after_s=rule.retry_after_s, is_permission=rule.kind is Kind.PERMISSION, **said
    )


def kind_of(code: int) -> Kind:
    """How to react to a code; an unlisted one is taken as a refusal of this request."""
    rule = rule_of(code)
    return rule.kind if rule else Kind.REJECTED


def ip_in(message: str) -> str:
    """The address the platform saw, for the owner to enter in the white list; '' when it is not told."""
    found = PUBLIC_IP.search(message)
    if found is None:
        return ""
    try:
        return str(ipaddress.ip_address(found[1]))
    except ValueError:
        return ""
