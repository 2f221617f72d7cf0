"""Tiers in words: why a fan is in one and what becomes of it, and rules read aloud."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from desktop.domain.fans import Tier
from desktop.domain.tiers import Condition, Measure, Reason, TierDecision
from desktop.wording.catalogue import Wording
from desktop.wording.segments import number_text


class TierWords:
    """Says tiers in one language."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def sentence(self, decision: TierDecision, before: Tier | None = None) -> str:
        """Why a fan is in a tier, and what becomes of it without anything new; `before` is where it came from."""
        tier = self._tier(decision.tier)
        if before is not None and before is not decision.tier:
            tier = self._text("tier_say.moved", before=self._tier(before), tier=tier)
        falls = decision.falls_back_on
        later = self._tier(decision.falls_back_to) if decision.falls_back_to else ""
        if decision.reasons and decision.reasons[0].code == "pinned_until" and falls:
            return self._text("tier_say.pinned_until", tier=tier, day=falls.isoformat(), to=later)
        reasons = self._joined("tier_say.and", (self._reason(reason) for reason in decision.reasons))
        if falls is None:
            return self._text("tier_say.why", tier=tier, reasons=reasons)
        return self._text("tier_say.why_falls", tier=tier, reasons=reasons, day=falls.isoformat(), to=later)

    def condition(self, condition: Condition) -> str:
        """Everything a condition wants."""
        return self._joined("tier_say.and", map(self._measure, condition))

    def _measure(self, measure: Measure) -> str:
        least = number_text(measure.at_least, measure.what == "spend_cents")
        told = self._text(f"tier_say.least_{measure.what}", n=least, days=measure.days)
        return self._by(told, measure.channels)

    def _reason(self, reason: Reason) -> str:
        params = dict(reason.params)
        channels = params.pop("channels", ())
        if reason.code == "spend_cents":
            for name in ("n", "needed"):
                params[name] = number_text(int(str(params[name])), True)
        told = self._text(f"tier_reason.{reason.code}", **params)
        return self._by(told, channels if isinstance(channels, list | tuple) else ())

    def _by(self, told: str, channels: Iterable[str]) -> str:
        names = [self._text(f"platform.{channel}") for channel in channels]
        if not names:
            return told
        listed = ("、" if self._wording.language == "zh_CN" else ", ").join(names)
        return self._text("tier_say.on", what=told, channels=listed)

    def _joined(self, key: str, said: Iterable[str]) -> str:
        return reduce(lambda first, second: self._text(key, first=first, second=second), said)

    def _tier(self, tier: Tier) -> str:
        return self._text(f"tier.{tier.value}")

    def _text(self, key: str, **params: object) -> str:
        return self._wording.text(key, **params)
