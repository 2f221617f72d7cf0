"""Starts and stops the sandbox as a process of its own, and talks to its control endpoint.

def test_something(sandbox):            # one process per test
    sandbox.fault("reset", "externalcontact/add_msg_template", when="after")
    sandbox.wecom_base_url, sandbox.corpid, sandbox.corpsecret

with running_sandbox(fans=1000, seed=7) as sandbox: ...
"""

import contextlib
import json
import os
import pathlib
import select
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
START_LIMIT_S = 60.0
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ControlRefused(AssertionError):
    """The control endpoint did not take a request; the text says why."""


@dataclass(slots=True)
class SandboxProcess:
    """A running sandbox: addresses, credentials and the control endpoint."""

    process: subprocess.Popen[str]
    greeting: dict[str, Any]

    @property
    def base_url(self) -> str:
        return str(self.greeting["base_url"])

    @property
    def wecom_base_url(self) -> str:
        return str(self.greeting["platforms"]["wecom"]["base_url"])

    @property
    def corpid(self) -> str:
        return str(self.greeting["platforms"]["wecom"]["corpid"])

    @property
    def corpsecret(self) -> str:
        return str(self.greeting["platforms"]["wecom"]["corpsecret"])

    def platform(self, name: str) -> dict[str, str]:
        """Base address and credentials of one platform."""
        return {key: str(value) for key, value in self.greeting["platforms"][name].items()}

    def control(self, path: str = "", doc: dict[str, Any] | None = None, method: str | None = None) -> Any:
        """GET without a document, POST with one; returns the JSON answer."""
        request = urllib.request.Request(
            f"{self.greeting['control']}/{path.lstrip('/')}",
            data=None if doc is None else json.dumps(doc).encode(),
            method=method or ("GET" if doc is None else "POST"),
            headers={"content-type": "application/json", "connection": "close"},
        )
        try:
            with NO_PROXY.open(request, timeout=30) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                raise ControlRefused(error.read().decode()) from None

    def fault(self, kind: str, path: str = "*", **more: Any) -> int:
        """Script one fault; returns its id."""
        return int(self.control("faults", {"kind": kind, "path": path, **more})["ids"][0])

    def clear_faults(self) -> None:
        self.control("faults", method="DELETE")

    def settings(self, **values: Any) -> dict[str, Any]:
        return dict(self.control("settings", values))

    def settings_of(self, platform: str, **values: Any) -> dict[str, Any]:
        """Turn switches of a named platform."""
        return dict(self.control(f"{platform}/settings", values))

    def advance(self, seconds: float) -> float:
        """Move the sandbox clock; returns its new time in seconds."""
        return float(self.control("clock", {"advance_s": seconds})["now"])

    def confirm(self, msgid: str = "all", **more: Any) -> dict[str, Any]:
        """Staff press send."""
        return dict(self.control("confirm", {"msgid": msgid, **more}))

    def play(self, do: str, **more: Any) -> dict[str, Any]:
        """Staff or customers do something in their own apps."""
        return dict(self.control("world", {"do": do, **more}))

    def play_on(self, platform: str, do: str, **more: Any) -> dict[str, Any]:
        """Somebody does something on a named platform."""
        return dict(self.control(f"{platform}/world", {"do": do, **more}))

    def calls(self, path: str = "") -> list[dict[str, Any]]:
        return list(self.control(f"calls?path={path}")["calls"])

    def sent(self) -> list[dict[str, Any]]:
        """Mass-send tasks that exist, oldest first."""
        return list(self.control("sent")["sent"])

    def reset(self, **doc: Any) -> None:
        """The seeded world again, no faults, empty journal."""
        self.control("reset", doc)


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        if os.name == "nt" or select.select([process.stdout], [], [], 0.2)[0]:
            return process.stdout.readline()
        if process.poll() is not None:
            break
    return ""


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
    if process.stdout is not None:
        process.stdout.close()


@contextlib.contextmanager
def running_sandbox(
    *,
    fans: int = 200,
    seed: int = 1,
    staff: int = 4,
    groups: int = 8,
    port: int = 0,
    origin: int | None = None,
) -> Iterator[SandboxProcess]:
    """A sandbox for the length of a with-block; killed at its end whatever happens."""
    command = [sys.executable, "-m", "desktop.sandbox", "--port", str(port), "--seed", str(seed)]
    command += ["--fans", str(fans), "--staff", str(staff), "--groups", str(groups), "--with-parent"]
    command += [] if origin is None else ["--origin", str(origin)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    try:
        line = _first_line(process)
        if not line:
            raise AssertionError(f"the sandbox did not start (exit status {process.poll()})")
        yield SandboxProcess(process, json.loads(line))
    finally:
        _end(process)


@pytest.fixture
def sandbox() -> Iterator[SandboxProcess]:
    """A fresh sandbox with 200 customers."""
    with running_sandbox() as process:
        yield process


@pytest.fixture(scope="session")
def shared_sandbox_process() -> Iterator[SandboxProcess]:
    """One process for the whole run; use it through `shared_sandbox`."""
    with running_sandbox() as process:
        yield process


@pytest.fixture
def shared_sandbox(shared_sandbox_process: SandboxProcess) -> SandboxProcess:
    """The shared process put back to its beginning: much faster than a process per test."""
    shared_sandbox_process.reset()
    return shared_sandbox_process
