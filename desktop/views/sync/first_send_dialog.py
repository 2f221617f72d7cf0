"""What leaves this computer, shown once for each account before anything does: fields, people, where to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.write_kinds.wecom import (
    CUSTOMER_REMARK,
    CUSTOMER_TAGS,
    KF_MESSAGE,
    MASS_SEND_CUSTOMERS,
    MASS_SEND_GROUPS,
    MOMENT,
)
from desktop.domain.writes import KINDS
from desktop.qtkit.i18n import label, t
from desktop.qtkit.theme import current
from desktop.services.first_send import FirstSend
from desktop.views.sync.doors.table import DOORS
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import IconLabel, PlainLabel, say

WIDTH = 600
TEXT_SHOWN = 120
NAMES_CUSTOMERS = frozenset({MASS_SEND_CUSTOMERS, CUSTOMER_REMARK, CUSTOMER_TAGS, KF_MESSAGE})
NAMES_STAFF = frozenset({MASS_SEND_CUSTOMERS, MASS_SEND_GROUPS, MOMENT, CUSTOMER_REMARK, CUSTOMER_TAGS})


def leaving_fields(first: FirstSend) -> Sequence[str]:
    """Which fields go out, as the last part of wording keys, in the order they are read."""
    kinds = set(first.kinds)
    found = ["sign_in"]
    if kinds & NAMES_STAFF:
        found.append("staff")
    if first.people or kinds & NAMES_CUSTOMERS:
        found.append("customers")
    if first.groups or MASS_SEND_GROUPS in kinds:
        found.append("groups")
    if first.texts:
        found.append("text")
    if first.pictures:
        found.append("pictures")
    if any(not KINDS[kind].reaches_people and not KINDS[kind].answers_people for kind in kinds):
        found.append("settings")
    return found


def _joined(parts: Sequence[str]) -> str:
    return reduce(lambda a, b: t("first_send.and", a=a, b=b), parts)


class FirstSendDialog(QDialog):
    """Accepted when the owner agrees that this leaves."""

    def __init__(self, first: FirstSend, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("first_send")
        say(self, "first_send.title", role="title")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 20)
        whole.setSpacing(14)
        whole.addWidget(PlainLabel(kind="h2", key="first_send.title", wrap=True, parent=self))
        intro = PlainLabel(
            t("first_send.intro", account=first.account.name), "secondary", wrap=True, parent=self
        )
        whole.addWidget(intro)
        whole.addWidget(self._facts(first))
        whole.addWidget(self._leaving(first))
        whole.addWidget(self._staying())
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(PlainLabel(kind="hint", key="first_send.once", wrap=True, parent=self), 1)
        self.later = Button("first_send.later", on_click=self.reject, parent=self)
        self.later.setObjectName("later")
        self.agree = changes(
            Button(
                "first_send.agree", kind="primary", icon="shield-check", on_click=self.accept, parent=self
            )
        )
        self.agree.setObjectName("agree")
        foot.addWidget(self.later)
        foot.addWidget(self.agree)
        whole.addLayout(foot)
        width = current().px(WIDTH)
        whole.activate()  # wrapped texts need their width before they tell their height
        self.setFixedSize(width, whole.totalHeightForWidth(width))

    def _facts(self, first: FirstSend) -> QWidget:
        said = [
            t("first_send.kind", kind=label("write_kind", kind), n=n) for kind, n in first.kinds.items()
        ]
        kinds = _joined(said) if said else ""
        people = [t("first_send.people", n=f"{first.people:,}")] if first.people else []
        people += [t("first_send.groups", n=f"{first.groups:,}")] if first.groups else []
        lines = [("host", first.host), ("what", kinds or t("first_send.nothing_yet"))]
        if people:
            lines.append(("whom", _joined(people)))
        return _grid(self, [(t(f"first_send.{name}"), text, f"first_send_{name}") for name, text in lines])

    def _leaving(self, first: FirstSend) -> QWidget:
        frame, column = _box(self, "upload", "first_send.leaves", "warn")
        platform = first.account.platform
        door = DOORS.get(platform)
        asked = [t(door.key(field.name)) for field in door.fields] if door else []
        said_of = {"platform": label("sync_platform", platform), "fields": _joined(asked) if asked else "–"}
        for name in leaving_fields(first):
            column.addWidget(PlainLabel(t(f"first_send.field_{name}", **said_of), wrap=True, parent=frame))
        for said in first.texts:
            short = " ".join(said.split())
            short = short if len(short) <= TEXT_SHOWN else short[: TEXT_SHOWN - 1] + "…"
            column.addWidget(
                PlainLabel(t("first_send.quote", text=short), "muted", wrap=True, parent=frame)
            )
        if first.pictures:
            text = t("first_send.pictures", n=first.pictures)
            column.addWidget(PlainLabel(text, "muted", wrap=True, parent=frame))
        frame.setObjectName("leaves")
        return frame

    def _staying(self) -> QWidget:
        frame, column = _box(self, "lock", "first_send.stays", "good")
        column.addWidget(PlainLabel(key="first_send.stays_text", wrap=True, parent=frame))
        frame.setObjectName("stays")
        return frame


def _box(parent: QWidget, icon: str, title: str, tone: str) -> tuple[QFrame, QVBoxLayout]:
    frame = QFrame(parent)
    frame.setProperty("surface", "inset")
    row = QHBoxLayout(frame)
    row.setContentsMargins(14, 12, 14, 12)
    row.setSpacing(10)
    row.addWidget(IconLabel(icon, tone, 18, parent=frame), 0, Qt.AlignmentFlag.AlignTop)
    column = QVBoxLayout()
    column.setSpacing(4)
    column.addWidget(PlainLabel(kind="strong", key=title, wrap=True, parent=frame))
    row.addLayout(column, 1)
    return frame, column


def _grid(parent: QWidget, lines: Sequence[tuple[str, str, str]]) -> QWidget:
    box = QWidget(parent)
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    for row, (name, text, object_name) in enumerate(lines):
        grid.addWidget(PlainLabel(name, "muted", parent=box), row, 0, Qt.AlignmentFlag.AlignTop)
        value = PlainLabel(text, "strong", wrap=True, selectable=True, parent=box)
        value.setObjectName(object_name)
        grid.addWidget(value, row, 1)
    return box
