"""What a write that is done changes here, kind by kind: the one place where a platform's answer becomes data."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from desktop.domain.outbox_items import OutboxItem
from desktop.domain.write_kinds import wechat
from desktop.domain.write_kinds.wecom import (
    CONTACT_WAY_ADD,
    CONTACT_WAY_DELETE,
    CONTACT_WAY_EDIT,
    CUSTOMER_REMARK,
    CUSTOMER_TAGS,
    JOIN_WAY_ADD,
    JOIN_WAY_DELETE,
    JOIN_WAY_EDIT,
    KF_MESSAGE,
    MASS_SEND_CUSTOMERS,
    MASS_SEND_GROUPS,
    MOMENT,
    TAG_ADD,
    TAG_DELETE,
    TAG_EDIT,
    WELCOME_ADD,
    WELCOME_DELETE,
    WELCOME_EDIT,
)
from desktop.domain.writes import Receipt
from desktop.store import talks
from desktop.store.posts import moments
from desktop.store.sends import deliveries
from desktop.store.transaction import Transaction
from desktop.sync import done_doudian, done_douyin, done_edits, done_wechat

Done = Callable[[Transaction, OutboxItem, Receipt], None]


def apply_done(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """Store what follows from a done item, in the transaction that says so."""
    handle = DONE.get(item.kind)
    if handle is not None:
        handle(tx, item, receipt)


def _waits_for_staff(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """A task at the platform: everybody waits for the staff, except those the platform refused."""
    deliveries.accepted(tx, item.id, receipt.refused)


def _kf_message(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The platform took a reply."""
    talks.note_sent(tx, item)


def _moment(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """A reply names the job; the platform's list names the moment itself, which is tied to its item."""
    deliveries.accepted(tx, item.id, receipt.refused)
    if receipt.facts.get("by") == "listing":
        moments.link(tx, item.account_id, receipt.platform_id, item.id)


DONE: Mapping[str, Done] = {
    **done_doudian.DONE,
    **done_douyin.DONE,
    CONTACT_WAY_ADD: done_edits.way_added,
    CONTACT_WAY_DELETE: done_edits.way_deleted,
    CONTACT_WAY_EDIT: done_edits.way_edited,
    CUSTOMER_REMARK: done_edits.customer_noted,
    CUSTOMER_TAGS: done_edits.customer_marked,
    JOIN_WAY_ADD: done_edits.way_added,
    JOIN_WAY_DELETE: done_edits.way_deleted,
    JOIN_WAY_EDIT: done_edits.way_edited,
    KF_MESSAGE: _kf_message,
    MASS_SEND_CUSTOMERS: _waits_for_staff,
    MASS_SEND_GROUPS: _waits_for_staff,
    MOMENT: _moment,
    TAG_ADD: done_edits.tag_added,
    TAG_DELETE: done_edits.tag_deleted,
    TAG_EDIT: done_edits.tag_renamed,
    WELCOME_ADD: done_edits.welcome_added,
    WELCOME_DELETE: done_edits.welcome_deleted,
    WELCOME_EDIT: done_edits.welcome_edited,
    wechat.COMMENT_DELETE: done_wechat.comment_deleted,
    wechat.COMMENT_ELECT: done_wechat.comment_elected,
    wechat.COMMENT_REPLY: done_wechat.comment_answered,
    wechat.COMMENT_REPLY_DELETE: done_wechat.answer_deleted,
    wechat.DRAFT_ADD: done_wechat.draft_made,
    wechat.DRAFT_DELETE: done_wechat.draft_gone,
    wechat.MASS_SEND: done_wechat.publication_taken,
    wechat.MENU_DELETE: done_wechat.menu_set,
    wechat.MENU_SET: done_wechat.menu_set,
    wechat.PREVIEW: done_wechat.previewed,
    wechat.PUBLISH: done_wechat.publication_taken,
    wechat.REMARK: done_wechat.follower_remarked,
    wechat.TAG_ADD: done_wechat.tag_added,
    wechat.TAG_DELETE: done_wechat.tag_deleted,
    wechat.TAG_EDIT: done_wechat.tag_renamed,
    wechat.TAG_PUT: done_wechat.followers_marked,
    wechat.TAG_TAKE: done_wechat.followers_marked,
}
