"""One connected account: how it is, what it holds, where its secret is, and how to mend what is wrong."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.account_matrix import Step
from desktop.domain.accounts import AccountHealth, AccountState
from desktop.domain.clock import Clock
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.services.grants import GrantHealth
from desktop.views.sync.doors.table import (
    DOORS,
    NEEDS_CONSENT,
    NEEDS_SECRET,
    NEEDS_TRUST,
    REAL_HOSTS,
)
from desktop.views.sync.figures import Figures
from desktop.views.sync.health_lines import HealthLines
from desktop.views.sync.words import STATE_TONES, problem_text
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.chips import Chip, StateChip
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import IconLabel, PlainLabel, say

ALL_COUNTS = {"customers": "sync_page.customers", "groups": "sync_page.groups", "staff": "sync_page.staff"}


class ProblemBox(QFrame):
    """What stands in the way, the way out as text, and the buttons that help."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("banner", "bad")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        words = QHBoxLayout()
        words.setSpacing(8)
        icon = IconLabel("circle-alert", "bad", 18, parent=self)
        self.text = PlainLabel("", wrap=True, selectable=True, parent=self)
        self.text.setObjectName("problem")
        words.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        words.addWidget(self.text, 1)
        column.addLayout(words)
        self._tools = QHBoxLayout()
        self._tools.setContentsMargins(26, 0, 0, 0)
        self._tools.setSpacing(8)
        self._tools.addStretch()
        column.addLayout(self._tools)

    def add_tool(self, button: Button) -> None:
        """A button below the text."""
        self._tools.insertWidget(self._tools.count() - 1, button)


