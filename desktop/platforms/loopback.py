"""Catches the code of an authorisation page where the platform sends the browser to this very computer."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

from desktop.platforms.http import LOOPBACK

MOST_HEAD = 16 * 1024
PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n"
    b"<!doctype html><meta charset=utf-8><title>OK</title><p>"
    + "可以关掉这个页面，回到粉掌柜。".encode()
    + b"<br>You can close this page and go back to Fankeeper."
)


def can_catch(redirect: str) -> bool:
    """Whether the platform sends the browser to this computer: plain http, a loopback host, a port of its own."""
    try:
        parts = urlsplit(redirect)
        return parts.scheme == "http" and parts.hostname in LOOPBACK and bool(parts.port)
    except ValueError:
        return False


async def caught(redirect: str, seconds: float) -> str:
    """The address that the browser was sent to, code and state in it; '' when nobody came in that time.

    Raises OSError when the port is taken. Other addresses than the redirect's own path are not listened to.
    """
    parts = urlsplit(redirect)
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = (await reader.readline())[:MOST_HEAD].decode("latin-1")
            target = line.split(" ")[1] if line.startswith("GET ") and line.count(" ") >= 2 else ""
            asked = urlsplit(target)
            if asked.path == (parts.path or "/") and parse_qs(asked.query).get("code"):
                writer.write(PAGE)
                await writer.drain()
                if not found.done():
                    found.set_result(f"{parts.scheme}://{parts.netloc}{target}")
            else:
                writer.write(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n")
        except (OSError, ValueError, IndexError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(answer, parts.hostname, parts.port, limit=MOST_HEAD)
    async with server:
        try:
            async with asyncio.timeout(seconds):
                return await found
        except TimeoutError:
            return ""
