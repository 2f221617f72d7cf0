"""A platform's error codes as dated data, and the error each one becomes."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from desktop.domain.errors import (
    AuthError,
    PlatformError,
    RateLimitedError,
    RejectedError,
    UnclearReplyError,
)

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "rules"
MAX_HINT = 300
UNKNOWN = "platform_code_unknown"
DAY_S = 86_400.0
CHINA_S = 8 * 3600.0  # daily quotas begin anew at midnight in China

Code = int | str


class Kind(StrEnum):
    """How the program reacts to a code."""

    TOKEN = "token"  # renew the token and repeat, once
    AUTH = "auth"  # stop the account
    PERMISSION = "permission"  # this ability is not open to the account, or closed for everybody
    BUSY = "busy"  # reads: again after a pause
    SERIALISE = "serialise"  # reads: one at a time, then again
    RATE = "rate"  # after `retry_after_s`
    DAY = "day"  # not before tomorrow in China
    NOT_READY = "not_ready"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class CodeRule:
    """What a code proves (`is_proof`: the request was not executed) and how to react."""

    is_proof: bool
    kind: Kind
    text: str
    retry_after_s: float | None = None


class CodeTable:
    """Every listed code of one platform, as text. The file ships with the program; a fault in it raises.

    `part` names a part of the file whose codes mean something else in one place, before all others.
    """

    def __init__(self, name: str, part: str = "") -> None:
        listed = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        self.rules = {
            code: CodeRule(
                rule["evidence"] == "N", Kind(rule["kind"]), rule["text"], rule.get("retry_after_s")
            )
            for code, rule in {**listed["codes"], **listed.get(part, {})}.items()
        }

    def known(self, codes: Sequence[Code]) -> Code | None:
        """The first code that is listed; the most telling one stands first."""
        return next((code for code in codes if str(code) in self.rules), None)

    def kind_of(self, codes: Sequence[Code]) -> Kind:
        """How to react; unlisted codes are taken as a refusal of this request."""
        code = self.known(codes)
        return Kind.REJECTED if code is None else self.rules[str(code)].kind

    def error_of(
        self,
        codes: Sequence[Code],
        message: str,
        *,
        writes: bool,
        ip: str | None = None,
        now_s: float = 0.0,
    ) -> PlatformError:
        """The error that a reply's codes stand for; `message` is shown as the platform's words.

        Codes nobody listed prove nothing: for a request that changes something it is an unclear reply.
        `ip` goes with refused credentials; `now_s` is the Unix time, for quotas that end with the day.
        """
        code = self.known(codes)
        said: dict[str, Any] = {"platform_code": "", "hint": message[:MAX_HINT]}
        if code is None:
            said["platform_code"] = codes[0] if codes else ""
            return UnclearReplyError(UNKNOWN, **said) if writes else RejectedError(UNKNOWN, **said)
        said["platform_code"] = code
        rule = self.rules[str(code)]
        if not rule.is_proof:
            return UnclearReplyError(rule.text, retry_after_s=rule.retry_after_s, **said)
        if rule.kind in (Kind.RATE, Kind.SERIALISE, Kind.DAY):
            left = DAY_S - (now_s + CHINA_S) % DAY_S
            wait = left if rule.kind is Kind.DAY else rule.retry_after_s or 60.0
            return RateLimitedError(rule.text, retry_after_s=wait, seconds=round(wait), **said)
        if rule.kind in (Kind.AUTH, Kind.TOKEN):
            return AuthError(rule.text, **(said if ip is None else {**said, "ip": ip}))
        return RejectedError(
            rule.text,
            retry_after_s=rule.retry_after_s,
            is_permission=rule.kind is Kind.PERMISSION,
            **said,
        )


def ip_in(message: str, pattern: re.Pattern[str]) -> str:
    """The address the platform saw, for the owner to enter as trusted; '' when it is not told.

    The one thing that is read from a platform's words, for display.
    """
    found = pattern.search(message)
    if found is None:
        return ""
    try:
        return str(ipaddress.ip_address(found[1].rstrip(".:")))
    except ValueError:
        return ""
