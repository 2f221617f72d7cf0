"""Questions about fans at the platform: which tags, and what to note."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QWidget

from desktop.domain import customer_edits as rules
from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.errors import InvalidInputError
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.services.customer_edits import PlatformSide
from desktop.services.entry_ways import Choice
from desktop.services.platform_tags import TagLine
from desktop.views.ways.choice_list import ChoiceList
from desktop.views.widgets.fields import Form
from desktop.views.widgets.inputs import ImeAwareLineEdit, ImeAwareTextEdit
from desktop.views.widgets.notices import error_text

FIELD_OF = {
    "remark_too_long": "remark",
    "description_too_long": "description",
    "mobiles_invalid": "mobiles",
}


class TagDialog(MessageDialog):
    """Which platform tags; `removes` after accepting says whether to take them off."""

    def __init__(self, parent: QWidget, lines: Sequence[TagLine], fans: int, *, can_remove: bool) -> None:
        super().__init__(
            parent,
            t("fans.side.tags_title", n=fans),
            t("fans.side.tags_text"),
            accept=t("fans.side.put_on"),
        )
        self.setObjectName("platform_tags_dialog")
        self.setMinimumWidth(440)
        self.removes = False
        self.choice = ChoiceList("fans.side.add_tag", self)
        self.choice.set_choices(
            [Choice(line.account_id or 0, str(line.tag_id), tag_name(line, lines)) for line in lines], ()
        )
        self.choice.changed.connect(self._follow)
        self.body.insertWidget(2, self.choice)
        self.take_off = QPushButton(t("fans.side.take_off"), self)
        self.take_off.setObjectName("take_off")
        self.take_off.setVisible(can_remove)
        self.take_off.clicked.connect(self._remove)
        self.buttons.addButton(self.take_off, QDialogButtonBox.ButtonRole.ActionRole)
        self._follow()

    def tag_ids(self) -> list[int]:
        """The local ids of the tags ticked."""
        return [int(one) for one in self.choice.chosen()]

    def _remove(self) -> None:
        self.removes = True
        self.accept()

    def _follow(self) -> None:
        for button in (self.accept_button, self.take_off):
            button.setEnabled(bool(self.choice.chosen()))


class NotesDialog(MessageDialog):
    """`notes()` is what stands in the fields; it is accepted only when it is sound."""

    def __init__(self, parent: QWidget, side: PlatformSide) -> None:
        keys = (
            ("notes_title", "notes_text") if side.staff_name else ("notes_follower", "notes_follower_text")
        )
        title, text = (t(f"fans.side.{key}", staff=side.staff_name) for key in keys)
        super().__init__(parent, title, text, accept=t("fans.side.save"))
        self._longest = rules.LONGEST_REMARK if side.staff_name else rules.LONGEST_OF_FOLLOWERS
        self.setObjectName("notes_dialog")
        self.setMinimumWidth(440)
        notes = side.mine or side.notes
        self.form = Form(self)
        self.remark = ImeAwareLineEdit(notes.remark, parent=self)
        self.remark.setObjectName("remark")
        self.remark.setMaxLength(self._longest)
        key = "fans.side.remark" if side.staff_name else "fans.side.remark_follower"
        self.form.add_row("remark", key, self.remark)
        self.description = ImeAwareTextEdit(parent=self)
        self.description.setObjectName("description")
        self.description.setFixedHeight(current().px(84))
        self.description.set_text(notes.description)
        self.form.add_row("description", "fans.side.description", self.description)
        self.mobiles = ImeAwareLineEdit(", ".join(notes.mobiles), parent=self)
        self.mobiles.setObjectName("mobiles")
        self.form.add_row("mobiles", "fans.side.mobiles", self.mobiles, hint="fans.side.mobiles_hint")
        for name in ("description", "mobiles"):  # an official account keeps a remark alone
            self.form.rows[name].setVisible(bool(side.staff_name))
        self.body.insertWidget(2, self.form)
        self.remark.setFocus()

    def notes(self) -> CustomerNotes:
        """What stands in the fields."""
        told = self.mobiles.text().replace("，", ",").replace("、", ",")
        return CustomerNotes(
            self.remark.text(),
            self.description.toPlainText(),
            tuple(one.strip() for one in told.split(",") if one.strip()),
        )

    def accept(self) -> None:
        """Close when the notes are sound, else say what is wrong beside the field."""
        try:
            rules.checked(self.notes(), self._longest)
        except InvalidInputError as error:
            self.form.show_problems({FIELD_OF.get(error.code, "remark"): error_text(error)})
            return
        super().accept()


def tag_name(line: TagLine, among: Sequence[TagLine]) -> str:
    """Group and name; with the account where there are several."""
    name = f"{line.group_name} / {line.name}" if line.group_name else line.name
    several = len({one.account_id for one in among}) > 1
    return f"{line.account_name} · {name}" if several else name
