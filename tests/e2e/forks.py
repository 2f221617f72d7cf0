"""Commands as forks of one loaded process: what they do, without the second that Python takes to start.

`tests/e2e/forked.py` is that process. Coverage is measured in whole processes only, so then there is none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

SCRIPT = Path(__file__).with_name("forked.py")
STREAMS = ("stdin", "stdout", "stderr")


class Forks:
    """The process that forks, started by the first command."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    @property
    def is_usable(self) -> bool:
        """Whether this system forks and nobody measures."""
        return hasattr(os, "fork") and not any(name.startswith("COV") for name in os.environ)

    def finished(
        self, argv: Sequence[str], cwd: Path, env: Mapping[str, str], stdin: str
    ) -> subprocess.CompletedProcess[str]:
        """One command, run to its end, in a process, folder and environment of its own."""
        self.begin(argv, cwd, env, stdin)
        return self.ended(argv)

    def begin(
        self,
        argv: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        stdin: str = "",
        gate: Path | None = None,
    ) -> None:
        """Start a command, which waits until there is a file `gate`. `ended` waits for it."""
        server, folder = self._started()
        streams = {name: str(folder / name) for name in STREAMS}
        Path(streams["stdin"]).write_text(stdin, encoding="utf-8")
        order = {"argv": list(argv), "cwd": str(cwd), "env": dict(env), **streams}
        order |= {"go": str(gate)} if gate else {}
        assert server.stdin is not None
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()

    def ended(self, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """How the command that was begun ended, and what it said."""
        server, folder = self._started()
        assert server.stdout is not None
        told = [server.stdout.readline() for _ in ("begun", "ended")]
        assert all(told), "the process that forks has ended"
        out, err = ((folder / name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(list(argv), int(json.loads(told[1])["code"]), out, err)

    def close(self) -> None:
        """End the process, if one was started."""
        if self._server is not None and self._scratch is not None:
            self._server.communicate()
            self._scratch.cleanup()
        self._server = self._scratch = None

    def _started(self) -> tuple[subprocess.Popen[str], Path]:
        if self._server is None or self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="forks-")
            pipe = subprocess.PIPE
            self._server = subprocess.Popen(
                [sys.executable, str(SCRIPT)], stdin=pipe, stdout=pipe, text=True, encoding="utf-8"
            )
        return self._server, Path(self._scratch.name)


FORKS = Forks()
