"""A message to each customer of WeCom."""

from __future__ import annotations

from desktop.domain import posts as rules
from desktop.domain.posts import PostDraft
from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS
from desktop.services.channels import to_customers
from desktop.services.channels.way import Asked, Checked, by_outbox
from desktop.services.post_items import items_of


class MassSend:
    """One item for each text and at most 10,000 customers."""

    platform = "wecom"
    count = staticmethod(to_customers.count)
    standing = staticmethod(by_outbox)

    def kind(self, draft: PostDraft) -> str:
        """A mass send."""
        return MASS_SEND_CUSTOMERS

    def check(self, asked: Asked) -> Checked:
        """Text, audience, quota, time."""
        context, rendering = to_customers.looked_at(asked, None)
        return Checked(
            rules.check(asked.draft, context),
            lambda tx, post, hold_s: items_of(post, rendering, tx.now_ms, hold_s),
        )
