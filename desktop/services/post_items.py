"""Texts and recipients of a post at the moment of confirming: who gets which bytes, in which item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desktop.domain import drops as wording_of
from desktop.domain import placeholders
from desktop.domain import posts as rules
from desktop.domain.mass_send import MAX_CUSTOMERS
from desktop.domain.outbox_items import NewItem, NewTarget
from desktop.domain.posts import MomentFacts, Post, PostDraft
from desktop.domain.recipients import Recipient
from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS, MOMENT
from desktop.domain.writes import Picture, Write, sha256_text
from desktop.services.sending import ShopFacts

ENTITY = "post"


@dataclass(frozen=True, slots=True)
class Rendering:
    """Who gets which text."""

    by_text: dict[str, list[Recipient]]
    nameless: list[str]
    size_most: int


def values(draft: PostDraft, facts: ShopFacts, name: str, now: int) -> Mapping[str, str | None]:
    """What stands in for a post's placeholders, for one person."""
    at = max(rules.window_of(draft, now)[0], now)
    return rules.values_for(facts.name, wording_of.date_text(at, facts.zone), name)


def rendered(draft: PostDraft, facts: ShopFacts, people: Sequence[Recipient], now: int) -> Rendering:
    """Each recipient's text; without {昵称} there is one for all."""
    by_text: dict[str, list[Recipient]] = {}
    nameless: list[str] = []
    if placeholders.NICKNAME not in placeholders.used(draft.body):
        filled = placeholders.fill(draft.body, values(draft, facts, "·", now))
        by_text = {filled.text: list(people)}
    else:
        for person in people:
            filled = placeholders.fill(draft.body, values(draft, facts, person.name, now))
            if placeholders.NICKNAME in filled.missing:
                nameless.append(person.name.strip() or person.external_id)
            by_text.setdefault(filled.text, []).append(person)
    size_most = max((len(text.encode("utf-8", "surrogatepass")) for text in by_text), default=0)
    return Rendering(by_text, nameless, size_most)


def pictures_of(post: Post) -> tuple[Picture, ...]:
    """The pictures of a post as they are frozen."""
    return tuple(Picture(p.sha256, p.file_name) for p in post.draft.media)


def one_item(
    post: Post,
    write: Write,
    text: str,
    reached: int,
    now: int,
    hold_s: float,
    targets: tuple[NewTarget, ...] = (),
    named: str = "",
) -> NewItem:
    """An item of a post in its window; `named` is the one person it is for, '' for several or nobody."""
    not_before, not_after = rules.window_of(post.draft, now)
    return NewItem(
        account_id=post.account_id or 0,
        entity=ENTITY,
        entity_id=post.id,
        write=write,
        summary={
            "title": post.draft.title,
            "text": text[:200],
            "recipients": reached,
            "pictures": len(write.pictures),
            "entity_uid": post.uid,
            "revision": post.revision,
            "for": named,
        },
        order_key=f"post:{post.uid}:{sha256_text(text)[:12]}",
        not_before=not_before,
        not_after=not_after,
        hold_until=now + int(hold_s * 1000),
        targets=targets,
    )


def moment_items(
    post: Post, text: str, facts: MomentFacts, reached: int, now: int, hold_s: float
) -> list[NewItem]:
    """One item: a moment that each of the staff publishes on the phone."""
    staff = tuple(facts.staff)
    write = Write(MOMENT, {"text": text, "tags": list(facts.tags)}, staff, pictures_of(post))
    targets = tuple(NewTarget("staff", name, staff_external_id=name) for name in staff)
    return [one_item(post, write, text, reached, now, hold_s, targets)]


def items_of(post: Post, rendering: Rendering, now: int, hold_s: float) -> list[NewItem]:
    """One item for each text and at most 10,000 people."""
    items: list[NewItem] = []
    for text, people in rendering.by_text.items():
        for start in range(0, len(people), MAX_CUSTOMERS):
            chunk = people[start : start + MAX_CUSTOMERS]
            ids = tuple(p.external_id for p in chunk)
            write = Write(MASS_SEND_CUSTOMERS, {"text": text, "sender": ""}, ids, pictures_of(post))
            targets = tuple(NewTarget("fan", p.external_id, identity_id=p.identity_id) for p in chunk)
            named = chunk[0].name if len(chunk) == 1 else ""
            items.append(one_item(post, write, text, len(chunk), now, hold_s, targets, named))
    return items
