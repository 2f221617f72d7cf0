"""One comment in a drawer: what was said, our answer, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.services.comments import WECHAT, CommentLine
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.inputs import ImeAwareTextEdit
from desktop.views.widgets.panels import SidePanel, heading
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel, say

ANSWER_HEIGHT = 96


# What setting a comment on top is called: (do it, undo it)
LIFTS = {"wechat": ("comments.elect", "comments.unelect"), "douyin": ("comments.pin", "comments.unpin")}


def writer(comment: CommentLine) -> str:
    """Who wrote it, as far as the platform tells."""
    if comment.platform == WECHAT and comment.fan_id is None:
        return t("comments.stranger")
    return comment.name or t("comments.nameless")


class CommentPanel(SidePanel):
    """`answered(id, text)`, `lifted(id, is_up)`, `deleted(id)` and `unsaid(id)` say what the owner wants."""

    answered = Signal(str, str)
    unsaid = Signal(str)
    lifted = Signal(str, bool)
    deleted = Signal(str)

    def __init__(self, host: QWidget, formats: Formats) -> None:
        super().__init__(host)
        self.setObjectName("comment_panel")
        self._formats = formats
        self.comment: CommentLine | None = None
        self.facts = PlainLabel("", "muted", wrap=True, parent=self)
        self.text = PlainLabel("", wrap=True, selectable=True, parent=self)
        self.text.setObjectName("comment_text")
        self.body.addWidget(self.facts)
        self.body.addWidget(self.text)
        self.elect = changes(
            Button("comments.elect", icon="star", compact=True, on_click=self._elect, parent=self)
        )
        self.elect.setObjectName("elect")
        self.delete = changes(
            Button("comments.delete", kind="danger", compact=True, on_click=self._delete, parent=self)
        )
        self.delete.setObjectName("delete")
        row = QHBoxLayout()
        row.addWidget(self.elect)
        row.addStretch()
        row.addWidget(self.delete)
        self.body.addLayout(row)
        self.answer_head = heading("comments.answer", self)
        self.body.addWidget(self.answer_head)
        self.answer = PlainLabel("", wrap=True, selectable=True, parent=self)
        self.answer.setObjectName("comment_answer")
        self.body.addWidget(self.answer)
        self.unsay = changes(
            Button("comments.unsay", kind="link", icon="undo-2", on_click=self._unsay, parent=self)
        )
        self.unsay.setObjectName("unsay")
        self.body.addWidget(self.unsay, 0, Qt.AlignmentFlag.AlignLeft)
        self.field = ImeAwareTextEdit(parent=self)
        self.field.setObjectName("answer_field")
        self.field.setFixedHeight(ANSWER_HEIGHT)
        say(self.field, "comments.answer", role="name")
        self.body.addWidget(self.field)
        self.hint = PlainLabel("", "hint", wrap=True, parent=self)
        self.body.addWidget(self.hint)
        self.send = changes(
            Button("comments.send", kind="primary", icon="send", on_click=self._send, parent=self)
        )
        self.send.setObjectName("answer")
        self.foot.addStretch()
        self.foot.addWidget(self.send)
        self.body.addStretch()

    def show_comment(self, comment: CommentLine) -> None:
        """Show one; what is being typed about another is dropped."""
        if self.comment is None or self.comment.id != comment.id:
            self.field.setPlainText("")
        self.comment = comment
        when = self._formats.moment(comment.at)
        article = comment.article or t("comments.untitled")
        self.facts.setText(f"{writer(comment)} · {when}\n{article}")
        self.text.setText(comment.text)
        say(self.elect, LIFTS[comment.platform][comment.is_up])
        self.elect.setEnabled(comment.can_lift)
        self.delete.setVisible(comment.platform == WECHAT)
        self.delete.setEnabled(comment.can_delete)
        say(self.answer_head, "comments.your_answer" if comment.reply else "comments.answer")
        self.answer.setVisible(bool(comment.reply))
        self.answer.setText(comment.reply)
        self.unsay.setVisible(comment.can_take_back)
        self.field.setVisible(comment.can_answer)
        self.send.setVisible(comment.can_answer)
        self.hint.setText(self._hint(comment))
        self.hint.setVisible(comment.platform != WECHAT or not comment.reply)
        self.open_panel(t("comments.panel"))

    def _hint(self, comment: CommentLine) -> str:
        if comment.refused:
            return t(f"comments.by_hand_{comment.platform}")
        if comment.pending:
            return t("comments.queued")
        return t(f"comments.answer_hint_{comment.platform}")

    def _send(self) -> None:
        if self.comment is not None and self.field.toPlainText().strip():
            self.answered.emit(self.comment.id, self.field.toPlainText())

    def _elect(self) -> None:
        if self.comment is not None:
            self.lifted.emit(self.comment.id, not self.comment.is_up)

    def _unsay(self) -> None:
        if self.comment is not None:
            self.unsaid.emit(self.comment.id)

    def _delete(self) -> None:
        if self.comment is not None:
            self.deleted.emit(self.comment.id)
