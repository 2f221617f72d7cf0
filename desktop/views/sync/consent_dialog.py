"""The owner's consent: the platform's page in the browser, and the code that comes back, by itself or pasted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.accounts import Account
from desktop.domain.errors import AppError
from desktop.domain.grants import GrantLife
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.services.grants import AuthorisePage, GrantService
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.states import Banner
from desktop.views.widgets.texts import PlainLabel, say

LISTEN, FINISH = "consent.listen", "consent.finish"
WIDTH = 560


class ConsentDialog(QDialog):
    """Accepted once the owner agreed and the consent is kept: `life` says until when.

    Nothing is opened before the owner presses the button: the browser comes to the front then.
    """

    def __init__(self, grants: GrantService, account: Account, scope: TaskScope, parent: QWidget) -> None:
        super().__init__(parent)
        self._grants = grants
        self._account = account
        self._scope = scope
        self._page: AuthorisePage | None = None
        self._is_finishing = False
        self.life: GrantLife | None = None
        self.setObjectName("consent_dialog")
        say(self, "consent.title", role="title")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 20, 24, 20)
        self._column.setSpacing(12)
        title = PlainLabel(t("consent.heading", account=account.name), "h2", wrap=True, parent=self)
        self._column.addWidget(title)
        self._add_text("consent.text", "secondary")
        self._add_page_row()
        self.waiting = self._add_text("consent.paste_hint", "muted")
        self.waiting.setObjectName("consent_waiting")
        self.field = ImeAwareLineEdit(parent=self)
        self.field.setObjectName("consent_code")
        say(self.field, "consent.code", role="name")
        say(self.field, "consent.code_example", role="placeholder")
        self.field.edited.connect(lambda _text: self._follow())
        self.field.submitted.connect(self.submit)
        self._column.addWidget(self.field)
        self.problem = Banner("bad", parent=self)
        self.problem.text.setObjectName("consent_problem")
        self.problem.hide()
        self._column.addWidget(self.problem)
        self._add_foot()
        self.finished.connect(self._forget)
        self._follow()
        self._fit()

    def _add_text(self, key: str, kind: str) -> PlainLabel:
        label = PlainLabel(kind=kind, key=key, wrap=True, parent=self)
        self._column.addWidget(label)
        return label

    def _add_page_row(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.open_button = Button(
            "consent.open", kind="primary", icon="external-link", on_click=self.open_page, parent=self
        )
        self.open_button.setObjectName("open_consent_page")
        self.copy_button = Button("consent.copy", icon="copy", on_click=self.copy_page, parent=self)
        self.copy_button.setObjectName("copy_consent_page")
        row.addWidget(self.open_button)
        row.addWidget(self.copy_button)
        row.addStretch()
        self._column.addLayout(row)

    def _add_foot(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.cancel_button = Button("consent.later", on_click=self.reject, parent=self)
        self.cancel_button.setObjectName("cancel")
        self.done_button = Button("consent.finish", on_click=self.submit, parent=self)
        self.done_button.setObjectName("finish_consent")
        foot.addStretch()
        foot.addWidget(self.cancel_button)
        foot.addWidget(self.done_button)
        self._column.addLayout(foot)

    # -- what the owner does

    def open_page(self) -> None:
        """Show the platform's page in the browser, and listen for its way back where that is possible."""
        self._scope.spawn(self._begin(_open_in_browser), name=LISTEN)

    def copy_page(self) -> None:
        """The same for another browser: the page's address on the clipboard."""
        self._scope.spawn(self._begin(self._copy), name=LISTEN)

    def submit(self) -> None:
        """Use what was pasted."""
        given = self.field.text().strip()
        if given and self.done_button.isEnabled():
            state = self._page.state if self._page else ""
            self._scope.spawn(self._finish(given, state), name=FINISH)

    def _copy(self, url: str) -> None:
        QGuiApplication.clipboard().setText(url)
        say(self.copy_button, "sync_page.copied")

    # -- what comes back

    async def _begin(self, show: Callable[[str], object]) -> None:
        self.problem.hide()
        self._fit()
        try:
            page = self._page = await self._grants.page(self._account.id)
        except AppError as error:
            self._show_problem(error)
            return
        self._say_waiting("consent.listening" if page.can_catch else "consent.paste_hint")
        if not page.can_catch:
            show(page.url)
            return
        try:
            given = await self._grants.catch(page, lambda: show(page.url))
        except AppError as error:
            show(page.url)  # the owner can paste where nothing can be caught
            self._show_problem(error)
            return
        if given:
            self._scope.spawn(self._finish(given, page.state), name=FINISH)
        else:
            self._say_waiting("consent.nobody_came")

    async def _finish(self, given: str, state: str) -> None:
        self._set_finishing(True)
        try:
            self.life = await self._grants.finish(self._account.id, given, state)
        except AppError as error:
            self._show_problem(error)
            return
        finally:
            self._set_finishing(False)
        self.accept()

    def reject(self) -> None:
        """Close without a consent; not while one is being fetched: the code is good once."""
        if not self._is_finishing:
            super().reject()

    def _set_finishing(self, is_finishing: bool) -> None:
        self._is_finishing = is_finishing
        for widget in (self.open_button, self.copy_button, self.field, self.cancel_button):
            widget.setEnabled(not is_finishing)
        say(self.done_button, "consent.finishing" if is_finishing else "consent.finish")
        self._follow()

    def _follow(self) -> None:
        self.done_button.setEnabled(self.field.isEnabled() and bool(self.field.text().strip()))

    def _say_waiting(self, key: str) -> None:
        say(self.waiting, key)
        self._fit()

    def _show_problem(self, error: AppError) -> None:
        self.problem.show_text(error_text(error))
        self._say_waiting("consent.paste_hint")

    def _fit(self) -> None:
        """As high as the wrapped texts need at this width."""
        self._column.activate()
        width = current().px(WIDTH)
        self.setFixedSize(width, self._column.totalHeightForWidth(width))

    def _forget(self) -> None:
        """No port stays open, and no code stays in the field."""
        self._scope.cancel(LISTEN)
        self.field.setText("")


def _open_in_browser(url: str) -> None:
    QDesktopServices.openUrl(QUrl(url))
