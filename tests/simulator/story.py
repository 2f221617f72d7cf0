"""One seed, one life of a shop: a scheduler of people, time, faults and deaths, and the reckoning at the end."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import random
import shutil
import traceback
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from desktop.composition.device import FILE as DEVICE
from desktop.composition.graph import BACKUPS, DATABASE, Graph
from desktop.domain.errors import AppError
from desktop.services.backups import RestoredBy, restore_shop
from desktop.services.secrets.memory import MemorySecretStore
from tests.simulator.doudian import Doudian
from tests.simulator.douyin import Douyin
from tests.simulator.life import Life
from tests.simulator.operator import Operator
from tests.simulator.reckoning import Reckoning
from tests.simulator.timeline import DeadError, Killed, Timeline
from tests.simulator.watch import Watch
from tests.simulator.wechat import WeChat
from tests.simulator.wecom import WeCom
from tests.simulator.wire import BASE, Trouble, any_trouble
from tests.simulator.world import PlatformWorld

Shop = tuple[str, ...]
# WeCom alone most often, so that what happens there happens often.
SHOPS: tuple[Shop, ...] = (
    ("wecom",), ("wechat",), ("wecom",), ("douyin",), ("wecom",), ("wecom", "wechat"), ("wecom",),
    ("wecom", "douyin"), ("wecom",), ("wechat", "douyin", "doudian"), ("wecom",), ("wecom", "doudian"),
)  # fmt: skip
WORLDS: dict[str, type[PlatformWorld]] = {
    "doudian": Doudian,
    "douyin": Douyin,
    "wechat": WeChat,
    "wecom": WeCom,
}
EVENTS = {
    "sync": 30, "wait": 13, "post": 8, "drop": 5, "withdraw": 3, "cancel_item": 3, "edit": 3, "move": 2,
    "retry": 3, "attest": 2, "release": 4, "own_word": 3, "platform": 6, "staff": 3, "mood": 5, "trouble": 9,
    "moment": 2, "arrange": 16, "reply": 4, "follow_up": 3, "elsewhere": 1,
    "clock": 2, "restart": 2, "suspend": 1, "backup": 1, "restore": 0.6, "computer": 0.4, "secret": 0.8,
}  # fmt: skip
OPERATOR = (
    "post",
    "drop",
    "withdraw",
    "cancel_item",
    "edit",
    "move",
    "retry",
    "attest",
    "release",
    "own_word",
    "moment",
    "arrange",
    "reply",
    "follow_up",
)
OF_WECOM = ("post", "drop", "moment", "edit", "move", "withdraw", "follow_up", "reply")
STEPS_MS = (-30_000, 45_000, 90_000, -90_000, 600_000, -600_000, 3_600_000, -3_600_000, 86_400_000)
FAR_MS = (-86_400_000, 315_360_000_000, -315_360_000_000, -1_779_249_600_000)
LIVE = (
    "SELECT count(*) FROM follow WHERE removed_at IS NULL"
    " UNION ALL SELECT count(*) FROM follower WHERE unfollowed_at IS NULL"
)
DEATH = 0.1
DEATH_IN_WRITE = 0.06
AGAIN = 0.35  # of all rounds are followed by another one soon
TROUBLED = 0.3  # of all rounds have something wrong with a send


class Story:
    """Runs `length` events of one seed in a folder, then heals everything and compares."""

    def __init__(self, seed: int, shop: Shop, folder: Path, kept: dict[str, str]) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        line = Timeline()
        self.platforms = [WORLDS[name](line, seed) for name in shop]
        self.watch = Watch(line, *self.platforms)
        self.operator = Operator(self.chance, self.watch)
        self.kept = MemorySecretStore()
        self.kept._secrets.update(kept)
        self._copy: tuple[Path, dict[str, Any]] | None = None
        self.life: Life | None = None
        self._troubles: dict[str, list[Trouble]] = {name: [] for name in shop}
        for platform in self.platforms:
            platform.begin(self.chance)

    @property
    def broken(self) -> list[str]:
        """What was promised and did not hold."""
        return self.watch.broken

    @property
    def steps(self) -> int:
        """Scheduled events: actions, clock advances, exchanges, commits."""
        return self.watch.steps.total()

    def run(self, length: int) -> None:
        """Live, heal, reckon. Stops at the first broken promise."""
        with seeded(self.chance.getrandbits(64)):
            try:
                self._born()
                names, weights = list(EVENTS), list(EVENTS.values())
                for _ in range(length):
                    self._event(self.chance.choices(names, weights)[0])
                    if self.broken:
                        return
                Reckoning(self).settle()
            finally:
                if self.life is not None:
                    self.life.drop()

    def fingerprint(self) -> str:
        """A hash of the whole trace."""
        return hashlib.sha256("\n".join(self.watch.lines).encode()).hexdigest()

    # -- the process

    def _born(self) -> None:
        """Start the program; it may die right at its start, and is started again then."""
        while True:
            self.life = Life(self.folder, self.watch, self.chance, self.kept)
            for name, wire in self.life.wires.items():
                wire.troubles = self._troubles[name]
            if self.chance.random() < 0.1:
                self.life.fuse.left = self.chance.randint(1, 30)
            try:
                self.life.start()
            except (Killed, DeadError):
                self._died()
                continue
            self.life.fuse.disarm()
            self.operator.was_it_said()
            return

    def _died(self) -> None:
        self.watch.say("  # killed")
        if self.life is not None:
            self.life.drop()
            self.life = None
        if self.chance.random() < 0.5:
            self.watch.line.sleep_through(self.chance.choice((1_000, 60_000, 900_000)))

    def do(self, what: str, work: Callable[[Graph], Coroutine[Any, Any, Any]], mortal: bool = True) -> Any:
        """One command of the operator; the process may die in it."""
        if self.life is None:
            self._born()
        life = self.life
        assert life is not None
        self.watch.say(what)
        if mortal and self.chance.random() < DEATH:
            life.fuse.left = self.chance.choice((1, 2, 3, 5, self.chance.randint(5, 400)))
        elif mortal and self.chance.random() < DEATH_IN_WRITE:
            life.fuse.in_write = self.chance.choice((1, 2))
        try:
            told = life.do(work(life.graph))
            self.watch.say(f"  . {told}".replace(str(self.folder), ""))
            return told
        except Killed:
            self._died()
        except AppError as error:
            self.watch.say(f"  . refused: {error.code}")
        except DeadError:  # the program tried to go on
            self._died()
        except Exception as error:  # noqa: BLE001 - nothing else may come out of the program
            self.watch.complain(f"promise 69: {what} failed with {error!r} at {_place(error)}")
        finally:
            life.fuse.disarm()
        return None

    # -- events

    def _event(self, name: str) -> None:
        self.watch.steps["event"] += 1
        if name in OF_WECOM and "wecom" not in self.watch.platforms:
            name = "arrange"
        if name in OPERATOR:
            self.do(name, getattr(self.operator, name))
        else:
            getattr(self, f"_{name}")()

    def _sync(self) -> None:
        if self.chance.random() < TROUBLED:
            self._add_trouble(*self._trouble_of_a_write())
        options = {"full": self.chance.random() < 0.1, "accept_removals": self.chance.random() < 0.3}
        self.sync(options, disturbed=self.chance.random() < 0.25, cancelled=self.chance.random() < 0.05)
        if self.chance.random() < AGAIN and not self.broken:
            self.watch.line.pass_by(self.chance.choice((1, 40, 200)))
            self.sync(options)

    def _trouble_of_a_write(self) -> tuple[PlatformWorld, Trouble]:
        """On something that waits to go, mostly; else on what is sent to many."""
        sql = "SELECT DISTINCT kind FROM outbox WHERE state IN ('confirmed', 'queued') ORDER BY kind"
        if self.life is None:
            self._born()
        kinds = [row[0] for row in self.watch.rows(sql)]
        if kinds and self.chance.random() < 0.7:
            kind = self.chance.choice(kinds)
            platform = self.watch.platforms[kind.partition(".")[0]]
            return platform, any_trouble(self.chance, platform, platform.path_of(kind))
        platform = self.chance.choice(self.platforms)
        return platform, any_trouble(self.chance, platform, platform.trouble_paths[0])

    def _add_trouble(self, platform: PlatformWorld, trouble: Trouble) -> None:
        """At most two at once on one line."""
        there = self._troubles[platform.name]
        there[:] = [*there[-1:], trouble]

    def sync(self, options: dict[str, bool], *, disturbed: bool = False, cancelled: bool = False) -> Any:
        """A round, perhaps with somebody at work meanwhile, perhaps stopped."""

        async def work(graph: Graph) -> str:
            stop = asyncio.Event()
            others = [asyncio.ensure_future(self._meanwhile(graph))] if disturbed else []
            if cancelled:
                loop = asyncio.get_running_loop()
                loop.call_later(self.chance.choice((0.05, 0.5, 3.0)), stop.set)
            report = await graph.sync.run(**options, cancel=stop)
            for other in others:
                await other
            accounts = [f"{a.outcome} {a.error_code} {a.outbox}" for a in report.accounts]
            return "; ".join(accounts)

        before = self._live_follows()
        told = self.do(f"sync {options}", work)
        self._after_sync(before, options)
        return told

    async def _meanwhile(self, graph: Graph) -> None:
        try:
            self.watch.say(f"  : {await self.operator.during(graph)}")
        except AppError as error:
            self.watch.say(f"  : refused: {error.code}")

    def _live_follows(self) -> list[int]:
        if self.life is None:
            self._born()
        return [int(row[0]) for row in self.watch.rows(LIVE)]

    def _after_sync(self, before: list[int], options: dict[str, bool]) -> None:
        if self.life is None:
            return
        for was, is_now in zip(before, self._live_follows(), strict=True):
            may = max(1, 50 if was > 1_000 else was // 20)
            ended = options["accept_removals"] or was - is_now <= may
            self.watch.expect(ended, 43, f"{was - is_now} friendships ended unasked")
        Reckoning(self).own_words()

    def _wait(self) -> None:
        seconds = self.chance.choice((1, 8, 11, 40, 100, 240, 700, 1_900, 4_000, 20_000, 86_400))
        self.watch.say(f"wait {seconds}")
        if self.life is not None and seconds < 1_000:
            for _ in range(max(1, seconds // 60)):  # the window looks for what is over once a minute
                self.watch.line.pass_by(min(seconds, 60))
            self.do("  minute", lambda graph: graph.outbox.mark_missed())
        else:
            self.watch.line.pass_by(seconds)

    def _any(self) -> PlatformWorld:
        return self.chance.choice(self.platforms)

    def _platform(self) -> None:
        self.watch.say(f"platform: {self._any().change(self.chance)}")

    def _staff(self) -> None:
        self.watch.say(f"staff: {self._any().confirm(self.chance)}")

    def _mood(self) -> None:
        self.watch.say(f"mood: {self._any().mood(self.chance)}")

    def _elsewhere(self) -> None:
        """A second computer of the shop, with the same account, sends what waits here."""
        if self.life is None:
            self._born()
        rows = self.watch.rows(
            "SELECT payload FROM outbox WHERE state IN ('confirmed', 'queued') AND attempts = 0 ORDER BY id"
        )
        if rows:
            frozen = json.loads(self.chance.choice(rows)[0])
            made = self.watch.world_of(frozen).elsewhere(self.chance, frozen)
            self.watch.say(f"elsewhere: {made or 'nothing'}")
            if made:
                self.watch.elsewhere[frozen["body"]["text"]] = made

    def _trouble(self) -> None:
        platform = self._any()
        self._add_trouble(platform, any_trouble(self.chance, platform))
        told = " and ".join(map(str, self._troubles[platform.name]))
        self.watch.say(f"trouble of {platform.name}: {told}")

    def _clock(self) -> None:
        line = self.watch.line
        line.skew_ms = self.chance.choice((0, 0, *STEPS_MS, self.chance.choice(FAR_MS)))
        self.watch.say(f"clock: {line.skew_ms}")
        if self.chance.random() < 0.3:  # in the middle of whatever comes next
            after, skew = self.chance.randint(50, 3_000), self.chance.choice((0, *STEPS_MS))
            line.at(line.true_ms() + after, lambda: setattr(line, "skew_ms", skew))

    def _restart(self) -> None:
        self.watch.say("restart")
        if self.life is not None:
            self.life.end()
            self.life = None
        self._born()

    def _suspend(self) -> None:
        length = self.chance.choice((30_000, 600_000, 7_200_000, 90_000_000))
        self.watch.say(f"suspend {length}")
        if self.life is not None and self.chance.random() < 0.5:  # the lid closes in the middle of it
            at = self.watch.line.true_ms() + self.chance.randint(50, 2_000)
            self.watch.line.at(at, lambda: self.watch.line.sleep_through(length))
        else:
            self.watch.line.sleep_through(length)

    def _secret(self) -> None:
        self.watch.say(f"secret: {self._any().turn_secret()}")

    def _backup(self) -> None:
        target = self.folder / "copy.db"
        if self.do("backup", lambda graph: graph.backups.backup(target), mortal=False) is not None:
            words = {"names": self.operator.own_names, "notes": self.operator.own_notes}
            self._copy = (self.folder / "copy.db", copy.deepcopy(words))

    def _restore(self) -> None:
        if self._copy is None:
            return
        if self.life is not None:
            self.life.end()
            self.life = None
        source, words = self._copy
        by = RestoredBy("老板", "restored", self.watch.line.local_ms())
        self.watch.say("restore")
        restore_shop(source, self.folder / DATABASE, self.folder / BACKUPS, by)
        self.watch.open(self.folder / DATABASE, fresh=True)
        self.operator.own_names, self.operator.own_notes = dict(words["names"]), dict(words["notes"])
        self.operator.close_what_went_out()
        self.watch.close()
        self._born()

    def _computer(self) -> None:
        """The folder goes on living on another computer."""
        self.watch.say("other computer")
        if self.life is not None:
            self.life.end()
            self.life = None
        (self.folder / DEVICE).unlink()
        self._born()


def _place(error: BaseException) -> str:
    """Where an error comes from."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """All randomness inside comes from `seed`: ids, waits, device names."""
    chance = random.Random(seed)
    before = random.getstate()
    random.seed(seed)
    with (
        patch("secrets.token_bytes", chance.randbytes),
        patch("uuid.uuid4", lambda: uuid.UUID(int=chance.getrandbits(128))),
    ):
        try:
            yield
        finally:
            random.setstate(before)


def founded(folder: Path, shop: Shop) -> dict[str, str]:
    """A shop with its accounts in `folder`; the secrets that go with it."""
    line = Timeline()
    watch = Watch(line, *(WORLDS[name](line, 0) for name in shop))
    kept = MemorySecretStore()
    with seeded(0):
        life = Life(folder, watch, random.Random(0), kept)
        life.do(life.graph.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai"))
        for name, world in watch.platforms.items():
            account = life.do(life.graph.accounts.add(name, "小满", BASE + name, world.secrets))
            life.do(life.graph.first_send.agree(account.id))  # the owner has looked at what leaves first
            if life.graph.grants.asks(name):
                life.do(life.graph.grants.finish(account.id, "first"))
        life.end()
    return dict(kept._secrets)


def shop_of(seed: int) -> Shop:
    """Which platforms the shop of a seed is on."""
    return SHOPS[seed % len(SHOPS)]


class Shops:
    """Founded shops, each made when it is first asked for, and the stories that are lived in copies of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[Shop, dict[str, str]] = {}

    def told(self, seed: int, length: int) -> Story:
        """The story of a seed, run to its end."""
        shop, folder = shop_of(seed), self._folder / "shop"
        template = self._folder / "-".join(shop)
        if shop not in self._kept:
            self._kept[shop] = founded(template, shop)
        shutil.copytree(template, folder)
        try:
            story = Story(seed, shop, folder, self._kept[shop])
            story.run(length)
            return story
        finally:
            shutil.rmtree(folder)
