"""The house's rules that a linter does not know: contracts, sizes, names, what a package may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

from tests.arch.source import ROOT, modules

MODULE_LINES, FUNCTION_LINES, PACKAGE_LINES = 400, 60, 30
VAGUE = {"utils", "util", "helper", "helpers", "manager", "common", "misc"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|raise NotImplementedError)\b")
EVERYTHING = ("desktop", "scripts", "bootstrap.py", "main.py")


def test_the_layers_hold() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_module_outgrows_a_screenful_of_pages() -> None:
    sizes = {
        module.path: len(module.text.splitlines())
        for module in modules(*EVERYTHING)
        if not module.path.startswith("desktop/store/migrations/m")  # a schema is read as one piece
    }
    assert {path: lines for path, lines in sizes.items() if lines > MODULE_LINES} == {}


def test_no_function_outgrows_a_page() -> None:
    large = [
        f"{module.at(node)} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for module in modules(*EVERYTHING)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert large == []


def test_every_package_says_what_it_is_for_and_little_more() -> None:
    wrong = []
    for folder in sorted({(ROOT / module.path).parent for module in modules()}):
        file = folder / "__init__.py"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        if not text or not ast.get_docstring(ast.parse(text)) or len(text.splitlines()) > PACKAGE_LINES:
            wrong.append(str(folder.relative_to(ROOT)))
    assert wrong == []


def test_names_of_modules_mean_something() -> None:
    assert [module.path for module in modules() if module.path.split("/")[-1][:-3] in VAGUE] == []


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{module.path}:{number}: {line.strip()}"
        for module in modules(*EVERYTHING)
        for number, line in enumerate(module.text.splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert found == []
