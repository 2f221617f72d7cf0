"""Commands of one shop that are forks of one loaded process: cheap enough for hundreds."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.store import upkeep
from desktop.store.engine import sqlite3
from tests.e2e.command_line import Shop, document, environment, refusal

SCRIPT = Path(__file__).with_name("forked.py")


@dataclass(slots=True)
class Forked:
    """A shop whose commands are forks of one loaded process."""

    shop: Shop
    server: subprocess.Popen[str]
    scratch: Path

    def begin(self, *words: object, stdin: str = "", **order: Any) -> int:
        """Start a command; its process id. `ended` waits for it."""
        (self.scratch / "stdin").write_text(stdin, encoding="utf-8")
        streams = {name: str(self.scratch / name) for name in ("stdin", "stdout", "stderr")}
        argv = ["--data-dir", str(self.shop.data), "--lang", "en", *map(str, words), "--json"]
        line = {"argv": argv, "cwd": str(self.shop.cwd), **streams, **order}
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
def forked(shop: Shop, scratch: Path) -> Iterator[Forked]:
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
        yield Forked(shop, server, scratch)
    finally:
        server.communicate()
