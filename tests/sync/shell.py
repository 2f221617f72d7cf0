"""A shop that is used through the command line, each command a process of its own, against the sandbox."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from desktop.store.engine import sqlite3
from tests.e2e.forks import FORKS
from tests.sandbox_process import ROOT, SandboxProcess


class Shop:
    """One shop's folder and the command line over it."""

    def __init__(self, folder: Path, sandbox: SandboxProcess) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.secrets = json.dumps({"corpid": sandbox.corpid, "corpsecret": sandbox.corpsecret})

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "main.py",
            "--data-dir",
            str(self.folder),
            "--lang",
            "en",
            *words,
            "--json",
        ]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONUTF8": "1"},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *words: str, given: str = "") -> dict[str, Any]:
        done = self.forked(*words, given=given) if FORKS.is_usable else self.cold(*words, given=given)
        if done.returncode == 0:
            assert done.stderr == ""
            return json.loads(done.stdout)
        assert done.stdout == ""
        return json.loads(done.stderr) | {"exit": done.returncode}

    def forked(self, *words: str, given: str) -> subprocess.CompletedProcess[str]:
        argv = ["--data-dir", str(self.folder), "--lang", "en", *words, "--json"]
        return FORKS.finished(argv, ROOT, {**os.environ, "PYTHONUTF8": "1"}, given)

    def cold(self, *words: str, given: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*words)
        out, err = process.communicate(given, timeout=60)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def sync(self, *words: str) -> dict[str, Any]:
        return self.run("sync", "--secrets-stdin", *words, given=self.secrets)

    def count(self, sql: str) -> int:
        return int(self.rows(sql)[0][0])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.folder / 'shop.db'}?mode=ro", uri=True)) as conn:
            return list(conn.execute(sql))
