"""The faults of the line with the adapters of the official account, Douyin and Douyin shop, on virtual time.

A mass send is proven by its key, a word in a fan group by nobody, a note about an order by reading it back.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from desktop.composition.graph import Graph
from desktop.domain.articles import Article
from desktop.services.secrets.memory import MemorySecretStore
from tests.simulator.arrangements import PNG
from tests.simulator.life import Life
from tests.simulator.story import WORLDS, founded, seeded
from tests.simulator.timeline import Timeline
from tests.simulator.watch import Watch
from tests.simulator.wire import Trouble

# (kind of trouble, executed first, whether it leaves a doubt)
FAULTS = (
    ("reset", True, True), ("reset", False, True), ("hang", True, True), ("half", True, True),
    ("rubbish", True, True), ("rubbish", False, True), ("http500", True, True), ("http502", False, True),
    ("unlisted", True, True), ("token", False, False), ("refused", False, False),
    ("rate429", False, False), ("no_connection", False, False), ("redirect", True, True), ("closed", True, True),
)  # fmt: skip
# No source of Douyin's says that a reply of another status than 200 did nothing.
DOUBTED_THERE = {("douyin", "rate429")}
TWICE_AN_HOUR = (30.0, 1_000.0, 2_000.0, 4_000.0)


async def mass_send(graph: Graph) -> None:
    """An article to all followers."""
    account, cover = (await graph.accounts.list())[0].account.id, graph.config.data_dir / "cover.png"
    cover.write_bytes(PNG + b"\1")
    local, _ = await graph.official.save(
        account, Article("到货", parts=(("text", "今晚"),)), cover, hold_s=0
    )
    await graph.official.mass_send(local, hold_s=0)


async def group_word(graph: Graph) -> None:
    """A word in a fan group."""
    await graph.public.say_in_group(1, "message", "群里说一声")


async def order_note(graph: Graph) -> None:
    """A note about an order."""
    await graph.orders.remark(1, "包好一点", 3)


async def answer_somebody(graph: Graph) -> None:
    """An answer to a private message, in the talk whose fan wrote last."""
    rows = (await graph.talks.inbox()).rows
    await graph.talks.reply(max(rows, key=lambda row: row.standing.last_in_at or 0).uid, "在的", hold_s=0)


CASES: dict[str, tuple[Callable[[Graph], Any], str, str]] = {
    "wechat": (mass_send, "wechat.mass_send", "done"),
    "douyin": (group_word, "douyin.group.message", "asked"),
    "doudian": (order_note, "doudian.order.remark", "done"),
}


class Shop:
    """A shop on one platform that was synchronised once."""

    def __init__(self, name: str, folder: Path, kept: dict[str, str]) -> None:
        self.line = Timeline()
        self.world = WORLDS[name](self.line, 7)
        self.watch = Watch(self.line, self.world)
        store = MemorySecretStore()
        store._secrets.update(kept)
        self.life = Life(folder, self.watch, random.Random(3), store)
        self.life.start()
        self.sync()

    def sync(self) -> None:
        """One round."""
        self.life.do(self.life.graph.sync.run())

    def item(self, kind: str) -> tuple[str, bool, list[str]]:
        """(state, whether a person is asked, outcomes of the attempts) of the only item of a kind."""
        ((item_id, state, reason),) = self.watch.rows(
            "SELECT id, state, reason FROM outbox WHERE kind = ?", kind
        )
        sql = "SELECT coalesce(outcome, '') FROM attempt WHERE outbox_id = ? ORDER BY n"
        asks = bool(reason) and bool(json.loads(reason).get("asks"))
        return state, asks, [row[0] for row in self.watch.rows(sql, item_id)]


@pytest.fixture(scope="module")
def template(desks: Path) -> Callable[[str], tuple[Path, dict[str, str]]]:
    """A founded shop of each platform, made when it is first asked for."""
    made: dict[str, tuple[Path, dict[str, str]]] = {}

    def of(name: str) -> tuple[Path, dict[str, str]]:
        if name not in made:
            folder = desks / f"on-{name}"
            made[name] = folder, founded(folder, (name,))
        return made[name]

    return of


@contextmanager
def opened(
    template: Callable[[str], tuple[Path, dict[str, str]]], desks: Path, name: str
) -> Iterator[Shop]:
    """A copy of the founded shop, gone afterwards."""
    source, kept = template(name)
    folder = desks / "other-shop"
    shutil.copytree(source, folder)
    with seeded(3):
        shop = Shop(name, folder, kept)
        try:
            yield shop
        finally:
            shop.life.drop()
            shutil.rmtree(folder)


@pytest.mark.parametrize(("kind", "executes", "doubt"), FAULTS)
@pytest.mark.parametrize("name", list(CASES))
def test_a_fault_of_the_line_ends_in_one_effect_or_one_question(
    template: Callable[[str], tuple[Path, dict[str, str]]],
    desks: Path,
    name: str,
    kind: str,
    executes: bool,
    doubt: bool,
) -> None:
    act, write, end = CASES[name]
    doubt = doubt or (name, kind) in DOUBTED_THERE
    with opened(template, desks, name) as shop:
        shop.life.do(act(shop.life.graph))
        shop.line.pass_by(11)
        path = shop.world.path_of(write)
        code = shop.world.unlisted[1] if kind == "unlisted" else 0
        shop.life.wires[name].troubles.append(Trouble(kind, path, 1.0, 1, executes, code))
        shop.sync()
        first = shop.item(write)
        for seconds in TWICE_AN_HOUR:
            shop.line.pass_by(seconds)
            shop.sync()
        state, asks, outcomes = shop.item(write)
        assert not doubt or first[0] == "unknown"
        assert not shop.watch.broken, "\n".join([*shop.watch.lines[-30:], *shop.watch.broken])
        happened = sum(was for (_, _), was in shop.watch.happened.items())
        if end == "asked" and doubt:
            assert (state, asks, outcomes) == ("unknown", True, ["U"])
            assert happened == int(executes)
        else:
            assert (state, asks) == ("done", False)
            assert outcomes[-1] == "D"


@pytest.mark.parametrize("at", [1, 2, 3, 5])
@pytest.mark.parametrize("name", list(CASES))
def test_a_token_may_die_at_any_request_of_a_round(
    template: Callable[[str], tuple[Path, dict[str, str]]], desks: Path, name: str, at: int
) -> None:
    act, write, _end = CASES[name]
    with opened(template, desks, name) as shop:
        shop.life.do(act(shop.life.graph))
        shop.line.pass_by(11)
        wire = shop.life.wires[name]
        asked = wire._trouble
        seen = 0

        def dies(path: str) -> Trouble | None:
            nonlocal seen
            seen += 1
            return Trouble("token", "", 1.0, 1) if seen == at else asked(path)

        wire._trouble = dies  # type: ignore[method-assign]
        for seconds in TWICE_AN_HOUR:
            shop.sync()
            shop.line.pass_by(seconds)
        assert seen > at
        state, asks, outcomes = shop.item(write)
        assert (state, asks, outcomes[-1]) == ("done", False, "D")
        done = [uid for (uid, _attempt), was in shop.watch.happened.items() if was]
        assert len(done) == len(set(done)) == shop.watch.rows("SELECT count(*) FROM outbox")[0][0]
        assert not shop.watch.broken, "\n".join([*shop.watch.lines[-30:], *shop.watch.broken])


@pytest.mark.parametrize("hours", [23, 25])
def test_an_answer_that_could_not_leave_within_the_window_never_leaves(
    template: Callable[[str], tuple[Path, dict[str, str]]], desks: Path, hours: int
) -> None:
    with opened(template, desks, "douyin") as shop:
        graph = shop.life.graph
        shop.life.do(answer_somebody(graph))
        wrote = shop.watch.rows("SELECT max(last_in_at) FROM conversation")[0][0]
        shop.life.wires["douyin"].troubles.append(Trouble("refused", "", 1.0, 1_000))
        shop.sync()
        shop.line.pass_by((wrote - shop.line.true_ms()) / 1000 + hours * 3600)
        shop.life.wires["douyin"].troubles.clear()
        shop.sync()
        state, _asks, _outcomes = shop.item("douyin.dm")
        assert state == ("done" if hours < 24 else "missed")
        assert sum(shop.watch.happened.values()) == int(hours < 24)
        assert not shop.watch.broken, "\n".join([*shop.watch.lines[-30:], *shop.watch.broken])
