"""What messages and moments to WeCom customers share: who is reachable, and the text of each."""

from __future__ import annotations

from desktop.domain import posts as rules
from desktop.domain.posts import Channel, MomentFacts, PostContext
from desktop.domain.recipients import AudienceCount
from desktop.domain.segments.facts import AsOf
from desktop.domain.shop import DEFAULT_ZONE
from desktop.services.channels.way import Asked
from desktop.services.post_items import Rendering, rendered
from desktop.store.audiences import reach_rules, recipients
from desktop.store.audiences.recipients import AccountRow, Reach

NOBODY = AccountRow(-1, "", "wecom", "", "", "new")


def reach_of(asked: Asked) -> Reach:
    """What decides who is reachable; without an account nobody is."""
    account, draft = asked.account, asked.draft
    if account is None:
        return Reach(NOBODY, None, 0, (0, 0), AsOf(asked.now, DEFAULT_ZONE))
    at, zone = max(rules.window_of(draft, asked.now)[0], asked.now), asked.facts.zone
    if draft.channel is Channel.MOMENT:  # a moment counts against nobody's quota, and may come again
        return recipients.reach_of(account, None, at, zone)
    rule = reach_rules.quota_rule(asked.conn, account.platform, at, zone)
    return recipients.reach_of(account, rule, at, zone, asked.post.id if asked.post else None)


def count(asked: Asked) -> AudienceCount:
    """How the audience splits."""
    return recipients.count(asked.conn, asked.draft.audience, reach_of(asked))


def looked_at(asked: Asked, moment: MomentFacts | None) -> tuple[PostContext, Rendering]:
    """What checking needs to know, and who gets which text."""
    reach = reach_of(asked)
    counted = recipients.count(asked.conn, asked.draft.audience, reach)
    people = recipients.recipients(asked.conn, asked.draft.audience, reach)
    rendering = rendered(asked.draft, asked.facts, people, asked.now)
    context = PostContext(
        now=asked.now,
        copy_rules=asked.facts.copy_rules,
        audience=counted,
        versions=len(rendering.by_text),
        nameless=rendering.nameless,
        size_most=rendering.size_most,
        shop_name=asked.facts.name,
        account_problem=asked.account_problem,
        moment=moment,
    )
    return context, rendering
