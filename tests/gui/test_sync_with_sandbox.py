"""The sync centre with everything behind it real: the graph's engine, the adapter, and a platform's stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.composition.graph import Graph, GraphConfig, open_graph
from desktop.qtkit.change_bridge import ChangeBridge
from desktop.qtkit.i18n import t
from desktop.services.secrets import MemorySecretStore
from desktop.views.exchange import Exchange
from desktop.views.sync.connect_dialog import ConnectDialog
from desktop.views.sync_page import SyncPage
from desktop.views.widgets.texts import PlainLabel
from tests.gui.conftest import Opened
from tests.sandbox_process import SandboxProcess

Until = Callable[..., Any]


@pytest.fixture
def graph(tmp_path: Path, runner: asyncio.Runner) -> Iterator[Graph]:
    """A whole shop with its own folder."""
    opened = runner.run(open_graph(GraphConfig(tmp_path / "shop", "店主", secrets=MemorySecretStore())))
    runner.run(opened.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai"))
    yield opened
    runner.run(opened.close())


def text(page: QWidget, name: str) -> str:
    label = page.findChild(PlainLabel, name)
    assert label is not None
    return label.whole_text()


def press(page: QWidget, name: str) -> None:
    button = page.findChild(QPushButton, name)
    assert button is not None
    assert button.isEnabled()
    button.click()


def told(page: SyncPage) -> set[str]:
    """The streams of the last result on the page."""
    return {
        stream
        for stream in ("customers", "groups")
        for result in page.results.values()
        if result.model.row_of(stream) is not None
    }


def cell(page: SyncPage, stream: str, count: str) -> str:
    (result,) = page.results.values()
    row = result.model.row_of(stream)
    assert row is not None
    keys = [column.key for column in result.model.columns]
    return str(result.model.index(row, keys.index(count)).data())


async def test_connect_sync_stop_and_be_refused(
    opened: Opened,
    graph: Graph,
    shared_sandbox: SandboxProcess,
    until: Until,
    shot: Callable[[QWidget, str], None],
) -> None:
    bridge = ChangeBridge(graph.store.feed, merge_ms=1)
    clock = graph.config.clock
    formats = type(opened.context.formats)(clock)
    context = replace(opened.context, bridge=bridge, clock=clock, formats=formats)
    exchange = Exchange(graph.sync, context)
    page = SyncPage(
        context,
        graph.accounts,
        graph.outbox,
        exchange,
        graph.first_send,
        graph.statistics,
        graph.grants,
    )
    page.resize(1158, 716)
    page.show()
    await until(lambda: page.is_loaded)
    await connect(page, shared_sandbox, until)
    await sync_all(page, exchange, until)
    shot(page, "sync_sandbox")
    await stop_midway(page, exchange, shared_sandbox, until)
    await be_refused(page, shared_sandbox, until)
    assert opened.faults == []
    bridge.close()
    await exchange.scope.aclose()
    await page.scope.aclose()
    page.hide()
    page.deleteLater()


async def connect(page: SyncPage, sandbox: SandboxProcess, until: Until) -> None:
    """First with a wrong secret, then with the right one."""
    press(page, "connect_first")
    await until(lambda: page.findChild(ConnectDialog, "connect_dialog"))
    dialog = page.findChild(ConnectDialog, "connect_dialog")
    assert dialog is not None
    press(dialog, "advanced")
    dialog.address.setText(sandbox.wecom_base_url)
    dialog.fields["corpid"].setText(sandbox.corpid)
    dialog.fields["corpsecret"].setText("not-the-secret")
    press(dialog, "connect")
    await until(lambda: dialog.problem.isVisible(), timeout=10)
    assert text(dialog, "connect_problem") == t("error.wecom_secret_wrong", platform_code=40001)
    dialog.fields["corpsecret"].setText(sandbox.corpsecret)
    press(dialog, "connect")
    await until(lambda: page.cards, timeout=10)
    await until(lambda: text(page, "account_state") == t("account_state.connected"))


async def sync_all(page: SyncPage, exchange: Exchange, until: Until) -> None:
    """A first round brings 200 customers and 8 groups."""
    seen: list[str] = []
    exchange.progressed.connect(lambda progress: seen.append(progress.stream))
    press(page, "sync_now")
    await until(lambda: exchange.is_running)
    await until(lambda: not exchange.is_running and text(page, "figure_groups") == "8", timeout=20)
    await until(lambda: all(name in told(page) for name in ("customers", "groups")), timeout=10)
    assert {"staff", "customers", "groups"} <= set(seen)
    assert int(cell(page, "customers", "new").replace(",", "")) > 100
    assert cell(page, "customers", "verdict") == t("sync_page.stream_done")
    assert cell(page, "groups", "received") == "8"
    assert text(page, "figure_last") == t("kit.just_now")


async def stop_midway(page: SyncPage, exchange: Exchange, sandbox: SandboxProcess, until: Until) -> None:
    """A platform that hangs does not hold the operator up."""
    sandbox.fault("hang", "externalcontact/batch/get_by_user", count=0)
    press(page, "sync_now")
    await until(lambda: sandbox.calls("externalcontact/get_corp_tag_list"), timeout=10)
    await until(lambda: exchange.is_running)
    loop = asyncio.get_running_loop()
    asked = loop.time()
    press(page, "stop")
    await until(lambda: not exchange.is_running)
    assert loop.time() - asked < 1
    await until(lambda: text(page, "result_verdict") == t("sync_verdict.cancelled"))
    sandbox.clear_faults()


async def be_refused(page: SyncPage, sandbox: SandboxProcess, until: Until) -> None:
    """An address that is not trusted is named, and works again once it is."""
    sandbox.settings(ip_trusted=False)
    press(page, "sync_now")
    await until(lambda: text(page, "account_state") == t("account_state.refused"), timeout=10)
    assert "127.0.0.1" in text(page, "problem")
    assert "60020" in text(page, "problem")
    sandbox.settings(ip_trusted=True)
    press(page, "again")
    await until(lambda: text(page, "account_state") == t("account_state.connected"), timeout=10)
