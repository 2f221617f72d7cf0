"""Rows of the generic tables about people: fans, interactions, claims of welfare drops."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

from desktop.domain.identity import IdentityKey, phone_key
from desktop.domain.imports import ClaimRecord, FanRecord, InteractionRecord, MemberRecord
from desktop.files.contacts import Contact, hidden_kind
from desktop.files.sources import words, yes_or_no
from desktop.files.tables import Columns, RowError

PersonRecord = FanRecord | InteractionRecord | ClaimRecord | MemberRecord
MAX_TAG = 30
_TAG_BREAK = re.compile(r"[,，、;；|\r\n]+")


def fan(columns: Columns, row: Sequence[str], line: int) -> FanRecord:
    """A person with their own id, else named by a plain phone."""
    contact = columns.contact(row, "phone")
    key = person(columns, row, line, contact)
    said = columns.text(row, "consent")
    consent = yes_or_no(said)
    if said and consent is None:
        raise RowError("unknown_word", column=columns.headers["consent"], value=said[:60])
    return FanRecord(
        key,
        columns.name(row, "name"),
        contact.phone,
        columns.moment(row, "followed_at"),
        tags_in(columns, columns.text(row, "tags")),
        columns.text(row, "note"),
        {True: "agreed", False: "refused", None: ""}[consent],
        columns.moment(row, "seen_at"),
        columns.name(row, "channel"),
        card=card(columns, row),
        row=line,
    )


def tags_in(columns: Columns, cell: str) -> tuple[str, ...]:
    """Several tags in one cell, each once. Raises RowError for what cannot be a tag."""
    tags = [" ".join(tag.split()) for tag in _TAG_BREAK.split(cell) if tag.strip()]
    unusable = next((tag for tag in tags if len(tag) > MAX_TAG or not tag.isprintable()), None)
    if unusable:
        header = columns.headers.get("tags", "")
        raise RowError("bad_tag", column=header, value=unusable[:60], limit=MAX_TAG)
    return tuple(dict.fromkeys(tags))


def card(columns: Columns, row: Sequence[str]) -> dict[str, str | int]:
    """What a membership says: levels and birthday as written, points and growth, balance in cents, times."""
    told: dict[str, str | int | None] = {
        **{name: columns.name(row, name) for name in ("level", "paid_level", "birthday")},
        **{name: columns.count(row, name) for name in ("points", "growth")},
        "balance_cents": columns.cents(row, "balance_cents"),
        **{name: columns.moment(row, name) for name in ("member_since", "valid_until")},
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def interaction(columns: Columns, row: Sequence[str], line: int) -> InteractionRecord:
    """One touch; without an id of its own it is named by everything it says."""
    key = person(columns, row, line, columns.contact(row, "phone"))
    kind = _word(columns, row, "kind", "interaction_kind")
    if not kind:
        raise columns.missing("kind")
    at = columns.moment(row, "at")
    if at is None:
        raise columns.missing("at")
    referred_id = columns.id(row, "referred_id", line)
    referred = IdentityKey(key.platform, key.scope, referred_id) if referred_id else None
    if key.platform == "phone" and referred:
        referred = IdentityKey("file", columns.name(row, "source_account"), referred_id)
    channel, note = columns.name(row, "channel"), columns.text(row, "note")
    quantity = columns.count(row, "quantity") or 1
    event_id = columns.id(row, "event_id", line)
    told = (event_id,) if event_id else (kind, str(at), channel, note, str(quantity), referred_id)
    return InteractionRecord(
        key,
        kind,
        at,
        event_key("interaction", key, told),
        columns.name(row, "name"),
        quantity,
        _word(columns, row, "domain", "domain") or "private",
        channel,
        note,
        referred,
        row=line,
    )


def claim(columns: Columns, row: Sequence[str], line: int) -> ClaimRecord:
    """One claim; the fan may be told by id, plain phone or name only."""
    drop = columns.id(row, "drop_uid", line) or columns.name(row, "item")
    if not drop:
        raise columns.missing("drop_uid" if columns.has("drop_uid") else "item")
    claimed_at = columns.moment(row, "claimed_at")
    if claimed_at is None:
        raise columns.missing("claimed_at")
    said = columns.text(row, "redeemed")
    redeemed = yes_or_no(said)
    if said and redeemed is None:
        raise RowError("unknown_word", column=columns.headers["redeemed"], value=said[:60])
    scope, fan_id = columns.name(row, "source_account"), columns.id(row, "fan_id", line)
    contact, name = columns.contact(row, "phone"), columns.name(row, "name")
    if not (fan_id or contact.raw or name):
        raise columns.missing("fan_id" if columns.has("fan_id") else "name")
    quantity = columns.count(row, "quantity") or 1
    claim_id = columns.id(row, "claim_id", line)
    who = IdentityKey("claim", scope, fan_id or contact.phone or contact.raw or name)
    told = (drop, claim_id) if claim_id else (drop, str(claimed_at))
    return ClaimRecord(
        drop,
        claimed_at,
        event_key("claim", who, told),
        "" if hidden_kind(fan_id) else fan_id,
        scope,
        contact.phone,
        name,
        quantity,
        redeemed,
        claim_id,
        line,
    )


def group_key(record: PersonRecord) -> Hashable:
    """What makes two rows speak of the same thing: the person, the membership, or the event."""
    if isinstance(record, FanRecord):
        return record.key
    return (record.group, record.external_id) if isinstance(record, MemberRecord) else record.event_key


def says_the_same(one: PersonRecord, other: PersonRecord) -> bool:
    """Whether two rows differ in nothing but their place."""
    return in_row(one, 0) == in_row(other, 0)


def joined(records: Sequence[PersonRecord]) -> PersonRecord:
    """Rows about one thing as one record. Raises RowError when they contradict each other.

    People may be told over several rows (one tag each, say) as long as no field has two values.
    """
    first = records[0]
    if len(records) == 1:
        return first
    fans = [record for record in records if isinstance(record, FanRecord)]
    lines = ", ".join(str(record.row) for record in records[:8])
    if len(fans) < len(records) or not isinstance(first, FanRecord):
        raise RowError("contradiction_event", rows=lines)
    values: dict[str, Any] = {}
    for name in ("name", "phone", "followed_at", "note", "consent", "seen_at", "channel", "added"):
        told = {getattr(record, name) for record in fans if getattr(record, name)}
        if len(told) > 1:
            raise RowError("contradiction_fan", fan=first.key.external_id, rows=lines)
        values[name] = told.pop() if told else getattr(first, name)
    cards: dict[str, Any] = {}
    for record in fans:
        for name, value in record.card.items():
            if cards.setdefault(name, value) != value:
                raise RowError("contradiction_fan", fan=first.key.external_id, rows=lines)
    tags = tuple(dict.fromkeys(tag for record in fans for tag in record.tags))
    return replace(first, tags=tags, card=cards, **values)


def in_row(record: PersonRecord, row: int) -> PersonRecord:
    """The record as read from another line."""
    return replace(record, row=row)


def in_sheet(record: PersonRecord, sheet: str) -> PersonRecord:
    """The record as read from a sheet."""
    return replace(record, sheet=sheet)


def event_key(kind: str, key: IdentityKey, told: Sequence[str]) -> str:
    """A name for an event that is the same each time the same row is read."""
    text = "\x1f".join((kind, key.platform, key.scope, key.external_id, *told))
    return f"file:{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def person(columns: Columns, row: Sequence[str], line: int, contact: Contact) -> IdentityKey:
    """Who a row is about: their own id, else a plain phone. Raises RowError."""
    fan_id = columns.id(row, "fan_id", line)
    scope = columns.name(row, "source_account")
    platform = _word(columns, row, "platform", "platform") if fan_id else ""
    # Platforms' own ids are as long and as random as ciphers; a row that names its platform means one.
    if fan_id and hidden_kind(fan_id) not in (("masked",) if platform else ("masked", "cipher")):
        return IdentityKey(platform or "file", scope, fan_id)
    if contact.phone:
        return phone_key(contact.phone)
    if fan_id or contact.raw:
        raise RowError("hidden_person", value=(fan_id or contact.raw)[:60])
    raise columns.missing("fan_id" if columns.has("fan_id") else "phone")


def _word(columns: Columns, row: Sequence[str], name: str, table: str) -> str:
    """A word of a closed list, as we call it; '' for an empty cell."""
    said = columns.text(row, name)
    if not said:
        return ""
    meaning = words(table).get(said.casefold())
    if meaning is None:
        raise RowError("unknown_word", column=columns.headers[name], value=said[:60])
    return meaning
