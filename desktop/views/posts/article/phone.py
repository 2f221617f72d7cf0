"""The phone that shows an article as its readers open it: heading, author, text and pictures, to scroll."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from desktop.domain.articles import plain_text
from desktop.domain.posts import PostDraft
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.views.posts.article.document import (
    Look,
    block_format,
    fill,
    letter_format,
)
from desktop.views.widgets.phone_preview import HEIGHT, WIDTH, Message, PhonePreview

HEAD = 76  # status line and name of the account
EDGE = 9  # the phone's frame


@dataclass(frozen=True)
class ArticlePage:
    """An article with who it is from, the day it comes out, and where its pictures lie."""

    draft: PostDraft
    account: str
    day: str
    clock: str
    path_of: Callable[[str], Path]


class ArticlePhone(PhonePreview):
    """The same phone with a page to scroll instead of a chat."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page = QTextEdit(self)
        self.page.setObjectName("article_page")
        self.page.setReadOnly(True)
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        self.page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.page.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.page.setStyleSheet("QTextEdit { background: transparent; border: none; padding: 0; }")
        self.page.setGeometry(EDGE + 8, HEAD + 2, WIDTH - 2 * EDGE - 12, HEIGHT - HEAD - EDGE - 26)
        self.page.document().setUndoRedoEnabled(False)

    def show_article(self, shown: ArticlePage) -> None:
        """Show an article as it stands."""
        draft, theme = shown.draft, current()
        self.show_message(Message(shown.account, plain_text(draft.body), clock=shown.clock))
        at = self.page.verticalScrollBar().value()
        self.page.clear()
        self.page.setFont(_font())
        look = Look(15, 17, 252, theme.color("ink"))
        small = Look(12, 12, 252, theme.color("ink2"), gap=16)
        cursor = QTextCursor(self.page.document())
        cursor.setBlockFormat(block_format(look, is_heading=True))
        heading = Look(20, 20, 252, theme.color("ink"))
        cursor.insertText(
            draft.title.strip() or t("article.no_title"), letter_format(heading, is_heading=True)
        )
        cursor.insertBlock(block_format(small), letter_format(small))
        said = "  ".join(filter(None, (draft.article.author.strip(), shown.account, shown.day)))
        cursor.insertText(said, letter_format(small))
        cursor.insertBlock(block_format(look), letter_format(look))
        fill(cursor, draft.body, draft.media, shown.path_of, look)
        if draft.article.source_url.strip():
            cursor.insertBlock(block_format(small), letter_format(small))
            cursor.insertText(t("article.read_more"), letter_format(small))
        cursor.movePosition(QTextCursor.MoveOperation.Start)
        self.page.setTextCursor(cursor)
        self.page.verticalScrollBar().setValue(at)

    def _paint_chat(self, painter: QPainter, room: QRectF) -> None:
        """The page covers this."""


def _font() -> QFont:
    font = QFont(current().font(15))
    font.setPixelSize(15)
    return font
