"""Kills a command inside the system, at its n-th call of one kind, where strace is at hand and may be used."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from functools import cache
from pathlib import Path

from tests.e2e.killable import KILLED, Killable

PATIENCE_S = 20


@cache
def is_usable() -> bool:
    """Whether strace is installed and this system lets it attach to a child."""
    if shutil.which("strace") is None:
        return False
    child = subprocess.Popen(["sleep", "20"])
    try:
        tracer = subprocess.Popen(
            ["strace", "-qq", "-o", os.devnull, "-p", str(child.pid)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        attached = _is_traced(child.pid, tracer)
        tracer.terminate()
        tracer.wait(5)
        return attached
    finally:
        child.kill()
        child.wait(5)


def killed_at_call(shop: Killable, name: str, nth: int, words: tuple[object, ...], stdin: str) -> bool:
    """Run a command that dies at the `nth` call of `name`; False when it ended before that."""
    go = shop.scratch / "go"
    go.unlink(missing_ok=True)
    process = shop.begin(*words, stdin=stdin, go=str(go))
    tracer = subprocess.Popen(
        [
            "strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={name}", "-e",
            f"inject={name}:signal=SIGKILL:when={nth}", "-p", str(process),
        ],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert _is_traced(process, tracer)
    go.touch()
    done = shop.ended()
    tracer.wait(PATIENCE_S)
    assert done.returncode in (KILLED, 0), (name, nth, done.returncode, done.stderr)
    if done.returncode == KILLED:
        shop.points.append(f"{words[0]} {name} {nth}")
    return done.returncode == KILLED


def kill(process: int) -> None:
    """As hard as it gets."""
    os.kill(process, signal.SIGKILL)


def _is_traced(process: int, tracer: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and tracer.poll() is None:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
        if f"TracerPid:\t{tracer.pid}" in status:
            return True
        time.sleep(0.002)
    return False
