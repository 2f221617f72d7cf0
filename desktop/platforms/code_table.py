"""A platform's error codes as dated data, and the error each one becomes."""

from __future__ import annotations

import json
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


class Kind(StrEnum):
    """How the program reacts to a code."""

    TOKEN = "token"  # renew the token and repeat, once
    AUTH = "auth"  # stop the account
    PERMISSION = "permission"  # this ability is not open to the app, or closed for everybody
    BUSY = "busy"  # reads: again after a pause
    RATE = "rate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class CodeRule:
    """What one code proves (`is_proof`: the request was not executed) and how to react."""

    code: str
    is_proof: bool
    kind: Kind
    text: str
    retry_after_s: float | None = None


class CodeTable:
    """Every listed code of one platform. The file ships with the program; a fault in it is a bug and raises."""

    def __init__(self, name: str) -> None:
        listed = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["codes"]
        self.rules = {
            code: CodeRule(
                code, rule["evidence"] == "N", Kind(rule["kind"]), rule["text"], rule.get("retry_after_s")
            )
            for code, rule in listed.items()
        }

    def rule_of(self, codes: Sequence[str]) -> CodeRule | None:
        """The rule of the first code that is listed; the most telling code stands first."""
        return next((self.rules[code] for code in codes if code in self.rules), None)

    def kind_of(self, codes: Sequence[str]) -> Kind:
        """How to react; unlisted codes are taken as a refusal of this request."""
        rule = self.rule_of(codes)
        return rule.kind if rule else Kind.REJECTED

    def error_of(self, codes: Sequence[str], message: str, *, writes: bool) -> PlatformError:
        """The error that a reply's codes stand for; `message` is shown as the platform's words.

        Codes nobody listed prove nothing: for a request that changes something it is an unclear reply.
        """
        rule = self.rule_of(codes)
        said: dict[str, Any] = {
            "platform_code": rule.code if rule else (codes[0] if codes else ""),
            "hint": message[:MAX_HINT],
        }
        if rule is None:
            return UnclearReplyError(UNKNOWN, **said) if writes else RejectedError(UNKNOWN, **said)
        if not rule.is_proof:
            return UnclearReplyError(rule.text, retry_after_s=rule.retry_after_s, **said)
        if rule.kind is Kind.RATE:
            wait = rule.retry_after_s or 60.0
            return RateLimitedError(rule.text, retry_after_s=wait, seconds=round(wait), **said)
        if rule.kind in (Kind.AUTH, Kind.TOKEN):
            return AuthError(rule.text, **said)
        return RejectedError(
            rule.text,
            retry_after_s=rule.retry_after_s,
            is_permission=rule.kind is Kind.PERMISSION,
            **said,
        )
