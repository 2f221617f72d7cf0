"""A saved audience's rule read aloud: one sentence out of nested conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.domain.segments import conditions as kinds
from desktop.domain.segments.conditions import Condition, Dated, Spanned
from desktop.domain.segments.rules import AllOf, AnyOf, Not, Rule
from desktop.wording.catalogue import Wording


class RuleWords:
    """Reads rules aloud; `tags` and `groups` are names by local id."""

    def __init__(self, wording: Wording, tags: Mapping[int, str], groups: Mapping[int, str]) -> None:
        self._wording = wording
        self._tags = tags
        self._groups = groups

    def sentence(self, rule: Rule) -> str:
        """The whole rule."""
        return self._text("segment.sentence", rule=self._rule(rule, inner=False))

    def condition(self, condition: Condition) -> str:
        """One condition."""
        if isinstance(condition, kinds.TierIs):
            return self._text("segment.tier", tiers=self._words("tier.", condition.tiers))
        if isinstance(condition, kinds.HasTags):
            return self._text(
                f"segment.tags_{condition.match}", tags=self._named(self._tags, condition.tags)
            )
        if isinstance(condition, kinds.InGroups):
            groups = self._named(self._groups, condition.groups)
            return self._text(f"segment.groups_{condition.match}", groups=groups)
        if isinstance(condition, kinds.OnPlatforms):
            words = self._words("platform.", condition.platforms)
            return self._text(f"segment.platforms_{condition.match}", platforms=words)
        if isinstance(condition, kinds.ConsentIs):
            return self._text(
                "segment.consent", consents=self._words("segment.consent_", condition.consents)
            )
        if isinstance(condition, kinds.IsSuppressed):
            return self._text(f"segment.suppressed_{'yes' if condition.value else 'no'}")
        if isinstance(condition, kinds.HasPhone):
            return self._text(f"segment.phone_{'yes' if condition.value else 'no'}")
        if isinstance(condition, kinds.CameFrom):
            return self._text("segment.source", domains=self._words("segment.domain_", condition.domains))
        if isinstance(condition, kinds.LearntBy):
            return self._text("segment.origin", origins=self._words("segment.origin_", condition.origins))
        if isinstance(condition, kinds.Said):
            return self._said(condition)
        if isinstance(condition, Dated):
            return self._dated(condition)
        return self._spanned(condition) if isinstance(condition, Spanned) else ""

    def _rule(self, rule: Rule, *, inner: bool) -> str:
        if isinstance(rule, AllOf | AnyOf):
            if not rule.parts:
                return self._text("segment.nobody")
            word = "segment.and" if isinstance(rule, AllOf) else "segment.or"
            said = self._joint(word).join(self._rule(part, inner=True) for part in rule.parts)
            return self._text("segment.bracket", rule=said) if inner and len(rule.parts) > 1 else said
        if isinstance(rule, Not):
            return self._text("segment.not", rule=self._rule(rule.part, inner=True))
        return self.condition(rule)

    def _spanned(self, condition: Spanned) -> str:
        is_money = isinstance(condition, kinds.Spend)
        least, most = condition.least, condition.most
        if least is not None and least == most:
            span = self._text("segment.exactly", n=number_text(least, is_money))
        elif most is None:
            span = self._text("segment.at_least", n=number_text(least or 0, is_money))
        elif least is None:
            span = self._text("segment.at_most", n=number_text(most, is_money))
        else:
            span = self._text(
                "segment.from_to", least=number_text(least, is_money), most=number_text(most, is_money)
            )
        when = self._text("segment.ever") if condition.days is None else self._days(condition.days)
        what = {}
        if isinstance(condition, kinds.Bought):
            what = {"words": condition.words}
        if isinstance(condition, kinds.Interacted):
            what = {"kinds": self._words("interaction.", condition.kinds) or self._text("segment.any_kind")}
        return self._text(f"segment.{condition.name}", span=span, when=when, **what)

    def _said(self, condition: kinds.Said) -> str:
        when = self._text("segment.ever") if condition.days is None else self._days(condition.days)
        places = self._words("segment.place_", condition.places)
        return self._text("segment.said", words=condition.words, places=places, when=when)

    def _dated(self, condition: Dated) -> str:
        what = self._text(f"segment.moment_{condition.what}")
        if condition.way == "never":
            return self._text("segment.date_never", what=what)
        if condition.way == "between":
            return self._text(
                "segment.date_between", what=what, start=condition.start or "…", end=condition.end or "…"
            )
        return self._text(f"segment.date_{condition.way}", what=what, when=self._days(condition.days or 1))

    def _days(self, days: int) -> str:
        return self._text("segment.last_days", n=days)

    def _named(self, names: Mapping[int, str], ids: Sequence[int]) -> str:
        return self._listed([names.get(each, f"#{each}") for each in ids])

    def _words(self, prefix: str, values: Sequence[str]) -> str:
        return self._listed([self._word(f"{prefix}{value}", str(value)) for value in values])

    def _word(self, key: str, otherwise: str) -> str:
        return self._wording.text(key) if self._wording.has(key) else otherwise

    def _joint(self, key: str) -> str:
        word = self._text(key)
        return word if self._wording.language == "zh_CN" else f" {word} "

    def _listed(self, words: Sequence[str]) -> str:
        return ("、" if self._wording.language == "zh_CN" else ", ").join(words)

    def _text(self, key: str, **params: object) -> str:
        return self._wording.text(key, **params)


def number_text(value: int, is_money: bool) -> str:
    """A count with separators, or cents as yuan."""
    if not is_money:
        return f"{value:,}"
    return f"¥{value // 100:,}" if value % 100 == 0 else f"¥{value / 100:,.2f}"
