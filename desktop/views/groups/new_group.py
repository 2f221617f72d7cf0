"""A new fan group at a platform that lets one make them from here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop.domain.public_accounts import GroupPicture
from desktop.qtkit import plain
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit, ImeAwareTextEdit

WORDS_HEIGHT = 84


class NewGroupDialog(MessageDialog):
    """Name, description, and the group whose picture it takes; to be read after accepting."""

    def __init__(self, parent: QWidget, pictures: Sequence[GroupPicture]) -> None:
        super().__init__(parent, t("new_group.title"), t("new_group.text"), accept=t("group_texts.queue"))
        self.setObjectName("new_group_dialog")
        self.setMinimumWidth(480)
        self._pictures = {str(one.group_id): one for one in pictures}
        self.name_field = ImeAwareLineEdit(name="new_group.name")
        self.name_field.setObjectName("group_name")
        self.description = ImeAwareTextEdit(name="new_group.description")
        self.description.setObjectName("group_description")
        self.description.setFixedHeight(current().px(WORDS_HEIGHT))
        self.like = Choice(name="new_group.picture", parent=self)
        self.like.setObjectName("group_like")
        self.like.set_options({key: plain.one_line(one.name) for key, one in self._pictures.items()})
        form = Form(self)
        form.add_row("name", "new_group.name", self.name_field)
        form.add_row("description", "new_group.description", self.description)
        form.add_row("like", "new_group.picture", self.like)
        self.body.insertWidget(2, form)
        self.name_field.edited.connect(lambda _text: self._follow())
        self.description.edited.connect(lambda _text: self._follow())
        self._follow()
        self.name_field.setFocus()

    def picture(self) -> GroupPicture:
        """The group whose picture, and whose account, it takes."""
        return self._pictures[str(self.like.value())]

    def words(self) -> tuple[str, str]:
        """Name and description."""
        return self.name_field.text().strip(), self.description.toPlainText().strip()

    def _follow(self) -> None:
        self.accept_button.setEnabled(all(self.words()))
