"""Chinese typing: nothing is told while a word is composed; money, counts and dates as people write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.qtkit import plain
from desktop.qtkit.theme import Theme
from desktop.views.widgets.fields import Choice, DateTimeField, MoneyField, parse_money
from desktop.views.widgets.inputs import Counter, ImeAwareLineEdit, ImeAwareTextEdit, SearchBox


def compose(field: QWidget, letters: str) -> None:
    """Type letters that the input method has not turned into a word yet."""
    QApplication.sendEvent(field, QInputMethodEvent(letters, []))


def commit(field: QWidget, word: str) -> None:
    """Choose a word."""
    event = QInputMethodEvent()
    event.setCommitString(word)
    QApplication.sendEvent(field, event)


def listen(field: Any) -> list[Any]:
    heard: list[Any] = []
    field.edited.connect(lambda text: heard.append(("edited", text)))
    field.settled.connect(lambda text: heard.append(("settled", text)))
    field.submitted.connect(lambda: heard.append("submitted"))
    return heard


@pytest.fixture(params=[ImeAwareTextEdit, ImeAwareLineEdit])
def field(request: pytest.FixtureRequest, kit: Theme) -> Iterator[Any]:
    made = request.param(name="kit.search")
    made.show()
    made.activateWindow()
    made.setFocus()
    yield made
    made.settle()
    made.close()


def test_composing_is_no_edit(field: Any) -> None:
    heard = listen(field)
    compose(field, "ni")
    compose(field, "nih")
    assert field.is_composing
    assert heard == []
    commit(field, "你好")
    assert not field.is_composing
    assert heard == [("edited", "你好")]
    field.settle()
    assert heard[1:] == [("settled", "你好")]


def test_enter_while_composing_never_sends(field: Any) -> None:
    heard = listen(field)
    compose(field, "hao")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "submitted" not in heard
    commit(field, "好")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "submitted" in heard


def test_an_abandoned_word_is_no_edit(field: Any) -> None:
    heard = listen(field)
    compose(field, "ni")
    compose(field, "")
    assert heard == []
    assert not field.is_composing


def test_leaving_the_field_settles_it(field: Any) -> None:
    heard = listen(field)
    commit(field, "天冷了")
    field.clearFocus()
    assert heard == [("edited", "天冷了"), ("settled", "天冷了")]


def test_a_text_from_outside_is_no_edit(field: Any) -> None:
    heard = listen(field)
    field.set_text("草稿")
    field.settle()
    assert heard == []


def test_soft_limit_counts_what_people_see_and_cuts_nothing(kit: Theme) -> None:
    text = ImeAwareTextEdit(name="kit.search")
    counter = Counter(text, 3)
    commit(text, "粉👨‍👩‍👧")
    assert counter.text() == "2 / 3 字"
    assert not counter.is_over
    commit(text, "abc")
    assert text.toPlainText() == "粉👨‍👩‍👧abc"
    assert counter.is_over
    assert counter.property("type") == "problem"
    text.settle()


def test_pasted_markup_stays_text(kit: Theme) -> None:
    text = ImeAwareTextEdit(name="kit.search")
    QApplication.clipboard().setText("<b>粗</b>")
    text.paste()
    assert text.toPlainText() == "<b>粗</b>"
    text.settle()


async def test_search_waits_for_the_word(kit: Theme, until: Callable[..., Any]) -> None:
    box = SearchBox()
    box.show()
    heard: list[str] = []
    box.searched.connect(heard.append)
    compose(box, "lin")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert heard == []
    commit(box, "林")
    await until(lambda: heard == ["林"])
    QTest.keyClick(box, Qt.Key.Key_Escape)
    await until(lambda: heard == ["林", ""])
    box.settle()
    box.close()


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("19.9", 1990),
        ("￥１９．９０", 1990),
        ("1,234.50", 123450),
        ("1，234元", 123400),
        ("  ", None),
        ("0", 0),
        ("-3", -300),
    ],
)
def test_money_as_people_type_it(typed: str, cents: int | None) -> None:
    assert parse_money(typed) == cents


@pytest.mark.parametrize("typed", ["abc", "1.234", "1e5", "十块", "--1", "1.2.3"])
def test_what_is_no_amount_is_said(kit: Theme, typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_money(typed)
    field = MoneyField(name="kit.search")
    field.set_text(typed)
    assert field.cents() is None
    assert field.problem_key() == "kit.money_unclear"


def test_a_price_is_not_below_zero(kit: Theme) -> None:
    field = MoneyField(name="kit.search")
    field.set_text("-1")
    assert (field.cents(), field.problem_key()) == (None, "kit.money_negative")
    field.set_cents(123450)
    assert field.text() == "1234.50"


def test_a_date_is_the_shops_own(kit: Theme) -> None:
    tokyo, shanghai = DateTimeField("Asia/Tokyo"), DateTimeField("Asia/Shanghai")
    edits: list[bool] = []
    tokyo.edited.connect(lambda: edits.append(True))
    tokyo.set_ms(1_779_249_600_000)
    shanghai.set_ms(1_779_249_600_000)
    assert tokyo.text() == "2026-05-20 13:00"
    assert shanghai.text() == "2026-05-20 12:00"
    assert tokyo.ms() == shanghai.ms() == 1_779_249_600_000
    assert edits == []


def test_a_choice_keeps_its_value_when_renamed(kit: Theme) -> None:
    choice = Choice(name="kit.search")
    chosen: list[object] = []
    choice.chosen.connect(chosen.append)
    choice.set_options({1: "一", 2: "二"})
    choice.set_value(2)
    choice.set_options({1: "one", 2: "two", 3: "three"})
    assert choice.value() == 2
    assert chosen == []


def test_lengths_and_widths() -> None:
    assert plain.length("家👨‍👩‍👧‍👦粉") == 3
    assert plain.half_width("１３８０") == "1380"
    assert plain.initial("\u200b\u202e林") == "林"
    assert plain.initial("") == "?"
    assert plain.one_line("a\nb\tc\u0000d") == "a b c d"
