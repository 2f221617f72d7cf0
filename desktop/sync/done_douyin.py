"""What done writes to Douyin change here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from desktop.domain.outbox_items import OutboxItem
from desktop.domain.write_kinds.douyin import (
    COMMENT_PIN,
    COMMENT_REPLY,
    DIRECT_MESSAGE,
    GROUP_ANNOUNCEMENT,
    GROUP_MESSAGE,
    IMAGE_TEXT,
    JOIN_ACCEPT,
    MESSAGE_RECALL,
)
from desktop.domain.writes import Receipt
from desktop.store import talks
from desktop.store.accounts import public_accounts
from desktop.store.sends import deliveries
from desktop.store.transaction import Transaction


def _answered(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The platform took a reply."""
    talks.note_sent(tx, item)


def _said(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The platform took a group message: it stands in the group at once."""
    deliveries.set_status(tx, item.id, item.write.targets, "sent")


def _recalled(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """A message was taken back; what a group was told is read from the outbox itself."""
    if not item.write.body["in_group"]:
        talks.note_recalled(tx, item)


def _announced(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The group has this announcement; the platform does not tell it back."""
    public_accounts.set_notice(tx, item.account_id, str(item.write.body["group"]), item.write.text)


def _accepted(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """Somebody was let into a group."""
    public_accounts.settle_request(tx, item.entity_id)


def _pinned(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """One comment is pinned, or none is any more."""
    public_accounts.set_pinned(tx, item.entity_id, bool(item.write.body["top"]))


def _replied(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """Our answer stands below the comment."""
    public_accounts.note_reply(tx, item, receipt.platform_id)


def _published(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The post is there; its figures come with the next look."""
    public_accounts.note_published(tx, item, receipt.platform_id)


DONE: Mapping[str, Callable[[Transaction, OutboxItem, Receipt], None]] = {
    COMMENT_PIN: _pinned,
    COMMENT_REPLY: _replied,
    DIRECT_MESSAGE: _answered,
    GROUP_ANNOUNCEMENT: _announced,
    GROUP_MESSAGE: _said,
    IMAGE_TEXT: _published,
    JOIN_ACCEPT: _accepted,
    MESSAGE_RECALL: _recalled,
}
