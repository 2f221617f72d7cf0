"""What a group whose platform takes texts from here can be told, and what it was told."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.group_texts import GroupText, GroupTexts
from desktop.domain.outbox import State
from desktop.domain.write_kinds.douyin import (
    GROUP_ANNOUNCEMENT,
    GROUP_MESSAGE,
    GROUP_WELCOME,
    MESSAGE_RECALL,
)
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.qtkit.theme import current
from desktop.services.public_accounts import MOST_SIGNS
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.inputs import ImeAwareTextEdit
from desktop.views.widgets.panels import heading
from desktop.views.widgets.texts import PlainLabel, say

# What the service calls each text, with its write's kind and icon.
TEXTS = {
    "message": (GROUP_MESSAGE, "send"),
    "announcement": (GROUP_ANNOUNCEMENT, "megaphone"),
    "welcome": (GROUP_WELCOME, "smile"),
}
TEXT_HEIGHT = 120
TONES = {State.DONE: "good", State.REJECTED: "bad", State.MISSED: "bad", State.UNKNOWN: "warn"}


class SayDialog(MessageDialog):
    """What to tell a group; `words()` after accepting. An announcement or welcome may be emptied."""

    def __init__(self, parent: QWidget, what: str, group: str) -> None:
        title = t(f"group_texts.{what}_title", group=group)
        super().__init__(parent, title, t(f"group_texts.{what}_text"), accept=t("group_texts.queue"))
        self.setObjectName("say_dialog")
        self.setMinimumWidth(480)
        self._may_be_empty = what != "message"
        self.field = ImeAwareTextEdit(parent=self)
        self.field.setObjectName("group_words")
        self.field.setFixedHeight(current().px(TEXT_HEIGHT))
        say(self.field, f"group_texts.{what}", role="name")
        self.body.insertWidget(2, self.field)
        self.counter = PlainLabel("", "muted", parent=self)
        self.body.insertWidget(3, self.counter)
        self.field.edited.connect(lambda _text: self._follow())
        self._follow()
        self.field.setFocus()

    def words(self) -> str:
        """What was typed."""
        return self.field.toPlainText().strip()

    def _follow(self) -> None:
        count = len(self.words())
        self.counter.setText(t("group_texts.size", n=count, limit=MOST_SIGNS))
        self.accept_button.setEnabled(count <= MOST_SIGNS and (count > 0 or self._may_be_empty))


class GroupTextsBox(QWidget):
    """`asked(what)` and `recall_asked(outbox uid)`; shown only where the platform takes texts."""

    asked = Signal(str)
    recall_asked = Signal(str)

    def __init__(self, formats: Formats, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("group_texts")
        self._formats = formats
        self._lines: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(heading("group_texts.heading", self))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.buttons: dict[str, Button] = {}
        for what, (_kind, icon) in TEXTS.items():
            button = Button(
                f"group_texts.{what}",
                icon=icon,
                compact=True,
                on_click=partial(self.asked.emit, what),
                parent=self,
            )
            button.setObjectName(f"say_{what}")
            self.buttons[what] = button
            row.addWidget(button)
        row.addStretch(1)
        self._column.addLayout(row)
        self.hint = PlainLabel("", "hint", wrap=True, parent=self)
        self.hint.setObjectName("group_texts_hint")
        self._column.addWidget(self.hint)

    def show_texts(self, texts: GroupTexts | None) -> None:
        """Show what was told; None hides all of it."""
        self.setVisible(texts is not None)
        for line in self._lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = []
        if texts is None:
            return
        for what, (kind, _icon) in TEXTS.items():
            self.buttons[what].setEnabled(kind not in texts.refused)
        is_closed = any(kind in texts.refused for kind, _icon in TEXTS.values())
        self.hint.setText(t("group_texts.by_hand" if is_closed else "group_texts.hint"))
        for one in texts.rows:
            line = self._line(one, can_recall=one.can_recall and MESSAGE_RECALL not in texts.refused)
            self._lines.append(line)
            self._column.addWidget(line)

    def _line(self, one: GroupText, *, can_recall: bool) -> QFrame:
        frame = QFrame(self)
        frame.setProperty("surface", "inset")
        column = QVBoxLayout(frame)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        top = QHBoxLayout()
        top.addWidget(PlainLabel(label("write_kind", one.what), "strong", parent=frame))
        top.addWidget(self._state(one, frame))
        top.addStretch(1)
        if can_recall:
            button = Button(
                "group_texts.recall",
                kind="link",
                on_click=lambda: self.recall_asked.emit(one.uid),
                parent=frame,
            )
            button.setObjectName("recall")
            top.addWidget(button)
        top.addWidget(PlainLabel(self._formats.moment(one.at), "muted", parent=frame))
        column.addLayout(top)
        words = PlainLabel(one.text or t("group_texts.switched_off"), wrap=True, parent=frame)
        column.addWidget(words)
        return frame

    def _state(self, one: GroupText, parent: QWidget) -> Chip:
        if one.is_recalled or one.is_recalling:
            key = "group_texts.recalled" if one.is_recalled else "group_texts.recalling"
            return Chip(t(key), "neutral" if one.is_recalled else "info", parent=parent)
        return Chip(label("outbox_state", one.state.value), TONES.get(one.state, "info"), parent=parent)
