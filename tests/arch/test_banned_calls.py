"""Calls that break one of the program's promises, and where the few exceptions live."""

from __future__ import annotations

import ast

import pytest

from tests.arch.source import Module, called, calls, modules, owner

# Nested event loops freeze every other task (docs/adr/0002-one-thread-for-qt-and-asyncio.md).
NESTED = {"exec", "exec_", "processEvents", "run_until_complete", "asyncClose", "asyncSlot", "nest_asyncio"}
MODAL = {
    "QMessageBox": {"information", "warning", "critical", "question", "about", "aboutQt"},
    "QFileDialog": {"getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory"},
    "QInputDialog": {"getText", "getMultiLineText", "getItem", "getInt", "getDouble"},
    "QColorDialog": {"getColor"},
    "QFontDialog": {"getFont"},
}
# A task nobody holds is collected half-way and its error is never told: only these start tasks.
STARTS_TASKS = ("desktop/qtkit/tasks.py", "desktop/sync/", "desktop/sandbox/")
TASK_GROUPS = {"group", "tasks", "task_group"}  # asyncio.TaskGroup holds its tasks itself
EVALUATES = {"eval", "exec", "compile", "__import__"}
UNSAFE_LOADS = {("pickle", "load"), ("pickle", "loads"), ("marshal", "loads"), ("shelve", "open")}
LABELS_ARE_MADE_IN = ("desktop/views/widgets/", "desktop/qtkit/dialogs.py")


def complaints(module: Module) -> list[str]:
    """Every banned call of a module."""
    found = []
    for call in calls(module):
        name, before = called(call), owner(call)
        why = None
        if isinstance(call.func, ast.Name) and name in EVALUATES:
            why = "evaluates text as code"
        elif name in NESTED:
            why = "runs an event loop inside the event loop"
        elif name in MODAL.get(before, set()):
            why = "waits in a nested event loop: open() and await the answer instead"
        elif (before, name) == ("time", "sleep"):
            why = "sleeps: use the injected clock"
        elif (before, name) in UNSAFE_LOADS:
            why = "reads data that can run code"
        elif name in ("create_task", "ensure_future") and not may_start_tasks(module, before):
            why = "starts a task outside a task scope"
        if why:
            found.append(f"{module.at(call)} {name}: {why}")
    return found


def may_start_tasks(module: Module, before: str) -> bool:
    """Whether this module, or this receiver, keeps hold of the tasks it starts."""
    return module.path.startswith(STARTS_TASKS) or before in TASK_GROUPS


def rich_text(module: Module) -> list[str]:
    """Places where text from outside could be shown as markup."""
    if module.path.startswith(LABELS_ARE_MADE_IN):
        return []
    found = [
        f"{module.at(call)} QLabel: use PlainLabel" for call in calls(module) if called(call) == "QLabel"
    ]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in ("RichText", "AutoText", "MarkdownText"):
            found.append(f"{module.at(node)} {node.attr}: only plain text is shown")
        if isinstance(node, ast.Attribute) and node.attr in (
            "setHtml",
            "insertHtml",
            "appendHtml",
            "setMarkdown",
        ):
            found.append(f"{module.at(node)} {node.attr}: only plain text is shown")
    return found


def test_no_banned_calls() -> None:
    assert [text for module in modules() for text in complaints(module)] == []


def test_no_rich_text_outside_the_widgets_that_make_it_safe() -> None:
    assert [text for module in modules() for text in rich_text(module)] == []


@pytest.mark.parametrize(
    "line",
    [
        "dialog.exec()",
        "app.processEvents()",
        "QMessageBox.question(self, 'a', 'b')",
        "QtWidgets.QFileDialog.getOpenFileName(self)",
        "time.sleep(1)",
        "asyncio.create_task(work())",
        "eval(text)",
        "pickle.loads(data)",
    ],
)
def test_the_ban_bites(line: str) -> None:
    assert len(complaints(Module("desktop/views/made_up.py", line, ast.parse(line)))) == 1


@pytest.mark.parametrize(
    "line", ["QLabel(name)", "label.setTextFormat(Qt.TextFormat.RichText)", "view.setHtml(x)"]
)
def test_the_rich_text_rule_bites(line: str) -> None:
    assert len(rich_text(Module("desktop/views/made_up.py", line, ast.parse(line)))) == 1


@pytest.mark.parametrize("line", ["group.create_task(work())", "dialog.open()", "connection.execute(SQL)"])
def test_what_is_fine_stays_fine(line: str) -> None:
    assert complaints(Module("desktop/views/made_up.py", line, ast.parse(line))) == []
