"""Connect an account, or give it a new secret: which platform, what it asks for, tried before kept."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.domain.accounts import Account, ConnectionTest
from desktop.domain.errors import AppError
from desktop.qtkit import plain
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.services.accounts import AccountService
from desktop.views.sync.doors.cards import DoorCards
from desktop.views.sync.doors.guide import Guide
from desktop.views.sync.doors.table import DOORS, NEEDS_CONSENT, NEEDS_SECRET, NEEDS_TRUST
from desktop.views.sync.words import problem_text
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.states import Banner
from desktop.views.widgets.texts import PlainLabel, say

TRY = "connect.try"
WIDTH = 920


class ConnectDialog(QDialog):
    """Accepted once the account is kept: `account` and `test` say how that went.

    With `renewing` only the secret is asked for; `platform` is the one to begin with. The secret leaves
    the field when the dialog closes.
    """

    def __init__(
        self,
        accounts: AccountService,
        scope: TaskScope,
        parent: QWidget | None = None,
        *,
        renewing: Account | None = None,
        platform: str = "",
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
        head = QHBoxLayout()
        head.setSpacing(20)
        head.addWidget(PlainLabel(kind="h2", key=title, parent=self))
        head.addStretch()
        whole.addLayout(head)
        offered = [door for name, door in DOORS.items() if name in accounts.platforms()]
        wanted = renewing.platform if renewing else platform
        self.door = next((door for door in offered if door.platform == wanted), offered[0])
        if renewing is None and len(offered) > 1:
            self.cards = DoorCards(offered, self)
            self.cards.set_value(self.door.platform)
            self.cards.chosen.connect(self.choose)
            head.addWidget(self.cards)
        self._about = PlainLabel("", "secondary", wrap=True, parent=self)
        whole.addWidget(self._about)
        self._columns = QHBoxLayout()
        self._columns.setSpacing(20)
        whole.addLayout(self._columns)
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
        self._show_door()

    def choose(self, platform: str) -> None:
        """Ask for what this platform needs; what was typed for another is dropped."""
        if platform == self.door.platform or self._is_trying:
            return
        self._drop_secrets()
        for part in (self._form, self.guide):
            self._columns.removeWidget(part)
            part.hide()
            part.deleteLater()
        self.door = DOORS[platform]
        self._show_door()

    def _show_door(self) -> None:
        say(self._about, self.door.key("text"))
        self.problem.hide()
        self.keep.hide()
        self._form = self._build_form()
        self.guide = Guide(self.door, self)
        self._columns.addWidget(self._form, 1, Qt.AlignmentFlag.AlignTop)
        self._columns.addWidget(self.guide, 1)
        for part in (self._form, self.guide):
            part.show()  # else a dialog that is open already measures them as nothing
        first = next(
            field for field in self.door.fields if not self._renewing or field.name != self.door.own_id
        )
        for before, after in pairwise((self.advanced, self.keep, self.cancel_button, self.connect_button)):
            self.setTabOrder(before, after)  # the fields came last and would lead back to the platforms
        self.fields[first.name].setFocus()
        self._fit()

    def _build_form(self) -> Form:
        form = Form(self)
        given, door = self._renewing, self.door
        self.fields: dict[str, ImeAwareLineEdit] = {}
        for asked in door.fields:
            field = ImeAwareLineEdit(parent=form)
            field.setObjectName(asked.name)
            field.submitted.connect(self.submit)
            if asked.is_secret:
                field.setEchoMode(QLineEdit.EchoMode.Password)
                field.setInputMethodHints(
                    Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
                )
            elif given and asked.name == door.own_id:
                field.set_text(given.external_id)
                field.setReadOnly(True)
            else:
                say(field, door.key(f"{asked.name}_example"), role="placeholder")
            self.fields[asked.name] = field
            form.add_row(asked.name, door.key(asked.name), field, hint=door.key(f"{asked.name}_hint"))
        self.name = ImeAwareLineEdit(given.name if given else "", parent=form)
        self.name.setObjectName("account_name_field")
        say(self.name, door.key("name_example"), role="placeholder")
        row = form.add_row("name", "sync_page.name", self.name, hint="sync_page.name_hint")
        row.setVisible(given is None)
        self._add_address(form)
        return form

    def _add_address(self, form: Form) -> None:
        self.address = ImeAwareLineEdit(parent=form)
        self.address.setObjectName("address")
        self.address.setPlaceholderText(self.door.real_host)
        if self._renewing:
            self.address.set_text(self._renewing.base_url)
        for field in (self.name, self.address):
            field.submitted.connect(self.submit)
        self._address_row = form.add_row(
            "address", "sync_page.address", self.address, hint="sync_page.address_hint"
        )
        self._address_row.hide()
        self.advanced = Button(
            "sync_page.advanced", kind="link", icon="settings-2", on_click=self._unfold, parent=form
        )
        self.advanced.setObjectName("advanced")
        self.advanced.setVisible(self._renewing is None)
        form.body.addWidget(self.advanced, 0, Qt.AlignmentFlag.AlignLeft)

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
            name: "sync_page.fill_in" for name, field in self.fields.items() if not field.text().strip()
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
            await self._connect(keeps_unproven)
            if self.account is None and self.test is not None and self.test.error_code in NEEDS_CONSENT:
                await self._connect(
                    True
                )  # the keys are right; the owner's scan comes next, and needs an account
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
        code = (self.test.error_code if self.test else "") or ""
        params = (self.test.error_params if self.test else None) or {}
        self._ip = str(params.get("ip") or "") if code in NEEDS_TRUST else ""
        self._show_problem(problem_text(code, params), can_keep=code not in NEEDS_SECRET)
        self.guide.mark(self.door.step_of.get(code, ""))

    async def _connect(self, keeps_unproven: bool) -> None:
        self.test, self.account = await self._accounts.connect(
            self.door.platform,
            self._name(),
            plain.half_width(self.address.text()).strip() or None,
            self._typed(),
            keeps_unproven=keeps_unproven,
        )

    def _typed(self) -> Mapping[str, str]:
        return {
            asked.name: self.fields[asked.name].text().strip()
            if asked.is_secret
            else plain.half_width(self.fields[asked.name].text()).strip()
            for asked in self.door.fields
        }

    def _name(self) -> str:
        return self.name.text().strip() or t(self.door.key("name_default"))

    def _set_trying(self, is_trying: bool) -> None:
        for widget in (self.name, self.address, self.keep, self.connect_button, *self.fields.values()):
            widget.setEnabled(not is_trying)
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
        self._drop_secrets()

    def _drop_secrets(self) -> None:
        for asked in self.door.fields:
            if asked.is_secret:
                self.fields[asked.name].setText("")
