"""Everything a platform brought goes from the settings, after its name was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QLabel, QWidget

from desktop.qtkit import i18n, theme
from desktop.qtkit.tasks import TaskScope
from desktop.services.backups import BackupService
from desktop.services.purges import PurgeService
from desktop.store.database import Store
from desktop.views.purge_card import PurgeCard
from desktop.views.widgets.for_good import ForGoodDialog
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.walk import clipped_labels, unnamed_focusables
from tests.unit import shopfloor as floor

Until = Callable[..., Any]


def seeded(tx: Any) -> None:
    for n in range(3):
        fan_id = floor.fan(tx, f"抖音客{n}", key=("douyin", "s", f"dy{n}"))
        floor.order(tx, fan_id, floor.at("2026-05-01"), 1990)
    floor.fan(tx, "有赞客", key=("youzan", "s", "yz1"))


async def test_a_platform_is_purged_after_its_name_was_typed(
    opened: Opened,
    shop: Store,
    clock: FakeClock,
    until: Until,
    kit: theme.Theme,
    closing: Callable[[QWidget], QWidget],
    shot: Callable[[QWidget, str], None],
    tmp_path: Any,
) -> None:
    await shop.write(seeded, kind=None)
    i18n.set_language("zh_CN")
    purges = PurgeService(shop, BackupService(shop, clock, tmp_path / "backups"))
    host = QWidget()
    closing(host)
    host.resize(680, 400)
    scope = TaskScope(opened.faults.append)
    card = PurgeCard(purges, opened.context, scope, host)
    card.resize(640, 180)
    host.show()
    await until(card.isVisible)
    card.origin.set_value("douyin")
    shot(card, "purge-card")
    assert unnamed_focusables(card) == []
    card.button.click()
    await until(lambda: host.findChild(ForGoodDialog))
    dialog = host.findChild(ForGoodDialog)
    assert dialog is not None
    shot(dialog, "purge-ask")
    assert clipped_labels(dialog) == []
    dialog.line.setText("抖音")
    dialog.accept_button.click()
    await until(lambda: dialog.is_done and dialog.accept_button.isEnabled())
    shot(dialog, "purge-done")
    assert any("已清除" in label.text() for label in dialog.findChildren(QLabel))
    dialog.accept_button.click()
    await until(lambda: host.findChild(ForGoodDialog) is None)
    assert await purges.origins() == ["youzan"]
    await scope.aclose()
    assert opened.faults == []
