"""Which fans to show: words, tier, tag, order; and lists that other pages hand over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.clock import Clock
from desktop.domain.fans import FanFilter, FanSort, Tier
from desktop.domain.groups import GroupRow
from desktop.qtkit import plain
from desktop.qtkit.i18n import label, t
from desktop.services.fans import TagRow
from desktop.views.fans.more_filters import MoreFilters
from desktop.views.fans.tag_choice import TagChoice
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.panels import FilterBar

SORT_CHOICES = (
    FanSort.SPEND, FanSort.ORDERS, FanSort.LAST_ORDER, FanSort.LAST_TOUCH, FanSort.INTERACTIONS,
    FanSort.FIRST_SEEN, FanSort.NAME, FanSort.TIER,
)  # fmt: skip
LONGEST_TAG = 12  # signs of a tag's name in the list of choices


class FanFilters(QWidget):
    """`changed()` when other fans are wanted; `sorted(FanSort)` when only their order changes."""

    changed = Signal()
    sort_chosen = Signal(object)

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wanted = FanFilter()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.bar = FilterBar("fans.search", parent=self)
        self.bar.search.setObjectName("fan_search")
        self.bar.search.setMinimumWidth(240)
        self.bar.search.setMaximumWidth(420)
        self.bar.searched.connect(lambda text: self._set(search=text))
        self.bar.cleared.connect(self.clear)
        self.tag = Choice(name="fans.filter.tag", parent=self)
        self.tag.setObjectName("fan_tag")
        self.tag.chosen.connect(self._on_tag)
        self.sort = Choice(name="fans.filter.sort", parent=self)
        self.sort.setObjectName("fan_sort")
        self.sort.chosen.connect(self.sort_chosen)
        self.tags = TagChoice(self)
        self.tags.setObjectName("fan_tags")
        self.tags.chosen.connect(lambda ids, match: self._set(tags=ids, match=match))
        self.more = MoreFilters(clock, self.tags, self)
        self.more.changed.connect(self._take)
        self.more_button = Button(
            "fans.filter.more", icon="list-filter", on_click=self._toggle_more, parent=self
        )
        self.more_button.setObjectName("more_filters")
        self.more_button.setCheckable(True)
        self.bar.add_filter(self.tag)
        self.bar.add_filter(self.sort)
        self.bar.add_tool(self.more_button)
        column.addWidget(self.bar)
        column.addWidget(self.more)
        self.tiers = QWidget(self)
        self._row = QHBoxLayout(self.tiers)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._buttons: dict[Tier | None, Button] = {}
        self._build_tiers()

    def _build_tiers(self) -> None:
        group = QButtonGroup(self)
        for tier in (None, *reversed(Tier)):
            button = Button(text="", compact=True, parent=self.tiers)
            button.setText(t("fans.all_tiers") if tier is None else label("tier", tier))
            button.setCheckable(True)
            button.setChecked(tier is None)
            button.setObjectName(f"tier_{tier or 'all'}")
            button.clicked.connect(lambda _on=False, tier=tier: self._on_tier(tier))
            group.addButton(button)
            self._buttons[tier] = button
            self._row.addWidget(button)
        self._special = Chip("", "info", parent=self.tiers)
        self._drop_special = IconButton(
            "x", "kit.filters_clear", size=14, on_click=self.clear, parent=self.tiers
        )
        self._drop_special.setFixedSize(26, 26)
        self._row.addSpacing(8)
        self._row.addWidget(self._special)
        self._row.addWidget(self._drop_special)
        self._row.addStretch(1)
        self._show_special("")

    def add_to_line(self, widget: QWidget) -> None:
        """Put something at the right end of the line of tiers."""
        self._row.addWidget(widget)

    # -- showing

    def show_choices(
        self,
        counts: Mapping[Tier, int],
        tags: Sequence[TagRow],
        groups: Sequence[GroupRow],
        segments: Mapping[str, str],
        sort: FanSort,
    ) -> None:
        """Name the choices in the present language, with how many fans each has."""
        for tier, button in self._buttons.items():
            name = t("fans.all_tiers") if tier is None else label("tier", tier)
            count = sum(counts.values()) if tier is None else counts[tier]
            button.setText(f"{name} {count:,}")
        chosen = self.wanted.tags[0] if self.wanted.tags else 0
        options: dict[object, str] = {0: t("fans.any_tag")}
        for tag in tags:
            if tag.fans or tag.tag_id == chosen:
                options[tag.tag_id] = t("fans.tag_count", name=_short(tag.name), n=f"{tag.fans:,}")
        self.tag.set_options(options)
        self.tag.set_value(chosen)
        self.tags.show_tags(tags, self.wanted.tags, self.wanted.match)
        self.more.show_choices(groups, segments, self.wanted)
        if self.more.is_active and not self.more_button.isChecked():
            self.more_button.setChecked(True)
            self.more.show()
        self.sort.set_options({each: label("fan_sort", each) for each in SORT_CHOICES})
        self.sort.set_value(sort)

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered."""
        return self.wanted != FanFilter()

    # -- choosing

    def show_only(
        self, fan_ids: Sequence[int] | None, wanted: FanFilter, text: str, *, quietly: bool = False
    ) -> None:
        """Show just these fans, or those of a filter another page asked for, named by `text`."""
        self.bar.search.set_text(wanted.search)
        self.wanted = wanted if fan_ids is None else replace(wanted, only=frozenset(fan_ids))
        self._buttons[wanted.tiers[0] if wanted.tiers else None].setChecked(True)
        self.more.follow(self.wanted)
        self._show_special(text)
        self.bar.set_active(self.is_active)
        if not quietly:
            self.changed.emit()

    def clear(self) -> None:
        """Everyone again."""
        if self.is_active:
            self.show_only(None, FanFilter(), "")

    def _show_special(self, text: str) -> None:
        self._special.setText(text)
        self._special.setVisible(bool(text))
        self._drop_special.setVisible(bool(text))

    def _on_tier(self, tier: Tier | None) -> None:
        self._set(tiers=() if tier is None else (tier,))

    def _on_tag(self, value: object) -> None:
        self._set(tags=(value,) if isinstance(value, int) and value else ())

    def _toggle_more(self) -> None:
        self.more.setVisible(self.more_button.isChecked())

    def _set(self, **parts: object) -> None:
        self._take(replace(self.wanted, **parts))  # type: ignore[arg-type]

    def _take(self, wanted: FanFilter) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self.more.follow(wanted)
            self.bar.set_active(self.is_active)
            self.changed.emit()


def _short(name: str) -> str:
    line = plain.one_line(name)
    return line if plain.length(line) <= LONGEST_TAG else line[: LONGEST_TAG - 1] + "…"
