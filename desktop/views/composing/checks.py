"""What was checked before sending, line by line, and problems in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QWidget

from desktop.domain.content import Problem, Severity, blocking
from desktop.qtkit.i18n import languages, t
from desktop.views.widgets.cards import Card
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.progress import Check, CheckList
from desktop.wording.sentences import problem_text


def problem_words(problem: Problem) -> str:
    """A problem in the present language."""
    return problem_text(languages.wording, problem)


def by_field(problems: Sequence[Problem], touched: set[str]) -> Mapping[str, str]:
    """Errors in words by the field they belong to; fields nobody touched yet stay quiet."""
    found: dict[str, str] = {}
    for problem in problems:
        if problem.severity is Severity.ERROR and problem.field in touched:
            found.setdefault(problem.field, problem_words(problem))
    return found


class CheckCard(Card):
    """The list of checks with its sum at the right."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("composing.checks", parent=parent)
        self.setObjectName("checks")
        self.sum = StateChip(parent=self)
        self.add_tool(self.sum)
        self.list = CheckList(self)
        self.add(self.list)

    def show_checks(self, problems: Sequence[Problem], passed: Sequence[str]) -> None:
        """`passed` are sentences already worded."""
        stopping = len(blocking(problems))
        warnings = len(problems) - stopping
        lines = [Check("bad", problem_words(p)) for p in problems if p.severity is Severity.ERROR]
        lines += [Check("warn", problem_words(p)) for p in problems if p.severity is Severity.WARNING]
        lines += [Check("pass", text) for text in passed]
        self.list.show_checks(lines)
        if stopping:
            self.sum.show_state(t("composing.checks_bad", n=stopping), "bad")
        elif warnings:
            self.sum.show_state(t("composing.checks_warn", n=len(passed), warnings=warnings), "warn")
        else:
            self.sum.show_state(t("composing.checks_good", n=len(passed)), "good")
