"""How audiences are said on the screen: rules with names, changes of a day, what is left out."""

from __future__ import annotations

from desktop.domain.segments.conditions import ConsentIs, Dated, IsSuppressed, Moment, Spend
from desktop.domain.segments.rules import AllOf, Rule
from desktop.domain.segments.saved import Segment, SegmentCount, SegmentLine
from desktop.qtkit.i18n import languages, t
from desktop.services.segments import Names
from desktop.views.composing.phrases import joined
from desktop.wording.segments import RuleWords

EXAMPLES: dict[str, Rule] = {
    "asleep": AllOf((Dated(Moment.LAST_ORDER, "not_since", 90),)),
    "spender": AllOf((Spend(least=50_000, days=365),)),
    "agreed": AllOf((ConsentIs(("agreed",)), IsSuppressed(value=False))),
}
REASONS = ("refused", "unknown", "suppressed", "over_quota")


def rule_text(rule: Rule, names: Names) -> str:
    """The rule in one sentence; what has no name any more is #id."""
    return RuleWords(languages.wording, names.tags, names.groups).sentence(rule)


def segment_text(segment: Segment, names: Names) -> str:
    """Who is in an audience: its rule in one sentence, or that people were put on it by hand."""
    return t("segments.by_hand") if segment.is_by_hand else rule_text(segment.draft.rule, names)


def change_text(line: SegmentLine) -> str:
    """Who came and went on the day counted last."""
    net = net_change(line)
    return "–" if net is None else t("segments.no_change") if net == 0 else f"{net:+,}"


def net_change(line: SegmentLine) -> int | None:
    """Joined less gone on the day counted last; None before there is a day to compare with."""
    last = line.days[-1] if line.days else None
    return None if last is None or last.joined is None or last.gone is None else last.joined - last.gone


def left_out_text(count: SegmentCount) -> str:
    """Who of them a send cannot reach, by reason; they may overlap."""
    said = [
        t(f"segments.left_{reason}", n=f"{number:,}")
        for reason in REASONS
        if (number := getattr(count, reason))
    ]
    return joined(said) if said else t("segments.left_nobody")
