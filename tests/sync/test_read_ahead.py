"""Reading ahead of the store: in order, bounded, and over when the reader or the taker fails."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from desktop.sync.read_ahead import ReadAhead


class Source:
    """Counts up to `last`; then ends, or fails."""

    def __init__(self, last: int, error: Exception | None = None) -> None:
        self.last = last
        self.error = error
        self.read = 0
        self.is_closed = False

    async def items(self) -> AsyncGenerator[int, None]:
        try:
            for number in range(1, self.last + 1):
                await asyncio.sleep(0)
                self.read = number
                yield number
            if self.error is not None:
                raise self.error
        finally:
            self.is_closed = True


async def taken(source: Source, limit: int) -> list[list[int]]:
    portions = []
    async with ReadAhead(source.items(), limit) as ahead:
        while some := await ahead.some():
            portions.append(some)
            for _ in range(20):  # storing takes longer than reading
                await asyncio.sleep(0)
    return portions


async def test_everything_comes_in_order_and_what_came_meanwhile_comes_together() -> None:
    portions = await taken(Source(11), 4)
    assert [number for some in portions for number in some] == list(range(1, 12))
    assert max(map(len, portions)) == 4
    assert await taken(Source(0), 4) == []


async def test_the_reader_waits_for_the_taker() -> None:
    source = Source(100)
    async with ReadAhead(source.items(), 3) as ahead:
        assert await ahead.some() == [1]
        for _ in range(50):
            await asyncio.sleep(0)
        assert source.read == 4  # the one that was taken, and three ahead
    assert source.is_closed


async def test_a_failure_comes_out_behind_what_was_read_before() -> None:
    source = Source(6, ValueError("line cut"))
    got: list[int] = []

    async def take_all() -> None:
        async with ReadAhead(source.items(), 4) as ahead:
            while some := await ahead.some():
                got.extend(some)

    with pytest.raises(ValueError, match="line cut"):
        await take_all()
    assert got == [1, 2, 3, 4, 5, 6]


async def test_a_taker_that_fails_ends_the_reading() -> None:
    source = Source(100)

    async def store_one() -> None:
        async with ReadAhead(source.items(), 2) as ahead:
            await ahead.some()
            raise ValueError("disk full")

    with pytest.raises(ValueError, match="disk full"):
        await store_one()
    assert source.is_closed
