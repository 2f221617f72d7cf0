"""One talk: who it is and who answers, the messages, what went wrong, and the field to answer in."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.talks import DOUYIN, Direction, TalkMessage, Thread
from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.views.talks.bubbles import MessageList
from desktop.views.talks.composer import Composer
from desktop.views.talks.words import failure_words, left_words, room_words, state_words
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import Banner
from desktop.views.widgets.texts import PlainLabel


class ThreadView(QWidget):
    """`again_asked(item uid)`, `decision_asked(item uid)`, `fan_asked(fan id)`, `older_asked()`."""

    again_asked = Signal(str)
    decision_asked = Signal(str)
    fan_asked = Signal(int)
    older_asked = Signal()

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self.thread_shown: Thread | None = None
        self._trouble: TalkMessage | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        line = QFrame(self)
        line.setProperty("surface", "line")
        column.addWidget(line)
        self.older = Button("talks.older", kind="link", on_click=self.older_asked.emit, parent=self)
        self.older.setObjectName("older")
        column.addWidget(self.older)
        self.messages = MessageList(formats, self)
        column.addWidget(self.messages, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 8, 16, 14)
        foot.setSpacing(8)
        self.trouble = Banner("bad", parent=self)
        self.trouble.setObjectName("trouble")
        self.trouble.set_action("talks.again", self._on_trouble)
        changes(self.trouble.button).setObjectName("again")
        self.composer = Composer(self)
        foot.addWidget(self.trouble)
        foot.addWidget(self.composer)
        column.addLayout(foot)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 12, 12, 10)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.name = PlainLabel("", "title", elide=True, parent=self)
        self.desk = PlainLabel("", "muted", elide=True, parent=self)
        words.addWidget(self.name)
        words.addWidget(self.desk)
        self.wait = StateChip(parent=self)
        self.wait.setObjectName("wait")
        self.state = StateChip(parent=self)
        self.state.setObjectName("answered_by")
        self.fan = Button("talks.open_fan", icon="user-round", parent=self)
        self.fan.setObjectName("open_fan")
        self.fan.clicked.connect(self._on_fan)
        row.addLayout(words, 1)
        row.addWidget(self.wait)
        row.addWidget(self.state)
        row.addWidget(self.fan)
        return row

    def show_thread(self, thread: Thread) -> None:
        """Show a talk, or what changed in it."""
        self.thread_shown = thread
        row = thread.row
        self.name.setText(plain.one_line(row.name) or t("talks.nameless"))
        at = "talks.at_douyin" if row.platform == DOUYIN else "talks.at_desk"
        self.desk.setText(t(at, desk=plain.one_line(row.desk_name)))
        words, tone = state_words(row)
        self.state.show_state(words, tone)
        self.state.setVisible(bool(words))
        self.fan.setVisible(row.fan_id is not None)
        self.older.setVisible(thread.has_older)
        self.messages.show_messages(row.uid, row.platform, thread.messages)
        self._show_trouble(thread)
        self.show_time()

    def show_time(self) -> None:
        """Say again what changes by the minute."""
        thread = self.thread_shown
        if thread is None:
            return
        now = self._formats.clock.now_ms()
        since = thread.row.waiting_since
        self.wait.setVisible(since is not None)
        if since is not None:
            self.wait.show_state(*left_words(since, now))
        platform = thread.row.platform
        self.composer.show_room(room_words(thread.room, now, platform), not thread.room.barred, platform)

    def _show_trouble(self, thread: Thread) -> None:
        """The last reply, if it did not arrive or nobody knows."""
        replies = [one for one in thread.messages if one.direction is Direction.OUT]
        last = replies[-1] if replies else None
        self._trouble = None
        if last is not None and last.failed_code and last.item_uid:
            self._trouble = last
            self.trouble.show_text(t("talks.trouble_failed", reason=failure_words(last)))
            self.trouble.button.setText(t("talks.again"))
        elif last is not None and last.item_state in ("unknown", "held"):
            self._trouble = last
            self.trouble.show_text(t(f"talks.trouble_{last.item_state}"))
            self.trouble.button.setText(t("talks.look"))
        self.trouble.setVisible(self._trouble is not None)

    def _on_trouble(self) -> None:
        if self._trouble is None:
            return
        asks = self.decision_asked if not self._trouble.failed_code else self.again_asked
        asks.emit(self._trouble.item_uid)

    def _on_fan(self) -> None:
        if self.thread_shown is not None and self.thread_shown.row.fan_id is not None:
            self.fan_asked.emit(self.thread_shown.row.fan_id)
