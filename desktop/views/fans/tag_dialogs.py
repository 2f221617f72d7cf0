"""Questions about a tag: a new one, its look, the rule that puts it on, which one it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QWidget

from desktop.domain.accounts import TagAccount
from desktop.domain.own_tags import COLOURS
from desktop.domain.segments.conditions import Said
from desktop.domain.segments.rules import AllOf, Rule
from desktop.domain.segments.saved import SegmentDraft
from desktop.qtkit import plain
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.services.own_tags import OwnTagService
from desktop.services.platform_tags import TagLine
from desktop.services.segments import Names, SegmentService
from desktop.views.segments.editor_dialog import SegmentDialog
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit

OWN = 0  # stands for the shop's own tags among the accounts


class NewTagDialog(MessageDialog):
    """A new tag: its name, whose it is, and the platform's group it stands in."""

    def __init__(self, parent: QWidget, accounts: Sequence[TagAccount], group: str) -> None:
        super().__init__(parent, t("tags.new"), t("tags.new_text"), accept=t("tags.add"))
        self.setObjectName("new_tag_dialog")
        self.form = Form(self)
        self.name = ImeAwareLineEdit(parent=self)
        self.name.setObjectName("tag_name")
        self.where = Choice(name="tags.where", parent=self)
        self.where.setObjectName("tag_where")
        self.where.set_options(
            {OWN: t("tags.own"), **{one.id: plain.one_line(one.name) for one in accounts}}
        )
        self._grouped = {one.id for one in accounts if one.has_groups}
        self.group = ImeAwareLineEdit(group, parent=self)
        self.group.setObjectName("tag_group")
        self.form.add_row("name", "tags.name", self.name)
        self.form.add_row("where", "tags.where", self.where)
        self.form.add_row("group", "tags.group", self.group, hint="tags.group_hint")
        self.body.insertWidget(2, self.form)
        self.where.currentIndexChanged.connect(lambda _at: self._follow())
        self.name.textChanged.connect(lambda _text: self._follow())
        self.group.textChanged.connect(lambda _text: self._follow())
        self._follow()
        self.name.setFocus()

    def account_id(self) -> int:
        """Whose it is; OWN for the shop's own."""
        value = self.where.value()
        return value if isinstance(value, int) else OWN

    def _follow(self) -> None:
        is_grouped = self.account_id() in self._grouped
        self.form.rows["group"].setVisible(is_grouped)
        whole = self.name.text().strip() and (not is_grouped or self.group.text().strip())
        self.accept_button.setEnabled(bool(whole))


class LookDialog(MessageDialog):
    """Group and colour of a tag."""

    def __init__(self, parent: QWidget, line: TagLine) -> None:
        super().__init__(parent, t("tags.dress"), t("tags.dress_text"), accept=t("tags.dress_keep"))
        self.setObjectName("tag_look")
        form = Form(self)
        self.group = ImeAwareLineEdit(line.group_name, parent=self)
        self.group.setObjectName("tag_group")
        self.colour = Choice(name="tags.colour", parent=self)
        self.colour.setObjectName("tag_colour")
        self.colour.set_options({each: t(f"tags.colour_{each or 'plain'}") for each in COLOURS})
        self.colour.set_value(line.colour)
        self.chip = StateChip(parent=self)
        form.add_row("group", "tags.group", self.group)
        form.add_row("colour", "tags.colour", self.colour)
        self.body.insertWidget(2, form)
        self.body.insertWidget(3, self.chip)
        self._name = plain.one_line(line.name)
        self.colour.chosen.connect(lambda _colour: self._follow())
        self._follow()

    def _follow(self) -> None:
        self.chip.show_state(self._name, str(self.colour.value()) or "primary")


class OtherTagDialog(MessageDialog):
    """Which tag another one becomes part of."""

    def __init__(self, parent: QWidget, line: TagLine, others: Mapping[int, str], first: int) -> None:
        name = plain.one_line(line.name)
        super().__init__(parent, t("tags.merge"), t("tags.merge_text", tag=name), accept=t("tags.merge_do"))
        self.setObjectName("tag_merge")
        self.other = Choice(name="tags.merge_into", parent=self)
        self.other.setObjectName("merge_into")
        self.other.set_options({tag_id: plain.one_line(other) for tag_id, other in others.items()})
        self.other.set_value(first)
        form = Form(self)
        form.add_row("other", "tags.merge_into", self.other)
        self.body.insertWidget(2, form)


class TagRuleDialog(SegmentDialog):
    """The rule that puts a tag on, written like the rule of an audience."""

    def __init__(
        self,
        parent: QWidget,
        line: TagLine,
        rule: Rule | None,
        names: Names,
        segments: SegmentService,
        own: OwnTagService,
        scope: TaskScope,
    ) -> None:
        self._own, self._tag_id = own, line.tag_id
        title = t("tags.rule_title", tag=plain.one_line(line.name))
        start = rule or AllOf((Said(t("tags.rule_word")),))
        super().__init__(
            parent, SegmentDraft(line.name, start), names, segments, scope, uid=None, title=title
        )
        self.setObjectName("tag_rule")
        self.name_row.hide()

    async def keep(self) -> str:
        """Put the rule in force."""
        await self._own.set_rule(self._tag_id, self.rule())
        return ""

    def show_problem(self, text: str) -> None:
        """Say why it was not saved."""
        self.reason.setText(text)
        self.reason.show()
