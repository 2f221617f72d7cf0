"""The form of a post: title, text, pictures, audience, time, account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.domain import placeholders
from desktop.domain.accounts import Account
from desktop.domain.posts import Channel, PostDraft
from desktop.qtkit.formats import Formats
from desktop.views.composing.editor import DraftForm
from desktop.views.composing.message_field import MessageField
from desktop.views.composing.pictures import PictureStrip
from desktop.views.posts.audience_field import AudienceField
from desktop.views.posts.channel_field import ChannelField
from desktop.views.posts.schedule_field import ScheduleField
from desktop.views.widgets.fields import Choice, Form, FormRow
from desktop.views.widgets.inputs import ImeAwareLineEdit


class PostForm(DraftForm):
    """`edited(name)` names the field the operator changed; `draft()` is what stands there now."""

    edited = Signal(str)

    def __init__(self, formats: Formats, path_of: Callable[[str], Path], parent: QWidget) -> None:
        super().__init__(parent=parent)
        self.form = Form(self)
        self.title_field = ImeAwareLineEdit(name="composing.title", placeholder="composing.title_hint")
        self.title_field.setObjectName("title")
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
        self.channel = ChannelField(self)
        form = self.form
        form.add_row("channel", "composing.channel", self.channel)
        form.add_row("title", "composing.title", self.title_field)
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
        self.account.chosen.connect(lambda _value: self.edited.emit("account"))

    def _add_side_by_side(self) -> None:
        who = FormRow("composing.audience", self.audience, tool=self.audience.reached, parent=self.form)
        when = FormRow("composing.schedule", self.schedule, parent=self.form)
        self.form.rows |= {"audience": who, "scheduled_at": when}
        line = QHBoxLayout()
        line.setSpacing(24)
        line.addWidget(who, 3, Qt.AlignmentFlag.AlignTop)
        line.addWidget(when, 2, Qt.AlignmentFlag.AlignTop)
        self.form.body.addLayout(line)

    def draft(self) -> PostDraft:
        """What the operator has finished typing; words being composed are not part of it."""
        chosen = self.account.value()
        return replace(
            self._draft,
            title=self.title_field.text(),
            body=self.message.value(),
            media=self.pictures.media,
            audience=self.audience.value(),
            scheduled_at=self.schedule.scheduled_at(),
            grace_minutes=self.schedule.grace_minutes(),
            channel=self.channel.value(),
            account_uid=chosen if isinstance(chosen, str) and chosen else self._draft.account_uid,
        )

    def set_draft(self, draft: PostDraft) -> None:
        """Show a draft, without telling it as an edit."""
        self._draft = draft
        self.channel.set_value(draft.channel)
        self._fit_channel()
        self.title_field.set_text(draft.title)
        self.message.set_value(draft.body)
        self.pictures.set_media(draft.media)
        self.audience.set_value(draft.audience)
        self.schedule.set_value(draft.scheduled_at, draft.grace_minutes)
        self.account.set_value(draft.account_uid)

    def _on_channel(self) -> None:
        self._fit_channel()
        self.edited.emit("channel")

    def _fit_channel(self) -> None:
        """Offer what the chosen way allows."""
        is_moment = self.channel.value() is Channel.MOMENT
        self.audience.set_moment(is_moment)
        self.message.offer(placeholders.OF_MOMENTS if is_moment else placeholders.OF_POSTS)

    def set_accounts(self, accounts: Sequence[Account]) -> None:
        """The accounts there are; with one there is nothing to choose."""
        self.account.set_options({account.uid: account.name for account in accounts})
        if self._draft.account_uid:
            self.account.set_value(self._draft.account_uid)
        elif len(accounts) > 1 and self.account.value() is None:
            self.account.setCurrentIndex(-1)
        self.form.rows["account"].setVisible(len(accounts) > 1)
