"""The page of saved audiences: from an example to a rule, a comparison, a file and a post."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.audience import Audience
from desktop.domain.fans import Tier
from desktop.domain.handover import md5
from desktop.domain.segments.conditions import (
    ConsentIs,
    HasPhone,
    HasTags,
    IsSuppressed,
    Orders,
    Spend,
    TierIs,
)
from desktop.domain.segments.rules import AllOf, AnyOf, Not
from desktop.domain.segments.saved import SegmentDraft
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.services.segments import Names, SegmentService
from desktop.views.posts.audience_field import AudienceField, audience_words
from desktop.views.segments.compare_dialog import CompareDialog
from desktop.views.segments.condition_row import KINDS, ConditionRow
from desktop.views.segments.editor_dialog import SegmentDialog
from desktop.views.segments.group_box import GroupBox
from desktop.views.segments.handover_dialog import HandoverDialog
from desktop.views.segments_page import SegmentsPage
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.people.shop import PeopleShop

Until = Callable[..., Any]
RULES = {
    "下过三单": AllOf((Orders(least=3),)),
    "好感以上": AllOf((TierIs((Tier.FAVORABLE, Tier.DEVOTED)),)),
    "花过五百": AllOf((Spend(least=50_000),)),
    "没拒绝过": AllOf((ConsentIs(("agreed", "unknown")),)),
}


@pytest.fixture
def segments(people: PeopleShop, clock: FakeClock) -> SegmentService:
    return SegmentService(people.store, clock)


@pytest.fixture
def page(
    opened: Opened,
    people: PeopleShop,
    segments: SegmentService,
    closing: Callable[[QWidget], QWidget],
) -> SegmentsPage:
    made = SegmentsPage(opened.context, segments, people.backups)
    closing(made)
    made.resize(1158, 716)
    return made


def press(qtbot: QtBot, widget: QWidget, name: str) -> None:
    button = widget.findChild(QPushButton, name)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def text_of(widget: QWidget, name: str) -> str:
    label = widget.findChild(QLabel, name)
    assert label is not None
    return label.text()


async def dialog_of(page: SegmentsPage, until: Until, kind: type, name: str) -> Any:
    await until(lambda: page.findChild(kind, name))
    return page.findChild(kind, name)


async def test_an_example_becomes_an_audience_and_its_rule_is_edited(
    page: SegmentsPage, until: Until, qtbot: QtBot, opened: Opened, segments: SegmentService
) -> None:
    page.show()
    await until(lambda: page.is_loaded)
    assert page.stack.currentIndex() == 1
    press(qtbot, page, "example_spender")
    await until(lambda: not page.panel.isHidden() and page.model.rowCount() == 1)
    first = page.model.rows[0].size
    assert first > 0
    press(qtbot, page.panel, "edit_segment")
    dialog = await dialog_of(page, until, SegmentDialog, "segment_dialog")
    await until(lambda: f"{first:,}" in text_of(dialog, "segment_count"))
    press(qtbot, dialog.root, "add_condition")
    assert not dialog.accept_button.isEnabled()
    assert text_of(dialog, "segment_reason") == t("segments.reason_conditions", n=1)
    row = dialog.root.parts[-1]
    press(qtbot, row, "tiers_devoted")
    both = AllOf((Spend(least=50_000, days=365), TierIs((Tier.DEVOTED,))))
    wanted = (await segments.count(both)).total
    assert 0 < wanted < first
    await until(lambda: text_of(dialog, "segment_count") == t("segments.count", n=f"{wanted:,}"))
    assert t("tier.devoted") in text_of(dialog, "segment_sentence")
    dialog.name.setText("")
    assert text_of(dialog, "segment_reason") == t("segments.reason_name")
    qtbot.keyClicks(dialog.name, "big spenders")
    press(qtbot, dialog, "accept")
    await until(lambda: page.model.rows[0].segment.draft.name == "big spenders")
    assert page.model.rows[0].segment.draft.rule == both
    assert page.model.rows[0].size == wanted
    assert opened.faults == []


async def test_a_taken_name_is_said_and_nothing_is_lost(
    page: SegmentsPage, until: Until, segments: SegmentService
) -> None:
    await segments.save(SegmentDraft("老客", RULES["下过三单"]))
    page.show()
    await until(lambda: page.is_loaded)
    page.create_new()
    dialog = await dialog_of(page, until, SegmentDialog, "segment_dialog")
    dialog.name.setText("老客")
    dialog.accept()
    await until(lambda: dialog.name_row.problem.text() != "")
    assert dialog.accept_button.isEnabled()
    dialog.name.setText("新客")
    dialog.accept()
    await until(lambda: page.model.rowCount() == 2)


async def test_freezing_and_removing_can_be_taken_back(
    page: SegmentsPage, until: Until, qtbot: QtBot, opened: Opened, segments: SegmentService
) -> None:
    page.open_with(uid=await segments.save(SegmentDraft("老客", RULES["下过三单"])))
    page.show()
    await until(lambda: not page.panel.isHidden())
    press(qtbot, page.panel, "freeze_segment")
    await until(lambda: text_of(page.panel, "segment_state") == t("segments.state_frozen"))
    press(qtbot, page.panel, "remove_segment")
    await until(lambda: page.model.rowCount() == 0 and opened.notices.kept[0].on_action is not None)
    undo = opened.notices.kept[0].on_action
    assert undo is not None
    undo()
    await until(lambda: opened.notices.kept[0].key == "fans.undone")
    page.refresh()
    await until(lambda: page.model.rowCount() == 1)
    assert page.model.rows[0].segment.is_frozen


async def test_two_to_five_are_compared_as_picture_and_table(
    page: SegmentsPage, until: Until, qtbot: QtBot, segments: SegmentService, shot: Any
) -> None:
    uids = [await segments.save(SegmentDraft(name, rule)) for name, rule in RULES.items()]
    page.show()
    await until(lambda: page.is_loaded)
    press(qtbot, page, "compare_segments")
    dialog: CompareDialog = await dialog_of(page, until, CompareDialog, "compare_dialog")
    for many in (2, 3, 4):
        for uid in uids:
            dialog.which.tick(uid, uid in uids[:many])
        overlap = await segments.overlap(dialog.which.chosen())
        await until(lambda wanted=overlap: dialog.chart.overlap == wanted)
        assert sum(n for _text, n in dialog.model.rows) == sum(overlap.regions.values())
        shot(dialog, f"segments_compare_{many}")
    first = dialog.model.rows[0]
    press(qtbot, dialog, "copy_numbers")
    assert dialog.numbers().splitlines()[0] == f"{first[0]}\t{first[1]}"
    for uid in uids:
        dialog.which.tick(uid, False)
    assert dialog.chart.overlap is None
    assert dialog.model.rowCount() == 0


async def test_a_list_is_handed_over_and_says_who_is_not_in_it(
    page: SegmentsPage,
    until: Until,
    qtbot: QtBot,
    people: PeopleShop,
    segments: SegmentService,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    shot: Any,
) -> None:
    def agree(tx: Any) -> None:
        tx.db.execute("DELETE FROM suppression")
        tx.db.execute("UPDATE fan SET phone = NULL, marketing = 'unknown'")
        tx.db.execute("UPDATE fan SET marketing = 'agreed' WHERE id IN (1, 2)")
        tx.db.execute("UPDATE fan SET phone = '13800000001' WHERE id = 1")

    await people.store.write(agree, kind=None)
    page.open_with(uid=await segments.save(SegmentDraft("同意的人", AllOf((ConsentIs(("agreed",)),)))))
    page.show()
    await until(lambda: not page.panel.isHidden())
    press(qtbot, page.panel, "hand_over_segment")
    dialog: HandoverDialog = await dialog_of(page, until, HandoverDialog, "handover_dialog")
    assert not dialog.accept_button.isEnabled()
    purpose = dialog.findChild(QLineEdit, "purpose")
    assert purpose is not None
    purpose.setText("召回老客")
    assert dialog.accept_button.isEnabled()
    dialog.preset.set_value("wechat_pay")
    dialog._judge()
    assert not dialog.accept_button.isEnabled()
    dialog.preset.set_value("ocean_md5")
    dialog._judge()
    target = tmp_path / "list.txt"

    async def chosen(*_given: Any, **_named: Any) -> Path:
        return target

    monkeypatch.setattr(dialogs, "save_file", chosen)
    press(qtbot, dialog, "accept")
    await until(lambda: dialog.model.rowCount() == 1)
    assert target.read_text() == f"{md5('13800000001')}\n"
    said = text_of(dialog, "handover_result")
    assert "list.txt" in said
    assert t("segments.without_no_phone", n="1") in said
    shot(dialog, "segments_handover")


def test_every_kind_of_condition_can_be_filled_in(qtbot: QtBot, kit: object) -> None:
    box = GroupBox(Names({1: "爱吃姜"}, {1: "一群"}))
    qtbot.addWidget(box)
    nested = AllOf((Orders(least=1, days=30), Not(AnyOf((HasTags((1, 99)), TierIs((Tier.DEVOTED,)))))))
    box.show_rule(nested)
    assert box.rule() == nested
    assert "#99" in box.parts[1].parts[0].pieces[1].button.text()  # type: ignore[union-attr]
    row = ConditionRow(Names({1: "爱吃姜"}, {1: "一群"}))
    qtbot.addWidget(row)
    filled = {
        "tags": [1],
        "groups": [1],
        "platforms": ["wecom"],
        "words": "姜糖",
        "domains": ["private"],
        "origins": ["sync"],
    }
    for kind in KINDS:
        row.kind.set_value(kind)
        row._turn(kind)
        for piece in row.pieces:
            stands = {key: value for key, value in piece.read().items() if value}
            piece.fill({"tiers": ["devoted"], "least": 1, **filled, **stands})
        made = row.condition()
        assert made is not None, kind
        row.show_condition(made)
        assert row.condition() == made
    for turned in (IsSuppressed(value=False), HasPhone(value=False), HasPhone()):
        row.show_condition(turned)
        assert row.condition() == turned
    row.kind.set_value("tags")
    row._turn("tags")
    assert row.condition() is None


def test_a_post_may_name_a_saved_audience(qtbot: QtBot, kit: object) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    field = AudienceField(host)
    field.set_segments({"u1": "老客", "u2": "新客"})
    with qtbot.waitSignal(field.edited):
        field.saved.click()
    assert field.value() == Audience(segment="u1")
    field.set_value(Audience(segment="u2"))
    assert field.value() == Audience(segment="u2")
    assert audience_words(field.value(), {}, {"u2": "新客"}) == "新客"
    field.set_value(Audience(segment="gone"))
    assert field.segment.currentText() == t("audience.gone")
    field.set_moment(True)
    assert field.saved.isHidden()
    assert field.value().segment == ""


async def test_the_page_looks_whole_when_empty(page: SegmentsPage, everywhere: Callable[..., Any]) -> None:
    await everywhere(page, "segments_empty", lambda: True, sizes=((1366, 768),))


async def test_the_page_looks_whole_with_audiences(
    page: SegmentsPage,
    until: Until,
    segments: SegmentService,
    clock: FakeClock,
    everywhere: Callable[..., Any],
    shot: Any,
) -> None:
    for name, rule in RULES.items():
        uid = await segments.save(SegmentDraft(name, rule))
    await segments.lines()
    clock.advance(86_400)
    await segments.freeze(uid)
    page.open_with(uid=uid)
    await everywhere(page, "segments_list", lambda: not page.panel.isHidden(), sizes=((1366, 768),))
    page.create_new()
    dialog = await dialog_of(page, until, SegmentDialog, "segment_dialog")
    dialog.root.show_rule(
        AllOf((*RULES["花过五百"].parts, AnyOf((TierIs((Tier.DEVOTED,)), Orders(least=3, days=90)))))
    )
    dialog._on_edit()
    await until(lambda: any(ch.isdigit() for ch in text_of(dialog, "segment_count")))
    shot(dialog, "segments_editor")
    dialog.reject()
