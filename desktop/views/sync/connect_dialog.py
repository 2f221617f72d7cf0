"""Connect an account, or give it a new secret: what is asked for, where to find it, tried before kept."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.domain.accounts import Account, ConnectionTest
from desktop.domain.errors import AppError
from desktop.qtkit import plain
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.services.accounts import AccountService
from desktop.views.sync.words import NEEDS_SECRET, NEEDS_TRUST, problem_text
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.fields import Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.states import Banner
from desktop.views.widgets.texts import PlainLabel, say

STEPS = ("corpid", "app", "right", "ip")
# Where in the guide stands what mends a failure.
STEP_OF: Mapping[str, str] = {
    "wecom_corpid_wrong": "corpid",
    "wecom_secret_wrong": "app",
    "wecom_app_barred": "app",
    "wecom_out_of_range": "app",
    "wecom_no_permission": "right",
    "wecom_ip_not_trusted": "ip",
}
TRY = "connect.try"
PLATFORM = "wecom"
WIDTH = 860


class Guide(QFrame):
    """Where in the platform's console each thing is found, step by step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "inset")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        column.addWidget(PlainLabel(kind="strong", key="sync_page.guide", wrap=True, parent=self))
        self.marks: dict[str, Chip] = {}
        for number, step in enumerate(STEPS, 1):
            row = QHBoxLayout()
            row.setSpacing(10)
            mark = Chip(str(number), "primary", parent=self)
            mark.setObjectName(f"guide_{step}")
            self.marks[step] = mark
            words = QVBoxLayout()
            words.setSpacing(2)
            title = PlainLabel(kind="strong", key=f"sync_page.guide_{step}", wrap=True, parent=self)
            text = PlainLabel(kind="secondary", key=f"sync_page.guide_{step}_text", wrap=True, parent=self)
            words.addWidget(title)
            words.addWidget(text)
            row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            row.addLayout(words, 1)
            column.addLayout(row)
        column.addStretch()

    def mark(self, wrong: str) -> None:
        """Point to the step that mends what is wrong; '' to none."""
        for step, chip in self.marks.items():
            chip.set_tone("bad" if step == wrong else "primary")


