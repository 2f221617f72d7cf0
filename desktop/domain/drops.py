"""Welfare drops: what a draft holds, what must be right before confirming, and what came of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from desktop.domain import placeholders
from desktop.domain.clock import local
from desktop.domain.content import Content, MediaRef, Problem, Severity, check_message
from desktop.domain.copy_check import CopyRules
from desktop.domain.posts import check_copy, check_placeholders

DropKind = Literal["coupon", "flash_link", "tail_stock", "red_packet", "lucky_bag"]
KINDS: tuple[DropKind, ...] = ("coupon", "flash_link", "tail_stock", "red_packet", "lucky_bag")
PLATFORM = "wecom"  # whose groups an announcement can reach
WINDOW_LEAST = 5
WINDOW_MOST = 10
NEAR_SENDS_MS = 2 * 3_600_000
RECENT_DEALS_MS = 7 * 86_400_000
PRIZE_LIMIT_CENTS = 5_000_000
MONEY_LIMIT_CENTS = 100_000_000_00


@dataclass(frozen=True, slots=True)
class DropDraft:
    """What the operator typed. Money in cents, times in UTC ms, groups by local id.

    Before `announce_at` (None: the moment of confirming) nothing leaves; after `opens_at` nothing
    leaves any more.
    """

    kind: DropKind = "coupon"
    item: str = ""
    price_cents: int | None = None
    normal_price_cents: int | None = None
    cost_cents: int | None = None
    stock: int | None = None
    cap_per_person: int = 1
    opens_at: int | None = None
    window_minutes: int = WINDOW_MOST
    announce_at: int | None = None
    group_ids: tuple[int, ...] = ()
    body: str = ""
    media: tuple[MediaRef, ...] = ()
    account_uid: str | None = None

    @property
    def closes_at(self) -> int | None:
        """End of the window."""
        return None if self.opens_at is None else self.opens_at + self.window_minutes * 60_000


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A target group as checking needs it. `sends` are moments of sends near this one, not this drop's."""

    group_id: int
    external_id: str
    name: str
    owner_external_id: str
    account_id: int | None
    is_removed: bool = False
    sends: tuple[int, ...] = ()
    is_over_quota: bool = False


@dataclass(frozen=True, slots=True)
class DropContext:
    """What checking a drop needs to know. `lowest_deal_cents`: this item, last seven days, own drops."""

    now: int
    zone: str
    copy_rules: CopyRules
    groups: Sequence[GroupFacts] = ()
    lowest_deal_cents: int | None = None
    shop_name: str = ""
    account_id: int | None = None
    account_problem: str | None = None


def check(draft: DropDraft, context: DropContext) -> list[Problem]:
    """Everything wrong or risky about a draft, errors and warnings, in reading order."""
    problems = [] if draft.item.strip() else [Problem("item_missing", field="item")]
    problems += _check_money(draft, context)
    problems += _check_stock(draft)
    problems += _check_times(draft, context)
    problems += _check_groups(draft, context)
    problems += _check_text(draft, context)
    if context.account_problem:
        problems.append(Problem(context.account_problem, field="account"))
    return problems


def window_of(draft: DropDraft, confirmed_at: int) -> tuple[int, int | None]:
    """[not_before, not_after] of the announcement: from its time (or now) up to the opening, no grace."""
    return draft.announce_at if draft.announce_at is not None else confirmed_at, draft.opens_at


def values_for(draft: DropDraft, shop_name: str, group_name: str, zone: str) -> Mapping[str, str | None]:
    """What stands in for the placeholders of a drop, for one group; None where nothing is known."""
    opens, closes = draft.opens_at, draft.closes_at
    return {
        placeholders.SHOP: shop_name,
        placeholders.ITEM: draft.item,
        placeholders.PRICE: money_text(draft.price_cents),
        placeholders.NORMAL_PRICE: money_text(draft.normal_price_cents),
        placeholders.STOCK: None if draft.stock is None else str(draft.stock),
        placeholders.CAP: str(draft.cap_per_person),
        placeholders.OPENS: None if opens is None else moment_text(opens, zone),
        placeholders.CLOSES: None if closes is None else clock_text(closes, zone),
        placeholders.GROUP: group_name,
        placeholders.DATE: None if opens is None else date_text(opens, zone),
    }


def money_text(cents: int | None) -> str | None:
    """Yuan without needless zeros: 1990 → 19.9, 2000 → 20."""
    if cents is None:
        return None
    whole, rest = divmod(cents, 100)
    return str(whole) if rest == 0 else f"{whole}.{rest:02d}".rstrip("0")


def moment_text(ms: int, zone: str) -> str:
    """Day and time as a shop writes them: 11月23日 20:00."""
    return f"{date_text(ms, zone)} {clock_text(ms, zone)}"


def clock_text(ms: int, zone: str) -> str:
    """Time of day: 20:00."""
    return local(ms, zone).strftime("%H:%M")


