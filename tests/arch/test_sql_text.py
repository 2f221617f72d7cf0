"""SQL is written by us: no text that came from outside is ever woven into a statement.

Every f-string, `%`, `+` or `.format` in desktop/store that reads like SQL may hold only pieces that
this file can follow back to constants: names in capitals, literals, joins of question marks, and
what other functions of desktop/store return, which are held to the same rule.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.arch.source import Module, called, modules, text_of

SQL = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|REPLACE|FROM|WHERE|AND|OR|JOIN|ORDER BY|GROUP BY|VALUES|LIMIT)\b"
    r"|\b(IN \(|SET|PRAGMA|CREATE|DROP|ALTER)"
)
KEEPS_OUR_TEXT = {
    "items",
    "values",
    "keys",
    "get",
    "format",
    "replace",
    "sorted",
    "list",
    "tuple",
    "dict",
    "repeat",
    "filter",
    "split",
}
# Fields that hold pieces of statements, and the calls that fill them: held to the same rule where they are made.
STATEMENT_FIELDS = {"ids", "holds", "text", "some"}
MAKERS = {"Part", "Key", "Search", "Among"}
FILLERS = {("desktop/store/fans/fan_filters.py", "add")}
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Pieces:
    """Follows the pieces of a statement back to constants within one function."""

    def __init__(self, function: Function | ast.Module, module: Module, ours: set[str]) -> None:
        self._function = function
        self._module = module
        self._ours = ours
        self._busy: set[str] = set()
        self._bound: dict[str, list[ast.AST]] = {}
        self._parameters: dict[str, ast.arg] = {}
        if not isinstance(function, ast.Module):
            given = function.args
            self._parameters = {
                one.arg: one for one in [*given.posonlyargs, *given.args, *given.kwonlyargs]
            }
        for node in ast.walk(function):
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._bind(target, value)
            case ast.AugAssign(target=target, value=value):
                self._bind(target, value)
            case ast.NamedExpr(target=target, value=value):
                self._bind(target, value)
            case (
                ast.For(target=ast.Tuple(elts=[number, _]), iter=ast.Call(func=ast.Name(id="enumerate")))
                | ast.comprehension(
                    target=ast.Tuple(elts=[number, _]), iter=ast.Call(func=ast.Name(id="enumerate"))
                )
            ):
                self._bind(number, ast.Constant(0))
            case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
                self._bind(target, source)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend"), args=[given]
            ):
                self._bound.setdefault(name, []).append(given)

    def _bind(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, ast.Name):
            self._bound.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Tuple):
            parts = value.elts if isinstance(value, ast.Tuple) else [value] * len(target.elts)
            for one, part in zip(target.elts, parts, strict=False):
                self._bind(one, part)

    def is_ours(self, node: ast.AST) -> bool:
        """Whether a piece can only be text that stands in the program."""
        match node:
            case ast.Constant() | ast.FormattedValue(value=ast.Constant()):
                return True
            case ast.FormattedValue(value=value) | ast.Starred(value=value):
                return self.is_ours(value)
            case (
                ast.JoinedStr(values=parts)
                | ast.Tuple(elts=parts)
                | ast.List(elts=parts)
                | ast.Set(elts=parts)
            ):
                return all(self.is_ours(part) for part in parts)
            case ast.Dict(values=parts):
                return all(self.is_ours(part) for part in parts)
            case ast.BinOp(left=left, right=right, op=op):
                fine = self.is_ours(left)
                return fine if isinstance(op, ast.Mult) else fine and self.is_ours(right)
            case ast.IfExp(body=left, orelse=right):
                return self.is_ours(left) and self.is_ours(right)
            case ast.BoolOp(values=parts):
                return all(self.is_ours(part) for part in parts)
            case ast.GeneratorExp(elt=part) | ast.ListComp(elt=part) | ast.SetComp(elt=part):
                return self.is_ours(part)
            case ast.Subscript(value=value):
                return self.is_ours(value)
            case ast.Attribute(attr=name):
                return name.isupper() or name in STATEMENT_FIELDS
            case ast.Name(id=name):
                return self._is_our_name(name)
            case ast.Call():
                return self._is_our_call(node)
        return False

    def _is_our_name(self, name: str) -> bool:
        if name.isupper() or name in self._busy:
            return True
        if name in self._parameters and name not in self._bound:
            return self._is_our_parameter(name)
        self._busy.add(name)
        fine = name in self._bound and all(self.is_ours(value) for value in self._bound[name])
        self._busy.discard(name)
        return fine

    def _is_our_parameter(self, name: str) -> bool:
        """A number, a Literal, or text that every caller of a private function takes from constants."""
        annotation = self._parameters[name].annotation
        kind = ast.unparse(annotation) if annotation else ""
        if kind == "int" or "Literal" in kind:
            return True
        function = self._function
        if isinstance(function, ast.Module) or not function.name.startswith("_"):
            return False
        position = list(self._parameters).index(name)
        uses = [
            (scope, call)
            for scope in scopes(self._module)
            for call in own_nodes(scope)
            if isinstance(call, ast.Call) and called(call) == function.name
        ]
        return bool(uses) and all(
            Pieces(scope, self._module, self._ours).is_ours(value)
            for scope, call in uses
            for value in [
                *call.args[position : position + 1],
                *(k.value for k in call.keywords if k.arg == name),
            ]
        )

    def _is_our_call(self, call: ast.Call) -> bool:
        name = called(call)
        if name == "join" and isinstance(call.func, ast.Attribute):
            return self.is_ours(call.func.value) and all(self.is_ours(given) for given in call.args)
        if name in ("int", "len", "range"):
            return True
        if name in KEEPS_OUR_TEXT:
            before = [call.func.value] if isinstance(call.func, ast.Attribute) else []
            return all(self.is_ours(given) for given in [*before, *call.args])
        return name in self._ours and all(
            text_of(given) is not None
            or isinstance(given, ast.Constant)
            or self.is_ours(given)
            or not is_text(given)
            for given in call.args
        )


def is_text(node: ast.AST) -> bool:
    """Whether an argument is written out as text here."""
    return isinstance(node, ast.JoinedStr | ast.BinOp)


def woven(module: Module, ours: set[str]) -> Iterator[str]:
    """Statements of a module with pieces that cannot be followed back to constants."""
    for scope in scopes(module):
        pieces = Pieces(scope, module, ours)
        for node in own_nodes(scope):
            if is_statement(node) and not pieces.is_ours(node):
                yield f"{module.at(node)} {ast.unparse(node)[:160]}"


def scopes(module: Module) -> list[Function | ast.Module]:
    """The outermost functions and methods of a module, and the module itself."""
    functions = [node for node in ast.walk(module.tree) if isinstance(node, Function)]
    inner = {id(node) for function in functions for node in ast.walk(function) if node is not function}
    return [*(function for function in functions if id(function) not in inner), module.tree]


def own_nodes(scope: Function | ast.Module) -> Iterator[ast.AST]:
    """Every node of a scope; of a module only what is in no function."""
    if not isinstance(scope, ast.Module):
        yield from ast.walk(scope)
        return
    queue: list[ast.AST] = [scope]
    while queue:
        node = queue.pop()
        yield node
        queue += [child for child in ast.iter_child_nodes(node) if not isinstance(child, Function)]


def is_statement(node: ast.AST) -> bool:
    """Whether a node puts text together that reads like SQL."""
    match node:
        case ast.JoinedStr(values=parts):
            return any(SQL.search(text_of(part) or "") for part in parts)
        case ast.BinOp(left=left, right=right, op=ast.Add() | ast.Mod()):
            return any(SQL.search(text_of(side) or "") for side in (left, right))
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return bool(SQL.search(text_of(value) or ""))
    return False


def functions_of_the_store() -> set[str]:
    """Names of every function in desktop/store: what they return is held to this rule too."""
    return {
        node.name
        for module in modules("desktop/store")
        for node in ast.walk(module.tree)
        if isinstance(node, Function)
    }


def fillings(module: Module, ours: set[str]) -> Iterator[str]:
    """Fields of statements that are filled with text that cannot be followed back to constants."""
    for scope in scopes(module):
        pieces = Pieces(scope, module, ours)
        for node in own_nodes(scope):
            if not isinstance(node, ast.Call):
                continue
            is_filled = called(node) in MAKERS or (module.path, called(node)) in FILLERS
            texts = [given for given in node.args if not is_number(given)]
            texts += [k.value for k in node.keywords if k.arg in STATEMENT_FIELDS]
            is_filler_itself = not isinstance(scope, ast.Module) and scope.name == "add"
            if is_filled and not is_filler_itself and not all(map(pieces.is_ours, texts)):
                yield f"{module.at(node)} {ast.unparse(node)[:160]}"


def is_number(node: ast.AST) -> bool:
    """Whether an argument is a truth value or a number, which no statement is made of."""
    return isinstance(node, ast.Constant) and not isinstance(node.value, str)


def test_fields_of_statements_are_filled_with_our_own_text() -> None:
    ours = functions_of_the_store()
    assert [text for module in modules("desktop/store") for text in fillings(module, ours)] == []


def test_statements_hold_only_our_own_text() -> None:
    ours = functions_of_the_store()
    assert [text for module in modules("desktop/store") for text in woven(module, ours)] == []


@pytest.mark.parametrize(
    "body",
    [
        'conn.execute(f"SELECT * FROM fan WHERE name = {name}")',
        'conn.execute("SELECT * FROM fan WHERE name = " + name)',
        'conn.execute("SELECT * FROM fan WHERE name = %s" % name)',
        'conn.execute("SELECT * FROM fan WHERE name = {}".format(name))',
        'where = f"name = {name}"; conn.execute(f"SELECT * FROM fan WHERE {where}")',
        'conn.execute(f"SELECT * FROM fan ORDER BY {query.sort}")',
    ],
)
def test_the_rule_bites(body: str) -> None:
    text = f"def f(conn, name: str, query):\n    {body}\n"
    assert list(woven(Module("desktop/store/made_up.py", text, ast.parse(text)), set()))


@pytest.mark.parametrize(
    "body",
    [
        'conn.execute(f"SELECT * FROM fan WHERE {LIVE}")',
        'marks = ", ".join("?" for _ in ids); conn.execute(f"SELECT 1 WHERE id IN ({marks})", ids)',
        'marks = ",".join("?" * len(ids)); conn.execute(f"SELECT 1 FROM fan WHERE id IN ({marks})", ids)',
        'conn.execute(f"SELECT * FROM fan ORDER BY {SORTS[query.sort]}")',
        'parts = ["a = ?"]; parts.append("b = ?"); sql = f"SELECT 1 WHERE {\' AND \'.join(parts)}"',
        'marks = ", ".join(f":tag_{n}" for n, _ in enumerate(ids)); sql = f"SELECT 1 WHERE {marks}"',
        'direction = "DESC" if ids else "ASC"; sql = f"SELECT * FROM fan ORDER BY id {direction}"',
    ],
)
def test_the_rule_lets_our_own_pieces_through(body: str) -> None:
    text = f"def f(conn, ids, query):\n    {body}\n"
    assert list(woven(Module("desktop/store/made_up.py", text, ast.parse(text)), set())) == []
