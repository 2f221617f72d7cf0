"""The form of a post: title, text, pictures, audience, time, account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.domain import placeholders
from desktop.domain.accounts import Account
from desktop.domain.articles import MAX_TITLE
from desktop.domain.content import MediaRef
from desktop.domain.posts import Channel, PostDraft, rewritten
from desktop.qtkit.formats import Formats
from desktop.services.channels.table import WAYS
from desktop.views.composing.draft_form import DraftForm
from desktop.views.composing.message_field import MessageEdit, MessageField
from desktop.views.composing.pictures import PictureStrip
from desktop.views.posts.article.fields import ArticleFields
from desktop.views.posts.audience_field import AudienceField
from desktop.views.posts.channel_field import ChannelField
from desktop.views.posts.faces.face import Face
from desktop.views.posts.faces.table import FACES
from desktop.views.posts.schedule_field import ScheduleField
from desktop.views.widgets.fields import Choice, Form, FormRow
from desktop.views.widgets.inputs import Counter, ImeAwareLineEdit
from desktop.views.widgets.texts import say


class PostForm(DraftForm):
    """`edited(name)` names the field the operator changed; `draft()` is what stands there now."""

    edited = Signal(str)

    def __init__(self, formats: Formats, path_of: Callable[[str], Path], parent: QWidget) -> None:
        super().__init__(parent=parent)
        self.form = Form(self)
        self.title_field = ImeAwareLineEdit(name="composing.title", placeholder="composing.title_hint")
        self.title_field.setObjectName("title")
        self.title_room = Counter(self.title_field, MAX_TITLE)
        self.message = MessageField(
            placeholders.OF_POSTS, name="composing.body", hint="composing.body_hint", parent=self
        )
        self.pictures = PictureStrip(path_of, self)
        self.audience = AudienceField(self)
        self.schedule = ScheduleField(formats, self)
        self.account = Choice(name="composing.account", parent=self)
        self.account.setObjectName("account")
        self.account.setMaximumWidth(320)
        self._draft = PostDraft()
        self._accounts: Sequence[Account] = ()
        self.channel = ChannelField(self)
        form = self.form
        form.add_row("channel", "composing.channel", self.channel)
        form.add_row("title", "composing.title", self.title_field, tool=self.title_room)
        self.article = ArticleFields(form, path_of, self)
        form.add_row("body", "composing.body", self.message, tool=self.message.room)
        form.add_row("media", "composing.pictures", self.pictures)
        self._add_side_by_side()
        form.add_row("account", "composing.account", self.account)
        form.rows["account"].hide()
        self.add(form)
        self.channel.edited.connect(self._on_channel)
        self.title_field.edited.connect(lambda _text: self.edited.emit("title"))
        self.message.edited.connect(lambda: self.edited.emit("body"))
        self.pictures.changed.connect(lambda: self.edited.emit("media"))
        self.audience.edited.connect(lambda: self.edited.emit("audience"))
        self.schedule.edited.connect(lambda: self.edited.emit("scheduled_at"))
        self.article.edited.connect(self.edited)
        self.account.chosen.connect(lambda _value: self._on_account())

    def _add_side_by_side(self) -> None:
        who = FormRow("composing.audience", self.audience, tool=self.audience.reached, parent=self.form)
        when = FormRow("composing.schedule", self.schedule, parent=self.form)
        self.form.rows |= {"audience": who, "scheduled_at": when}
        line = QHBoxLayout()
        line.setSpacing(24)
        line.addWidget(who, 3, Qt.AlignmentFlag.AlignTop)
        line.addWidget(when, 2, Qt.AlignmentFlag.AlignTop)
        self.form.body.addLayout(line)

    @property
    def face(self) -> Face:
        """How the chosen channel is written."""
        return FACES[self.channel.value()]

    def texts(self) -> Sequence[MessageEdit]:
        """The message, and the page of an article."""
        return (self.message.text, self.article.body.text)

    def add_picture(self, picture: MediaRef) -> None:
        """Into the text of an article, else beside the message."""
        if "article" in self.face.rows:
            self.article.body.text.add_picture(picture)
        else:
            self.pictures.add(picture)

    def draft(self) -> PostDraft:
        """What the operator has finished typing; words being composed are not part of it."""
        return self._read(self.channel.value())

    def _read(self, channel: Channel) -> PostDraft:
        chosen, rows = self.account.value(), FACES[channel].rows
        draft = replace(
            self._draft,
            title=self.title_field.text(),
            scheduled_at=self.schedule.scheduled_at(),
            grace_minutes=self.schedule.grace_minutes(),
            channel=channel,
            account_uid=chosen if isinstance(chosen, str) and chosen else self._draft.account_uid,
        )
        if "article" in rows:
            return self.article.read(draft)
        draft = replace(draft, body=self.message.value(), media=self.pictures.media)
        return replace(draft, audience=self.audience.value()) if "audience" in rows else draft

    def set_draft(self, draft: PostDraft) -> None:
        """Show a draft, without telling it as an edit."""
        self._draft = draft
        self.channel.set_value(draft.channel)
        self._fit_channel()
        self.title_field.set_text(draft.title)
        self.title_room.count(draft.title)
        if "article" in self.face.rows:
            self.article.show_draft(draft)
        else:
            self.message.set_value(draft.body)
            self.pictures.set_media(draft.media)
            self.audience.set_value(draft.audience)
        self.schedule.set_value(draft.scheduled_at, draft.grace_minutes)
        self.account.set_value(draft.account_uid)

    def _on_channel(self) -> None:
        before, after = self._draft.channel, self.channel.value()
        if {"article"} & (FACES[before].rows ^ FACES[after].rows):
            self.set_draft(rewritten(self._read(before), after, None))
        else:
            self._draft = replace(self._draft, channel=after)
            self._fit_channel()
        self.edited.emit("channel")

    def _on_account(self) -> None:
        self.edited.emit("account")

    def _fit_channel(self) -> None:
        """Offer what the chosen way allows."""
        channel, face = self.channel.value(), self.face
        for name, row in self.form.rows.items():
            if name not in ("channel", "title", "account"):
                row.setVisible(name in face.rows)
        say(self.form.rows["title"].title, face.title)
        say(self.title_field, face.title, role="name")
        self.title_room.setVisible("article" in face.rows)
        self.audience.set_moment(channel is Channel.MOMENT)
        self.message.offer(face.placeholders)
        self.pictures.allow(face.most_pictures)
        self._offer_accounts()

    def set_accounts(self, accounts: Sequence[Account]) -> None:
        """The accounts there are; with one there is nothing to choose."""
        self._accounts = accounts
        self._offer_accounts()

    def account_name(self) -> str:
        """The account it goes out through, where that is known."""
        return self.account.currentText()

    def _offer_accounts(self) -> None:
        platform = WAYS[self.channel.value()].platform
        fitting = [account for account in self._accounts if account.platform == platform]
        self.account.set_options({account.uid: account.name for account in fitting})
        if self._draft.account_uid:
            self.account.set_value(self._draft.account_uid)
        elif len(fitting) > 1 and self.account.value() is None:
            self.account.setCurrentIndex(-1)
        self.form.rows["account"].setVisible(len(fitting) > 1)