class ConnectDialog(QDialog):
    """Accepted once the account is kept: `account` and `test` say how that went.

    With `renewing` only the secret is asked for. The secret leaves the field when the dialog closes.
    """

    def __init__(
        self,
        accounts: AccountService,
        scope: TaskScope,
        parent: QWidget | None = None,
        *,
        renewing: Account | None = None,
    ) -> None:
        super().__init__(parent)
        self._accounts = accounts
        self._scope = scope
        self._renewing = renewing
        self._is_closed = False
        self._is_trying = False
        self._ip = ""
        self.account: Account | None = None
        self.test: ConnectionTest | None = None
        self.setObjectName("connect_dialog")
        title = "sync_page.renew_title" if renewing else "sync_page.connect_title"
        say(self, title, role="title")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 20)
        whole.setSpacing(14)
        whole.addWidget(PlainLabel(kind="h2", key=title, parent=self))
        whole.addWidget(PlainLabel(kind="secondary", key="sync_page.connect_text", wrap=True, parent=self))
        columns = QHBoxLayout()
        columns.setSpacing(20)
        columns.addWidget(self._build_form(), 1, Qt.AlignmentFlag.AlignTop)
        self.guide = Guide(self)
        columns.addWidget(self.guide, 1)
        whole.addLayout(columns)
        self.problem = Banner("bad", parent=self)
        self.problem.text.setObjectName("connect_problem")
        self.problem.hide()
        whole.addWidget(self.problem)
        self.problem.set_action("sync_page.copy_ip", self._copy)
        self.copy_ip = self.problem.button
        self.copy_ip.setObjectName("connect_copy_ip")
        self.copy_ip.hide()
        whole.addLayout(self._build_foot())
        self.finished.connect(self._forget)
        (self.secret if renewing else self.corpid).setFocus()
        self._fit()

    def _build_form(self) -> Form:
        form = Form(self)
        given = self._renewing
        self.name = ImeAwareLineEdit(given.name if given else "", parent=form)
        self.corpid = ImeAwareLineEdit(given.external_id if given else "", parent=form)
        self.secret = ImeAwareLineEdit(parent=form)
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.address = ImeAwareLineEdit(placeholder="sync_page.address_default", parent=form)
        for field, object_name in (
            (self.name, "account_name_field"),
            (self.corpid, "corpid"),
            (self.secret, "secret"),
            (self.address, "address"),
        ):
            field.setObjectName(object_name)
            field.submitted.connect(self.submit)
        if given:
            self.corpid.setReadOnly(True)
            self.address.set_text(given.base_url)
        else:
            say(self.name, "sync_page.name_example", role="placeholder")
            say(self.corpid, "sync_page.corpid_example", role="placeholder")
        form.add_row("corpid", "sync_page.corpid", self.corpid, hint="sync_page.corpid_hint")
        form.add_row("secret", "sync_page.secret", self.secret, hint="sync_page.secret_hint")
        row = form.add_row("name", "sync_page.name", self.name, hint="sync_page.name_hint")
        row.setVisible(given is None)
        self._address_row = form.add_row(
            "address", "sync_page.address", self.address, hint="sync_page.address_hint"
        )
        self._address_row.hide()
        self.advanced = Button(
            "sync_page.advanced", kind="link", icon="settings-2", on_click=self._unfold, parent=form
        )
        self.advanced.setObjectName("advanced")
        self.advanced.setVisible(given is None)
        form.body.addWidget(self.advanced, 0, Qt.AlignmentFlag.AlignLeft)
        self._form = form
        return form

    def _build_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.keep = Button("sync_page.keep", on_click=self._submit_anyway, parent=self)
        self.keep.setObjectName("keep")
        self.keep.hide()
        self.cancel_button = Button("kit.cancel", on_click=self.reject, parent=self)
        self.cancel_button.setObjectName("cancel")
        self.connect_button = Button(
            "sync_page.connect_now", kind="primary", icon="plug-zap", on_click=self.submit, parent=self
        )
        self.connect_button.setObjectName("connect")
        foot.addWidget(self.keep)
        foot.addStretch()
        foot.addWidget(self.cancel_button)
        foot.addWidget(self.connect_button)
        return foot

    # -- what the operator does

    def submit(self) -> None:
        """Try what was typed, and keep it when it works."""
        self._submit(keeps_unproven=False)

    def _submit_anyway(self) -> None:
        self._submit(keeps_unproven=True)

    def _submit(self, *, keeps_unproven: bool) -> None:
        if self._is_trying:
            return
        missing = {
            name: "sync_page.fill_in"
            for name, field in (("corpid", self.corpid), ("secret", self.secret))
            if not field.text().strip()
        }
        self._form.show_problems({name: t(key) for name, key in missing.items()})
        self.problem.hide()
        self._ip = ""
        self.guide.mark("")
        self._fit()
        if not missing:
            self._is_trying = True
            self._scope.spawn(self._try(keeps_unproven), name=TRY)

    def _unfold(self) -> None:
        self.advanced.hide()
        self._address_row.show()
        self.address.setFocus()
        self._fit()

    def _fit(self) -> None:
        """As high as the wrapped texts need at this width; Qt's own adjustSize stops at 2/3 of the screen."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            width = current().px(WIDTH)
            self.setFixedSize(width, layout.totalHeightForWidth(width))

    # -- trying

    async def _try(self, keeps_unproven: bool) -> None:
        self._set_trying(True)
        try:
            self.test, self.account = await self._accounts.connect(
                PLATFORM,
                self._name(),
                plain.half_width(self.address.text()).strip() or None,
                self._typed(),
                keeps_unproven=keeps_unproven,
            )
        except AppError as error:
            self._show_problem(error_text(error), can_keep=False)
            return
        finally:
            self._is_trying = False
            if not self._is_closed:  # else the fields may be gone already
                self._set_trying(False)
        if self.account is not None:
            self.accept()
            return
        code = self.test.error_code or ""
        params = self.test.error_params or {}
        self._ip = str(params.get("ip") or "") if code == NEEDS_TRUST else ""
        self._show_problem(problem_text(code, params), can_keep=code not in NEEDS_SECRET)
        self.guide.mark(STEP_OF.get(code, ""))

    def _typed(self) -> Mapping[str, str]:
        return {
            "corpid": plain.half_width(self.corpid.text()).strip(),
            "corpsecret": self.secret.text().strip(),
        }

    def _name(self) -> str:
        return self.name.text().strip() or t("sync_page.name_default")

    def _set_trying(self, is_trying: bool) -> None:
        for field in (self.name, self.secret, self.address, self.keep, self.connect_button):
            field.setEnabled(not is_trying)
        if self._renewing is None:
            self.corpid.setEnabled(not is_trying)
        say(self.connect_button, "sync_page.trying" if is_trying else "sync_page.connect_now")

    def _show_problem(self, text: str, *, can_keep: bool) -> None:
        self.copy_ip.setVisible(bool(self._ip))  # before the text: its width decides the height
        self.problem.show_text(text)
        self.keep.setVisible(can_keep and self._renewing is None)
        self._fit()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._ip)
        say(self.copy_ip, "sync_page.copied")

    def _forget(self) -> None:
        """Leave nothing of the secret in the field, and no try under way."""
        self._is_closed = True
        self._scope.cancel(TRY)
        self.secret.setText("")
