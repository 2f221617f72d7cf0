"""Posts: what a draft holds and what must be right before it may be confirmed. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from desktop.domain import placeholders
from desktop.domain.articles import ArticleDetails, marked_text, plain_text
from desktop.domain.audience import Audience
from desktop.domain.content import Content, MediaRef, Problem, Severity, check_message
from desktop.domain.copy_check import CopyRules
from desktop.domain.recipients import AudienceCount

DEFAULT_GRACE_MINUTES = 120
GRACE_MOST_MINUTES = 7 * 24 * 60
WARN_VERSIONS = 20
MOST_VERSIONS = 200
NAMES_SHOWN = 20
MOMENT_MOST_CHARACTERS = 2_000  # of one customer moment; in bytes as many as a message


class Channel(StrEnum):
    """How a post reaches fans. What each of them checks and sends: `services/channels`."""

    MASS_SEND = "mass_send"  # to each WeCom customer as a message
    MOMENT = "moment"  # in the moments of the shop's staff
    ARTICLE = "article"  # as an article of an official account
    PICTURE_POST = "picture_post"  # as pictures with a text on a Douyin account


@dataclass(frozen=True, slots=True)
class PostDraft:
    """What the operator typed. `scheduled_at` None sends at the next sync after confirming."""

    title: str = ""
    body: str = ""
    media: tuple[MediaRef, ...] = ()
    audience: Audience = field(default_factory=Audience)
    account_uid: str | None = None
    scheduled_at: int | None = None
    grace_minutes: int = DEFAULT_GRACE_MINUTES
    channel: Channel = Channel.MASS_SEND
    article: ArticleDetails = field(default_factory=ArticleDetails)


@dataclass(frozen=True, slots=True)
class MomentFacts:
    """What a moment's audience comes to: staff who can publish it, tags the platform does not know."""

    staff: Sequence[str] = ()
    tags: Sequence[str] = ()
    own_tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PostContext:
    """What checking a post needs to know. `versions` counts different texts after filling.

    `nameless` are the persons whose nickname is empty; `size_most` is the longest filled text in
    bytes; `account_problem` is a code when the account cannot be used.
    """

    now: int
    copy_rules: CopyRules
    audience: AudienceCount | None = None
    versions: int = 1
    nameless: Sequence[str] = ()
    size_most: int = 0
    shop_name: str = ""
    account_problem: str | None = None
    moment: MomentFacts | None = None


def check(draft: PostDraft, context: PostContext) -> list[Problem]:
    """Everything wrong or risky about a draft, errors and warnings, in reading order."""
    problems = check_message(draft.body, draft.media)
    is_moment = draft.channel is Channel.MOMENT
    allowed = placeholders.OF_MOMENTS if is_moment else placeholders.OF_POSTS
    problems += check_placeholders(draft.body, allowed)
    problems += check_copy(draft.body, context.copy_rules)
    if context.account_problem:
        problems.append(Problem(context.account_problem, field="account"))
    problems += _check_versions(draft, context)
    if is_moment:
        problems += _check_moment(draft, context)
    else:
        problems += _check_audience(draft, context.audience)
    problems += check_time(draft, context.now)
    return problems


def check_placeholders(
    body: str, allowed: Sequence[str], not_allowed_code: str = "placeholder_not_here"
) -> list[Problem]:
    """Known placeholders must have a meaning here; other words in braces are pointed out."""
    problems = [
        Problem(not_allowed_code, {"placeholder": "{" + name + "}"}, "body")
        for name in placeholders.used(body)
        if name not in allowed
    ]
    strange = placeholders.unknown(body)
    if strange:
        shown = ["{" + word + "}" for word in strange[:5]]
        problems.append(Problem("placeholder_unknown", {"words": shown}, "body", Severity.WARNING))
    return problems


def check_copy(body: str, rules: CopyRules, field_name: str = "body") -> list[Problem]:
    """Listed words as problems, one a word: where, which class, why, what to write instead."""
    seen: dict[str, Problem] = {}
    for hit in rules.check(body):
        if hit.word.word in seen:
            continue
        severity = Severity.ERROR if hit.word.blocks else Severity.WARNING
        seen[hit.word.word] = Problem(
            "copy_" + hit.word.kind,
            {
                "word": hit.found,
                "listed": hit.word.word,
                "start": hit.start,
                "end": hit.end,
                "reason": hit.word.reason,
                "safer": hit.word.safer,
                "exemption": hit.word.exemption,
                "version": rules.version,
            },
            field_name,
            severity,
        )
    return list(seen.values())


def values_for(shop_name: str, date_text: str, nickname: str | None) -> Mapping[str, str | None]:
    """What stands in for the placeholders of a post, for one person."""
    return {
        placeholders.NICKNAME: nickname,
        placeholders.SHOP: shop_name,
        placeholders.DATE: date_text,
    }


