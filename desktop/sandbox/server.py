"""Puts the platforms and the control endpoint on one loopback port."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from desktop.sandbox.control import Control
from desktop.sandbox.frame import PlatformApp
from desktop.sandbox.stage import Stage
from desktop.sandbox.transport import WireProtocol
from desktop.sandbox.world.size import WorldSize

HOST = "127.0.0.1"


def make_app(stage: Stage) -> Starlette:
    """The ASGI application: each platform under its prefix, the control endpoint beside them."""
    platforms = [
        Mount(f"/{one.name}", app=PlatformApp(one, stage.clock, stage.faults, stage.journal))
        for one in stage.platforms
    ]
    return Starlette(routes=[Mount("/__control", routes=Control(stage).routes()), *platforms])


def greeting(stage: Stage, port: int) -> dict[str, object]:
    """The first line of the process."""
    base = f"http://{HOST}:{port}"
    return {
        "base_url": base,
        "platforms": {
            one.name: {"base_url": f"{base}/{one.name}", **one.credentials()} for one in stage.platforms
        },
        "control": f"{base}/__control",
    }


class SandboxServer(uvicorn.Server):
    """uvicorn's server that says when it is up, can refuse connections and ends with status 0."""

    def __init__(self, stage: Stage, sock: socket.socket, parent: int | None = None) -> None:
        config = uvicorn.Config(
            make_app(stage),
            http=WireProtocol,
            ws="none",
            lifespan="off",
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=30,
            server_header=False,
            date_header=False,  # the frame writes the sandbox's own
        )
        super().__init__(config)
        self._stage = stage
        self._parent = parent
        self._port = sock.getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        stage.pause_listening = self._pause_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then print the first line."""
        await super().startup(sockets=sockets)
        sys.stdout.write(json.dumps(greeting(self._stage, self._port)) + "\n")
        sys.stdout.flush()

    async def on_tick(self, counter: int) -> bool:
        """End also when the parent that was watched is gone."""
        orphaned = self._parent is not None and os.getppid() != self._parent
        return orphaned or await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end the server in order."""
        held = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in held.items():
                signal.signal(number, handler)

    def _pause_listening(self, seconds: float) -> None:
        task = asyncio.ensure_future(self._refuse_for(seconds))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _refuse_for(self, seconds: float) -> None:
        for server in self.servers:
            server.close()
        await asyncio.sleep(seconds)
        loop = asyncio.get_running_loop()
        sock = open_socket(self._port)
        self.servers = [
            await loop.create_server(
                lambda: WireProtocol(config=self.config, server_state=self.server_state, app_state={}),
                sock=sock,
                backlog=self.config.backlog,
            )
        ]


def open_socket(port: int) -> socket.socket:
    """A bound loopback socket; port 0 takes a free one."""
    sock = socket.socket(
        socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # names TCP: asyncio then sets NODELAY
    if sys.platform != "win32":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((HOST, port))
    return sock


def serve(size: WorldSize, port: int = 0, parent: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT, or until the process `parent` is no longer the parent."""
    sock = open_socket(port)
    SandboxServer(Stage(size), sock, parent).run(sockets=[sock])
