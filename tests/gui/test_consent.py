"""The owner's consent in the window, against the practice platform: caught from the browser, or pasted."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.composition.graph import Graph, GraphConfig, open_graph
from desktop.domain.accounts import AccountState
from desktop.domain.grants import GrantLife, Warned
from desktop.qtkit.change_bridge import ChangeBridge
from desktop.qtkit.i18n import set_language, t
from desktop.services.grants import GrantHealth
from desktop.services.secrets import MemorySecretStore
from desktop.views.exchange import Exchange
from desktop.views.sync import consent_dialog
from desktop.views.sync.connect_dialog import ConnectDialog
from desktop.views.sync.consent_dialog import ConsentDialog
from desktop.views.sync.health_lines import consent_line
from desktop.views.sync_page import SyncPage
from tests.gui.conftest import Opened
from tests.gui.test_sync_page import dialog_of, found, press, settled, text
from tests.gui.walk import clipped_labels, unnamed_focusables
from tests.sandbox_process import SandboxProcess, running_sandbox

LOOKS = [("zh_CN", "light"), ("zh_CN", "dark"), ("en", "light"), ("en", "dark")]
Until = Callable[..., Any]


@pytest.fixture(scope="module")
def world() -> Iterator[SandboxProcess]:
    with running_sandbox(fans=20, staff=2, groups=2) as process:
        yield process


@pytest.fixture
def graph(tmp_path: Path, runner: asyncio.Runner) -> Iterator[Graph]:
    opened = runner.run(open_graph(GraphConfig(tmp_path / "shop", "店主", secrets=MemorySecretStore())))
    runner.run(opened.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai"))
    yield opened
    runner.run(opened.close())


class Bench:
    """The sync centre over a whole shop, a practice platform, and a browser that notes what it is shown."""

    def __init__(self, opened: Opened, graph: Graph, world: SandboxProcess) -> None:
        world.reset()
        world.control("douyin/settings", {"redirect_at_once": True})
        self.graph, self.world = graph, world
        self.given = world.platform("douyin")
        self.shown: list[str] = []
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.redirect = f"http://127.0.0.1:{taken.getsockname()[1]}/douyin"
        self.opened = opened
        self.bridge = ChangeBridge(graph.store.feed, merge_ms=1)
        self.context = replace(opened.context, bridge=self.bridge, clock=graph.config.clock)
        self.exchange = Exchange(graph.sync, self.context)
        self.page: Any = None

    def open(self) -> None:
        """Show the page."""
        self.page = SyncPage(
            self.context,
            self.graph.accounts,
            self.graph.outbox,
            self.exchange,
            self.graph.first_send,
            self.graph.statistics,
            self.graph.grants,
        )
        self.page.resize(1158, 716)
        self.page.show()

    async def connect(self, until: Until, redirect: str = "") -> ConsentDialog:
        """Type the keys in; what the window asks next."""
        self.open()
        await until(lambda: self.page.is_loaded)
        self.page.open_connect()
        await until(lambda: isinstance(dialog_of(self.page), ConnectDialog))
        dialog = dialog_of(self.page)
        assert isinstance(dialog, ConnectDialog)
        found(dialog, QAbstractButton, "door_douyin").click()
        dialog.fields["client_key"].setText(self.given["client_key"])
        dialog.fields["client_secret"].setText(self.given["client_secret"])
        dialog.fields["redirect_uri"].setText(redirect or self.redirect)
        dialog._unfold()
        dialog.address.setText(self.given["base_url"])
        press(dialog, "connect")
        await until(lambda: isinstance(dialog_of(self.page), ConsentDialog))
        asked = dialog_of(self.page)
        assert isinstance(asked, ConsentDialog)
        return asked

    async def browse(self, until: Until) -> httpx.Response:
        """What a browser does with the page: the owner agrees at once, and it goes where it is sent."""
        await until(lambda: self.shown)
        async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
            return await browser.get(self.shown[-1])

    async def aclose(self) -> None:
        self.bridge.close()
        await self.exchange.scope.aclose()
        if self.page is not None:
            await self.page.scope.aclose()
            self.page.hide()
            self.page.deleteLater()


@pytest.fixture
def bench(
    opened: Opened,
    graph: Graph,
    world: SandboxProcess,
    runner: asyncio.Runner,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bench]:
    made = Bench(opened, graph, world)
    monkeypatch.setattr(consent_dialog, "_open_in_browser", made.shown.append)
    yield made
    runner.run(made.aclose())
    assert opened.faults == []


async def test_connecting_leads_to_the_page_and_the_browser_comes_back_by_itself(
    bench: Bench, until: Until
) -> None:
    dialog = await bench.connect(until)
    press(dialog, "open_consent_page")
    reply = await bench.browse(until)
    assert reply.status_code == 200
    assert str(reply.url).startswith(bench.redirect)
    await until(lambda: [notice.key for notice in bench.opened.notices.kept] == ["consent.agreed"])
    (health,) = await bench.graph.accounts.list()
    assert health.account.state is AccountState.CONNECTED
    card = bench.page.cards[health.account.id]
    await until(lambda: card.findChild(QWidget, "consent") is not None)
    assert card.authorise.isVisible()
    assert not card.problem.isVisible()
    (consent,) = await bench.graph.grants.health()
    when = bench.context.formats.moment(consent.life.refresh_until)
    assert text(card, "consent") == t("sync_page.consent_until", when=when, n=5)


async def test_later_and_a_pasted_address_from_the_card(bench: Bench, until: Until) -> None:
    dialog = await bench.connect(until, "https://shop.example.com/douyin")
    press(dialog, "cancel")
    await until(lambda: bench.page.cards)
    (card,) = bench.page.cards.values()
    await until(lambda: card.scan.isVisible())
    assert not card.again.isVisible()
    press(card, "scan")
    await until(lambda: dialog_of(bench.page) is not None)
    again = dialog_of(bench.page)
    assert isinstance(again, ConsentDialog)
    press(again, "open_consent_page")
    await until(lambda: bench.shown)
    assert text(again, "consent_waiting") == t("consent.paste_hint")
    async with httpx.AsyncClient(trust_env=False) as browser:
        sent_to = (await browser.get(bench.shown[-1])).headers["location"]
    assert sent_to.startswith("https://shop.example.com/douyin?")
    again.field.set_text("https://shop.example.com/douyin?code=x&state=another")
    again._follow()
    press(again, "finish_consent")
    await until(lambda: again.problem.isVisible())
    assert text(again, "consent_problem") == t("error.grant_state_other")
    again.field.set_text(sent_to)
    press(again, "finish_consent")
    await until(lambda: not card.problem.isVisible())
    assert again.life is not None


async def test_a_taken_port_still_shows_the_page_to_paste_from(bench: Bench, until: Until) -> None:
    dialog = await bench.connect(until)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", int(bench.redirect.split(":")[2].split("/")[0])))
        taken.listen()
        press(dialog, "open_consent_page")
        await until(lambda: dialog.problem.isVisible())
    assert len(bench.shown) == 1
    assert text(dialog, "consent_problem") == t("error.grant_port_taken", redirect=bench.redirect)
    press(dialog, "copy_consent_page")
    await until(lambda: "oauth/connect" in QGuiApplication.clipboard().text())
    assert not dialog.problem.isVisible()
    press(dialog, "cancel")


def test_a_consent_near_its_end_is_told_apart(opened: Opened) -> None:
    def line(warned: Warned | None, renewals: int) -> tuple[str, str]:
        life = GrantLife(0, 86_400_000, renewals, 5)
        told = consent_line(GrantHealth(1, "a", "小满", life, warned), opened.context.formats)
        return told.tone, told.text

    when = opened.context.formats.moment(86_400_000)
    assert line(None, 4) == ("text3", t("sync_page.consent_until", when=when, n=1))
    assert line(None, 5) == ("text3", t("sync_page.consent_last", when=when))
    assert line(Warned.WEEK, 5) == ("warn", t("sync_page.consent_last", when=when))
    assert line(Warned.OVER, 2) == ("warn", t("sync_page.consent_over", when=when))


@pytest.mark.parametrize(("language", "look"), LOOKS)
async def test_nothing_is_clipped_or_unnamed(
    bench: Bench, until: Until, shot: Callable[[QWidget, str], None], language: str, look: str
) -> None:
    bench.context.theme.set_choice(look)
    set_language(language)
    dialog = await bench.connect(until)
    await settled()
    shot(dialog, f"consent_{language}_{look}_fresh")
    dialog.problem.show_text(t("error.grant_port_taken", redirect=bench.redirect))
    dialog._say_waiting("consent.nobody_came")
    await settled()
    assert clipped_labels(dialog) == []
    assert unnamed_focusables(dialog) == []
    shot(dialog, f"consent_{language}_{look}")
    press(dialog, "cancel")
    await until(lambda: bench.page.cards)
    (card,) = bench.page.cards.values()
    await until(lambda: card.scan.isVisible())
    await settled()
    assert clipped_labels(bench.page) == []
    assert unnamed_focusables(bench.page) == []
    shot(bench.page, f"consent_card_{language}_{look}")
