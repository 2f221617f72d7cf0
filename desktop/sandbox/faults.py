"""Scripted faults: which call is hit, when, and by what."""

import fnmatch
from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.calls import Call

BEFORE_ONLY = {"token_death", "errcode"}
WIRE_KINDS = {
    "close", "reset", "refuse", "hang", "half_body", "garbage", "html", "status", "slow_drip", "body",
    "endless_headers", "gzip_bomb", "wrong_length", "delay",
}  # fmt: skip
CONTENT_KINDS = {
    "errmsg", "looping_cursor", "endless_cursor", "duplicates", "reorder", "vanish", "vanish_all", "drift",
    "missing_fields", "string_numbers", "duplicate_key", "rename_fields", "retype_fields", "nan", "cut_json",
    "deep_json", "gbk", "empty_body",
}  # fmt: skip
KINDS = BEFORE_ONLY | WIRE_KINDS | CONTENT_KINDS


class BadFault(ValueError):
    """The control endpoint was given a fault it does not know."""


@dataclass(slots=True)
class Fault:
    """One rule: from the `nth` matching call on, `count` calls (0 = for ever) meet `kind`."""

    number: int
    kind: str
    path: str = "*"
    method: str | None = None
    platform: str | None = None
    body_contains: str | None = None
    nth: int = 1
    count: int = 1
    when: str = "before"
    args: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    hits: int = 0

    def matches(self, call: Call) -> bool:
        """True when the rule speaks about this call; the path is a glob, whole or from a slash on."""
        if self.platform is not None and self.platform != call.platform:
            return False
        if self.method is not None and self.method.upper() != call.method:
            return False
        pattern = self.path.lstrip("/")
        if not (fnmatch.fnmatchcase(call.path, pattern) or fnmatch.fnmatchcase(call.path, "*/" + pattern)):
            return False
        return self.body_contains is None or self.body_contains.encode() in call.body

    def due(self) -> bool:
        """Count one matching call; True when this one is hit."""
        self.seen += 1
        return self.seen >= self.nth and (self.count == 0 or self.hits < self.count)

    def number_arg(self, name: str, default: float) -> float:
        """A numeric argument."""
        return float(self.args.get(name, default))

    def describe(self) -> dict[str, Any]:
        """The rule with its counters, as JSON."""
        return {
            "id": self.number, "kind": self.kind, "path": self.path, "method": self.method,
            "platform": self.platform, "body_contains": self.body_contains, "nth": self.nth,
            "count": self.count, "when": self.when, "args": self.args, "seen": self.seen, "hits": self.hits,
        }  # fmt: skip


class FaultScript:
    """All rules in the order they were given; the first due one hits a call."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._made = 0

    def add(self, spec: dict[str, Any]) -> Fault:
        """Add a rule from JSON; unknown kinds and phases raise BadFault."""
        known = {"kind", "path", "method", "platform", "body_contains", "nth", "count", "when"}
        kind = spec.get("kind")
        if kind not in KINDS:
            raise BadFault(f"unknown kind {kind!r}; known: {', '.join(sorted(KINDS))}")
        when = spec.get("when", "before")
        if when not in ("before", "after"):
            raise BadFault("when is before or after")
        if when == "after" and kind in BEFORE_ONLY and kind != "errcode":
            raise BadFault(f"{kind} happens before the call only")
        self._made += 1
        fault = Fault(
            number=self._made,
            kind=kind,
            path=str(spec.get("path", "*")),
            method=spec.get("method"),
            platform=spec.get("platform"),
            body_contains=spec.get("body_contains"),
            nth=int(spec.get("nth", 1)),
            count=int(spec.get("count", 1)),
            when=when,
            args={key: value for key, value in spec.items() if key not in known},
        )
        self._rules.append(fault)
        return fault

    def pick(self, call: Call) -> Fault | None:
        """The fault that hits this call; every matching rule counts the call."""
        chosen: Fault | None = None
        for fault in self._rules:
            if fault.matches(call) and fault.due() and chosen is None:
                chosen = fault
        if chosen is not None:
            chosen.hits += 1
        return chosen

    def rules(self) -> list[dict[str, Any]]:
        """All rules with their counters."""
        return [fault.describe() for fault in self._rules]

    def remove(self, number: int | None) -> None:
        """Take one rule out, or all."""
        self._rules = [] if number is None else [fault for fault in self._rules if fault.number != number]
