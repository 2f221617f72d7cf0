"""The phone beside an editor: heading, what a fan sees, and what the picture is worth."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.views.posts.article.phone import ArticlePage, ArticlePhone
from desktop.views.widgets.phone_preview import Message, PhonePreview
from desktop.views.widgets.texts import PlainLabel


class PhoneSide(QWidget):
    """A column of the phone's width."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.phone = PhonePreview(self)
        self.phone.setObjectName("phone")
        self.article = ArticlePhone(self)
        self.article.setObjectName("article_phone")
        self.article.hide()
        self.setFixedWidth(self.phone.sizeHint().width())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.addWidget(PlainLabel(kind="title", key="kit.phone_preview", parent=self))
        head.addStretch()
        self.who = PlainLabel("", "muted", elide=True, parent=self)
        self.who.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.who, 1)
        column.addLayout(head)
        column.addWidget(self.phone)
        column.addWidget(self.article)
        note = PlainLabel(kind="muted", key="kit.phone_note", wrap=True, parent=self)
        note.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(note)
        column.addStretch()

    def show_message(self, message: Message, who: str) -> None:
        """`who` says whose phone it is, already worded."""
        self.who.setText(who)
        self.phone.show_message(message)
        self._bring(self.phone)

    def show_article(self, page: ArticlePage) -> None:
        """Everybody reads the same page."""
        self.who.setText("")
        self.article.show_article(page)
        self._bring(self.article)

    def _bring(self, phone: PhonePreview) -> None:
        self.phone.setVisible(phone is self.phone)
        self.article.setVisible(phone is self.article)