def window_of(draft: PostDraft, confirmed_at: int) -> tuple[int, int | None]:
    """[not_before, not_after]: the scheduled time plus grace, or from now on without an end."""
    if draft.scheduled_at is None:
        return confirmed_at, None
    return draft.scheduled_at, draft.scheduled_at + draft.grace_minutes * 60_000


def _check_versions(draft: PostDraft, context: PostContext) -> list[Problem]:
    problems = []
    if context.nameless:
        names = list(context.nameless[:NAMES_SHOWN])
        problems.append(
            Problem("placeholder_without_value", {"count": len(context.nameless), "names": names}, "body")
        )
    if placeholders.SHOP in placeholders.used(draft.body) and placeholders.is_blank(context.shop_name):
        problems.append(Problem("shop_name_missing", field="body"))
    if context.size_most > 4_000 >= len(draft.body.encode("utf-8", "surrogatepass")):
        problems.append(Problem("text_too_long", {"bytes": context.size_most, "limit": 4_000}, "body"))
    if context.versions > MOST_VERSIONS:
        counts = {"count": context.versions, "limit": MOST_VERSIONS}
        problems.append(Problem("too_many_versions", counts, "body"))
    elif context.versions >= WARN_VERSIONS:
        problems.append(Problem("many_versions", {"count": context.versions}, "body", Severity.WARNING))
    return problems


def _check_audience(draft: PostDraft, count: AudienceCount | None) -> list[Problem]:
    if draft.audience.is_empty:
        return [Problem("audience_missing", field="audience")]
    if count is None:
        return []
    if count.reachable == 0:
        return [Problem("audience_unreachable", {"total": count.total}, "audience")]
    left_out = count.total - count.reachable
    if left_out:
        figures = {
            "left_out": left_out,
            "total": count.total,
            "over_quota": count.over_quota,
            "suppressed": count.suppressed,
            "refused": count.refused,
            "unreachable": count.unreachable,
            "already_reached": count.already_reached,
        }
        return [Problem("audience_left_out", figures, "audience", Severity.WARNING)]
    return []


def _check_moment(draft: PostDraft, context: PostContext) -> list[Problem]:
    """A moment is shown by tags of the platform or to everybody; nobody can be left out of it by name."""
    problems, moment = [], context.moment or MomentFacts()
    characters = len(draft.body)
    if characters > MOMENT_MOST_CHARACTERS:
        counts = {"characters": characters, "limit": MOMENT_MOST_CHARACTERS}
        problems.append(Problem("moment_too_long", counts, "body"))
    if draft.audience.is_empty:
        return [*problems, Problem("audience_missing", field="audience")]
    if draft.audience.tiers:
        problems.append(Problem("moment_tiers", field="audience"))
    if draft.audience.segment:
        problems.append(Problem("moment_segment", field="audience"))
    if len(draft.audience.tags) > 1 and draft.audience.match == "all":
        problems.append(Problem("moment_match_all", field="audience"))
    if moment.own_tags:
        problems.append(
            Problem("moment_own_tags", {"names": list(moment.own_tags[:NAMES_SHOWN])}, "audience")
        )
    if context.account_problem is None and not moment.staff:
        problems.append(Problem("moment_no_staff", field="audience"))
    count = context.audience
    unwilling = count.suppressed + count.refused if count is not None else 0
    if unwilling:
        counts = {"count": unwilling}
        problems.append(Problem("moment_shows_to_all", counts, "audience", Severity.WARNING))
    return problems


def check_time(draft: PostDraft, now: int) -> list[Problem]:
    """The time must lie ahead, with the lateness that is allowed."""
    problems = []
    if not 0 <= draft.grace_minutes <= GRACE_MOST_MINUTES:
        problems.append(Problem("grace_out_of_range", {"most": GRACE_MOST_MINUTES}, "grace_minutes"))
    if draft.scheduled_at is not None and draft.scheduled_at + draft.grace_minutes * 60_000 < now:
        problems.append(Problem("schedule_in_past", field="scheduled_at"))
    return problems


@dataclass(frozen=True, slots=True)
class Post(Content[PostDraft]):
    """A stored post."""


def rewritten(draft: PostDraft, channel: Channel, account_uid: str | None) -> PostDraft:
    """The same content as another channel's draft: its time stays, whom it goes to is chosen anew.

    Words and pictures go over; marks of an article become plain words, plain words are taken as they stand.
    """
    was, becomes = draft.channel is Channel.ARTICLE, channel is Channel.ARTICLE
    body, media, article = draft.body, draft.media, draft.article
    if was and not becomes:
        body, media = plain_text(body), media or tuple(filter(None, (article.cover,)))
    elif becomes and not was:
        body = marked_text(body)
        body += "".join(f"\n[图片 {place}]" for place in range(1, len(media) + 1))
        article = replace(article, cover=article.cover or next(iter(media), None))
    keeps_people = draft.channel is channel is Channel.MASS_SEND
    audience = draft.audience if keeps_people else Audience()
    return replace(
        draft,
        body=body,
        media=media,
        article=article,
        audience=audience,
        channel=channel,
        account_uid=account_uid,
    )
