"""One exchange over HTTP: bounded, never redirected, and told as what is known about it afterwards.

The edge at which every transport failure becomes one of two errors: OfflineError when no byte of the
request left (it may be repeated), UnclearReplyError when it may have been executed.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import ssl
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx

from desktop.domain.errors import InvalidInputError, OfflineError, UnclearReplyError

MAX_BODY = 10 * 1024 * 1024
READ_DEADLINE_S = 30.0
WRITE_DEADLINE_S = 60.0
CONNECT_S = 10.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
TIMED_OUT = (httpx.ReadTimeout, httpx.WriteTimeout, TimeoutError)

# httpcore imports this for each request. Where there is none, that would search every folder of the
# program each time, on the window's thread; a None here fails at once.
if "sniffio" not in sys.modules and importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]

# Their INFO lines carry whole addresses, and with them tokens and secrets.
for _name in ("httpx", "httpcore", "httpcore.connection", "httpcore.http11"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)
    logging.getLogger(_name).propagate = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the decoded body, and two headers that matter."""

    status: int
    body: bytes
    content_type: str
    date: str


@dataclass(frozen=True, slots=True)
class Upload:
    """One file part of a multipart request."""

    part: str
    file_name: str
    content: bytes
    mime: str


def checked_base_url(base_url: str, hosts: tuple[str, ...]) -> str:
    """`base_url` without a trailing slash, when credentials may travel there.

    Allowed are https to the platform's own hosts, and the loopback (the sandbox). Raises
    InvalidInputError for anything else, and for addresses that carry a query or a user.
    """
    url = urlsplit(base_url.strip())
    plain = not (url.query or url.fragment or url.username or url.password)
    try:
        port = url.port
    except ValueError:  # no number
        port, plain = None, False
    own = url.scheme == "https" and url.hostname in hosts and port in (None, 443)
    near = url.scheme in ("http", "https") and url.hostname in LOOPBACK
    if not plain or not (own or near):
        raise InvalidInputError("base_url_refused", base_url=base_url, hosts=list(hosts))
    return base_url.strip().rstrip("/")


async def is_reachable(base_url: str) -> bool:
    """Whether the address takes a connection now; nothing is sent over it."""
    url = urlsplit(base_url)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        async with asyncio.timeout(CONNECT_S):
            _reader, writer = await asyncio.open_connection(url.hostname, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


class ApiClient:
    """Talks to one platform address. Close it, or use it with `async with`.

    Reads share kept-alive connections; each write gets a fresh one, because a kept connection that the
    server drops at the wrong moment looks the same as an executed request whose reply was lost.
    """

    def __init__(
        self,
        base_url: str,
        hosts: tuple[str, ...],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        read_deadline_s: float = READ_DEADLINE_S,
        write_deadline_s: float = WRITE_DEADLINE_S,
    ) -> None:
        self.base_url = checked_base_url(base_url, hosts)
        self._deadlines = {False: read_deadline_s, True: write_deadline_s}
        context = ssl.create_default_context() if self.base_url.startswith("https") else False
        self._reads = self._client(transport, context, keep_alive=4)
        self._writes = self._client(transport, context, keep_alive=0)

    def _client(
        self, transport: httpx.AsyncBaseTransport | None, context: ssl.SSLContext | bool, *, keep_alive: int
    ) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=transport,
            verify=context,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(WRITE_DEADLINE_S, connect=CONNECT_S, pool=CONNECT_S),
            limits=httpx.Limits(max_connections=4, max_keepalive_connections=keep_alive),
            headers={"Accept-Encoding": "gzip", "User-Agent": "Fankeeper"},
        )

    async def __aenter__(self) -> ApiClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._reads.aclose()
        await self._writes.aclose()

    async def exchange(
        self,
        method: str,
        path: str,
        *,
        writes: bool,
        query: Mapping[str, str],
        json_body: bytes | None = None,
        upload: Upload | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request and read its whole reply. At most one of `json_body`, `upload`, `form`.

        Raises OfflineError when nothing left, UnclearReplyError for every other failure: time-out,
        dropped connection, redirect, more than 10 MB decoded.
        """
        client = self._writes if writes else self._reads
        arguments: dict[str, Any] = {"params": dict(query), "headers": dict(headers or {})}
        if json_body is not None:
            arguments["content"] = json_body
            arguments["headers"]["Content-Type"] = "application/json"
        if form is not None:
            arguments["data"] = dict(form)
        if upload is not None:
            arguments["files"] = {upload.part: (upload.file_name, upload.content, upload.mime)}
        try:
            async with (
                asyncio.timeout(self._deadlines[writes]),
                client.stream(method, self.base_url + path, **arguments) as response,
            ):
                body = await _read(response)
        except (*NEVER_LEFT, httpx.InvalidURL) as error:
            raise OfflineError(host=self._host(), detail=type(error).__name__) from None
        except TIMED_OUT:
            raise UnclearReplyError("reply_timeout", host=self._host()) from None
        except (httpx.HTTPError, httpx.StreamError, OSError, zlib.error) as error:
            raise UnclearReplyError("reply_lost", host=self._host(), detail=type(error).__name__) from None
        if 300 <= response.status_code < 400:
            raise UnclearReplyError("reply_redirect", host=self._host(), status=response.status_code)
        return Reply(
            response.status_code,
            body,
            response.headers.get("Content-Type", ""),
            response.headers.get("Date", ""),
        )

    def _host(self) -> str:
        return urlsplit(self.base_url).netloc


async def _read(response: httpx.Response) -> bytes:
    """The decoded body, stopped at the bound: unpacked here, so that a small reply cannot grow huge."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise UnclearReplyError("reply_garbled", detail=f"content-encoding {encoding[:32]}")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if encoding == "gzip" else None
    parts: list[bytes] = []
    size = 0
    async for raw in response.aiter_raw():
        part = unpack.decompress(raw, MAX_BODY - size + 1) if unpack else raw
        size += len(part)
        if size > MAX_BODY:
            raise UnclearReplyError("reply_too_large", limit_mb=MAX_BODY // 1024 // 1024)
        parts.append(part)
    if unpack is not None and not unpack.eof:
        raise UnclearReplyError("reply_garbled", detail="gzip cut off")
    return b"".join(parts)
