"""Connecting asks first on which platform, and says for each what it needs and how to mend a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget

from desktop.composition.graph import KnownPlatforms
from desktop.domain.account_matrix import Step
from desktop.domain.errors import AuthError, RejectedError
from desktop.platforms.code_table import CodeTable, Kind
from desktop.qtkit.i18n import set_language, t
from desktop.store.database import Store
from desktop.views.sync.connect_dialog import ConnectDialog
from desktop.views.sync.doors.table import DOORS
from desktop.views.sync.first_send_dialog import FirstSendDialog
from desktop.views.sync.words import problem_text
from desktop.wording import Wording
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.sync_bench import SyncBench
from tests.gui.test_sync_page import LOOKS, connect_dialog, dialog_of, found, press, settled, text, told
from tests.gui.walk import clipped_labels, unnamed_focusables

Until = Callable[..., Any]
IP = "203.0.113.77"


@pytest.fixture
def bench(opened: Opened, shop: Store, clock: FakeClock, runner: Any) -> Iterator[SyncBench]:
    made = SyncBench(opened, shop, clock)
    yield made
    runner.run(made.aclose())
    assert opened.faults == []


def choose(dialog: ConnectDialog, platform: str) -> None:
    found(dialog, QAbstractButton, f"door_{platform}").click()


def fill_in(dialog: ConnectDialog) -> None:
    dialog.fields["appid"].setText("wx0123456789abcdef")
    dialog.fields["appsecret"].setText("s3cret-of-the-account")


async def wechat_dialog(bench: SyncBench, until: Until) -> ConnectDialog:
    bench.open()
    dialog = await connect_dialog(bench, until, "connect_first")
    choose(dialog, "wechat")
    return dialog


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_platform_has_all_its_words(language: str) -> None:
    wording = Wording(language)
    for platform, door in DOORS.items():
        words = ["about", "text", "guide", "name_example", "name_default", "connected", "test_worked"]
        words += [word for step in door.steps for word in (f"guide_{step}", f"guide_{step}_text")]
        words += [word for field in door.fields for word in (field.name, f"{field.name}_hint")]
        assert [word for word in words if not wording.has(door.key(word))] == []
        assert {field.name for field in door.fields} == set(KnownPlatforms()[platform].secret_fields)
        assert KnownPlatforms()[platform].default_base_url == door.real_host
        codes = {*door.step_of, *door.needs_secret, *door.needs_trust}
        assert [code for code in codes if not wording.has(f"error.{code}")] == []
        assert set(door.step_of.values()) <= set(door.steps)


# Refusals of one kind of write or stream: they stand on the account's card, no connection test meets them.
OF_ONE_THING = {
    "wechat_no_comments", "wechat_publish_blocked", "douyin_dm_elsewhere", "douyin_dm_barred",
}  # fmt: skip


@pytest.mark.parametrize("platform", ["wechat", "douyin", "doudian"])
def test_every_refusal_that_stops_an_account_points_to_the_step_that_mends_it(platform: str) -> None:
    table = CodeTable(f"{platform}_codes")
    stops = {rule.text for rule in table.rules.values() if rule.kind in (Kind.AUTH, Kind.PERMISSION)}
    assert stops - OF_ONE_THING <= set(DOORS[platform].step_of)


@pytest.mark.parametrize(
    ("platform", "code", "error", "step"),
    [
        ("wechat", "40164", "wechat_ip_not_listed", "ip"),
        ("wechat", "48001", "wechat_no_permission", "right"),
        ("douyin", "28001014", "douyin_not_open", "ability"),
        ("doudian", "isv.invalid_ip", "doudian_ip_not_trusted", "ip"),
        ("doudian", "isv.signature-invalid", "doudian_secret_wrong", "app"),
        ("doudian", "isv.app-permissions-insufficient", "doudian_not_open", "right"),
    ],
)
async def test_each_known_failure_is_said_with_how_to_mend_it(
    bench: SyncBench, until: Until, platform: str, code: str, error: str, step: str
) -> None:
    assert CodeTable(f"{platform}_codes").rules[code].text == error
    bench.open()
    dialog = await connect_dialog(bench, until, "connect_first")
    choose(dialog, platform)
    bench.doors[platform].error = AuthError(error, platform_code=code, ip=IP)
    marked: list[str] = []
    dialog.guide.mark = marked.append  # type: ignore[method-assign]
    for name, field in dialog.fields.items():
        field.setText("http://127.0.0.1:8765/x" if name == "redirect_uri" else "123456789012345")
    if platform == "wechat":
        dialog.fields["appid"].setText("wx0123456789abcdef")
    press(dialog, "connect")
    await until(lambda: marked[-1:] == [step])
    said = text(dialog, "connect_problem")
    assert code in said
    assert "到" in said  # where to go and mend it
    await bench.aclose()


async def test_an_official_account_is_tried_and_kept(bench: SyncBench, until: Until) -> None:
    dialog = await wechat_dialog(bench, until)
    page = bench.page
    assert page is not None
    assert set(dialog.fields) == {"appid", "appsecret"}
    bench.wechat.staff = 24_618
    fill_in(dialog)
    press(dialog, "connect")
    await until(lambda: page.cards)
    (health,) = await bench.accounts.list()
    assert (health.account.platform, health.account.external_id) == ("wechat", "wx0123456789abcdef")
    assert health.account.base_url == "https://api.weixin.qq.com"
    name = t("connect_wechat.name_default")
    await until(lambda: told(bench) == [t("connect_wechat.connected", account=name, n=24_618)])
    assert not found(page, QWidget, "figure_staff").isVisible()
    await bench.aclose()


async def test_the_public_address_is_shown_to_be_entered(bench: SyncBench, until: Until) -> None:
    bench.wechat.error = AuthError("wechat_ip_not_listed", ip=IP, platform_code=40164)
    dialog = await wechat_dialog(bench, until)
    fill_in(dialog)
    press(dialog, "connect")
    await until(lambda: dialog.problem.isVisible())
    assert IP in text(dialog, "connect_problem")
    press(dialog, "connect_copy_ip")
    assert QGuiApplication.clipboard().text() == IP
    assert dialog.keep.isVisible()
    await bench.aclose()


@pytest.mark.parametrize(
    ("error", "step", "can_keep"),
    [
        (AuthError("wechat_secret_wrong", platform_code=40125), "secret", False),
        (AuthError("wechat_appid_wrong", platform_code=40013), "appid", False),
        (RejectedError("wechat_no_permission", platform_code=48001, is_permission=True), "right", True),
    ],
)
async def test_each_refusal_points_to_its_step(
    bench: SyncBench, until: Until, error: Any, step: str, can_keep: bool
) -> None:
    bench.wechat.error = error
    dialog = await wechat_dialog(bench, until)
    marked: list[str] = []
    dialog.guide.mark = marked.append  # type: ignore[method-assign]
    fill_in(dialog)
    press(dialog, "connect")
    await until(lambda: dialog.problem.isVisible())
    await until(lambda: marked[-1:] == [step])
    assert dialog.keep.isVisible() is can_keep
    await bench.aclose()


async def test_another_platform_begins_with_empty_fields(bench: SyncBench, until: Until) -> None:
    dialog = await wechat_dialog(bench, until)
    fill_in(dialog)
    typed = dialog.fields["appsecret"]
    choose(dialog, "wecom")
    assert typed.text() == ""
    assert set(dialog.fields) == {"corpid", "corpsecret"}
    choose(dialog, "wechat")
    assert dialog.fields["appid"].text() == ""
    await bench.aclose()


async def test_an_open_dialog_makes_room_for_the_platform_it_turns_to(
    bench: SyncBench, until: Until
) -> None:
    dialog = await wechat_dialog(bench, until)
    for platform in ("douyin", "doudian", "wecom"):
        choose(dialog, platform)
        for part in (dialog._form, dialog.guide):
            assert part.isVisible()
            assert part.height() >= part.sizeHint().height() > 100, platform
    await bench.aclose()


async def test_a_page_that_needs_one_platform_leads_to_its_door(bench: SyncBench, until: Until) -> None:
    page = bench.open()
    await until(lambda: page.is_loaded)
    page.open_with(connect="wechat")
    await until(lambda: isinstance(dialog_of(page), ConnectDialog))
    dialog = dialog_of(page)
    assert isinstance(dialog, ConnectDialog)
    assert set(dialog.fields) == {"appid", "appsecret"}
    dialog.reject()
    await bench.aclose()


async def test_the_next_step_of_an_account_is_done_where_the_matrix_leads(
    bench: SyncBench, until: Until
) -> None:
    account = await bench.add()
    other = await bench.add("二店", corpid="ww9999999999999999")
    page = bench.open()
    page.open_with(account=account.id, step=Step.AGREE)  # before anything was read
    await until(lambda: isinstance(dialog_of(page), FirstSendDialog))
    dialog = dialog_of(page)
    assert dialog is not None
    dialog.reject()
    page.open_with(account=other.id, step=Step.SYNC)
    await until(lambda: [asked["ids"] for asked in bench.engine.asked] == [[other.id]])
    await until(lambda: page.sync_button.isEnabled())
    bench.door.error = AuthError("wecom_secret_wrong", platform_code=40001)
    page.open_with(account=other.id, step=Step.TRY)
    await until(lambda: page.cards[other.id].mend.isVisible())
    page.open_with(account=other.id, step=Step.MEND)
    await until(lambda: isinstance(dialog_of(page), ConnectDialog))
    dialog = dialog_of(page)
    assert isinstance(dialog, ConnectDialog)
    assert dialog.fields["corpid"].text() == "ww9999999999999999"
    dialog.reject()
    await bench.aclose()


async def test_renewing_keeps_to_the_accounts_platform(bench: SyncBench, until: Until) -> None:
    secrets = {"appid": "wx0123456789abcdef", "appsecret": "old"}
    await bench.accounts.connect("wechat", "小满公众号", None, secrets)
    bench.open()
    dialog = await connect_dialog(bench, until, "renew")
    assert dialog.fields["appid"].isReadOnly()
    assert dialog.findChild(QPushButton, "door_wecom") is None
    dialog.fields["appsecret"].setText("newer")
    press(dialog, "connect")
    await until(lambda: len(bench.wechat.given) == 2)
    assert bench.wechat.given[1][1] == {"appid": "wx0123456789abcdef", "appsecret": "newer"}
    await bench.aclose()


@pytest.mark.parametrize(("language", "look"), LOOKS)
async def test_nothing_is_clipped_or_unnamed(
    bench: SyncBench, until: Until, shot: Callable[[QWidget, str], None], language: str, look: str
) -> None:
    bench.context.theme.set_choice(look)
    set_language(language)
    dialog = await wechat_dialog(bench, until)
    await settled()
    shot(dialog, f"connect_wechat_{language}_{look}_fresh")
    dialog._unfold()
    dialog.guide.mark("ip")
    dialog._ip = IP
    dialog._show_problem(t("error.wechat_ip_not_listed", ip=IP, platform_code=40164), can_keep=True)
    await settled()
    assert clipped_labels(dialog) == []
    assert unnamed_focusables(dialog) == []
    assert dialog.height() <= 768 - 40
    shot(dialog, f"connect_wechat_{language}_{look}")
    await bench.aclose()


@pytest.mark.parametrize(("language", "look"), LOOKS)
@pytest.mark.parametrize(
    ("platform", "code", "step"),
    [("douyin", "douyin_not_authorised", "scan"), ("doudian", "doudian_ip_not_trusted", "ip")],
)
async def test_the_doors_of_douyin_show_what_they_need(
    bench: SyncBench,
    until: Until,
    shot: Callable[[QWidget, str], None],
    language: str,
    look: str,
    platform: str,
    code: str,
    step: str,
) -> None:
    bench.context.theme.set_choice(look)
    set_language(language)
    bench.open()
    dialog = await connect_dialog(bench, until, "connect_first")
    choose(dialog, platform)
    await settled()
    assert dialog.door.step_of[code] == step
    dialog.guide.mark(step)
    dialog._show_problem(problem_text(code, {"platform_code": "30002"}), can_keep=True)
    await settled()
    assert clipped_labels(dialog) == []
    assert unnamed_focusables(dialog) == []
    assert dialog.height() <= 768 - 40
    shot(dialog, f"connect_{platform}_{language}_{look}")
    await bench.aclose()
