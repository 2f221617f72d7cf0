"""How an account is, line by line: signed in until when, calls left, what it may not do, whether it may send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.accounts import AccountHealth, CallUse, Refusal
from desktop.domain.grants import Warned
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import has, label, t
from desktop.services.grants import GrantHealth
from desktop.views.sync.words import problem_text
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.texts import IconLabel, PlainLabel

NEARLY_USED_UP = 100  # thousandths left
STREAM = "stream."


@dataclass(frozen=True)
class Line:
    """One line: its name for tests, icon, tone and text."""

    name: str
    icon: str
    tone: str
    text: str


def ability_name(ability: str) -> str:
    """What an account may not do, in a few words."""
    if ability.startswith(STREAM):
        stream = ability[len(STREAM) :]
        return t("sync_page.ability_stream", stream=label("sync_stream", stream))
    return label("write_kind", ability) if has(f"write_kind.{ability}") else ability


def consent_line(consent: GrantHealth, formats: Formats) -> Line:
    """Until when the owner's consent lives, and how often it can still be renewed without a scan."""
    when = formats.moment(consent.life.refresh_until)
    if consent.warned is Warned.OVER:
        return Line("consent", "scan-line", "warn", t("sync_page.consent_over", when=when))
    if consent.life.needs_owner:
        tone = "text3" if consent.warned is None else "warn"
        return Line("consent", "scan-line", tone, t("sync_page.consent_last", when=when))
    left = consent.life.renewals_left
    return Line("consent", "scan-line", "text3", t("sync_page.consent_until", when=when, n=left))


def health_lines(
    health: AccountHealth, formats: Formats, now: int, consent: GrantHealth | None = None
) -> Sequence[Line]:
    """Every line of one account, what is wrong first."""
    lines = [
        Line(
            f"refused_{refusal.ability}",
            "circle-alert",
            "warn",
            _refused_text(refusal, is_said=refusal.code == health.account.last_error_code),
        )
        for refusal in health.refusals
    ]
    lines.append(_calls_line(health.calls, formats))
    account = health.account
    if account.token_until is not None and account.token_until > now:
        until = formats.moment(account.token_until)
        lines.append(Line("token", "key-round", "text3", t("sync_page.token_until", when=until)))
    elif account.token_fetched_at is not None:
        when = formats.relative(account.token_fetched_at)
        lines.append(Line("token", "key-round", "text3", t("sync_page.token_old", when=when)))
    if consent is not None:
        lines.append(consent_line(consent, formats))
    kept = label("secret_kind", health.secret_kind or "none")
    lines.append(Line("secret_kind", "lock", "text3", t("sync_page.secret_line", text=kept)))
    if account.may_send:
        agreed = account.sending_agreed or {}
        when = formats.day(int(agreed.get("at", 0)))
        text = t("sync_page.may_send", who=str(agreed.get("by", "")), when=when)
        lines.append(Line("may_send", "shield-check", "text3", text))
    else:
        lines.append(Line("may_send", "shield", "primary", t("sync_page.may_not_send")))
    return lines


def _refused_text(refusal: Refusal, *, is_said: bool) -> str:
    """What the account may not do, and how to mend it unless the card says that already."""
    what = ability_name(refusal.ability)
    if is_said:
        return t("sync_page.refused_only", what=what)
    return t("sync_page.refused", what=what, why=problem_text(refusal.code, refusal.params))


def _calls_line(calls: Sequence[CallUse], formats: Formats) -> Line:
    closed = next((use for use in calls if use.blocked_until is not None), None)
    if closed is not None and closed.blocked_until is not None:
        until = formats.moment(closed.blocked_until)
        text = t("sync_page.calls_closed", path=closed.path, when=until)
        return Line("calls", "gauge", "warn", text)
    if not calls:
        return Line("calls", "gauge", "text3", t("sync_page.calls_unused"))
    fullest = calls[0]
    share = formats.percent(fullest.left_permille / 1000, 0)
    tone = "warn" if fullest.left_permille < NEARLY_USED_UP else "text3"
    return Line("calls", "gauge", tone, t("sync_page.calls_left", share=share))


class HealthLines(QWidget):
    """`look_asked`: the owner wants to see what leaves this computer."""

    look_asked = Signal()

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._shown: list[QWidget] = []
        self.look = Button(
            "sync_page.look_first_send",
            icon="eye",
            compact=True,
            on_click=self.look_asked.emit,
            parent=self,
        )
        self.look.setObjectName("look_first_send")
        self._column.addWidget(self.look, 0, Qt.AlignmentFlag.AlignLeft)

    def show_health(self, health: AccountHealth, now: int, consent: GrantHealth | None = None) -> None:
        """Show an account as it is now."""
        for widget in self._shown:
            widget.hide()
            widget.deleteLater()
        self._shown = [self._row(line) for line in health_lines(health, self._formats, now, consent)]
        for at, widget in enumerate(self._shown):
            self._column.insertWidget(at, widget)
            widget.show()
        self.look.setVisible(not health.account.may_send)

    def _row(self, line: Line) -> QWidget:
        box = QWidget(self)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(IconLabel(line.icon, line.tone, 16, parent=box), 0, Qt.AlignmentFlag.AlignTop)
        kind = "" if line.tone == "warn" else "muted"
        text = PlainLabel(line.text, kind, wrap=True, selectable=True, parent=box)
        text.setObjectName(line.name)
        row.addWidget(text, 1)
        return box
