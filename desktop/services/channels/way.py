"""What a channel of posts gives: whose accounts it uses, what it checks, and the items it sends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from desktop.domain.content import Problem
from desktop.domain.outbox_items import DeliveryCounts, NewItem, OutboxItem
from desktop.domain.posts import Post, PostDraft
from desktop.domain.progress import Progress, progress_of
from desktop.domain.recipients import AudienceCount
from desktop.services.sending import ShopFacts
from desktop.store.audiences.recipients import AccountRow
from desktop.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """A draft with what is known around it. `account_problem` is a code when the account cannot be used."""

    conn: Any
    draft: PostDraft
    post: Post | None
    account: AccountRow | None
    account_problem: str | None
    facts: ShopFacts
    now: int


# Makes the items of a confirmed post, inside the transaction that confirms it; the float is the hold in seconds.
MakesItems = Callable[[Transaction, Post, float], list[NewItem]]


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything wrong or risky, and what would be sent. `items` is called only when nothing stands against it."""

    problems: Sequence[Problem]
    items: MakesItems


class Way(Protocol):
    """One channel."""

    platform: str  # whose accounts it goes out through

    def kind(self, draft: PostDraft) -> str:
        """The kind of the write that reaches people."""

    def check(self, asked: Asked) -> Checked:
        """What stands against it, and what would be sent."""

    def count(self, asked: Asked) -> AudienceCount:
        """Whom it would reach."""

    def standing(
        self, conn: Any, post: Post, items: Sequence[OutboxItem], counts: DeliveryCounts, now: int
    ) -> Progress:
        """Where it stands, by the items of its last round and what the platform tells beside them."""


def by_outbox(
    _conn: Any, post: Post, items: Sequence[OutboxItem], counts: DeliveryCounts, now: int
) -> Progress:
    """The standing of channels whose platform tells no more than the outbox knows."""
    return progress_of(post.state, items, counts, now)
