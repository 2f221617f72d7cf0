"""Run as a script: has the program loaded, and forks a process for each command it is told to run.

A fork costs what its command does, not what Python takes to start, so that hundreds can be killed.
Nothing of the program is replaced. What a fork does is counted where it meets the outside: each
statement that SQLite runs, each call that names, syncs or removes a file, each packet on a socket;
and at the step it was told it kills itself, as hard as kill -9.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import anyio._backends._asyncio  # noqa: F401  these would be loaded anew by every fork
import httpx  # noqa: F401
import keyring

from desktop.cli import entry
from desktop.store import names
from desktop.store.engine import sqlite3

FILE_CALLS = ("replace", "rename", "unlink", "fsync", "ftruncate", "mkdir", "chmod")


class Steps:
    """Counts; ends the process at the step `kill_at` (0: never). `seen` names every step."""

    def __init__(self, kill_at: int, record: str) -> None:
        self.kill_at = kill_at
        self.record = record
        self.seen: list[str] = []

    def take(self, name: str) -> None:
        """One more step, about to be done or just done."""
        self.seen.append(name)
        if len(self.seen) == self.kill_at:
            self.tell()
            os.kill(os.getpid(), signal.SIGKILL)

    def tell(self) -> None:
        """Write down what was seen so far."""
        Path(self.record).write_text(json.dumps(self.seen), encoding="utf-8")

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, with a step before and one after it."""

        def counted(*args: Any, **more: Any) -> Any:
            self.take(f"before {name}")
            result = call(*args, **more)
            self.take(f"after {name}")
            return result

        return counted

    def watch(self) -> None:
        """Stand where this process meets the outside."""
        connect = sqlite3.connect

        def watched(*args: Any, **more: Any) -> Any:
            connection = connect(*args, **more)
            connection.set_trace_callback(lambda text: self.take(f"sql {text[:60]}"))
            return connection

        sqlite3.connect = watched
        for name in FILE_CALLS:
            setattr(os, name, self.around(name, getattr(os, name)))
        for name in ("send", "recv"):
            setattr(socket.socket, name, self.on_the_net(name, getattr(socket.socket, name)))

    def on_the_net(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call` counted for connections to a host; the event loop's own pair of sockets is none."""
        counted = self.around(name, call)
        return lambda sock, *args: (counted if sock.family == socket.AF_INET else call)(sock, *args)


def perform(order: dict[str, Any]) -> int:
    """One command in this process, which was made for it."""
    if "env" in order:
        os.environ.clear()
        os.environ.update(order["env"])
        time.tzset()
    os.chdir(order["cwd"])
    for handle, name, flags in ((0, "stdin", os.O_RDONLY), (1, "stdout", WRITE), (2, "stderr", WRITE)):
        opened = os.open(order[name], flags, 0o600)
        os.dup2(opened, handle)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    ahead_ns = int(order.get("ahead_s", 0) * 1_000_000_000)
    if ahead_ns:  # this computer's clock, set forward; the sandbox's is moved with it
        now = time.time_ns
        time.time_ns = lambda: now() + ahead_ns
    steps = Steps(int(order.get("kill_at", 0)), order.get("count", ""))
    if order.get("count"):
        steps.watch()
    while order.get("go") and not os.path.exists(order["go"]):
        time.sleep(0.002)
    code = entry.run(order["argv"])
    sys.stdout.flush()
    sys.stderr.flush()
    if order.get("count"):
        steps.tell()
    return code


WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def main() -> None:
    """A line of JSON in, the fork's number out, and how it ended when it did."""
    names.spellings("小满")
    keyring.get_keyring()
    gc.collect()
    gc.freeze()  # a fork need not look at, and so copy, what is loaded
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = perform(json.loads(line))
            finally:
                os._exit(code)
        print(json.dumps({"pid": child}), flush=True)
        status = os.waitpid(child, 0)[1]
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
