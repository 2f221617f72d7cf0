"""What done tag, remark, way-in and welcome writes change here."""

from __future__ import annotations

from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.entry_ways import draft_of, state_of
from desktop.domain.outbox_items import OutboxItem
from desktop.domain.welcomes import WelcomeDraft
from desktop.domain.writes import Receipt
from desktop.store.accounts import sync_runs
from desktop.store.fans import customer_notes
from desktop.store.groups import entry_ways, welcomes
from desktop.store.pulled import platform_tags
from desktop.store.sends import deliveries
from desktop.store.transaction import Transaction


def way_added(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The platform made the way: its id, its mark, and its code where that was told.

    A contact way is read by the next pull, as one that a pull has never met.
    """
    state = state_of(item.uid)
    entry_ways.created(tx, item.entity_id, receipt.platform_id, state, _qr(receipt))


def way_edited(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The way leads where it was asked to lead; the next pull reads whether it does."""
    way = entry_ways.by_id(tx.db.conn, item.entity_id)
    entry_ways.set_draft(tx, item.entity_id, draft_of(way.kind, item.write.body))
    sync_runs.unmark(tx, way.account_id, entry_ways.READ, way.external_id or "")


def way_deleted(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The way is gone."""
    entry_ways.remove(tx, [item.entity_id])


def welcome_added(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The platform made the welcome."""
    welcomes.created(tx, item.entity_id, receipt.platform_id)


def welcome_edited(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The welcome says what it was asked to say."""
    wanted = {picture.sha256 for picture in item.write.pictures}
    media = tuple(one for one in welcomes.media_of(item) if one.sha256 in wanted)
    welcomes.set_draft(tx, item.entity_id, WelcomeDraft(item.write.text, media))


def welcome_deleted(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The welcome is gone."""
    welcomes.remove(tx, [item.entity_id])


def tag_added(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The platform has the tag, made now or long ago."""
    platform_tags.created(tx, item.entity_id, receipt.platform_id, str(receipt.facts.get("group_id", "")))


def tag_renamed(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The tag, or the tag group, has its new name."""
    body = item.write.body
    platform_tags.rename(tx, item.account_id, str(body["id"]), str(body["name"]))


def tag_deleted(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The tag is gone, and off everybody who carried it."""
    platform_tags.remove(tx, [item.entity_id])


def customer_marked(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The customer carries the tags as asked."""
    body = item.write.body
    customer_notes.set_marks(
        tx, item.account_id, item.write.targets[0], body["staff"], body["add"], body["remove"]
    )
    deliveries.set_status(tx, item.id, item.write.targets, "sent")


def customer_noted(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """The platform has the notes as written."""
    body = item.write.body
    notes = CustomerNotes(body["remark"], body["description"], tuple(body["mobiles"]))
    customer_notes.set_notes(tx, item.account_id, item.write.targets[0], body["staff"], notes)
    deliveries.set_status(tx, item.id, item.write.targets, "sent")


def _qr(receipt: Receipt) -> str:
    return str(receipt.facts.get("qr_url", ""))
