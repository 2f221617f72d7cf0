"""Cutting, halving and dripping replies at the byte level, below the HTTP library."""

import asyncio
import socket
import struct
from typing import Any

from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

KEY = "sandbox.wire"


class WireProtocol(H11Protocol):
    """uvicorn's HTTP protocol with the socket handed down to the application in the scope."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def with_wire(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                scope[KEY] = Wire(self.transport, receive)
            await inner(scope, receive, send)

        self.app = with_wire


class Wire:
    """The raw connection of one request."""

    def __init__(self, transport: asyncio.Transport, receive: Receive) -> None:
        self._transport = transport
        self._receive = receive

    async def write(self, data: bytes) -> None:
        """Send bytes as they are, outside HTTP."""
        if not self._transport.is_closing():
            self._transport.write(data)
        await asyncio.sleep(0)

    async def close(self) -> None:
        """End the connection in order, with no reply or no rest of it."""
        self._transport.close()
        await self._gone()

    async def reset(self) -> None:
        """Cut the connection so that the peer sees a TCP reset."""
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
        await self._gone()

    async def sleep(self, seconds: float) -> bool:
        """Wait; True when the peer hung up meanwhile."""
        waiter = asyncio.ensure_future(self._gone())
        done, _ = await asyncio.wait({waiter}, timeout=seconds)
        if not done:
            waiter.cancel()
        return bool(done)

    async def _gone(self) -> None:
        message: Message = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await self._receive()
