"""The account matrix: every account with its figures, what is left, and one next step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from desktop.domain.account_matrix import Step, next_step
from desktop.domain.accounts import Account, AccountState
from desktop.domain.grants import Warned
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import set_language
from desktop.services.account_matrix import AccountMatrixService
from desktop.store.database import Store
from desktop.views.matrix_page import MatrixPage
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.walk import clipped_labels, unnamed_focusables
from tests.waiting import until

DAY = 86_400_000
ACCOUNTS = (
    (1, "wecom", "小满果铺", "connected", 2_000),
    (2, "wechat", "小满公众号", "connected", 3 * DAY),
    (3, "douyin", "小满抖音", "connected", 4_000),
    (4, "doudian", "小满抖店", "refused", 5_000),
)


def fill(clock: FakeClock) -> Callable[[Any], None]:
    def work(tx: Any) -> None:
        now = clock.now_ms()
        for at, platform, name, state, ago in ACCOUNTS:
            tx.db.execute(
                "INSERT INTO account (id, uid, platform, name, base_url, external_id, state, created_at,"
                " last_sync_at, token_fetched_at) VALUES (?, ?, ?, ?, 'http://127.0.0.1:1', ?, ?, 1, ?, ?)",
                (at, f"a{at}", platform, name, f"x{at}", state, now - ago, now - 2 * DAY),
            )
        tx.db.execute("INSERT INTO account_day (account_id, day, fans) VALUES (3, '2026-05-19', 8120)")
        tx.db.execute(
            "INSERT INTO account_grant (account_id, granted_at, refresh_until, renewals, renewals_most)"
            " VALUES (3, 0, ?, 5, 5)", (now + 3 * DAY + 1,),
        )  # fmt: skip
        tx.db.execute(
            "INSERT INTO publication (account_id, way, external_id, progress, taken_at)"
            " VALUES (2, 'mass', 'm1', 'done', ?)", (now,),
        )  # fmt: skip

    return work


Went = list[tuple[str, dict[str, object]]]


@pytest.fixture
def went() -> Went:
    """Where the page asked to go."""
    return []


@pytest.fixture
def page(
    opened: Opened, shop: Store, clock: FakeClock, runner: asyncio.Runner, went: Went
) -> Iterator[MatrixPage]:
    context = replace(opened.context, go=lambda key, **more: went.append((key, more)))
    made = MatrixPage(context, AccountMatrixService(shop, clock))
    made.resize(1158, 716)
    yield made
    runner.run(made.scope.aclose())
    made.hide()
    made.deleteLater()


async def shown(page: MatrixPage, store: Store, clock: FakeClock) -> list[list[str]]:
    await store.write(fill(clock), kind="test.act")
    page.show()
    await until(lambda: page.is_loaded, what="read")
    return texts(page)


def texts(page: MatrixPage) -> list[list[str]]:
    model = page.model
    return [
        [str(model.index(row, at).data() or "") for at in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


async def test_every_account_stands_with_its_figures_and_one_step(
    page: MatrixPage, shop: Store, clock: FakeClock
) -> None:
    rows = await shown(page, shop, clock)
    assert [(row[0], row[-1]) for row in rows] == [
        ("小满抖音", "去授权"),
        ("小满抖店", "去处理"),
        ("小满公众号", "同步一次"),
        ("小满果铺", "–"),
    ]
    douyin, doudian, wechat, _wecom = rows
    assert douyin[3:7] == ["8,120", "0", "–", "3 天后要再扫码"]
    assert (doudian[3], doudian[4]) == ("–", "–")
    assert wechat[5:7] == ["每人约 3 次", "已用 2 天"]
    assert "3 个有事要做" in page.head.subtitle.text()


async def test_the_keyboard_sorts_and_goes_where_the_step_is_done(
    page: MatrixPage,
    shop: Store,
    clock: FakeClock,
    went: Went,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await shown(page, shop, clock)
    page.model.sort_requested.emit("fans", Qt.SortOrder.DescendingOrder)
    assert texts(page)[0][0] == "小满抖音"
    page.table.setFocus()
    page.table.selectRow(0)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert went == [("sync", {"account": 3, "step": Step.AUTHORISE})]
    why = page.findChild(QLabel, "matrix_why")
    assert why is not None
    assert "扫码" in why.text()
    target = tmp_path / "矩阵.csv"

    async def chosen(*_args: object, **_more: object) -> Path:
        return target

    monkeypatch.setattr(dialogs, "save_file", chosen)
    button = page.findChild(QPushButton, "export_matrix")
    assert button is not None
    button.click()
    await until(target.exists, what="file")
    lines = target.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("账号,平台,状态,粉丝")
    assert lines[1].startswith("小满抖音,抖音,正常,8120")


async def test_without_accounts_the_page_offers_the_first(page: MatrixPage, went: Went) -> None:
    page.show()
    await until(lambda: page.is_loaded, what="read")
    assert not page.export_button.isVisible()
    button = next(b for b in page.findChildren(QPushButton) if b.isVisible() and b.text() == "连接账号")
    button.click()
    assert went == [("sync", {"connect": True})]


async def test_looks_of_the_matrix(
    page: MatrixPage, shop: Store, clock: FakeClock, opened: Opened, shot: Callable[[QWidget, str], None]
) -> None:
    await shown(page, shop, clock)
    complaints = []
    for look in ("light", "dark"):
        opened.context.theme.set_choice(look)
        for language in ("zh_CN", "en"):
            set_language(language)
            for size in ((1158, 716), (1232, 848)):
                page.resize(*size)
                await asyncio.sleep(0)
                shot(page, f"matrix-{language}-{look}-{size[0]}")
                complaints += clipped_labels(page) + unnamed_focusables(page)
    opened.context.theme.set_choice("light")
    set_language("zh_CN")
    assert complaints == []


@pytest.mark.parametrize(
    ("state", "synced", "waiting", "warned", "step"),
    [
        (AccountState.DISABLED, 1, 1, Warned.OVER, Step.ENABLE),
        (AccountState.CONNECTED, 1, 1, Warned.DAY, Step.AUTHORISE),
        (AccountState.REFUSED, 1, 1, None, Step.MEND),
        (AccountState.CONNECTED, DAY, 1, None, Step.AGREE),
        (AccountState.NEW, None, 0, None, Step.TRY),
        (AccountState.CONNECTED, None, 0, None, Step.FIRST_SYNC),
        (AccountState.CONNECTED, DAY - 1, 0, None, Step.SYNC),
        (AccountState.CONNECTED, DAY, 0, None, Step.NONE),
    ],
)
def test_what_stops_everything_comes_first(
    state: AccountState, synced: int | None, waiting: int, warned: Warned | None, step: Step
) -> None:
    account = Account(1, "a", "wecom", "小店", "http://127.0.0.1:1", "x", state, 0, last_sync_at=synced)
    assert next_step(account, warned, waiting, 2 * DAY) is step
