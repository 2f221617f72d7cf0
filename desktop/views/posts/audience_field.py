"""Who a post is for: everyone, tiers and tags, or a saved audience; with a count and who is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QRadioButton, QVBoxLayout, QWidget

from desktop.domain.audience import Audience
from desktop.domain.fans import Tier
from desktop.domain.recipients import AudienceCount
from desktop.qtkit import plain
from desktop.qtkit.i18n import label, languages, t
from desktop.views.composing.phrases import joined
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.texts import PlainLabel, say

REASONS = ("over_quota", "suppressed", "refused", "unreachable", "already_reached")
TAGS_SHOWN = 200


class AudienceField(QWidget):
    """`edited()` follows the operator; `value()` is the rule as chosen."""

    edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._tags: list[int] = []
        self._names: dict[int, str] = {}
        self._count: AudienceCount | None = None
        self._is_moment = False
        self._build_choice()
        self._build_rules()
        self.reached = PlainLabel("", "strong", parent=self)
        self.reached.setObjectName("reached")
        self.left_out = PlainLabel("", "muted", wrap=True, parent=self)
        self.left_out.setObjectName("left_out")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._first)
        column.addWidget(self._rules)
        column.addWidget(self.no_segments)
        column.addWidget(self.left_out)
        languages.changed.connect(self._say_again)
        self._show_rules()

    def _build_choice(self) -> None:
        self.everyone = QRadioButton(self)
        self.everyone.setObjectName("everyone")
        self.some = QRadioButton(self)
        self.some.setObjectName("some")
        say(self.everyone, "composing.everyone")
        say(self.some, "composing.some")
        self.saved = QRadioButton(self)
        self.saved.setObjectName("saved")
        say(self.saved, "composing.saved_audience")
        self.segment = Choice(name="composing.pick_audience", parent=self)
        self.segment.setObjectName("segment")
        self.segment.setMaximumWidth(320)
        self.segment.chosen.connect(lambda _value: self._on_edit())
        self.no_segments = PlainLabel("", "hint", key="composing.no_audiences", wrap=True, parent=self)
        group = QButtonGroup(self)
        group.addButton(self.everyone)
        group.addButton(self.some)
        group.addButton(self.saved)
        self.some.setChecked(True)
        group.buttonClicked.connect(lambda _button: self._on_choice())
        self._segments: dict[str, str] = {}
        self._wanted = ""
        self._first = QVBoxLayout()
        self._first.setSpacing(8)
        for widgets in ((self.everyone, self.some), (self.saved, self.segment)):
            line = QHBoxLayout()
            line.setSpacing(20)
            for widget in widgets:
                line.addWidget(widget)
            line.addStretch()
            self._first.addLayout(line)

    def _build_rules(self) -> None:
        self._rules = QWidget(self)
        rows = QVBoxLayout(self._rules)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        self._tier_row = QWidget(self._rules)
        tiers = QHBoxLayout(self._tier_row)
        tiers.setContentsMargins(0, 0, 0, 0)
        tiers.setSpacing(8)
        self.tiers: dict[Tier, Button] = {}
        for tier in reversed(Tier):
            button = Button(f"tier.{tier.value}", compact=True, parent=self._rules)
            button.setObjectName(f"tier_{tier.value}")
            button.setCheckable(True)
            button.toggled.connect(self._on_edit)
            self.tiers[tier] = button
            tiers.addWidget(button)
        tiers.addStretch()
        self._tag_row = QHBoxLayout()
        self._tag_row.setSpacing(8)
        self.tag_button = Button("composing.add_tag", icon="tag", compact=True, parent=self._rules)
        self.tag_button.setObjectName("add_tag")
        self.tag_button.clicked.connect(self._open_tags)
        self.match = Choice(name="composing.match", parent=self._rules)
        self.match.setObjectName("match")
        self.match.chosen.connect(lambda _value: self._on_edit())
        self._chips: list[Button] = []
        self._tag_row.addWidget(self.tag_button)
        self._tag_row.addWidget(self.match)
        self._tag_row.addStretch()
        rows.addWidget(self._tier_row)
        rows.addLayout(self._tag_row)
        self._say_match()

    # -- value

    def value(self) -> Audience:
        """The rule."""
        if self.everyone.isChecked():
            return Audience(everyone=True)
        if self.saved.isChecked():
            return Audience(segment=str(self.segment.value() or self._wanted))
        tiers = tuple(tier for tier in Tier if self.tiers[tier].isChecked())
        return Audience(tiers=tiers, tags=tuple(self._tags), match=str(self.match.value() or "any"))

    def set_value(self, audience: Audience) -> None:
        """Show a rule, without telling it as an edit."""
        self.blockSignals(True)
        chosen = self.everyone if audience.everyone else self.saved if audience.segment else self.some
        chosen.setChecked(True)
        self._wanted = audience.segment
        self._show_segments()
        for tier, button in self.tiers.items():
            button.setChecked(tier in audience.tiers)
        self._tags = list(audience.tags)
        self.match.set_value(audience.match)
        self._show_chips()
        self._show_rules()
        self.blockSignals(False)

    def set_moment(self, is_moment: bool) -> None:
        """A moment is shown by tags of the platform only: tiers are put away, and the words change."""
        if is_moment == self._is_moment:
            return
        self._is_moment = is_moment
        if is_moment:
            for button in self.tiers.values():
                button.setChecked(False)
            self.match.set_value("any")
            if self.saved.isChecked():
                self.some.setChecked(True)
                self._show_rules()
        self.saved.setVisible(not is_moment)
        self._tier_row.setVisible(not is_moment)
        say(self.some, "composing.some_tags" if is_moment else "composing.some")
        self._show_chips()
        self.show_count(self._count)

    def set_tags(self, tags: Sequence[tuple[int, str]]) -> None:
        """The tags there are, with their names."""
        self._names = dict(tags)
        self._show_chips()

    def set_segments(self, segments: Mapping[str, str]) -> None:
        """The saved audiences there are, names by uid."""
        self._segments = dict(segments)
        self._show_segments()

    def show_count(self, count: AudienceCount | None) -> None:
        """How the rule splits; None while nobody is named or it is being counted."""
        self._count = count
        if count is None:
            self.reached.setText("")
            self.left_out.setText("")
            self.left_out.hide()
            return
        if self._is_moment:
            can_see = count.total - count.unreachable
            self.reached.setText(t("composing.can_see", n=f"{can_see:,}"))
            self.left_out.hide()
            return
        self.reached.setText(t("composing.reached", n=f"{count.reachable:,}", total=f"{count.total:,}"))
        reasons = [
            t(f"composing.left_{reason}", n=f"{getattr(count, reason):,}")
            for reason in REASONS
            if getattr(count, reason)
        ]
        self.left_out.setText(t("composing.left_out", reasons=joined(reasons)))
        self.left_out.setVisible(bool(reasons))

    # -- changes

    def _on_choice(self) -> None:
        self._show_rules()
        self._on_edit()

    def _on_edit(self) -> None:
        self.edited.emit()

    def _show_rules(self) -> None:
        self._rules.setVisible(self.some.isChecked())
        is_saved, any_there = self.saved.isChecked(), self.segment.count() > 0
        self.segment.setVisible(is_saved and any_there)
        self.no_segments.setVisible(is_saved and not any_there)

    def _show_segments(self) -> None:
        chosen = self._wanted or self.segment.value()
        options: dict[object, str] = {}
        options.update(self._segments.items())
        if isinstance(chosen, str) and chosen and chosen not in options:
            options[chosen] = t("audience.gone")
        self.segment.set_options(options)
        self.segment.set_value(chosen)
        self._wanted = ""
        self._show_rules()

    def _show_chips(self) -> None:
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for at, tag in enumerate(self._tags):
            chip = Button(
                text=plain.one_line(self._names.get(tag, f"#{tag}"))[:20],
                icon="x",
                compact=True,
                on_click=partial(self._toggle, tag),
                parent=self._rules,
            )
            chip.setAccessibleName(t("composing.remove_tag", name=chip.text()))
            self._tag_row.insertWidget(at, chip)
            self._chips.append(chip)
        self.match.setVisible(len(self._tags) > 1 and not self._is_moment)

    def _open_tags(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for tag, name in list(self._names.items())[:TAGS_SHOWN]:
            action = menu.addAction(plain.one_line(name).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(tag in self._tags)
            action.triggered.connect(partial(self._toggle, tag))
        if not self._names:
            menu.addAction(t("composing.no_tags")).setEnabled(False)
        menu.popup(self.tag_button.mapToGlobal(QPoint(0, self.tag_button.height() + 2)))

    def _toggle(self, tag: int, *_checked: bool) -> None:
        if tag in self._tags:
            self._tags.remove(tag)
        else:
            self._tags.append(tag)
        self._show_chips()
        self._on_edit()

    def _say_match(self) -> None:
        self.match.set_options({"any": t("composing.match_any"), "all": t("composing.match_all")})

    def _say_again(self) -> None:
        self._say_match()
        self._show_segments()
        self._show_chips()
        self.show_count(self._count)


def audience_words(audience: Audience, names: Mapping[int, str], segments: Mapping[str, str]) -> str:
    """The rule in a few words, for a list."""
    if audience.everyone:
        return t("audience.everyone")
    if audience.segment:
        return segments.get(audience.segment, t("audience.gone"))
    if audience.is_empty:
        return t("audience.nobody")
    words = [label("tier", tier.value) for tier in audience.tiers]
    words += [names.get(tag, f"#{tag}") for tag in audience.tags]
    return joined(words)
