"""A client that keeps every answer, and the documented fields the answers are held against."""

import pathlib
from collections.abc import Iterator
from typing import Any

from tests.sandbox_process import SandboxProcess
from tests.unit.sandbox.conftest import Raw

TABLE = pathlib.Path(__file__).with_name("documented_fields.txt")
TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "bool": (bool,), "num": (int, float)}


class Recorder(Raw):
    """Keeps the good answers per path; a refusal fails the test at once."""

    def __init__(self, process: SandboxProcess) -> None:
        super().__init__(process)
        self.answers: dict[str, list[dict[str, Any]]] = {}

    def _keep(self, path: str, answer: dict[str, Any]) -> dict[str, Any]:
        assert answer["errcode"] == 0, (path, answer)
        assert isinstance(answer["errmsg"], str)
        self.answers.setdefault(path, []).append(answer)
        return answer

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._keep(path, super().get(path, **query))

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self._keep(path, super().post(path, **body))

    def upload(self, path: str, data: bytes, name: str = "p.png", **query: Any) -> dict[str, Any]:
        return self._keep(path, super().upload(path, data, name, **query))


def documented(source: pathlib.Path = TABLE) -> dict[str, list[tuple[str, str]]]:
    """Path -> (field, type) as documented."""
    table: dict[str, list[tuple[str, str]]] = {}
    for line in source.read_text("utf-8").splitlines():
        if line.startswith("  "):
            field, kind = line.split()
            table[path].append((field, kind))  # noqa: F821
        elif line and not line.startswith("#"):
            path = line
            table[path] = []
    return table


def found(node: Any, field: str) -> Iterator[Any]:
    """Every value that stands at a dotted field; `[]` goes into a list."""
    head, _, rest = field.partition(".")
    name, listed = head.removesuffix("[]"), head.endswith("[]")
    if not isinstance(node, dict) or name not in node:
        return
    for value in node[name] if listed else [node[name]]:
        if rest:
            yield from found(value, rest)
        else:
            yield value


def is_of(value: Any, kind: str) -> bool:
    """True when a value has one of the types `a|b`; a bool is no number."""
    names = kind.rstrip("?").split("|")
    return any(
        isinstance(value, TYPES[name]) and (name == "bool" or not isinstance(value, bool)) for name in names
    )
