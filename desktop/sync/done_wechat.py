"""What done writes to an official account change here."""

from __future__ import annotations

from desktop.domain.outbox_items import OutboxItem
from desktop.domain.write_kinds.wechat import MASS_SEND, TAG_PUT
from desktop.domain.writes import Receipt
from desktop.store.accounts import account_figures
from desktop.store.posts import article_comments, article_drafts
from desktop.store.pulled import followers, platform_tags, publications
from desktop.store.sends import deliveries
from desktop.store.transaction import Transaction


def publication_taken(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """A task at the platform: its end is asked for at the next syncs.

    Where the reply was lost and the article was found later there is no task id and nothing left to ask.
    """
    if not receipt.platform_id:
        return
    way = "mass" if item.kind == MASS_SEND else "publish"
    title, digest = (str(item.write.body.get(name, "")) for name in ("title", "digest"))
    send_id = str(receipt.facts.get("msg_data_id", ""))
    publications.taken(tx, item.account_id, way, receipt.platform_id, send_id, title, digest, item.id)


def draft_made(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The platform has the draft, made now or found."""
    draft_id: int | None = item.entity_id
    if item.entity == "post":
        draft = article_drafts.draft_of_post(tx.db.conn, item.entity_id, item.account_id)
        draft_id = None if draft is None else draft.id
    if receipt.platform_id and draft_id is not None:
        article_drafts.draft_made(tx, draft_id, receipt.platform_id)


def draft_gone(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The draft is in the box no more."""
    article_drafts.remove_drafts(tx, [item.entity_id])


def previewed(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The one person it was for has it."""
    deliveries.set_status(tx, item.id, item.write.targets, "sent")


def tag_added(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The platform has the tag, made now or long ago."""
    platform_tags.created(tx, item.entity_id, receipt.platform_id, "")


def tag_renamed(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The tag has its new name."""
    platform_tags.rename(tx, item.account_id, str(item.write.body["id"]), str(item.write.body["name"]))


def tag_deleted(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The tag is gone, and off everybody who carried it."""
    platform_tags.remove(tx, [item.entity_id])


def followers_marked(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The followers carry the tag, or no longer."""
    sign = "+" if item.kind == TAG_PUT else "-"
    followers.change(tx, item.account_id, item.write.targets, {}, f"{sign}{item.write.body['id']}")
    deliveries.set_status(tx, item.id, item.write.targets, "sent")


def follower_remarked(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The platform has the remark as written."""
    remark = {"remark": str(item.write.body["remark"])}
    followers.change(tx, item.account_id, item.write.targets, remark)
    deliveries.set_status(tx, item.id, item.write.targets, "sent")


def menu_set(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The menu stands as it was asked for; deleted, it has no buttons."""
    account_figures.keep_menu(tx, item.account_id, list(item.write.body.get("buttons", [])))


def comment_answered(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The answer stands below the comment."""
    article_comments.set_reply(tx, item.entity_id, item.write.text)


def answer_deleted(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The answer was taken back."""
    article_comments.set_reply(tx, item.entity_id, "")


def comment_elected(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """Everybody sees the comment, or no longer."""
    article_comments.set_elected(tx, item.entity_id, bool(item.write.body["is_elected"]))


def comment_deleted(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The comment is gone."""
    article_comments.remove(tx, [item.entity_id])