def date_text(ms: int, zone: str) -> str:
    """Day as a shop writes it: 11月23日."""
    civil = local(ms, zone)
    return f"{civil.month}月{civil.day}日"


def _check_money(draft: DropDraft, context: DropContext) -> list[Problem]:
    problems = []
    if draft.price_cents is None:
        problems.append(Problem("price_missing", field="price"))
    for name, cents in (
        ("price", draft.price_cents),
        ("normal_price", draft.normal_price_cents),
        ("cost", draft.cost_cents),
    ):
        if cents is not None and not 0 <= cents <= MONEY_LIMIT_CENTS:
            problems.append(Problem("money_out_of_range", field=name))
    price, normal = draft.price_cents, draft.normal_price_cents
    if price is not None and normal is not None and price > normal:
        problems.append(
            Problem("price_above_normal", {"price_cents": price, "normal_price_cents": normal}, "price")
        )
    lowest = context.lowest_deal_cents
    if price is not None and normal is not None and lowest is not None and normal > price > lowest:
        problems.append(
            Problem("price_above_recent_low", {"price_cents": price, "lowest_cents": lowest}, "price")
        )
    if price is not None and draft.cost_cents is not None and price <= draft.cost_cents:
        figures = {"price_cents": price, "cost_cents": draft.cost_cents}
        problems.append(Problem("price_not_above_cost", figures, "price", Severity.WARNING))
    if draft.kind == "lucky_bag" and normal is not None and normal > PRIZE_LIMIT_CENTS:
        problems.append(Problem("prize_too_valuable", {"limit_cents": PRIZE_LIMIT_CENTS}, "normal_price"))
    return problems


def _check_stock(draft: DropDraft) -> list[Problem]:
    problems = []
    if draft.stock is None or draft.stock <= 0:
        problems.append(Problem("stock_missing", field="stock"))
    if draft.cap_per_person < 1:
        problems.append(Problem("cap_missing", field="cap_per_person"))
    elif draft.stock is not None and 0 < draft.stock < draft.cap_per_person:
        figures = {"cap": draft.cap_per_person, "stock": draft.stock}
        problems.append(Problem("cap_above_stock", figures, "cap_per_person"))
    return problems


def _check_times(draft: DropDraft, context: DropContext) -> list[Problem]:
    problems = []
    if not WINDOW_LEAST <= draft.window_minutes <= WINDOW_MOST:
        limits = {"least": WINDOW_LEAST, "most": WINDOW_MOST, "minutes": draft.window_minutes}
        problems.append(Problem("window_out_of_range", limits, "window_minutes"))
    if draft.opens_at is None:
        problems.append(Problem("opens_missing", field="opens_at"))
        return problems
    if draft.opens_at <= context.now:
        problems.append(Problem("opens_in_past", field="opens_at"))
    if draft.announce_at is not None and draft.announce_at > draft.opens_at:
        problems.append(Problem("announced_after_opening", field="announce_at"))
    elif draft.announce_at is not None and draft.announce_at < context.now < draft.opens_at:
        problems.append(Problem("announce_in_past", field="announce_at", severity=Severity.WARNING))
    return problems


def _check_groups(draft: DropDraft, context: DropContext) -> list[Problem]:
    if not draft.group_ids:
        return [Problem("groups_missing", field="groups")]
    problems = []
    known = {group.group_id: group for group in context.groups}
    gone = [str(i) for i in draft.group_ids if i not in known or known[i].is_removed]
    if gone:
        problems.append(Problem("groups_gone", {"count": len(gone)}, "groups"))
    living = [group for group in context.groups if not group.is_removed]
    ownerless = [group.name or group.external_id for group in living if not group.owner_external_id]
    if ownerless:
        problems.append(Problem("groups_without_owner", {"names": ownerless}, "groups"))
    foreign = [g.name or g.external_id for g in living if context.account_id not in (None, g.account_id)]
    if foreign:
        problems.append(Problem("groups_of_other_account", {"names": foreign}, "groups"))
    spent = [group.name or group.external_id for group in living if group.is_over_quota]
    if spent:
        problems.append(Problem("groups_over_quota", {"names": spent}, "groups"))
    moment = max(window_of(draft, context.now)[0], context.now)
    near = [
        group.name or group.external_id
        for group in living
        if any(abs(sent - moment) < NEAR_SENDS_MS for sent in group.sends)
    ]
    if near:
        problems.append(Problem("groups_sent_recently", {"names": near}, "groups", Severity.WARNING))
    return problems


def _check_text(draft: DropDraft, context: DropContext) -> list[Problem]:
    problems = check_message(draft.body, draft.media)
    wanted = placeholders.used(draft.body)
    if placeholders.NICKNAME in wanted:
        problems.append(Problem("nickname_in_group_text", field="body"))
    allowed = (*placeholders.OF_DROPS, placeholders.NICKNAME)
    problems += check_placeholders(draft.body, allowed)
    problems += check_copy(draft.body, context.copy_rules)
    problems += check_copy(draft.item, context.copy_rules, "item")
    return problems + _check_filled(draft, context, wanted)


