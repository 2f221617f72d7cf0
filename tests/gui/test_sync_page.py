"""The sync centre: accounts come and go, a round is told truly, and nothing of a secret stays behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QWidget

from desktop.domain.errors import AuthError, ConflictError, OfflineError
from desktop.domain.sync_reports import Outcome, StreamReport
from desktop.qtkit.i18n import set_language, t
from desktop.store.database import Store
from desktop.views.sync.connect_dialog import ConnectDialog
from desktop.views.widgets.texts import PlainLabel
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.sync_bench import SECRETS, SyncBench, step
from tests.gui.walk import HOSTILE, clipped_labels, unnamed_focusables

Until = Callable[..., Any]
Kind = TypeVar("Kind", bound=QObject)
IP = "203.0.113.77"


@pytest.fixture
def bench(opened: Opened, shop: Store, clock: FakeClock, runner: asyncio.Runner) -> Iterator[SyncBench]:
    made = SyncBench(opened, shop, clock)
    yield made
    runner.run(made.aclose())
    assert opened.faults == []


def found(root: QObject, kind: type[Kind], name: str) -> Kind:
    widget = root.findChild(kind, name)
    assert widget is not None, name
    return widget


def press(root: QObject, name: str) -> None:
    button = found(root, QPushButton, name)
    assert button.isVisibleTo(button.window()), name
    assert button.isEnabled(), name
    button.click()


def text(root: QObject, name: str) -> str:
    return found(root, PlainLabel, name).whole_text()


def dialog_of(page: QWidget) -> QDialog | None:
    return next((d for d in page.findChildren(QDialog) if d.isVisible()), None)


def not_trusted() -> AuthError:
    return AuthError("wecom_ip_not_trusted", ip=IP, platform_code=60020)


def told(bench: SyncBench) -> list[str]:
    return [notice.text for notice in bench.opened.notices.kept]


async def connect_dialog(bench: SyncBench, until: Until, button: str) -> ConnectDialog:
    page = bench.page
    assert page is not None
    await until(lambda: page.is_loaded)
    press(page, button)
    await until(lambda: isinstance(dialog_of(page), ConnectDialog))
    dialog = dialog_of(page)
    assert isinstance(dialog, ConnectDialog)
    return dialog


# -- connecting


async def test_without_an_account_there_is_one_button_and_a_second_door(
    bench: SyncBench, until: Until
) -> None:
    page = bench.open()
    await until(lambda: page.is_loaded)
    assert not found(page, QPushButton, "sync_now").isVisible()
    assert found(page, QPushButton, "connect_first").isVisible()
    press(page, "use_files")
    assert bench.opened.went == [("import", {})]
    await bench.aclose()


async def test_an_account_is_tried_before_it_is_kept(bench: SyncBench, until: Until) -> None:
    page = bench.open()
    dialog = await connect_dialog(bench, until, "connect_first")
    press(dialog, "connect")
    assert {name for name, row in dialog._form.rows.items() if row.problem.isVisible()} == {
        "corpid",
        "corpsecret",
    }
    QTest.keyClicks(dialog.fields["corpid"], SECRETS["corpid"])
    QTest.keyClicks(dialog.fields["corpsecret"], SECRETS["corpsecret"])
    bench.door.gate = asyncio.Event()
    press(dialog, "connect")
    await until(lambda: bench.door.given)
    assert not dialog.connect_button.isEnabled()
    assert await bench.accounts.list() == ()
    bench.door.gate.set()
    await until(lambda: page.cards)
    (health,) = await bench.accounts.list()
    assert health.account.name == t("connect_wecom.name_default")
    await until(lambda: text(page, "account_state") == t("account_state.connected"))
    assert t("secret_kind.memory") in text(page, "secret_kind")
    await until(lambda: told(bench) == [t("connect_wecom.connected", account=health.account.name, n=4)])
    assert bench.door.closed == 1
    notice = bench.opened.notices.kept[0]
    assert notice.on_action is not None
    notice.on_action()
    await until(lambda: bench.engine.asked and not bench.exchange.is_running)
    await bench.aclose()


async def test_a_refusal_is_told_in_the_dialog_and_nothing_is_kept(bench: SyncBench, until: Until) -> None:
    bench.door.error = AuthError("wecom_secret_wrong", platform_code=40001)
    bench.open()
    dialog = await connect_dialog(bench, until, "connect_first")
    dialog.fields["corpid"].setText(SECRETS["corpid"])
    dialog.fields["corpsecret"].setText("wrong")
    QTest.keyClick(dialog.fields["corpsecret"], Qt.Key.Key_Return)
    await until(lambda: dialog.problem.isVisible())
    assert text(dialog, "connect_problem") == t("error.wecom_secret_wrong", platform_code=40001)
    assert not dialog.keep.isVisible()
    assert dialog.connect_button.isEnabled()
    assert await bench.accounts.list() == ()
    assert told(bench) == []
    await bench.aclose()


async def test_an_untrusted_address_may_be_kept_and_mended_later(bench: SyncBench, until: Until) -> None:
    bench.door.error = not_trusted()
    page = bench.open()
    dialog = await connect_dialog(bench, until, "connect_first")
    dialog.fields["corpid"].setText(SECRETS["corpid"])
    dialog.fields["corpsecret"].setText(SECRETS["corpsecret"])
    press(dialog, "connect")
    await until(lambda: dialog.keep.isVisible())
    press(dialog, "keep")
    await until(lambda: page.cards and text(page, "account_state") == t("account_state.refused"))
    problem = text(page, "problem")
    assert IP in problem
    assert "一分钟" in problem
    press(page, "copy_ip")
    assert QGuiApplication.clipboard().text() == IP
    bench.door.error = None
    press(page, "again")
    await until(lambda: text(page, "account_state") == t("account_state.connected"))
    assert not found(page, QWidget, "problem").isVisible()
    await bench.aclose()


async def test_the_secret_leaves_the_field_with_the_dialog(bench: SyncBench, until: Until) -> None:
    bench.open()
    dialog = await connect_dialog(bench, until, "connect_first")
    field = dialog.fields["corpsecret"]
    assert field.echoMode() == QLineEdit.EchoMode.Password
    QTest.keyClicks(field, SECRETS["corpsecret"])
    bench.door.gate = asyncio.Event()
    dialog.fields["corpid"].setText(SECRETS["corpid"])
    press(dialog, "connect")
    await until(lambda: bench.door.given)
    dialog.reject()
    assert field.text() == ""
    field.undo()
    assert field.text() == ""
    await until(lambda: bench.door.closed == 1)
    assert await bench.accounts.list() == ()
    await bench.aclose()


async def test_secrets_go_to_the_platform_or_this_computer_only(bench: SyncBench, until: Until) -> None:
    bench.open()
    dialog = await connect_dialog(bench, until, "connect_first")
    assert not dialog.address.isVisible()
    press(dialog, "advanced")
    assert dialog.address.isVisible()
    for field, typed in (
        (dialog.fields["corpid"], SECRETS["corpid"]),
        (dialog.fields["corpsecret"], SECRETS["corpsecret"]),
        (dialog.address, "https://elsewhere.example"),
    ):
        field.setText(typed)
    press(dialog, "connect")
    await until(lambda: dialog.problem.isVisible())
    assert "https://elsewhere.example" in text(dialog, "connect_problem")
    assert bench.door.given == []
    dialog.address.setText("http://127.0.0.1:8799/wecom")
    press(dialog, "connect")
    await until(lambda: bench.page and bench.page.cards)
    assert bench.door.given[0][0] == "http://127.0.0.1:8799/wecom"
    await bench.aclose()


# -- looking after


async def test_a_new_secret_is_tried_and_takes_the_old_ones_place(bench: SyncBench, until: Until) -> None:
    account = await bench.add("小满<b>店</b>")
    page = bench.open()
    dialog = await connect_dialog(bench, until, "renew")
    assert dialog.fields["corpid"].isReadOnly()
    dialog.fields["corpsecret"].setText("a-newer-one")
    press(dialog, "connect")
    await until(lambda: len(bench.door.given) == 2 and not dialog_of(page))
    assert "a-newer-one" in str(await bench.secrets.get(account.uid))
    (health,) = await bench.accounts.list()
    assert health.account.id == account.id
    assert health.account.name == "小满<b>店</b>"
    await bench.aclose()


async def test_a_failed_test_is_told_on_the_card(bench: SyncBench, until: Until) -> None:
    await bench.add()
    page = bench.open()
    await until(lambda: page.cards)
    bench.door.error = OfflineError()
    press(page, "test")
    await until(lambda: text(page, "problem") == t("error.offline"))
    assert text(page, "account_state") == t("account_state.connected")
    assert found(page, QPushButton, "test").isEnabled()
    await bench.aclose()


async def test_a_lost_secret_is_said_and_mended(bench: SyncBench, until: Until) -> None:
    account = await bench.add()
    await bench.secrets.delete(account.uid)
    page = bench.open()
    await until(lambda: page.cards)
    assert t("secret_kind.none") in text(page, "secret_kind")
    assert text(page, "problem") == t("error.secret_missing")
    press(page, "mend")
    await until(lambda: isinstance(dialog_of(page), ConnectDialog))
    await bench.aclose()


async def test_removing_asks_first_and_forgets_the_secret(bench: SyncBench, until: Until) -> None:
    account = await bench.add()
    page = bench.open()
    await until(lambda: page.cards)
    press(page, "remove")
    await until(lambda: dialog_of(page))
    press(dialog_of(page) or page, "cancel")
    await until(lambda: not dialog_of(page))
    assert len(await bench.accounts.list()) == 1
    press(page, "remove")
    await until(lambda: dialog_of(page))
    press(dialog_of(page) or page, "accept")
    await until(lambda: not page.cards)
    assert await bench.accounts.list() == ()
    assert await bench.secrets.get(account.uid) is None
    assert found(page, QPushButton, "connect_first").isVisible()
    await bench.aclose()


# -- a round


async def test_progress_is_counted_and_stops_when_asked(bench: SyncBench, until: Until) -> None:
    account = await bench.add()
    bench.engine.gate = asyncio.Event()
    bench.engine.steps = [
        step(account, "staff", 4, 4),
        step(account, "customers", 1200, 3000, 320.4, 5.6),
        step(account, "groups", 3, None),
    ]
    bench.report(account, StreamReport("customers", 3000, 1200, 1200, notes=["stopped"]))
    page = bench.open()
    await until(lambda: page.cards)
    press(page, "sync_now")
    await until(lambda: len(page.progress.lines) == 3)
    line = page.progress.lines[account.uid, "customers"]
    assert (line.bar.value(), line.bar.maximum()) == (1200, 3000)
    assert line.count.text() == "1,200 / 3,000"
    assert line.note.text() == f"{t('sync_page.rate', n='320')} · {t('sync_page.left', time='6 秒')}"
    assert page.progress.lines[account.uid, "groups"].count.text() == t("sync_page.read_so_far", n="3")
    assert not found(page, QPushButton, "sync_now").isEnabled()
    assert not found(page, QPushButton, "remove").isEnabled()
    loop = asyncio.get_running_loop()
    began = loop.time()
    press(page, "stop")
    await until(lambda: not bench.exchange.is_running)
    assert loop.time() - began < 1
    await until(lambda: text(page, "result_verdict") == t("sync_verdict.cancelled"))
    assert not page.progress.isVisible()
    assert found(page, QPushButton, "sync_now").isEnabled()
    await bench.aclose()


async def test_the_page_may_be_left_while_it_runs(bench: SyncBench, until: Until) -> None:
    account = await bench.add()
    bench.engine.gate = asyncio.Event()
    bench.report(account, StreamReport("customers", 2, 2, 2))
    page = bench.open()
    await until(lambda: page.cards)
    bench.exchange.start()
    page.hide()
    bench.engine.gate.set()
    await until(lambda: not bench.exchange.is_running)
    page.show()
    await until(lambda: text(page, "result_verdict") == t("sync_verdict.ok"))
    await bench.aclose()


async def test_a_page_opened_meanwhile_shows_the_round(bench: SyncBench, until: Until) -> None:
    account = await bench.add()
    bench.engine.gate = asyncio.Event()
    bench.exchange.start()
    await until(lambda: bench.engine.asked)
    page = bench.open()
    await until(lambda: page.cards)
    assert page.progress.isVisible()
    bench.exchange.progressed.emit(step(account, "customers", 1, 2))
    assert len(page.progress.lines) == 1
    press(page, "stop")
    await until(lambda: not page.progress.isVisible())
    await bench.aclose()


async def test_counts_stand_by_stream_and_nothing_is_no_success(bench: SyncBench, until: Until) -> None:
    account = await bench.add()
    bench.report(
        account,
        StreamReport("staff", 4, 4),
        StreamReport("customers", 1204, 1204, 3, 12, 0, 1, 0),
        StreamReport("groups", 0, 0, notes=["zero_rows"]),
    )
    page = bench.open()
    await until(lambda: page.cards)
    press(page, "sync_now")
    await until(lambda: page.results[account.id].isVisible())
    result = page.results[account.id]
    model = result.model
    shown = [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]
    assert shown[1][:9] == ["客户", "1,204", "1,204", "3", "12", "0", "1", "0", t("sync_page.stream_done")]
    assert shown[2][8] == t("sync_page.stream_nothing")
    assert [row[9] != "" for row in shown[:2]] == [True, True]
    assert text(page, "result_verdict") == t("sync_verdict.look")
    notes = [label.text() for label in result.notes.findChildren(PlainLabel)]
    assert notes == [t("sync_page.note_line", stream="群", text=t("sync.note.zero_rows"))]
    await bench.aclose()


async def test_among_several_accounts_only_what_wants_a_look_is_unfolded(
    bench: SyncBench, until: Until
) -> None:
    well = await bench.add()
    doubtful = await bench.add("另一家", corpid="ww-another")
    bench.report(well, StreamReport("talks", 2, 0), StreamReport("customers", 1204, 1204, 3, 12))
    bench.report(doubtful, StreamReport("customers", 5, 0, notes=["zero_rows"]))
    page = bench.open()
    await until(lambda: len(page.cards) == 2)
    press(page, "sync_now")
    await until(lambda: len(page.results) == 2 and page.results[well.id].isVisible())
    quiet, loud = page.results[well.id], page.results[doubtful.id]
    assert (quiet.table.isVisible(), loud.table.isVisible()) == (False, True)
    assert t("sync_page.sums", received="1,204", new="3", changed="12") in quiet.when.text()
    quiet.fold.click()
    assert quiet.table.isVisible()
    row = quiet.model.row_of("talks")
    assert row is not None
    keys = [column.key for column in quiet.model.columns]
    assert quiet.model.index(row, keys.index("verdict")).data() == t("sync_page.stream_same")
    page.refresh()
    await settled()
    assert quiet.table.isVisible()
    await bench.aclose()


async def test_failures_say_their_cause_in_words(bench: SyncBench, until: Until) -> None:
    account = await bench.add()
    refused = StreamReport("groups", notes=["stopped"], error_code="wecom_no_permission")
    refused.error_params = {"platform_code": 48002}
    bench.report(account, StreamReport("customers", 2, 2, 2), refused, outcome=Outcome.FAILED)
    page = bench.open()
    await until(lambda: page.cards)
    press(page, "sync_now")
    await until(lambda: page.results[account.id].isVisible())
    assert text(page, "result_verdict") == t("sync_verdict.partly")
    notes = [label.text() for label in page.results[account.id].notes.findChildren(PlainLabel)]
    words = t("error.wecom_no_permission", platform_code=48002)
    assert t("sync_page.note_line", stream="群", text=words) in notes
    report = bench.report(account, outcome=Outcome.FAILED)
    report.error_code, report.error_params = "reply_status", {"status": 502}
    press(page, "sync_now")
    await until(lambda: text(page, "result_verdict") == t("sync_verdict.failed"))
    notes = [label.text() for label in page.results[account.id].notes.findChildren(PlainLabel)]
    assert t("error.reply_status", status=502) in notes
    await until(lambda: page.history.model.rowCount() == 2)
    await bench.aclose()


async def test_a_round_that_cannot_begin_becomes_a_notice(bench: SyncBench, until: Until) -> None:
    await bench.add()
    bench.engine.error = ConflictError("sync_running")
    page = bench.open()
    await until(lambda: page.cards)
    press(page, "sync_now")
    await until(lambda: told(bench) == [t("error.sync_running")])
    assert found(page, QPushButton, "sync_now").isEnabled()
    await bench.aclose()


async def test_held_removals_wait_for_a_yes(bench: SyncBench, until: Until) -> None:
    account = await bench.add()
    bench.report(account, StreamReport("customers", 100, 100, notes=["removals_held"]))
    page = bench.open()
    await until(lambda: page.cards)
    press(page, "sync_now")
    await until(lambda: page.results[account.id].held.isVisible())
    assert text(page, "result_verdict") == t("sync_verdict.look")
    press(page, "accept_removals")
    await until(lambda: dialog_of(page))
    bench.report(account, StreamReport("customers", 100, 100, removed=120))
    press(dialog_of(page) or page, "accept")
    await until(lambda: len(bench.engine.asked) == 2)
    assert bench.engine.asked[1] == {"ids": [account.id], "full": False, "accept_removals": True}
    await until(lambda: not page.results[account.id].held.isVisible())
    await bench.aclose()


async def test_from_the_beginning_is_explained_first(bench: SyncBench, until: Until) -> None:
    account = await bench.add()
    bench.report(account, StreamReport("customers", 2, 2))
    page = bench.open()
    await until(lambda: page.cards)
    assert page.full_action.text() == t("sync_page.full")
    page.full_action.trigger()
    await until(lambda: dialog_of(page))
    press(dialog_of(page) or page, "accept")
    await until(lambda: bench.engine.asked)
    assert bench.engine.asked[0]["full"] is True
    await until(lambda: not bench.exchange.is_running)
    await bench.aclose()


async def test_the_outbox_is_counted_and_one_click_away(bench: SyncBench, until: Until) -> None:
    await bench.add()
    page = bench.open()
    await until(lambda: page.cards)
    page.outbox_card.show_counts({"queued": 2, "confirmed": 1, "unknown": 1, "missed": 0})
    assert text(page, "outbox_waiting") == "3"
    assert not found(page, QPushButton, "open_missed").isVisible()
    press(page, "open_unknown")
    press(page, "open_outbox")
    assert bench.opened.went == [("outbox", {"state": "unknown"}), ("outbox", {})]
    await bench.aclose()


# -- looks


async def fill(bench: SyncBench, until: Until) -> None:
    """Two accounts, one in trouble, with a round each and another under way."""
    first = await bench.add("小满鲜果")
    second = await bench.add(HOSTILE.format(path="x.png"), corpid="wwfedcba9876543210")
    ended: list[object] = []
    bench.exchange.ended.connect(ended.append)
    for round_ in range(3):
        bench.report(
            first,
            StreamReport("staff", 4, 4),
            StreamReport("tags", 21, 21, 0, 1),
            StreamReport("customers", 24618, 24618, 182 - round_, 1204, 0, 0, 0, ["removals_held"]),
            StreamReport("groups", 38, 38, 1),
            StreamReport("members", 9120, 9120, 77, 0, 12, notes=["total_unknown"]),
        )
        failed = bench.report(second, StreamReport("staff", notes=["stopped"]), outcome=Outcome.FAILED)
        failed.error_code = "wecom_ip_not_trusted"
        failed.error_params = {"ip": IP, "platform_code": 60020}
        bench.clock.advance(1800)
        bench.exchange.start()
        await until(
            lambda wanted=round_ + 1: len(ended) == wanted
        )  # a round may begin and end between two looks
        assert not bench.exchange.is_running
    bench.door.error = not_trusted()
    await bench.accounts.test(second.id)
    bench.engine.gate = asyncio.Event()
    bench.engine.steps = [
        step(first, "staff", 4, 4),
        step(first, "customers", 15904, 24618, 512, 17),
        step(first, "groups", 12, 38, 3, 9),
        step(second, "staff", 0, None),
    ]


LOOKS = [("zh_CN", "light"), ("zh_CN", "dark"), ("en", "light"), ("en", "dark")]


@pytest.mark.parametrize(("language", "look"), LOOKS)
@pytest.mark.parametrize(("size", "scale"), [((1158, 716), 100), ((1232, 848), 100), ((1158, 716), 125)])
async def test_nothing_is_clipped_or_unnamed(
    bench: SyncBench,
    until: Until,
    shot: Callable[[QWidget, str], None],
    language: str,
    look: str,
    size: tuple[int, int],
    scale: int,
) -> None:
    bench.context.theme.set_text_scale(scale)
    bench.context.theme.set_choice(look)
    set_language(language)
    name = f"sync_{language}_{look}_{size[0]}_{scale}"
    page = bench.open(*size)
    await until(lambda: page.is_loaded)
    await settled()
    assert clipped_labels(page) == []
    assert unnamed_focusables(page) == []
    shot(page, f"{name}_empty")
    page.open_connect()
    await until(lambda: dialog_of(page))
    dialog = dialog_of(page)
    assert isinstance(dialog, ConnectDialog)
    dialog._unfold()
    dialog._show_problem(t("error.wecom_ip_not_trusted", ip=IP, platform_code=60020), can_keep=True)
    await settled()
    assert clipped_labels(dialog) == []
    assert unnamed_focusables(dialog) == []
    assert dialog.height() <= 768 - 40
    shot(dialog, f"{name}_connect")
    dialog.reject()
    await fill(bench, until)
    await until(lambda: len(page.cards) == 2 and page.history.model.rowCount() == 6)
    await settled()
    assert clipped_labels(page) == []
    assert unnamed_focusables(page) == []
    shot(page, name)
    shot(page.content.widget(), f"{name}_whole")
    bench.exchange.start()
    await until(lambda: len(page.progress.lines) == 4)
    await settled()
    assert clipped_labels(page) == []
    assert unnamed_focusables(page) == []
    shot(page, f"{name}_running")
    await bench.aclose()


async def settled() -> None:
    """Let layouts and queued events come to rest."""
    for _ in range(5):
        await asyncio.sleep(0.01)


async def test_a_finished_round_with_a_doubt_is_no_plain_success(bench: SyncBench, until: Until) -> None:
    account = await bench.add()
    bench.report(account, StreamReport("customers", 0, 0, notes=["zero_rows"]))
    bench.exchange.start()
    await until(lambda: told(bench))
    assert told(bench) == [t("shell.sync_look")]
    notice = bench.opened.notices.kept[0]
    assert notice.on_action is not None
    notice.on_action()
    assert bench.opened.went == [("sync", {})]
    await bench.aclose()
