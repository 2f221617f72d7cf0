"""Writing a group welcome: the text, the newcomer's name, perhaps one picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.domain import welcomes as rules
from desktop.domain.content import MediaRef
from desktop.domain.errors import AppError, InvalidInputError
from desktop.domain.welcomes import MOST_BYTES, NAME_MARK, WelcomeDraft
from desktop.qtkit import dialogs
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.services.welcomes import WelcomeService
from desktop.views.composing.pictures import PictureStrip
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import Form
from desktop.views.widgets.inputs import ImeAwareTextEdit
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.texts import PlainLabel

TEXT_HEIGHT = 150
FIELD_OF = {"welcome_empty": "text", "welcome_too_long": "text", "welcome_picture": "picture"}


class WelcomeDialog(MessageDialog):
    """`draft()` is what stands in the fields; it is accepted only when it is sound."""

    def __init__(
        self,
        parent: QWidget,
        draft: WelcomeDraft,
        service: WelcomeService,
        scope: TaskScope,
        *,
        is_new: bool,
    ) -> None:
        title = t("ways.new_welcome") if is_new else t("ways.edit_welcome")
        super().__init__(parent, title, t("ways.about_welcome"), accept=t("ways.save"))
        self.setObjectName("welcome_dialog")
        self.setMinimumWidth(520)
        self._service = service
        self._scope = scope
        self.form = Form(self)
        self.text = ImeAwareTextEdit(parent=self)
        self.text.setObjectName("welcome_text")
        self.text.setFixedHeight(current().px(TEXT_HEIGHT))
        self.text.set_text(draft.text)
        self.text.textChanged.connect(self._count)
        name = Button("ways.insert_name", kind="link", on_click=self._insert_name, parent=self)
        name.setObjectName("insert_name")
        self.form.add_row("text", "ways.field_text", self.text, tool=name)
        self.counter = PlainLabel("", "muted", parent=self)
        self.form.body.addWidget(self.counter)
        self.form.add_row("picture", "ways.field_picture", self._pictures(draft, service.picture_path))
        self.body.insertWidget(2, self.form)
        self._count()
        self.text.moveCursor(QTextCursor.MoveOperation.End)
        self.text.setFocus()

    def draft(self) -> WelcomeDraft:
        """What stands in the fields."""
        return WelcomeDraft(self.text.toPlainText(), self.strip.media)

    def accept(self) -> None:
        """Close when the draft is sound, else say what is wrong beside its field."""
        try:
            rules.checked(self.draft())
        except InvalidInputError as error:
            self.form.show_problems({FIELD_OF.get(error.code, "text"): error_text(error)})
            return
        super().accept()

    def _pictures(self, draft: WelcomeDraft, path_of: Callable[[str], Path]) -> QWidget:
        box = QWidget(self)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        self.strip = PictureStrip(path_of, box, most=1)
        self.strip.set_media(draft.media)
        self.strip.wanted.connect(lambda: self._scope.spawn(self._ask_picture(), name="ways.picture"))
        self.strip.files_given.connect(
            lambda files: self._scope.spawn(self._keep(files[:1]), name="ways.picture")
        )
        row.addWidget(self.strip)
        row.addStretch(1)
        return box

    async def _ask_picture(self) -> None:
        found = await dialogs.choose_file(self, t("ways.field_picture"), [t("ways.picture_files")])
        if found is not None:
            await self._keep([found])

    async def _keep(self, files: list[Path]) -> None:
        for file in files:
            try:
                kept: MediaRef = await self._service.keep_picture(file)
            except AppError as error:
                self.form.show_problems({"picture": error_text(error)})
                return
            self.form.show_problems({})
            self.strip.set_media((kept,))  # one picture at most: a new one stands for the old

    def _insert_name(self) -> None:
        self.text.insert_at_cursor(NAME_MARK)

    def _count(self) -> None:
        self.counter.setText(t("ways.size", n=rules.size_of(self.text.toPlainText()), limit=MOST_BYTES))
