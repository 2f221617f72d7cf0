"""Commands that are killed on purpose, over one shop folder that is put back before each of them."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop.store import upkeep
from desktop.store.engine import sqlite3
from tests.e2e.command_line import Shop, document, environment, refusal

SCRIPT = Path(__file__).with_name("forked.py")
KILLED = -signal.SIGKILL


@dataclass(slots=True)
class Killable:
    """A shop whose commands are forks of one loaded process. `ahead_s`: how far its clock was set on."""

    shop: Shop
    server: subprocess.Popen[str]
    scratch: Path
    ahead_s: float = 0
    points: list[str] = field(default_factory=list)  # where something was killed, for the report

    def begin(self, *words: object, stdin: str = "", **order: Any) -> int:
        """Start a command; its process id. `ended` waits for it."""
        (self.scratch / "stdin").write_text(stdin, encoding="utf-8")
        streams = {name: str(self.scratch / name) for name in ("stdin", "stdout", "stderr")}
        argv = ["--data-dir", str(self.shop.data), "--lang", "en", *map(str, words), "--json"]
        line = {"argv": argv, "cwd": str(self.shop.cwd), "ahead_s": self.ahead_s, **streams, **order}
        assert self.server.stdin is not None
        self.server.stdin.write(json.dumps(line) + "\n")
        self.server.stdin.flush()
        return int(self._told()["pid"])

    def ended(self) -> subprocess.CompletedProcess[str]:
        """How the command that was begun ended, and what it said."""
        code = int(self._told()["code"])
        said = [(self.scratch / name).read_text(encoding="utf-8") for name in ("stdout", "stderr")]
        return subprocess.CompletedProcess((), code, *said)

    def _told(self) -> dict[str, Any]:
        assert self.server.stdout is not None
        line = self.server.stdout.readline()
        assert line, "the process that forks has ended"
        return dict(json.loads(line))

    def finished(self, *words: object, stdin: str = "", **order: Any) -> subprocess.CompletedProcess[str]:
        """One command, run to its end."""
        self.begin(*words, stdin=stdin, **order)
        return self.ended()

    def ok(self, *words: object, stdin: str = "") -> dict[str, Any]:
        """The document of a command that works."""
        done = self.finished(*words, stdin=stdin)
        assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
        return document(done.stdout)

    def refused(self, *words: object, stdin: str = "") -> dict[str, Any]:
        """The error of a command that fails."""
        return refusal(self.finished(*words, stdin=stdin))

    def steps(self, *words: object, stdin: str = "") -> list[str]:
        """Every step of a command, in its order; the command is done by then."""
        counted = self.scratch / "steps"
        done = self.finished(*words, stdin=stdin, count=str(counted))
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return list(json.loads(counted.read_text(encoding="utf-8")))

    def killed_at(self, step: int, *words: object, stdin: str = "") -> list[str]:
        """Run a command until that step: what it did, its last step not done; [] when it ended before."""
        record = self.scratch / "steps"
        done = self.finished(*words, stdin=stdin, kill_at=step, count=str(record))
        assert done.returncode in (KILLED, 0), (step, done.returncode, done.stderr)
        if done.returncode != KILLED:
            return []
        assert done.stdout == ""  # nothing was acknowledged
        seen = list(json.loads(record.read_text(encoding="utf-8")))
        self.points.append(f"{words[0]} {step}: {seen[-1]}")
        return seen

    def keep(self, name: str) -> None:
        """Remember the folder as it is."""
        shutil.copytree(self.shop.data, self.scratch / name)

    def put_back(self, name: str) -> None:
        """The folder as it was kept."""
        shutil.rmtree(self.shop.data)
        shutil.copytree(self.scratch / name, self.shop.data)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the file holds, read beside the program."""
        with contextlib.closing(sqlite3.connect(str(self.shop.data / "shop.db"))) as connection:
            return [tuple(row) for row in connection.execute(sql)]

    def assert_whole(self) -> None:
        """The next command opens the shop and finds nothing wrong; nor do we."""
        told = self.ok("check")
        assert told["ok"] is True, told
        with contextlib.closing(sqlite3.connect(str(self.shop.data / "shop.db"))) as connection:
            connection.row_factory = sqlite3.Row
            assert upkeep.check(connection).findings == ()


@contextlib.contextmanager
def killable(shop: Shop, scratch: Path) -> Iterator[Killable]:
    """A shop with the process that forks its commands."""
    scratch.mkdir()
    unmeasured = {n: v for n, v in environment().items() if not n.startswith("COV")}
    server = subprocess.Popen(
        [sys.executable, str(SCRIPT)],
        cwd=shop.cwd,
        env=unmeasured,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Killable(shop, server, scratch)
    finally:
        server.communicate()


def chosen(count: int, most: int, *, must: Iterable[int] = ()) -> list[int]:
    """Which of `count` steps to kill at: every one up to `most`; of more, an even spread, and `must`."""
    spread = range(1, count + 1) if count <= most else (1 + at * count // most for at in range(most))
    return sorted({*spread, *(step for step in must if 1 <= step <= count)})
