"""One fan's place opened: the parts of the score, and the events each part counts."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop.domain.rankings import PARTS, Board, PartRule, PartScore
from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.services.rankings import Explanation, ScoreEvent
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.panels import SidePanel
from desktop.views.widgets.texts import PlainLabel

WIDTH = 460
SHOWN = 30


class ExplainPanel(SidePanel):
    """`fan_asked(fan_id)` leads to the fan's own drawer."""

    fan_asked = Signal(int)

    def __init__(self, host: QWidget, formats: Formats) -> None:
        super().__init__(host, width=WIDTH)
        self.setObjectName("explain_panel")
        self._formats = formats
        self._shown: tuple[Explanation, dict[str, PartRule]] | None = None
        self.summary = PlainLabel("", "strong", wrap=True, parent=self)
        self.window_line = PlainLabel("", "muted", wrap=True, parent=self)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.window_line)
        self._sections = QVBoxLayout()
        self._sections.setSpacing(12)
        self.body.addLayout(self._sections)
        self.body.addStretch(1)
        self.sections: list[QWidget] = []
        self.foot.addWidget(Button("rank.see_fan", icon="user-round", on_click=self._ask_fan, parent=self))
        self.foot.addStretch(1)

    def show_explanation(self, found: Explanation, weights: dict[str, PartRule]) -> None:
        """Show it and open."""
        self._shown = (found, weights)
        self.show_texts()
        self.open_panel(found.name)
        self._scroll.verticalScrollBar().setValue(0)

    def show_texts(self) -> None:
        """Say it in the present language."""
        if self._shown is None:
            return
        found, weights = self._shown
        self.summary.setText(self._summary(found))
        window = found.window
        self.window_line.setText(
            t(
                "rank.window",
                first=self._formats.day(window.from_ms),
                last=self._formats.day(window.to_ms - 1),
            )
        )
        for old in self.sections:
            self._sections.removeWidget(old)
            old.hide()
            old.deleteLater()
        if found.board is Board.SUPER:
            self.sections = [self._events(found.events.get("spend", ()), self)]
        else:
            self.sections = [
                self._part(part, found.parts[part], weights[part], found.events.get(part, ()))
                for part in PARTS
            ]
        for section in self.sections:
            self._sections.addWidget(section)

    def _summary(self, found: Explanation) -> str:
        if found.rank is None or found.score is None:
            return t("rank.explain_none")
        if found.board is Board.KOC:
            return t("rank.explain_koc", rank=found.rank, score=f"{found.score:.1f}")
        money = self._formats.money(round(found.score))
        return t("rank.explain_super", rank=found.rank, money=money, n=len(found.events["spend"]))

    # -- sections

    def _part(self, part: str, score: PartScore, rule: PartRule, events: tuple[ScoreEvent, ...]) -> QWidget:
        frame = QFrame(self)
        frame.setProperty("surface", "inset")
        column = QVBoxLayout(frame)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        head = QHBoxLayout()
        name = t(f"koc_part.{part}")
        head.addWidget(PlainLabel(name, "strong", parent=frame))
        head.addStretch(1)
        column.addLayout(head)
        if score.points is None:
            head.addWidget(PlainLabel(t("rank.no_data"), "muted", parent=frame))
            column.addWidget(PlainLabel(t("rank.no_data_hint"), "muted", wrap=True, parent=frame))
            return frame
        points = t("rank.part_points", points=f"{score.points:.0f}")
        head.addWidget(PlainLabel(points, "strong", parent=frame))
        bar = QProgressBar(frame)
        bar.setTextVisible(False)
        bar.setValue(round(score.points))
        bar.setAccessibleName(f"{name}: {points}")
        column.addWidget(bar)
        counted = t("rank.part_counted", counted=score.counted, weight=rule.weight)
        column.addWidget(PlainLabel(counted, "muted", parent=frame))
        column.addWidget(self._events(events, frame))
        return frame

    def _events(self, events: tuple[ScoreEvent, ...], parent: QWidget) -> QWidget:
        box = QWidget(parent)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        newest = list(reversed(events))
        for event in newest[:SHOWN]:
            column.addWidget(self._event(event, box))
        if not newest:
            column.addWidget(PlainLabel(t("rank.part_no_events"), "muted", parent=box))
        if len(newest) > SHOWN:
            rest = t("rank.part_more", n=len(newest) - SHOWN)
            column.addWidget(PlainLabel(rest, "muted", parent=box))
        return box

    def _event(self, event: ScoreEvent, parent: QWidget) -> QWidget:
        line = QWidget(parent)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(PlainLabel(self._formats.moment(event.at), "muted", parent=line))
        name = t("rank.event_order") if event.kind == "order" else label("interaction", event.kind)
        words = plain.one_line(f"{name} {event.detail}".strip())
        row.addWidget(PlainLabel(words, elide=True, parent=line), 1)
        if event.cents is not None:
            row.addWidget(PlainLabel(self._formats.money(event.cents), parent=line))
        if event.counted != event.amount:
            key = "rank.event_capped" if event.counted else "rank.event_over"
            capped = t(key, amount=event.amount, counted=event.counted)
            row.addWidget(PlainLabel(capped, "muted", parent=line))
        elif event.cents is None:
            row.addWidget(PlainLabel(t("rank.event_counted", counted=event.counted), "muted", parent=line))
        return line

    def _ask_fan(self) -> None:
        if self._shown is not None:
            self.fan_asked.emit(self._shown[0].fan_id)
