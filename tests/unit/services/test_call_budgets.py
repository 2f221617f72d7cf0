"""Calls are counted before they are made; no restart resets the count, no crash makes it smaller."""

import asyncio

import pytest

from desktop.domain.errors import RateLimitedError
from desktop.services.account_health import calls
from desktop.services.call_budgets import CallBudget, limits_of
from desktop.store.database import Store
from tests.fakes import FakeClock

READ = "externalcontact/batch/get_by_user"
MOMENT = "externalcontact/add_moment_task"
UPLOAD = "media/uploadimg"


@pytest.fixture
def account(shop: Store, runner: asyncio.Runner) -> int:
    def work(tx):
        tx.db.execute(
            "INSERT INTO account (id, uid, platform, name, base_url, external_id, created_at)"
            " VALUES (1, 'a', 'wecom', '小店', 'http://127.0.0.1:1', 'ww1', 0)"
        )
        return 1

    return runner.run(shop.write(work, kind=None))


def line(shop: Store, clock: FakeClock) -> CallBudget:
    return CallBudget(shop, clock, "wecom", 1)


async def used(shop: Store, path: str, window: str) -> int:
    return await shop.read(
        lambda conn: conn.execute(
            "SELECT coalesce(sum(used), 0) FROM call_budget WHERE path = ? AND window = ?", (path, window)
        ).fetchone()[0]
    )


async def take_all(budget: CallBudget, path: str) -> tuple[int, RateLimitedError]:
    for n in range(200_000):
        try:
            await budget.take(path)
        except RateLimitedError as error:
            return n, error
    raise AssertionError("no end")


def test_limits_are_data_and_paths_may_have_more() -> None:
    assert {(limit.window.value, limit.most) for limit in limits_of("wecom", READ)} == {
        ("minute", 10_000),
        ("hour", 150_000),
    }
    assert ("month", 3000) in {(limit.window.value, limit.most) for limit in limits_of("wecom", UPLOAD)}
    assert limits_of("ktt", READ) == ()


async def test_a_used_up_window_says_how_long_it_lasts_and_opens_again(
    shop: Store, clock: FakeClock, account: int
) -> None:
    budget = line(shop, clock)
    n, error = await take_all(budget, MOMENT)
    assert n == 10
    assert error.code == "calls_used_up"
    assert 59 <= (error.retry_after_s or 0) <= 60
    clock.advance(61)
    assert (await take_all(budget, MOMENT))[0] == 10


async def test_no_restart_resets_it(shop: Store, clock: FakeClock, account: int) -> None:
    for _ in range(7):
        await line(shop, clock).take(MOMENT)  # each of them crashes: nothing is given back
    assert (await take_all(line(shop, clock), MOMENT))[0] == 3


async def test_a_crash_never_counts_too_few_and_an_orderly_end_exactly(
    shop: Store, clock: FakeClock, account: int
) -> None:
    crashed = line(shop, clock)
    for _ in range(5):
        await crashed.take(READ)
    assert await used(shop, READ, "minute") == 100  # a whole reservation
    orderly = line(shop, clock)
    for _ in range(130):
        await orderly.take(READ)
    await orderly.aclose()
    assert await used(shop, READ, "minute") == 100 + 130
    assert await used(shop, READ, "hour") == 100 + 130


async def test_many_calls_cost_few_commits(shop: Store, clock: FakeClock, account: int) -> None:
    budget, writes = line(shop, clock), 0
    write = shop.write

    async def counting(*words, **named):
        nonlocal writes
        writes += 1
        return await write(*words, **named)

    shop.write = counting  # type: ignore[method-assign]
    for _ in range(1000):
        await budget.take(READ)
    assert writes == 10


async def test_a_path_that_the_platform_closed_stays_closed_over_a_restart(
    shop: Store, clock: FakeClock, account: int
) -> None:
    first = line(shop, clock)
    await first.take(READ)
    await first.block(READ, 60)
    again = line(shop, clock)
    with pytest.raises(RateLimitedError) as refused:
        await again.take(READ)
    assert refused.value.retry_after_s == 60
    await again.take(MOMENT)  # other paths go on
    shown = await shop.read(lambda conn: calls(conn, 1, "wecom", clock.now_ms()))
    assert (shown[0].path, shown[0].left_permille) == (READ, 0)
    clock.advance(61)
    await again.take(READ)


async def test_a_clock_that_is_set_back_frees_nothing(shop: Store, clock: FakeClock, account: int) -> None:
    budget = line(shop, clock)
    await take_all(budget, MOMENT)
    clock.advance(-3600)
    with pytest.raises(RateLimitedError) as refused:
        await budget.take(MOMENT)
    assert 0 < (refused.value.retry_after_s or 0) <= 60


async def test_a_day_is_the_platforms_natural_day(shop: Store, clock: FakeClock, account: int) -> None:
    budget = line(shop, clock)
    n, error = await take_all(budget, UPLOAD)
    assert n == 1000
    assert error.retry_after_s == 12 * 3600  # from noon to midnight in China
    clock.advance(12 * 3600)
    assert (await take_all(budget, UPLOAD))[0] == 1000