class AccountCard(Card):
    """Signals name what the owner asks for; the page does it."""

    test_asked = Signal()
    renew_asked = Signal()
    remove_asked = Signal()
    look_asked = Signal()
    consent_asked = Signal()

    def __init__(self, formats: Formats, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._formats = formats
        self._clock = clock
        self._ip = ""
        self._add_head()
        self.figures = Figures(
            {**ALL_COUNTS, "last": "sync_page.last_sync"},
            parent=self,
        )
        self.add(self.figures)
        self._add_problem()
        self._add_foot()

    def _add_head(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.name = PlainLabel("", "title", elide=True, parent=self)
        self.name.setObjectName("account_name")
        self.platform = PlainLabel("", "muted", parent=self)
        self.practice = Chip("", "info", key="sync_page.practice", parent=self)
        self.state = StateChip(parent=self)
        self.state.setObjectName("account_state")
        self.icon = IconLabel("plug", "primary", 18, parent=self)
        row.addWidget(self.icon)
        row.addWidget(self.name, 1)
        row.addWidget(self.platform)
        row.addWidget(self.practice)
        row.addWidget(self.state)
        self.body.addLayout(row)

    def _add_problem(self) -> None:
        self.problem = ProblemBox(self)
        self.copy_ip = self._tool("copy_ip", "sync_page.copy_ip", self._copy, icon="copy")
        self.mend = changes(self._tool("mend", "sync_page.renew", self.renew_asked.emit, icon="key-round"))
        self.again = changes(
            self._tool("again", "sync_page.test_again", self.test_asked.emit, icon="rotate-cw")
        )
        self.scan = self._tool(
            "scan", "sync_page.authorise", self.consent_asked.emit, icon="scan-line", kind="primary"
        )
        for button in (self.copy_ip, self.scan, self.mend, self.again):
            self.problem.add_tool(button)
        self.add(self.problem)

    def _add_foot(self) -> None:
        self.body.addStretch()
        self.lines = HealthLines(self._formats, self)
        self.lines.look_asked.connect(self.look_asked)
        self.add(self.lines)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.test = changes(self._tool("test", "sync_page.test", self.test_asked.emit, icon="plug-zap"))
        self.renew = changes(
            self._tool("renew", "sync_page.renew", self.renew_asked.emit, icon="key-round")
        )
        self.remove = changes(
            self._tool("remove", "sync_page.remove", self.remove_asked.emit, kind="danger")
        )
        self.authorise = self._tool(
            "authorise", "sync_page.authorise", self.consent_asked.emit, icon="scan-line"
        )
        row.addWidget(self.test)
        row.addWidget(self.authorise)
        row.addWidget(self.renew)
        row.addStretch()
        row.addWidget(self.remove)
        self.body.addLayout(row)

    def _tool(
        self, name: str, key: str, act: Callable[[], None], *, icon: str = "", kind: str = ""
    ) -> Button:
        button = Button(key, icon=icon, kind=kind, compact=True, on_click=act, parent=self)
        button.setObjectName(name)
        return button

    def show_health(self, health: AccountHealth, consent: GrantHealth | None = None) -> None:
        """Show an account as it is now, and the owner's consent where there is one."""
        account = health.account
        self.name.setText(account.name)
        self.platform.setText(label("sync_platform", account.platform))
        self.practice.setVisible(account.base_url not in REAL_HOSTS)
        state = account.state
        self.state.show_state(label("account_state", state.value), STATE_TONES[state])
        door = DOORS.get(account.platform)
        counted = ALL_COUNTS if door is None else door.counts
        if door is not None:
            self.icon.set_icon(door.icon, "primary", 18)
        self.figures.show_only({**counted, "last": "sync_page.last_sync"})
        last = account.last_sync_at

        def counted_so_far(n: int) -> str:
            return self._formats.count(n if n or last else None)  # before the first round nothing is known

        self.figures.show_values(
            customers=counted_so_far(health.customers),
            groups=counted_so_far(health.groups),
            staff=counted_so_far(health.staff),
            last=self._formats.relative(last) if last else t("sync_page.never"),
        )
        self.lines.show_health(health, self._clock.now_ms(), consent)
        self._show_problem(health)

    def _show_problem(self, health: AccountHealth) -> None:
        account = health.account
        code, params = account.last_error_code, account.last_error
        if not code and health.secret_kind is None and account.state is not AccountState.DISABLED:
            code, params = "secret_missing", {}
        self.problem.setVisible(bool(code))
        self.test.setVisible(not code)
        self.renew.setVisible(code not in NEEDS_SECRET)
        asks_owner = account.platform in DOORS and bool(DOORS[account.platform].needs_consent)
        self.authorise.setVisible(asks_owner and code not in NEEDS_CONSENT)
        if not code:
            return
        self._ip = str((params or {}).get("ip") or "") if code in NEEDS_TRUST else ""
        self.problem.text.setText(problem_text(code, params))
        self.copy_ip.setVisible(bool(self._ip))
        self.mend.setVisible(code in NEEDS_SECRET)
        self.scan.setVisible(code in NEEDS_CONSENT)
        self.again.setVisible(code not in NEEDS_SECRET | NEEDS_CONSENT)

    def way_to(self, step: Step) -> Button | None:
        """The button that does this next step; None where the words of the card say what to do."""
        ways = {
            Step.TRY: (self.test, self.again),
            Step.AUTHORISE: (self.scan, self.authorise),
            Step.MEND: (self.mend, self.scan),
            Step.AGREE: (self.lines.look,),
        }
        return next((button for button in ways.get(step, ()) if button.isVisibleTo(self)), None)

    def set_testing(self, is_testing: bool) -> None:
        """Say that the connection is being tried, and offer no second try meanwhile."""
        self.test.setEnabled(not is_testing)
        self.again.setEnabled(not is_testing)
        say(self.test, "sync_page.testing" if is_testing else "sync_page.test")

    def set_busy(self, is_busy: bool) -> None:
        """While a synchronisation runs the account cannot be taken away."""
        self.remove.setEnabled(not is_busy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._ip)
        say(self.copy_ip, "sync_page.copied")
