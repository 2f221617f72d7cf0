"""One shop on virtual time: the real program over the simulated platform, for faults of data and of time."""

from __future__ import annotations

import random
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from desktop.domain.audience import Audience
from desktop.domain.posts import PostDraft
from desktop.domain.sync_reports import AccountReport
from desktop.services.secrets.memory import MemorySecretStore
from tests.simulator.life import Life
from tests.simulator.story import founded, seeded
from tests.simulator.timeline import Timeline
from tests.simulator.watch import Watch
from tests.simulator.wecom import WeCom
from tests.simulator.wecom_truth import MEMBERS, PEOPLE
from tests.simulator.wire import Trouble

LONG_S = 1_000.0
_KEPT: dict[Path, dict[str, str]] = {}


class Desk:
    """The program's process, the platform, and somebody at the keyboard."""

    def __init__(self, folder: Path, kept: dict[str, str]) -> None:
        self.folder = folder
        self.line = Timeline()
        self.platform = WeCom(self.line, 3)
        self.watch = Watch(self.line, self.platform)
        self._kept = MemorySecretStore()
        self._kept._secrets.update(kept)
        self._stack = ExitStack()
        self._stack.enter_context(seeded(3))
        self._chance = random.Random(3)
        self.start()
        self.count = 0

    def start(self) -> None:
        """Start the program."""
        self.life = Life(self.folder, self.watch, self._chance, self._kept)
        self.life.start()

    def kill(self) -> None:
        """The process is gone."""
        self.life.drop()

    def close(self) -> None:
        """The end of the test: nothing that was promised may have been broken on the way."""
        self.life.drop()
        self._stack.close()
        shutil.rmtree(self.folder)
        assert not self.watch.broken, "\n".join([*self.watch.lines[-40:], *self.watch.broken])

    def do(self, work: Any) -> Any:
        """Run one piece of work."""
        return self.life.do(work)

    def sync(self, **options: Any) -> AccountReport:
        """One round; the account's report."""
        report = self.do(self.life.graph.sync.run(**options))
        return report.accounts[0]  # type: ignore[no-any-return]

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """A look into the file."""
        return self.watch.rows(sql, *values)

    def trouble(
        self, kind: str, path: str, *, times: int = 1, executes: bool = False, code: int = 0
    ) -> None:
        """What happens to the next requests of a path."""
        self.life.wires["wecom"].troubles.append(Trouble(kind, path, 1.0, times, executes, code))

    def post(self, **facts: Any) -> str:
        """Write and confirm a post to everyone; its uid."""
        self.count += 1
        body = facts.pop("body", f"第{self.count}号 到货")
        hold_s = facts.pop("hold_s", 0.0)
        draft = PostDraft(title="到货", body=body, audience=Audience(everyone=True), **facts)
        graph = self.life.graph
        saved = self.do(graph.posts.save_draft(draft))
        self.do(graph.posts.confirm(saved.uid, hold_s))
        return str(saved.uid)

    def states(self) -> list[str]:
        """Of all items, first to last."""
        return [row[0] for row in self.rows("SELECT state FROM outbox ORDER BY id")]

    def reasons(self) -> list[str]:
        """Why each item stands where it stands; '' without a reason."""
        return [
            row[0] or ""
            for row in self.rows("SELECT json_extract(reason, '$.code') FROM outbox ORDER BY id")
        ]

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.line.pass_by(seconds)

    @property
    def tasks(self) -> int:
        """How many tasks the platform made."""
        return len(self.platform.corp.tasks)

    def has_all(self) -> bool:
        """Whether the file has exactly the people, friendships and groups that the platform has."""
        facts = self.platform.corp.facts()
        people = self.rows(PEOPLE)
        members = self.rows(MEMBERS)
        return (
            {(row[0], row[1]): (row[2], row[3]) for row in people}
            == {key: (facts["names"][key[1]], value[0]) for key, value in facts["follows"].items()}
        ) and {row[0]: row[1] for row in members} == {
            key: value[0] for key, value in facts["groups"].items()
        }


def made(folder: Path) -> Desk:
    """A desk in a copy of a founded shop that was synchronised once."""
    if folder not in _KEPT:
        _KEPT[folder] = founded(folder / "template", ("wecom",))
    place = folder / "shop"
    shutil.copytree(folder / "template", place)
    desk = Desk(place, _KEPT[folder])
    report = desk.sync()
    if report.outcome != "ok" or not desk.has_all():
        desk.close()
        raise AssertionError(f"the first round: {report}")
    return desk
