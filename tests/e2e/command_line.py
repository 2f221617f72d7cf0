"""The command line as its user meets it: a process of its own, in any folder; cold, or forked from a loaded one."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.store.engine import sqlite3
from tests.e2e.forks import FORKS

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


def environment(**more: str) -> dict[str, str]:
    """What a user's shell has: no path into the program."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**inherited, "FANKEEPER_LANG": "en", **more}


@dataclass(slots=True)
class Shop:
    """One data folder and the folder in which its owner types commands. `is_cold`: Python starts each time."""

    data: Path
    cwd: Path
    is_cold: bool = False

    def start(self, *words: object, **options: Any) -> subprocess.Popen[str]:
        """The process of one command with `--json`; its three streams are pipes."""
        command = [sys.executable, str(ROOT / "main.py"), "--data-dir", str(self.data), *map(str, words)]
        return subprocess.Popen(
            [*command, "--json"],
            cwd=self.cwd,
            env=options.pop("env", None) or environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            **options,
        )

    def finished(self, *words: object, stdin: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
        """One command, run to its end; a process from its very beginning where `options` are for that."""
        if not (self.is_cold or options) and FORKS.is_usable:
            argv = ["--data-dir", str(self.data), *map(str, words), "--json"]
            return FORKS.finished(argv, self.cwd, environment(), stdin)
        child = self.start(*words, **options)
        out, err = child.communicate(stdin, timeout=PATIENCE_S)
        return subprocess.CompletedProcess(words, child.returncode, out, err)

    def ok(self, *words: object, stdin: str = "", **options: Any) -> dict[str, Any]:
        """The one document of a command that works; it has nothing to say on standard error."""
        done = self.finished(*words, stdin=stdin, **options)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        assert done.stderr == ""
        return document(done.stdout)

    def refused(
        self, *words: object, code: str, stdin: str = "", exit_code: int = 1, **options: Any
    ) -> dict[str, Any]:
        """The one error document of a command that fails; it changed nothing and shows no traceback."""
        done = self.finished(*words, stdin=stdin, **options)
        error = refusal(done)
        assert (error["code"], done.returncode) == (code, exit_code), error
        assert error["data_changed"] is False
        return error

    def is_whole(self) -> bool:
        """What `check` says."""
        return bool(self.ok("check")["ok"])

    def log(self) -> str:
        """The folder's log; nothing where none was written."""
        file = self.data / "logs" / "fankeeper.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""


def document(text: str) -> dict[str, Any]:
    """The one JSON object that a stream holds, on one line."""
    assert text.endswith("\n")
    assert text.count("\n") == 1, text
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def refusal(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The error of a failed command, after its form was looked at."""
    assert done.returncode not in (0, 3), (done.stdout, done.stderr)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    error = document(done.stderr)["error"]
    assert set(error) == {"code", "message", "data_changed"}
    assert len(error["message"]) > 20
    if error["code"] != "usage":  # argparse writes choices in braces
        assert not re.search(r"\{[a-z_]+\}", error["message"])
    return dict(error)


def rows_of(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of a shop's tables, but SQLite's own statistics; of search words the tables they are kept in."""
    with contextlib.closing(sqlite3.connect(str(folder / "shop.db"))) as connection:
        named = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL TABLE%'"
        ).fetchall()
        tables = [name for (name,) in named if not name.startswith("sqlite_")]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}


def new_shop(folder: Path, name: str = "小满鲜果", *, is_cold: bool = False) -> Shop:
    """A shop in `folder`, made by its first command."""
    cwd = folder / "elsewhere 别处"
    cwd.mkdir(parents=True)
    shop = Shop(folder / "shop 店", cwd, is_cold)
    made = shop.ok("init", "--name", name, "--industry", "frequent-online")
    assert made["timezone"] == "Asia/Shanghai"
    return shop
