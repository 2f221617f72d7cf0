"""How an article goes out, and sending it ahead: to the account's box of drafts or to one person's phone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from desktop.domain.articles import Way
from desktop.qtkit.i18n import languages, t
from desktop.services.official_account import AccountReach
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.texts import PlainLabel, say


class WayField(QWidget):
    """On the profile only, or to followers (all, or those of a tag) with what is left of the month."""

    edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._reach: AccountReach | None = None
        self._wanted = ""
        group = QButtonGroup(self)
        self.choices: dict[Way, QRadioButton] = {}
        line = QHBoxLayout()
        line.setSpacing(20)
        for way in Way:
            button = QRadioButton(self)
            button.setObjectName(f"way_{way.value}")
            say(button, f"article.way_{way.value}")
            group.addButton(button)
            self.choices[way] = button
            line.addWidget(button)
        self.tag = Choice(name="article.tag", parent=self)
        self.tag.setObjectName("article_tag")
        self.tag.setMaximumWidth(260)
        line.addWidget(self.tag)
        line.addStretch()
        self.reach = PlainLabel("", "muted", wrap=True, parent=self)
        self.reach.setObjectName("article_reach")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(self.reach)
        self.set_value(Way.PUBLISH, "")
        group.buttonClicked.connect(lambda _button: self._on_choice())
        self.tag.chosen.connect(lambda _value: self._on_choice())
        languages.changed.connect(self._say)

    def value(self) -> tuple[Way, str]:
        """The way, and the tag's id at the platform; '' for all."""
        way = next(way for way, button in self.choices.items() if button.isChecked())
        return way, str(self.tag.value() or self._wanted or "") if way is Way.MASS_SEND else ""

    def set_value(self, way: Way, tag: str) -> None:
        """Show a choice, without telling it as an edit."""
        self.choices[way].setChecked(True)
        self._wanted = tag
        self._say()

    def show_reach(self, reach: AccountReach | None) -> None:
        """The account it goes out through: its followers by tag, and what went out this month."""
        self._reach = reach
        self._say()

    def _on_choice(self) -> None:
        self._wanted = str(self.tag.value() or "")
        self._say()
        self.edited.emit()

    def _say(self) -> None:
        way, reach = self.value()[0], self._reach
        self.tag.setVisible(way is Way.MASS_SEND)
        if reach is None:
            self.tag.set_options({"": t("article.all_followers_unknown")})
            self.reach.setText("" if way is Way.PUBLISH else t("article.reach_unknown"))
        else:
            options: dict[object, str] = {"": t("article.all_followers", n=f"{reach.followers:,}")}
            for tag in reach.tags:
                options[tag.external_id] = t("article.of_tag", name=tag.name, n=f"{tag.followers:,}")
            if self._wanted and self._wanted not in options:
                options[self._wanted] = t("article.tag_gone")
            self.tag.set_options(options)
            self.tag.set_value(self._wanted)
            self.reach.setText(
                t("article.publish_hint") if way is Way.PUBLISH else self._reach_words(reach)
            )
        self.reach.setVisible(bool(self.reach.text()))

    def _reach_words(self, reach: AccountReach) -> str:
        left = max(0, reach.monthly_most - reach.sent_this_month)
        return t("article.reach", sent=reach.sent_this_month, left=left, most=reach.monthly_most)


class AheadField(QWidget):
    """Two steps before anything goes out. `box_asked()`, `preview_asked()`; `show_known(words)` tells of them."""

    box_asked = Signal()
    preview_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.box = Button("article.to_box", icon="inbox", compact=True, parent=self)
        self.box.setObjectName("article_to_box")
        self.box.clicked.connect(self.box_asked)
        self.preview = Button("article.preview", icon="smartphone", compact=True, parent=self)
        self.preview.setObjectName("article_preview")
        self.preview.clicked.connect(self.preview_asked)
        self.known = PlainLabel("", "muted", wrap=True, parent=self)
        self.known.setObjectName("article_known")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.preview)
        line.addWidget(self.box)
        line.addWidget(self.known, 1)

    def show_known(self, lines: Sequence[str]) -> None:
        """What became of earlier steps, already worded."""
        self.known.setText(" ".join(lines))
