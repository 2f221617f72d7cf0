"""Which frozen list fans are put on: one there is, or a new one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop.domain.segments.saved import MOST_NAME
from desktop.qtkit import plain
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.i18n import t
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit

NEW = ""


class ListDialog(MessageDialog):
    """`chosen_name()` is the list's name."""

    def __init__(self, parent: QWidget, lists: Sequence[str], count: int) -> None:
        title = t("fans.audience_title", n=f"{count:,}")
        super().__init__(parent, title, t("fans.audience_text"), accept=t("fans.audience_put"))
        self.setObjectName("list_dialog")
        self.which = Choice(name="fans.audience_list", parent=self)
        self.which.setObjectName("which_list")
        named: dict[object, str] = {name: plain.one_line(name) for name in lists}
        self.which.set_options({**named, NEW: t("fans.audience_new")})
        self.name = ImeAwareLineEdit(parent=self)
        self.name.setObjectName("list_name")
        self.name.setMaxLength(MOST_NAME)
        self.form = Form(self)
        self.form.add_row("which", "fans.audience_list", self.which)
        self.form.add_row("name", "fans.audience_name", self.name)
        self.body.insertWidget(2, self.form)
        self.which.currentIndexChanged.connect(lambda _at: self._follow())
        self.name.textChanged.connect(lambda _text: self._follow())
        self._follow()

    def chosen_name(self) -> str:
        """Of the list there is, or the new one's."""
        return str(self.which.value()) or self.name.text().strip()

    def _follow(self) -> None:
        self.form.rows["name"].setVisible(not self.which.value())
        self.accept_button.setEnabled(bool(self.chosen_name()))
