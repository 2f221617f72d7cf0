"""Who must not be reached: the one place that decides it for audiences, sends and lists handed over."""

from __future__ import annotations

from typing import Literal

RouteLiteral = Literal["mass_send", "direct_message", "sms", "call", "ads"]


# The channels whose words and lists count for a route, beside those that count everywhere.
CHANNELS = {
    "mass_send": "'mass_send', 'wecom'",
    "direct_message": "'direct_message'",
    "sms": "'sms'",
    "call": "'call'",
    "ads": "'ads'",
}


def _word(fan: Literal["fan", "f", "chosen"], purpose: str, what: str, said: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM consent AS w WHERE w.fan_id = {fan}.id AND w.is_latest = 1"
        f" AND w.purpose = '{purpose}' AND {what} AND w.state = '{said}')"
    )


def stance(fan: Literal["fan", "f", "chosen"], route: RouteLiteral) -> str:
    """SQL of what a fan says to marketing on this route: 'agreed', 'refused' or 'unknown'.

    `fan` is what the statement calls a row with id, marketing and under_14.
    A word on a channel counts there. A refusal everywhere holds until a later word on the channel; an
    agreement everywhere does not open a channel that was refused. A child needs a guardian's word first.
    """
    there = f"w.channel IN ({CHANNELS[route]})"
    everywhere = (
        f"(SELECT max(o.at) FROM consent AS o WHERE o.fan_id = {fan}.id AND o.is_latest = 1"
        " AND o.purpose = 'marketing' AND o.channel = '')"
    )
    later = f"{there} AND w.at > coalesce({everywhere}, 0)"
    return (
        f"CASE WHEN {fan}.under_14 = 1 AND NOT {_word(fan, 'guardian', '1', 'agreed')} THEN 'refused'"
        f" WHEN {_word(fan, 'marketing', there, 'refused')} THEN 'refused'"
        f" WHEN {fan}.marketing = 'refused' AND NOT {_word(fan, 'marketing', later, 'agreed')}"
        " THEN 'refused'"
        f" WHEN {fan}.marketing = 'agreed' OR {_word(fan, 'marketing', there, 'agreed')} THEN 'agreed'"
        " ELSE 'unknown' END"
    )


def shut(fan: Literal["fan", "f", "chosen"], route: RouteLiteral | None) -> str:
    """SQL that is true where a fan is on the do-not-contact list for a route, or for all; None: for any."""
    where = f" AND x.channel IN ('', {CHANNELS[route]})" if route else ""
    return f"EXISTS (SELECT 1 FROM suppression AS x WHERE x.fan_id = {fan}.id{where})"


def barred(fan: Literal["fan", "f", "chosen"], route: RouteLiteral) -> str:
    """SQL of why a fan must not be reached on a route: 'suppressed', 'refused' or NULL."""
    return (
        f"CASE WHEN {shut(fan, route)} THEN 'suppressed'"
        f" WHEN {stance(fan, route)} = 'refused' THEN 'refused' END"
    )
