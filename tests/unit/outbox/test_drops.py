"""Drops: pre-flight, items by owner and text, claims within cap and stock, the result's figures."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.drops import ClaimTotals, DropDraft, money_text, result_of
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.mass_send import StaffTask, TargetResult
from desktop.services.claims import ClaimEntry
from desktop.services.sending import ConfirmBlockedError
from desktop.store.matching import merges
from tests.unit.outbox.world import MINUTE, World


async def codes(world: World, **facts: Any) -> dict[str, str]:
    return {p.code: p.severity.value for p in await world.drops.check(world.drop_draft(**facts))}


async def test_a_sound_drop_has_no_problems(world: World) -> None:
    assert await codes(world) == {}


@pytest.mark.parametrize(
    ("facts", "code", "severity"),
    [
        ({"item": " ", "body": "来"}, "item_missing", "error"),
        ({"price_cents": 5000}, "price_above_normal", "error"),
        ({"price_cents": 1100}, "price_not_above_cost", "warning"),
        ({"stock": 0, "cap_per_person": 1}, "stock_missing", "error"),
        ({"stock": 1}, "cap_above_stock", "error"),
        ({"cap_per_person": 0}, "cap_missing", "error"),
        ({"window_minutes": 4}, "window_out_of_range", "error"),
        ({"window_minutes": 11}, "window_out_of_range", "error"),
        ({"opens_at": None, "body": "来"}, "opens_missing", "error"),
        ({"opens_at": 1}, "opens_in_past", "error"),
        ({"announce_at": 10**14}, "announced_after_opening", "error"),
        ({"announce_at": 1}, "announce_in_past", "warning"),
        ({"group_ids": ()}, "groups_missing", "error"),
        ({"group_ids": (1, 99)}, "groups_gone", "error"),
        ({"body": "{昵称}来抢"}, "nickname_in_group_text", "error"),
        ({"normal_price_cents": None, "body": "原价{原价}"}, "value_missing", "error"),
        ({"body": ""}, "text_missing", "error"),
        ({"kind": "lucky_bag", "normal_price_cents": 5_000_001}, "prize_too_valuable", "error"),
        ({"item": "顶级车厘子"}, "copy_absolute", "warning"),
    ],
)
async def test_the_pre_flight(world: World, facts: dict[str, Any], code: str, severity: str) -> None:
    found = await codes(world, **facts)
    assert found.get(code) == severity
    assert set(found) - {code} <= {"copy_absolute"}


async def test_groups_without_a_name_or_owner(world: World) -> None:
    await world.sql("UPDATE fan_group SET name = '', owner_staff_id = NULL WHERE id = 1")
    found = await codes(world, body="{群名}的朋友们")
    assert found == {"groups_without_owner": "error", "group_name_missing": "error"}


async def test_two_sends_to_a_group_within_two_hours_are_pointed_out(world: World) -> None:
    await world.drop()
    assert await codes(world, body="又来") == {"groups_sent_recently": "warning"}
    assert await codes(world, body="又来", group_ids=(3,)) == {}


async def test_a_discount_above_the_weeks_lowest_deal_is_blocked(world: World) -> None:
    await world.drop(price_cents=1500)
    world.clock.advance(86_400)
    assert (await codes(world))["price_above_recent_low"] == "error"
    assert "price_above_recent_low" not in await codes(world, normal_price_cents=None)
    world.clock.advance(7 * 86_400)
    assert "price_above_recent_low" not in await codes(world)


async def test_one_item_for_each_owner_and_text(world: World) -> None:
    await world.drop(group_ids=(1, 2, 3))
    await world.push()
    sends = {send.body["sender"]: send for _, _, send in world.adapter.made}
    assert sends["staff1"].targets == ("wr1", "wr2")
    assert sends["staff2"].targets == ("wr3",)
    assert sends["staff1"].text == "车厘子 19.9元,5月20日 13:00开抢"
    await world.drop(group_ids=(1, 2), body="{群名}专享")
    await world.push()
    assert sorted(send.text for _, _, send in world.adapter.made[2:]) == ["吃货一群专享", "吃货二群专享"]


async def test_groups_by_id_platform_id_name_or_all(world: World) -> None:
    assert await world.drops.groups_named(["wr2", "新品群", "1"]) == [2, 3, 1]
    assert await world.drops.groups_named(["all"]) == [1, 2, 3]


async def test_groups_of_another_platform_are_no_target(world: World) -> None:
    await world.douyin_group(4, "抖音群")
    assert await world.drops.groups_named(["all"]) == [1, 2, 3]
    with pytest.raises(NotFoundError):
        await world.drops.groups_named(["抖音群"])
    with pytest.raises(ConfirmBlockedError) as told:
        await world.drop(group_ids=(4,))
    assert "groups_of_other_account" in {problem.code for problem in told.value.problems}


async def test_claims_hold_cap_and_stock(world: World) -> None:
    uid = await world.drop(stock=3, cap_per_person=2)
    first = await world.claims.add(uid, ClaimEntry(fan="1", quantity=2, is_redeemed=True))
    assert first.name == "小满"
    for entry, code in (
        (ClaimEntry(fan="wm1"), "claim_over_cap"),
        (ClaimEntry(fan="2", quantity=2), "claim_over_stock"),
    ):
        with pytest.raises(ConflictError) as caught:
            await world.claims.add(uid, entry)
        assert caught.value.code == code
    await world.claims.refund(first.uid)
    with pytest.raises(ConflictError):
        await world.claims.refund(first.uid)
    await world.claims.add(uid, ClaimEntry(fan="1", quantity=2))


async def test_a_merged_fan_shares_the_cap(world: World) -> None:
    uid = await world.drop(cap_per_person=1)
    await world.claims.add(uid, ClaimEntry(fan="2"))
    await world.store.write(lambda tx: merges.merge(tx, 1, 2), kind="fan.merge")
    for fan in ("1", "2"):
        with pytest.raises(ConflictError):
            await world.claims.add(uid, ClaimEntry(fan=fan))


async def test_claims_at_once_never_pass_the_stock(world: World) -> None:
    uid = await world.drop(stock=3, cap_per_person=1)
    entries = [ClaimEntry(name=f"路人{n}") for n in range(8)]
    done = await asyncio.gather(*(world.claims.add(uid, e) for e in entries), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 3
    assert (await world.drops.result(uid)).left.value == 0


async def test_a_batch_twice_adds_once(world: World) -> None:
    uid = await world.drop(cap_per_person=1)
    rows = [ClaimEntry(name="甲", external_key="k1"), ClaimEntry(name="甲", external_key="k2")]
    report = await world.claims.add_batch(uid, rows)
    assert (report.added, report.same, [r[:2] for r in report.refused]) == (1, 0, [(2, "claim_over_cap")])
    again = await world.claims.add_batch(uid, rows[:1])
    assert (again.added, again.same) == (0, 1)


async def test_the_result_from_real_rows(world: World) -> None:
    uid = await world.drop()
    empty = await world.drops.result(uid)
    assert (empty.sold.value, empty.sold.reason) == (None, "no_claims")
    await world.push()
    now = world.clock.now_ms()
    world.adapter.tasks["msg1"] = [StaffTask("staff1", now)]
    world.adapter.results["msg1", "staff1"] = [TargetResult("wr1", "sent", "staff1", now)]
    await world.pusher.collect_results(world.account, world.adapter)
    await world.claims.add(uid, ClaimEntry(fan="1", quantity=2, is_redeemed=True))
    claim = await world.claims.add(uid, ClaimEntry(fan="2"))
    result = await world.drops.result(uid)
    assert (result.targets.value, result.sent.value, result.waiting.value) == (2, 1, 1)
    assert (result.claimed.value, result.sold.value, result.left.value) == (3, 2, 17)
    assert result.revenue_cents.value == 3980
    assert result.margin_cents.value == 2 * (1990 - 1200)
    assert result.discount_cents.value == 2 * (3990 - 1990)
    await world.claims.redeem(claim.uid)
    await world.claims.refund(claim.uid)
    assert (await world.drops.result(uid)).sold.value == 2


@given(st.integers(0, 50), st.none() | st.integers(0, 10**6), st.none() | st.integers(0, 10**6))
def test_figures_add_up_or_say_why(sold: int, price: int | None, cost: int | None) -> None:
    draft = DropDraft(price_cents=price, cost_cents=cost, stock=100)
    result = result_of(draft, ClaimTotals(claims=1, claimed=sold, redeemed=sold), 1, 1, 0, 0)
    if price is None or cost is None:
        assert result.margin_cents.value is None
        assert result.margin_cents.reason
    else:
        assert result.revenue_cents.value is not None
        assert result.cost_cents.value is not None
        assert result.margin_cents.value == result.revenue_cents.value - result.cost_cents.value


@pytest.mark.parametrize(("cents", "text"), [(1990, "19.9"), (2000, "20"), (5, "0.05"), (None, None)])
def test_money_as_shops_write_it(cents: int | None, text: str | None) -> None:
    assert money_text(cents) == text


async def test_moving_keeps_the_distance_of_the_announcement(world: World) -> None:
    now = world.clock.now_ms()
    saved = await world.drops.save_draft(world.drop_draft(announce_at=now + 30 * MINUTE))
    moved = await world.drops.reschedule(saved.uid, now + 120 * MINUTE)
    assert moved.draft.announce_at == now + 90 * MINUTE
