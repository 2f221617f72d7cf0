"""Erasing one person: what goes and what stays, a word to type, how far it is, and what was found afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QProgressBar, QVBoxLayout, QWidget

from desktop.domain.erasures import ErasurePlan, ErasureResult
from desktop.domain.errors import AppError
from desktop.domain.tasks import Progress
from desktop.qtkit import plain
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import has, language, t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.texts import PlainLabel

Erase = Callable[[bool, Progress], Awaitable[ErasureResult]]
TYPABLE = 20  # longer names, and those with signs, are not asked for
JOINT = {"zh_CN": "、", "en": ", "}
SHOWN = 4  # files and places that are named


class EraseDialog(MessageDialog):
    """Asks, then works with `erase(keeps the backups, progress)`, then tells. `result_told` once it did."""

    def __init__(
        self,
        parent: QWidget,
        name: str,
        plan: ErasurePlan,
        formats: Formats,
        scope: TaskScope,
        erase: Erase,
    ) -> None:
        shown = plain.one_line(name)
        super().__init__(
            parent, t("erase.title", name=shown), t("erase.about"), accept=t("erase.go"), danger=True
        )
        self.setObjectName("erase_dialog")
        self.setMinimumWidth(current().px(520))
        self._formats, self._scope, self._erase = formats, scope, erase
        self.result_told: ErasureResult | None = None
        self._is_working = False
        word = shown if shown.isalnum() and len(shown) <= TYPABLE else t("erase.word")
        self.line = self.add_line(name=t("erase.go"), placeholder=t("kit.type_to_confirm", text=word))
        self.line.textChanged.connect(lambda typed: self.accept_button.setEnabled(typed.strip() == word))
        self.accept_button.setEnabled(False)
        self.drop_backups = QCheckBox(t("erase.backups", n=len(plan.backups)), self)
        self.drop_backups.setObjectName("drop_backups")
        self.drop_backups.setChecked(True)
        self.drop_backups.setVisible(bool(plan.backups))
        self._texts = QVBoxLayout()
        self._texts.setSpacing(current().px(6))
        self.body.insertLayout(2, self._texts)
        self.body.insertWidget(3, self.drop_backups)
        self.step = PlainLabel("", "secondary", parent=self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        for at, widget in enumerate((self.step, self.bar), 4):
            self.body.insertWidget(at, widget)
            widget.hide()
        self._show(plan_lines(plan, formats))

    def accept(self) -> None:
        """Begin; the second time, close."""
        if self._is_working:
            return
        if self.result_told is not None:
            super().accept()
            return
        self._is_working = True
        for widget in (self.line, self.drop_backups, self.cancel_button):
            widget.hide()
        self.accept_button.setEnabled(False)
        self.step.show()
        self.bar.show()
        self._scope.spawn(self._run(), name="fans.erase")

    def reject(self) -> None:
        """Turn away; not while it works, for it cannot be stopped."""
        if not self._is_working:
            super().reject()

    async def _run(self) -> None:
        try:
            self.result_told = await self._erase(not self.drop_backups.isChecked(), self._tell)
        except AppError as error:
            self._show([error_text(error)])
        else:
            self.setWindowTitle(t("erase.done_title"))
            self.heading.setText(t("erase.done_title"))
            self.about.hide()
            self._show(result_lines(self.result_told, self._formats))
        finally:
            self._is_working = False
            self.step.hide()
            self.bar.hide()
        self.accept_button.setText(t("kit.ok"))
        self.accept_button.setProperty("kind", "primary")
        self.accept_button.style().polish(self.accept_button)
        self.accept_button.setVisible(self.result_told is not None)
        self.accept_button.setEnabled(True)
        self.cancel_button.setVisible(self.result_told is None)

    def _tell(self, step: str, done: int, total: int) -> None:
        self.step.setText(t(f"erase.step.{step}"))

    def _show(self, lines: list[str]) -> None:
        while (old := self._texts.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for line in lines:
            self._texts.addWidget(PlainLabel(plain.one_line(line), wrap=True, parent=self))
        self.resize(self.width(), self.body.totalHeightForWidth(self.width()))


def plan_lines(plan: ErasurePlan, formats: Formats) -> list[str]:
    """What would go, what stays, and what is the owner's to deal with."""
    named = {table: n for table, n in plan.rows.items() if has(f"erase.table.{table}")}
    rows = [t(f"erase.table.{table}", n=formats.count(n)) for table, n in named.items()]
    lines = [t("erase.rows", what=JOINT[language()].join(rows))] if rows else []
    if plan.kept_orders:
        lines.append(t("erase.orders", n=plan.kept_orders))
    if plan.waiting:
        lines.append(t("erase.waiting", n=plan.waiting))
    if plan.exports:
        lines.append(t("erase.exports", n=len(plan.exports), files=_names(plan.exports)))
    return [*lines, *_owners(plan.others, plan.proofs), t("erase.platforms")]


def result_lines(result: ErasureResult, formats: Formats) -> list[str]:
    """What was done, and what the search through every byte found."""
    size = t("erase.megabytes", n=formats.count(max(1, result.bytes // 1_000_000)))
    found = {"files": formats.count(result.searched), "size": size}
    lines = [t("erase.clean", **found) if result.is_clean else t("erase.not_clean", **found)]
    kinds = {
        trace: JOINT[language()].join(t(f"erase.kind.{kind}") for kind in trace.kinds)
        for trace in result.traces
    }
    rows = sum(trace.rows for trace in result.traces)
    if rows:
        lines.append(t("erase.trace_rows", n=formats.count(rows)))
    files = [trace for trace in result.traces if not trace.rows]
    lines += [t("erase.trace_file", file=trace.where, kinds=kinds[trace]) for trace in files[:SHOWN]]
    if result.shared:
        lines.append(t("erase.shared", n=result.shared))
    if result.deleted:
        lines.append(t("erase.deleted", n=len(result.deleted)))
    if result.fresh_backup:
        lines.append(t("erase.fresh", file=Path(result.fresh_backup).name))
    for path, why in list(result.failed.items())[:SHOWN]:
        lines.append(t("erase.failed", file=path, why=why))
    if result.log_held:
        lines.append(t("erase.log_held"))
    return [*lines, *_owners(result.left, result.proofs), t("erase.platforms")]


def _owners(lists: tuple[str, ...], proofs: tuple[str, ...]) -> list[str]:
    lines = [t("erase.others", files=_names(lists))] if lists else []
    return [*lines, t("erase.proofs", files=_names(proofs))] if proofs else lines


def _names(paths: tuple[str, ...]) -> str:
    shown = JOINT[language()].join(Path(path).name for path in paths[:SHOWN])
    return shown if len(paths) <= SHOWN else t("erase.and_more", files=shown, n=len(paths) - SHOWN)
