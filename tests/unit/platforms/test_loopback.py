"""The catcher of authorisation codes, over real sockets of this computer."""

import asyncio
import socket

import httpx
import pytest

from desktop.platforms import loopback


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Catching:
    """A catcher that listens, and its answer."""

    def __init__(self, seconds: float = 30.0) -> None:
        self.redirect = f"http://127.0.0.1:{free_port()}/douyin"
        self.open = asyncio.Event()
        self.answer = asyncio.create_task(loopback.caught(self.redirect, "mine", seconds, self.open.set))

    async def visit(self, rest: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as browser:
            return await browser.get(self.redirect + rest)


@pytest.mark.parametrize(
    ("redirect", "can"),
    [
        ("http://127.0.0.1:8765/douyin", True),
        ("http://localhost:8765", True),
        ("https://127.0.0.1:8765/douyin", False),
        ("http://127.0.0.1/douyin", False),
        ("http://example.com:8765/douyin", False),
        ("http://127.0.0.1:x/", False),
        ("", False),
    ],
)
def test_only_a_port_of_this_computer_can_be_listened_to(redirect: str, can: bool) -> None:
    assert loopback.can_catch(redirect) is can


async def test_the_browsers_address_is_caught_and_the_browser_is_told() -> None:
    catching = Catching()
    await catching.open.wait()
    reply = await catching.visit("?code=abc%2F1&state=mine")
    assert reply.status_code == 200
    assert "粉掌柜" in reply.text
    assert await catching.answer == f"{catching.redirect}?code=abc%2F1&state=mine"


async def test_other_paths_other_states_and_noise_are_not_listened_to() -> None:
    catching = Catching()
    await catching.open.wait()
    for rest in ("/favicon.ico", "?code=a&state=other", "?code=a", "?state=mine"):
        assert (await catching.visit(rest)).status_code == 404
    host, port = "127.0.0.1", int(catching.redirect.split(":")[2].split("/")[0])
    for noise in (b"\r\n\r\n", b"GET\r\n\r\n", b"x" * 20_000 + b"\r\n\r\n"):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(noise)
        writer.write_eof()
        await asyncio.gather(reader.read(), return_exceptions=True)  # cut off or refused: either will do
        writer.close()
    assert not catching.answer.done()
    await catching.visit("?state=mine&code=abc")
    assert (await catching.answer).endswith("?state=mine&code=abc")


async def test_nobody_coming_ends_with_nothing_and_frees_the_port() -> None:
    catching = Catching(seconds=0.01)
    assert await catching.answer == ""
    port = int(catching.redirect.split(":")[2].split("/")[0])
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))


async def test_a_line_that_is_opened_and_never_used_holds_nothing_up() -> None:
    catching = Catching()
    await catching.open.wait()
    port = int(catching.redirect.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await catching.visit("?code=abc&state=mine")
    assert (await catching.answer).endswith("code=abc&state=mine")
    assert await reader.read() == b""
    writer.close()


async def test_a_taken_port_is_told_before_any_page_is_shown() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        shown: list[bool] = []
        redirect = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(OSError, match="in use"):
            await loopback.caught(redirect, "mine", 30.0, lambda: shown.append(True))
        assert shown == []
