"""The fields of an article as rows of the post's form: read from a draft, written back into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.posts import PostDraft
from desktop.views.composing.pictures import PictureStrip
from desktop.views.posts.article.body_field import ArticleBody
from desktop.views.posts.article.details import AheadField, WayField
from desktop.views.widgets.fields import Form, FormRow
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.texts import say

ROWS = ("article", "cover", "digest", "author", "source_url", "comments", "ahead", "way")


class ArticleFields(QObject):
    """`edited(name)` names the row the operator changed."""

    edited = Signal(str)

    def __init__(self, form: Form, path_of: Callable[[str], Path], parent: QWidget) -> None:
        super().__init__(parent)
        self.body = ArticleBody(path_of, parent)
        self.cover = PictureStrip(path_of, parent, most=1)
        self.cover.add_button.setObjectName("add_cover")
        self.cover.setMaximumWidth(160)
        self.digest = _line("article.digest", "article.digest_hint", "article_digest")
        self.author = _line("article.author", "article.author_hint", "article_author")
        self.source_url = _line("article.source_url", "article.source_url_hint", "article_source_url")
        self.comments = QCheckBox(parent)
        self.comments.setObjectName("article_comments")
        say(self.comments, "article.comments")
        self.way = WayField(parent)
        self.ahead = AheadField(parent)
        self._build(form)
        self.body.edited.connect(lambda: self.edited.emit("article"))
        self.cover.changed.connect(lambda: self.edited.emit("cover"))
        self.digest.edited.connect(lambda _text: self.edited.emit("digest"))
        self.author.edited.connect(lambda _text: self.edited.emit("author"))
        self.source_url.edited.connect(lambda _text: self.edited.emit("source_url"))
        self.comments.clicked.connect(lambda: self.edited.emit("comments"))
        self.way.edited.connect(lambda: self.edited.emit("way"))

    def _build(self, form: Form) -> None:
        form.add_row("article", "composing.body", self.body, tool=self.body.room)
        rows = {
            "cover": FormRow("article.cover", self.cover, parent=form),
            "digest": FormRow("article.digest", self.digest, parent=form),
            "author": FormRow("article.author", self.author, parent=form),
            "source_url": FormRow("article.source_url", self.source_url, parent=form),
            "comments": FormRow("article.more", self.comments, parent=form),
        }
        form.rows |= rows
        line = QHBoxLayout()
        line.setSpacing(24)
        line.addWidget(rows["cover"], 0, Qt.AlignmentFlag.AlignTop)
        right = QVBoxLayout()
        right.setSpacing(14)
        right.addWidget(rows["digest"])
        small = QHBoxLayout()
        small.setSpacing(16)
        small.addWidget(rows["author"], 1)
        small.addWidget(rows["source_url"], 2)
        right.addLayout(small)
        right.addWidget(rows["comments"])
        line.addLayout(right, 1)
        form.body.addLayout(line)
        form.add_row("ahead", "article.ahead", self.ahead)
        form.add_row("way", "article.way", self.way)

    def read(self, draft: PostDraft) -> PostDraft:
        """The draft with what stands in the fields."""
        way, tag = self.way.value()
        body = self.body.value()
        article = replace(
            draft.article,
            digest=self.digest.text(),
            author=self.author.text(),
            source_url=self.source_url.text(),
            cover=next(iter(self.cover.media), None),
            comments=self.comments.isChecked(),
            way=way,
            tag=tag,
        )
        return replace(draft, body=body, media=self.body.media, article=article)

    def show_draft(self, draft: PostDraft) -> None:
        """Show a draft, without telling it as an edit."""
        article = draft.article
        self.body.set_value(draft.body, draft.media)
        self.cover.set_media(() if article.cover is None else (article.cover,))
        self.digest.set_text(article.digest)
        self.author.set_text(article.author)
        self.source_url.set_text(article.source_url)
        self.comments.setChecked(article.comments)
        self.way.set_value(article.way, article.tag)


def _line(name: str, hint: str, object_name: str) -> ImeAwareLineEdit:
    field = ImeAwareLineEdit(name=name, placeholder=hint)
    field.setObjectName(object_name)
    return field
