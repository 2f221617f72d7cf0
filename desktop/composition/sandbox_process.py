"""The sandbox as a child process, for the demo shop and the tour: started, asked, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.domain.errors import AppError

ROOT = Path(__file__).resolve().parents[2]
START_S = 20.0
STOP_S = 5.0


class SandboxFailedError(AppError):
    """The stand-in did not start; params: detail."""

    code = "sandbox_failed"


@dataclass(frozen=True, slots=True)
class SandboxAddress:
    """Where a running sandbox answers, and the credentials it accepts."""

    control_url: str
    wecom_base_url: str
    corpid: str
    corpsecret: str
    platforms: Mapping[str, Mapping[str, str]]  # name -> base_url and credentials, of every platform


class SandboxProcess:
    """One sandbox. `start` waits until it answers; `stop` ends it and its pipe."""

    def __init__(self, *, seed: int = 1, fans: int = 2000, port: int = 0) -> None:
        self._words = ["--port", str(port), "--seed", str(seed), "--fans", str(fans), "--with-parent"]
        self._child: subprocess.Popen[bytes] | None = None
        self._control_url = ""

    async def start(self) -> SandboxAddress:
        """Its address. Raises SandboxFailedError when it does not come up within 20 seconds."""
        child = await asyncio.to_thread(self._spawn)
        self._child = child
        try:
            async with asyncio.timeout(START_S):
                line = await asyncio.to_thread(_first_line, child)
            address = _address(line)
        except (TimeoutError, ValueError, KeyError) as error:
            await self.stop()
            raise SandboxFailedError(detail=repr(error)) from error
        self._control_url = address.control_url
        return address

    def control(self, path: str, document: object = None) -> Any:
        """Ask the control endpoint (docs/sandbox.md); blocks. POST with a document, GET without."""
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(
            self._control_url + path, data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=START_S) as reply:
            return json.loads(reply.read() or b"null")

    async def stop(self) -> None:
        """End the process; kills it when it does not leave by itself."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            await asyncio.to_thread(child.wait, STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            await asyncio.to_thread(child.wait)
        if child.stdout is not None:
            with contextlib.suppress(OSError):
                child.stdout.close()

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "desktop.sandbox", *self._words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )


def _first_line(child: subprocess.Popen[bytes]) -> bytes:
    assert child.stdout is not None
    return child.stdout.readline()


def _address(line: bytes) -> SandboxAddress:
    said = json.loads(line)
    wecom = said["platforms"]["wecom"]
    return SandboxAddress(
        control_url=str(said["control"]),
        wecom_base_url=str(wecom["base_url"]),
        corpid=str(wecom["corpid"]),
        corpsecret=str(wecom["corpsecret"]),
        platforms={
            str(name): {str(key): str(value) for key, value in words.items()}
            for name, words in said["platforms"].items()
        },
    )
