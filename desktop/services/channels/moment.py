"""A moment that the shop's staff publish on their phones."""

from __future__ import annotations

from desktop.domain import posts as rules
from desktop.domain.outbox_items import NewItem
from desktop.domain.posts import MomentFacts, Post, PostDraft
from desktop.domain.write_kinds.wecom import MOMENT
from desktop.services.channels import to_customers
from desktop.services.channels.way import Asked, Checked, by_outbox
from desktop.services.post_items import moment_items
from desktop.store.audiences import recipients
from desktop.store.transaction import Transaction


class Moment:
    """One item, for everybody of the staff who can publish it."""

    platform = "wecom"
    count = staticmethod(to_customers.count)
    standing = staticmethod(by_outbox)

    def kind(self, draft: PostDraft) -> str:
        """A moment."""
        return MOMENT

    def check(self, asked: Asked) -> Checked:
        """Text, tags of the platform, staff, time."""
        facts = None if asked.account is None else _facts(asked, asked.account.id)
        context, rendering = to_customers.looked_at(asked, facts)

        def items(tx: Transaction, post: Post, hold_s: float) -> list[NewItem]:
            text = next(iter(rendering.by_text), "")
            reached = len(rendering.by_text.get(text, ()))
            return moment_items(post, text, facts or MomentFacts(), reached, tx.now_ms, hold_s)

        return Checked(rules.check(asked.draft, context), items)


def _facts(asked: Asked, account_id: int) -> MomentFacts:
    """Who would publish it, and which of its tags the platform knows."""
    known, unknown = recipients.platform_tags(asked.conn, account_id, asked.draft.audience.tags)
    return MomentFacts(recipients.publishing_staff(asked.conn, account_id), known, unknown)
