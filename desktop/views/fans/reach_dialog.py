"""How one person may be reached: the do-not-contact list, their age, and what they said, word by word."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QGridLayout, QListWidget, QWidget

from desktop.domain.consents import Channel, Consent, ConsentDraft, Purpose, ReachChange, Said, Standing
from desktop.qtkit import dialogs, plain
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import Choice, DateTimeField, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.texts import PlainLabel, say

NOTHING = "nothing"
LIST_HEIGHT = 60


class ReachDialog(MessageDialog):
    """`change()` is what was changed, `proof_file` the file behind the new word, where one was chosen."""

    def __init__(
        self,
        parent: QWidget,
        name: str,
        standing: Standing,
        formats: Formats,
        scope: TaskScope,
        now_ms: int,
    ) -> None:
        title = t("fans.reach.title", name=plain.one_line(name))
        super().__init__(parent, title, t("fans.reach.about"), accept=t("fans.reach.save"))
        self.setObjectName("reach_dialog")
        self.setMinimumWidth(current().px(560))
        self._standing, self._formats, self._scope = standing, formats, scope
        self.proof_file: Path | None = None
        self.shut = {channel: self._box(f"fans.reach.shut_{channel.name.lower()}") for channel in Channel}
        for channel, box in self.shut.items():
            box.setObjectName(f"shut_{channel.name.lower()}")
            box.setChecked(channel.value in standing.shut)
        self.under_14 = self._box("fans.reach.under_14")
        self.under_14.setObjectName("under_14")
        self.under_14.setChecked(standing.is_under_14)
        lists = QWidget(self)
        grid = QGridLayout(lists)
        grid.setContentsMargins(0, 0, 0, 0)
        for at, box in enumerate(self.shut.values()):
            grid.addWidget(box, at // 3, at % 3)
        parts: list[QWidget] = [
            PlainLabel(kind="strong", key="fans.reach.quiet", parent=self),
            lists,
            self.under_14,
            PlainLabel(kind="strong", key="fans.reach.said", parent=self),
            self._words(),
            PlainLabel(kind="strong", key="fans.reach.new", parent=self),
            self._form(now_ms),
        ]
        if standing.waiting:
            n = len(standing.waiting)
            parts.insert(0, PlainLabel(t("fans.reach.waiting", n=n), "hint", wrap=True, parent=self))
        for at, part in enumerate(parts):
            self.body.insertWidget(2 + at, part)
        self._follow()

    def change(self) -> ReachChange:
        """Everything that differs from how it stood."""
        shut = {
            channel: box.isChecked()
            for channel, box in self.shut.items()
            if box.isChecked() != (channel.value in self._standing.shut)
        }
        is_under = self.under_14.isChecked()
        return ReachChange(
            self._draft(), shut, None if is_under == self._standing.is_under_14 else is_under
        )

    def _draft(self) -> ConsentDraft | None:
        if self.said.value() == NOTHING:
            return None
        return ConsentDraft(
            Purpose(str(self.purpose.value())),
            Said(str(self.said.value())),
            self.at.ms(),
            Channel(str(self.channel.value())),
            self.source.text(),
            self.wording.text(),
            self.proof.text(),
        )

    def _box(self, key: str) -> QCheckBox:
        box = QCheckBox(self)
        say(box, key)
        return box

    def _words(self) -> QWidget:
        if not self._standing.consents:
            return PlainLabel(kind="muted", key="fans.reach.nothing_said", parent=self)
        self.words = QListWidget(self)
        self.words.setObjectName("words")
        self.words.setFixedHeight(current().px(LIST_HEIGHT))
        say(self.words, "fans.reach.said", role="name")
        for one in self._standing.consents:
            self.words.addItem(plain.one_line(self._line(one)))
        return self.words

    def _line(self, one: Consent) -> str:
        draft = one.draft
        line = t(
            "fans.reach.word",
            day=self._formats.day(draft.at),
            purpose=label("consent_purpose", draft.purpose),
            channel=t(f"fans.reach.channel_{draft.channel.name.lower()}"),
            said=label("consent_said", draft.said),
        )
        told = " · ".join(text for text in (draft.source, draft.wording, draft.proof) if text)
        line = f"{line}  {told}" if told else line
        return line if one.is_latest else t("fans.reach.old_word", word=line)

    def _form(self, now_ms: int) -> Form:
        self.form = Form(self)
        self.said = Choice(name="fans.reach.field_said", parent=self)
        self.said.setObjectName("said")
        self.said.set_options(
            {NOTHING: t("fans.reach.no_word"), **{said.value: label("consent_said", said) for said in Said}}
        )
        self.said.chosen.connect(lambda _value: self._follow())
        self.purpose = Choice(name="fans.reach.field_purpose", parent=self)
        self.purpose.setObjectName("purpose")
        self.purpose.set_options({one.value: label("consent_purpose", one) for one in Purpose})
        self.channel = Choice(name="fans.reach.field_channel", parent=self)
        self.channel.setObjectName("channel")
        self.channel.set_options(
            {one.value: t(f"fans.reach.channel_{one.name.lower()}") for one in Channel}
        )
        self.at = DateTimeField(self._formats.zone, name="fans.reach.field_at", parent=self)
        self.at.set_ms(now_ms)
        self.source = ImeAwareLineEdit(placeholder="fans.reach.source_hint", parent=self)
        self.source.setObjectName("source")
        self.wording = ImeAwareLineEdit(placeholder="fans.reach.wording_hint", parent=self)
        self.wording.setObjectName("wording")
        self.proof = ImeAwareLineEdit(placeholder="fans.reach.proof_hint", parent=self)
        self.proof.setObjectName("proof")
        choose = Button("fans.reach.choose_proof", kind="link", on_click=self._choose, parent=self)
        self.form.add_rows(
            ("said", "fans.reach.field_said", self.said),
            ("purpose", "fans.reach.field_purpose", self.purpose),
            ("channel", "fans.reach.field_channel", self.channel),
        )
        self.form.add_rows(
            ("at", "fans.reach.field_at", self.at), ("source", "fans.reach.field_source", self.source)
        )
        self.form.add_row("wording", "fans.reach.field_wording", self.wording)
        self.form.add_row("proof", "fans.reach.field_proof", self.proof, tool=choose)
        return self.form

    def _follow(self) -> None:
        has_word = self.said.value() != NOTHING
        for row in ("purpose", "channel", "at", "source", "wording", "proof"):
            self.form.rows[row].setVisible(has_word)
        self.resize(self.width(), self.body.totalHeightForWidth(self.width()))

    def _choose(self) -> None:
        self._scope.spawn(self._ask_file(), name="fans.proof")

    async def _ask_file(self) -> None:
        found = await dialogs.choose_file(self, t("fans.reach.choose_proof"))
        if found is not None:
            self.proof_file = found
            self.proof.set_text(str(found))
