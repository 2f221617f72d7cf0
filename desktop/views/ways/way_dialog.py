"""Making or changing a way in: its name, whom it leads to, and how people come in."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QWidget

from desktop.domain import entry_ways as rules
from desktop.domain.entry_ways import CONTACT, LONGEST_BASE_NUMBER, EntryWayDraft
from desktop.domain.errors import InvalidInputError
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.i18n import t
from desktop.services.entry_ways import WayChoices
from desktop.views.ways.choice_list import ChoiceList
from desktop.views.widgets.fields import CountField, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.texts import say

FIELD_OF = {"way_name": "name", "way_staff": "who", "way_groups": "who", "way_base": "base"}


class WayDialog(MessageDialog):
    """`draft()` is what stands in the fields; it is accepted only when it is sound."""

    def __init__(self, parent: QWidget, draft: EntryWayDraft, choices: WayChoices, *, is_new: bool) -> None:
        self._kind = draft.kind
        verb = "new" if is_new else "edit"
        super().__init__(
            parent,
            t(f"ways.{verb}_{draft.kind}"),
            t(f"ways.about_{draft.kind}"),
            accept=t("ways.save"),
        )
        self.setObjectName("way_dialog")
        self.setMinimumWidth(480)
        self.form = Form(self)
        self.name = ImeAwareLineEdit(draft.name, parent=self)
        self.name.setObjectName("way_name")
        self.name.setMaxLength(rules.LONGEST_NAME)
        self.form.add_row("name", "ways.field_name", self.name, hint="ways.field_name_hint")
        self.who = ChoiceList(f"ways.field_{draft.kind}", self)
        chosen = draft.staff if draft.kind == CONTACT else draft.groups
        self.who.set_choices(choices.staff if draft.kind == CONTACT else choices.groups, chosen)
        self.form.add_row("who", f"ways.field_{draft.kind}", self.who)
        self.option = QCheckBox(self)
        self.option.setObjectName("way_option")
        self.option.setChecked(draft.skip_verify if draft.kind == CONTACT else draft.auto_create)
        say(self.option, f"ways.option_{draft.kind}")
        self.form.body.addWidget(self.option)
        self.base_name = ImeAwareLineEdit(draft.base_name, parent=self)
        self.base_name.setObjectName("base_name")
        self.base_name.setMaxLength(rules.LONGEST_BASE_NAME)
        self.base_id = CountField(name="ways.field_number", high=LONGEST_BASE_NUMBER, parent=self)
        self.base_id.setValue(draft.base_id)
        if draft.kind != CONTACT:
            self.form.add_rows(
                ("base", "ways.field_base", self.base_name),
                ("number", "ways.field_number", self.base_id),
            )
            self.option.toggled.connect(self._show_base)
            self._show_base(self.option.isChecked())
        else:
            self.base_name.hide()
            self.base_id.hide()
        self.body.insertWidget(2, self.form)
        self.name.setFocus()

    def draft(self) -> EntryWayDraft:
        """What stands in the fields."""
        if self._kind == CONTACT:
            return EntryWayDraft(
                CONTACT,
                self.name.text(),
                staff=self.who.chosen(),
                skip_verify=self.option.isChecked(),
            )
        return EntryWayDraft(
            self._kind,
            self.name.text(),
            groups=self.who.chosen(),
            auto_create=self.option.isChecked(),
            base_name=self.base_name.text(),
            base_id=self.base_id.value(),
        )

    def accept(self) -> None:
        """Close when the draft is sound, else say what is missing beside its field."""
        try:
            rules.checked(self.draft())
        except InvalidInputError as error:
            self.form.show_problems({FIELD_OF.get(error.code, "name"): error_text(error)})
            return
        super().accept()

    def _show_base(self, on: bool) -> None:
        for name in ("base", "number"):
            self.form.rows[name].setVisible(on)
