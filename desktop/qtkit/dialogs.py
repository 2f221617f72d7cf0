"""Questions to the operator as awaitables: open() and a future, never a nested loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop.qtkit.i18n import t


async def answer(dialog: QDialog) -> bool:
    """Show `dialog`, wait for it, and let it go; True when accepted. Cancelling closes it."""
    closed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def settle(code: int) -> None:
        if not closed.done():
            closed.set_result(code == QDialog.DialogCode.Accepted)

    dialog.finished.connect(settle)
    dialog.open()
    try:
        return await closed
    finally:
        if isValid(dialog):  # its parent may have gone meanwhile, and taken it along
            dialog.finished.disconnect(settle)
            dialog.close()
            dialog.deleteLater()


class MessageDialog(QDialog):
    """A heading, a text, perhaps a line to type, and named buttons. All texts are shown as they are."""

    def __init__(
        self, parent: QWidget | None, title: str, text: str, *, accept: str, danger: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(420)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(24, 20, 24, 20)
        self.body.setSpacing(12)
        self.heading, self.about = QLabel(self), QLabel(self)
        for label, content, kind in ((self.heading, title, "title"), (self.about, text, "secondary")):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setText(content)
            label.setWordWrap(True)
            label.setProperty("type", kind)
            label.setVisible(bool(content))
            self.body.addWidget(label)
        self.buttons = QDialogButtonBox(self)
        self.accept_button = QPushButton(accept, self)
        self.accept_button.setObjectName("accept")
        self.accept_button.setProperty("kind", "danger" if danger else "primary")
        self.cancel_button = QPushButton(t("kit.cancel"), self)
        self.cancel_button.setObjectName("cancel")
        self.buttons.addButton(self.accept_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(self.cancel_button, QDialogButtonBox.ButtonRole.RejectRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        (self.cancel_button if danger else self.accept_button).setDefault(True)
        self.body.addSpacing(4)
        self.body.addWidget(self.buttons)

    def add_line(self, text: str = "", *, name: str = "", placeholder: str = "") -> QLineEdit:
        """A line to type in, above the buttons."""
        line = QLineEdit(text, self)
        line.setObjectName("line")
        line.setPlaceholderText(placeholder)
        line.setAccessibleName(name or placeholder)
        self.body.insertWidget(2, line)
        line.setFocus()
        return line


async def confirm(
    parent: QWidget | None,
    title: str,
    text: str = "",
    *,
    accept: str,
    danger: bool = False,
    type_to_confirm: str | None = None,
) -> bool:
    """Ask before what cannot be taken back; `type_to_confirm` must be typed, such as a head count."""
    dialog = MessageDialog(parent, title, text, accept=accept, danger=danger)
    if type_to_confirm is not None:
        wanted = type_to_confirm
        line = dialog.add_line(name=title, placeholder=t("kit.type_to_confirm", text=wanted))
        dialog.accept_button.setEnabled(False)
        line.textChanged.connect(lambda typed: dialog.accept_button.setEnabled(typed.strip() == wanted))
    return await answer(dialog)


async def tell(parent: QWidget | None, title: str, text: str) -> None:
    """A message that must be seen."""
    dialog = MessageDialog(parent, title, text, accept=t("kit.ok"))
    dialog.cancel_button.hide()
    await answer(dialog)


async def ask_text(
    parent: QWidget | None, title: str, text: str = "", *, value: str = "", accept: str | None = None
) -> str | None:
    """One line of text; None when the operator turns away."""
    dialog = MessageDialog(parent, title, text, accept=accept or t("kit.ok"))
    line = dialog.add_line(value, name=title)
    line.selectAll()
    return line.text() if await answer(dialog) else None


async def choose_file(
    parent: QWidget | None, title: str, filters: Sequence[str] = (), folder: Path | None = None
) -> Path | None:
    """An existing file; None when the operator turns away. A filter is "Tables (*.csv *.xlsx)"."""
    found = await choose_files(parent, title, filters, folder, many=False)
    return found[0] if found else None


async def choose_files(
    parent: QWidget | None,
    title: str,
    filters: Sequence[str] = (),
    folder: Path | None = None,
    *,
    many: bool = True,
) -> list[Path]:
    """Existing files; empty when the operator turns away."""
    dialog = _file_dialog(parent, title, filters, folder)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles if many else QFileDialog.FileMode.ExistingFile)
    return await _chosen(dialog)


async def save_file(
    parent: QWidget | None,
    title: str,
    filters: Sequence[str] = (),
    *,
    name: str = "",
    suffix: str = "",
    folder: Path | None = None,
) -> Path | None:
    """Where to write a file, asked again before one is replaced; None when the operator turns away."""
    dialog = _file_dialog(parent, title, filters, folder)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(suffix.removeprefix("."))
    if name:
        dialog.selectFile(name)
    found = await _chosen(dialog)
    return found[0] if found else None


def _file_dialog(
    parent: QWidget | None, title: str, filters: Sequence[str], folder: Path | None
) -> QFileDialog:
    dialog = QFileDialog(parent, title, str(folder or Path.home()))
    if filters:
        dialog.setNameFilters(list(filters))
    return dialog


async def _chosen(dialog: QFileDialog) -> list[Path]:
    chosen: list[Path] = []
    dialog.accepted.connect(lambda: chosen.extend(Path(name) for name in dialog.selectedFiles()))
    return chosen if await answer(dialog) else []