def _check_filled(draft: DropDraft, context: DropContext, wanted: Sequence[str]) -> list[Problem]:
    """Placeholders without a value, and texts that grew over the limit once filled."""
    nameless = [g.external_id for g in context.groups if placeholders.is_blank(g.name)]
    missing: dict[str, None] = {}
    size_most = 0
    for group in context.groups or (GroupFacts(0, "", "·", "", None),):
        filled = placeholders.fill(
            draft.body, values_for(draft, context.shop_name, group.name, context.zone)
        )
        size_most = max(size_most, len(filled.text.encode("utf-8", "surrogatepass")))
        missing |= dict.fromkeys(filled.missing)
    missing.pop(placeholders.NICKNAME, None)
    problems = []
    if missing.pop(placeholders.GROUP, "absent") is None and placeholders.GROUP in wanted:
        problems.append(
            Problem("group_name_missing", {"count": len(nameless), "names": nameless[:20]}, "body")
        )
    problems += [Problem("value_missing", {"placeholder": "{" + name + "}"}, "body") for name in missing]
    if size_most > 4_000 >= len(draft.body.encode("utf-8", "surrogatepass")):
        problems.append(Problem("text_too_long", {"bytes": size_most, "limit": 4_000}, "body"))
    return problems


@dataclass(frozen=True, slots=True)
class Drop(Content[DropDraft]):
    """A stored drop."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim, typed or imported. A refunded claim gives its pieces back to the stock."""

    id: int
    uid: str
    drop_id: int
    fan_id: int | None
    name: str
    quantity: int
    claimed_at: int
    is_redeemed: bool
    refunded_at: int | None
    origin: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a result: value or None with `reason` (wording key tail), and its formula's key."""

    value: int | None
    formula: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimTotals:
    """Sums over a drop's claims: quantities, refunded ones apart."""

    claims: int = 0
    claimed: int = 0
    redeemed: int = 0
    refunded: int = 0
    persons: int = 0


@dataclass(frozen=True, slots=True)
class DropResult:
    """What came of a drop, from real rows. Counts of groups for sends; money in cents.

    claimed and sold count pieces; a refunded claim counts in neither.
    """

    targets: Figure
    sent: Figure
    waiting: Figure
    failed: Figure
    claimed: Figure
    sold: Figure
    left: Figure
    persons: Figure
    revenue_cents: Figure
    cost_cents: Figure
    margin_cents: Figure
    discount_cents: Figure


def result_of(
    draft: DropDraft, claims: ClaimTotals, targets: int, sent: int, waiting: int, failed: int
) -> DropResult:
    """The result's figures; what cannot be computed says why."""
    sold = claims.redeemed
    unsaid = None if claims.claims else "no_claims"
    stock = draft.stock

    def count(value: int, formula: str) -> Figure:
        return Figure(value, formula)

    def claimed(value: int, formula: str) -> Figure:
        return Figure(None, formula, unsaid) if unsaid else Figure(value, formula)

    def money(amount: int | None, formula: str, reason: str) -> Figure:
        if unsaid:
            return Figure(None, formula, unsaid)
        return Figure(None, formula, reason) if amount is None else Figure(sold * amount, formula)

    price, cost, normal = draft.price_cents, draft.cost_cents, draft.normal_price_cents
    margin = None if price is None or cost is None else price - cost
    discount = None if price is None or normal is None else normal - price
    return DropResult(
        targets=count(targets, "targets"),
        sent=count(sent, "sent"),
        waiting=count(waiting, "waiting"),
        failed=count(failed, "failed"),
        claimed=claimed(claims.claimed, "claimed"),
        sold=claimed(sold, "sold"),
        left=Figure(None, "left", "no_stock") if stock is None else Figure(stock - claims.claimed, "left"),
        persons=claimed(claims.persons, "persons"),
        revenue_cents=money(price, "revenue", "no_price"),
        cost_cents=money(cost, "cost", "no_cost"),
        margin_cents=money(margin, "margin", "no_cost" if cost is None else "no_price"),
        discount_cents=money(discount, "discount", "no_normal_price"),
    )


def claim_refusal(
    draft: DropDraft, stock_left: int, held_by_person: int, quantity: int, is_person_known: bool
) -> tuple[str, dict[str, Any]] | None:
    """Why a claim may not be taken, as (code, params); None when it may.

    The cap counts all living claims of the same person, also after two fans were merged into one.
    """
    if quantity < 1:
        return "claim_quantity", {}
    if quantity > stock_left:
        return "claim_over_stock", {"left": stock_left, "quantity": quantity}
    if is_person_known and held_by_person + quantity > draft.cap_per_person:
        return "claim_over_cap", {"cap": draft.cap_per_person, "held": held_by_person}
    if not is_person_known and quantity > draft.cap_per_person:
        return "claim_over_cap", {"cap": draft.cap_per_person, "held": 0}
    return None
