"""WeCom's error codes as dated data, and the error each one becomes."""

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

FILE = Path(__file__).resolve().parents[3] / "resources" / "rules" / "wecom_codes.json"
MAX_HINT = 300
FROM_IP = re.compile(r"from ip: ?([0-9A-Fa-f.:]{3,45})")


class Kind(StrEnum):
    """How the program reacts to a code."""

    TOKEN = "token"  # fetch a new token and repeat, once
    AUTH = "auth"  # stop the account
    PERMISSION = "permission"  # this ability is closed to the app
    BUSY = "busy"  # reads: again after a pause
    SERIALISE = "serialise"  # reads: one at a time, then again
    RATE = "rate"
    NOT_READY = "not_ready"
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
def code_rules() -> dict[int, CodeRule]:
    """Every listed code. The file ships with the program; a fault in it is a bug and raises."""
    listed = json.loads(FILE.read_text(encoding="utf-8"))["codes"]
    return {
        int(code): CodeRule(
            int(code), rule["evidence"] == "N", Kind(rule["kind"]), rule["text"], rule.get("retry_after_s")
        )
        for code, rule in listed.items()
    }


def error_of(code: int, message: str, *, writes: bool) -> PlatformError:
    """The error an errcode other than 0 stands for; `message` is shown as the platform's words.

    A code nobody listed proves nothing: for a request that changes something it is an unclear reply.
    """
    rule = code_rules().get(code)
    said: dict[str, Any] = {"platform_code": code, "hint": message[:MAX_HINT]}
    if rule is None:
        if writes:
            return UnclearReplyError("platform_code_unknown", **said)
        return RejectedError("platform_code_unknown", **said)
    if not rule.is_proof:
        return UnclearReplyError(rule.text, retry_after_s=rule.retry_after_s, **said)
    if rule.kind in (Kind.RATE, Kind.SERIALISE):
        wait = rule.retry_after_s or 60.0
        return RateLimitedError(rule.text, retry_after_s=wait, seconds=round(wait), **said)
    if rule.kind in (Kind.AUTH, Kind.TOKEN):
        return AuthError(rule.text, ip=_ip_in(message), **said)
    return RejectedError(
        rule.text, retry_after_s=rule.retry_after_s, is_permission=rule.kind is Kind.PERMISSION, **said
    )


def kind_of(code: int) -> Kind:
    """How to react to a code; an unlisted one is taken as a refusal of this request."""
    rule = code_rules().get(code)
    return rule.kind if rule else Kind.REJECTED


def _ip_in(message: str) -> str:
    """The address the platform saw, for the owner to enter as trusted; '' when it is not told."""
    found = FROM_IP.search(message)
    if found is None:
        return ""
    try:
        return str(ipaddress.ip_address(found[1].rstrip(".:")))
    except ValueError:
        return ""
