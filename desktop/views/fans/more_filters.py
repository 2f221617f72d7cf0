"""The directory's further filters, beside one that is given: platform, source, consent, spend, group, audience …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.domain.clock import Clock
from desktop.domain.fans import PLATFORMS, FanFilter
from desktop.domain.groups import GroupRow
from desktop.domain.periods import DAY_MS
from desktop.qtkit import plain
from desktop.qtkit.i18n import label, t
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.flow import FlowLayout

SOURCES = ("sync", "import", "operator")
CONSENTS = ("agreed", "refused", "unknown")
BANDS = ((None, None), (0, 1), (1, 10_000), (10_000, 100_000), (100_000, 400_000), (400_000, None))  # cents
DAYS = (30, 90, 180, 365)
LONGEST = 12


class MoreFilters(QWidget):
    """`changed(FanFilter)` with the parts this line is for, the others as they were."""

    changed = Signal(object)

    def __init__(self, clock: Clock, first: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._wanted = FanFilter()
        self._lately = ""
        row = FlowLayout(self, gap=8)
        row.addWidget(first)
        self.fields: dict[str, Choice] = {}
        for key in ("platform", "source", "consent", "spend", "last_order", "group", "segment", "contact"):
            field = Choice(name=f"fans.filter.{key}", parent=self)
            field.setObjectName(f"filter_{key}")
            field.chosen.connect(lambda value, key=key: self._on_chosen(key, str(value)))
            self.fields[key] = field
            row.addWidget(field)
        self.hide()

    def show_choices(
        self, groups: Sequence[GroupRow], segments: Mapping[str, str], wanted: FanFilter
    ) -> None:
        """Name the choices in the present language; the filter's own are chosen."""
        self._wanted = wanted
        texts = {
            "platform": {each: label("fans.platform", each) for each in PLATFORMS},
            "source": {each: t(f"fans.source.{each}") for each in SOURCES},
            "consent": {each: label("marketing", each) for each in CONSENTS},
            "spend": {str(at): t(f"fans.band.{at}") for at in range(1, len(BANDS))},
            "last_order": {
                **{f"in{days}": t("fans.ordered_in", n=days) for days in DAYS},
                **{f"not{days}": t("fans.not_ordered_in", n=days) for days in DAYS},
                "never": t("fans.never_ordered"),
            },
            "group": {str(group.group_id): _short(group.name) for group in groups},
            "segment": {uid: _short(name) for uid, name in segments.items()},
            "contact": {"open": t("fans.contact.open"), "closed": t("fans.contact.closed")},
        }
        for key, field in self.fields.items():
            options: dict[object, str] = {"": t(f"fans.any.{key}")}
            field.set_options(options | dict(texts[key].items()))
            field.set_value(self._value(key))

    def follow(self, wanted: FanFilter) -> None:
        """The filter as other controls have changed it."""
        self._wanted = wanted

    @property
    def is_active(self) -> bool:
        """Whether this line filters anything."""
        return any(field.value() for field in self.fields.values())

    def _value(self, key: str) -> str:
        wanted = self._wanted
        match key:
            case "platform":
                return wanted.platform
            case "source":
                return wanted.source
            case "consent":
                return wanted.marketing
            case "spend":
                band = (wanted.spend_from, wanted.spend_below)
                return str(BANDS.index(band)) if band in BANDS[1:] else ""
            case "last_order":
                if wanted.is_buyer is False:
                    return "never"
                return self._lately if (wanted.ordered_from or wanted.ordered_before) else ""
            case "group":
                return str(wanted.group_id or "")
            case "segment":
                return wanted.segment
        return {None: "", True: "closed", False: "open"}[wanted.is_suppressed]

    def _on_chosen(self, key: str, value: str) -> None:
        wanted = self._wanted
        match key:
            case "platform":
                wanted = replace(wanted, platform=value)
            case "source":
                wanted = replace(wanted, source=value)
            case "consent":
                wanted = replace(wanted, marketing=value)
            case "spend":
                low, high = BANDS[int(value or 0)]
                wanted = replace(wanted, spend_from=low, spend_below=high)
            case "last_order":
                wanted = self._ordered(value)
            case "group":
                wanted = replace(wanted, group_id=int(value) if value else None)
            case "segment":
                at = self._clock.now_ms() if value else None
                wanted = replace(wanted, segment=value, segment_at=at)
            case "contact":
                wanted = replace(wanted, is_suppressed={"": None, "closed": True, "open": False}[value])
        self._wanted = wanted
        self.changed.emit(wanted)

    def _ordered(self, value: str) -> FanFilter:
        self._lately = value
        days = int("".join(ch for ch in value if ch.isdigit()) or 0)
        moment = self._clock.now_ms() - days * DAY_MS
        return replace(
            self._wanted,
            is_buyer=False if value == "never" else None,
            ordered_from=moment if value.startswith("in") else None,
            ordered_before=moment if value.startswith("not") else None,
        )


def _short(name: str) -> str:
    line = plain.one_line(name)
    return line if plain.length(line) <= LONGEST else line[: LONGEST - 1] + "…"
