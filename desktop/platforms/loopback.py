"""Catches the code of an authorisation page where the platform sends the browser to this very computer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from desktop.platforms.http import LOOPBACK

MOST_HEAD = 16 * 1024
PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n"
    b"<!doctype html><meta charset=utf-8><title>OK</title><p>"
    + "可以关掉这个页面，回到粉掌柜。".encode()
    + b"<br>You can close this page and go back to Fankeeper."
)
NOT_HERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def can_catch(redirect: str) -> bool:
    """Whether the platform sends the browser to this computer: plain http, a loopback host, a port of its own."""
    try:
        parts = urlsplit(redirect)
        return parts.scheme == "http" and parts.hostname in LOOPBACK and bool(parts.port)
    except ValueError:
        return False


async def caught(redirect: str, state: str, seconds: float, listening: Callable[[], object]) -> str:
    """The address that the browser was sent to, code and state in it; '' when nobody came in that time.

    `listening` is called once the port is open: only then the page may be shown. Raises OSError when the port
    is taken. Other paths and other states than our own are not listened to.
    """
    parts = urlsplit(redirect)
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    lines: set[asyncio.StreamWriter] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.add(writer)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, *_ = head.split(" ", 2)
            asked = urlsplit(target)
            query = parse_qs(asked.query)
            is_ours = method == "GET" and asked.path == (parts.path or "/")
            if is_ours and query.get("code") and query.get("state") == [state]:
                writer.write(PAGE)
                await writer.drain()
                if not found.done():
                    found.set_result(f"{parts.scheme}://{parts.netloc}{target}")
            else:
                writer.write(NOT_HERE)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            lines.discard(writer)
            writer.close()

    server = await asyncio.start_server(answer, parts.hostname, parts.port, limit=MOST_HEAD)
    try:
        listening()
        async with asyncio.timeout(seconds):
            return await found
    except TimeoutError:
        return ""
    finally:
        server.close()  # without waiting for lines that a browser opened in advance and never used
        for writer in tuple(lines):
            writer.close()
