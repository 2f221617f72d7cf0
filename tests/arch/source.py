"""The program's own source as syntax trees, for the tests of this folder."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
I18N = ROOT / "resources" / "i18n"
LANGUAGES = ("zh_CN", "en")


@dataclass(frozen=True)
class Module:
    """One file: its path from the project's root with forward slashes, its text, its tree."""

    path: str
    text: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        """Where a node stands, as an editor understands it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every Python file of these folders (the whole program when none is named)."""
    found = []
    for folder in folders or ("desktop",):
        start = ROOT / folder
        for file in sorted(start.rglob("*.py")) if start.is_dir() else [start]:
            text = file.read_text(encoding="utf-8")
            found.append(Module(file.relative_to(ROOT).as_posix(), text, ast.parse(text)))
    gc.freeze()  # millions of nodes that stay: every later look for garbage would walk through them
    return tuple(found)


def calls(module: Module) -> Iterator[ast.Call]:
    """Every call in a module."""
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last name of what is called: `execute` of `tx.db.execute(...)`; '' for anything computed."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def owner(call: ast.Call) -> str:
    """The name right before the last one: `db` of `tx.db.execute(...)`; '' where there is none."""
    if not isinstance(call.func, ast.Attribute):
        return ""
    before = call.func.value
    if isinstance(before, ast.Attribute):
        return before.attr
    return before.id if isinstance(before, ast.Name) else ""


def text_of(node: ast.AST | None) -> str | None:
    """The value of a string literal; None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def strings(module: Module) -> Iterator[str]:
    """Every string literal of a module, pieces of f-strings among them."""
    for node in ast.walk(module.tree):
        if (text := text_of(node)) is not None:
            yield text
