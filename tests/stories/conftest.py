"""An owner who types commands, on a day that the test decides."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import entry
from desktop.composition.graph import GraphConfig
from tests.fakes import FakeClock

DAY_S = 86_400


@dataclass(slots=True)
class Owner:
    """Each command opens the shop, does one thing and closes it, as in a terminal."""

    folder: Path
    clock: FakeClock
    capsys: pytest.CaptureFixture[str]

    def ok(self, *words: object) -> dict[str, Any]:
        """The document of a command that works."""
        code, document = self._typed(words)
        assert code == 0, document
        return document

    def refused(self, *words: object) -> str:
        """The code of the error of a command that fails."""
        code, document = self._typed(words)
        assert code != 0, document
        return str(document["error"]["code"])

    def ids(self) -> dict[str, str]:
        """Local ids of fans by their buyer id."""
        rows = self.ok("fans", "--limit", 1_000)["rows"]
        return {row["identities"][0]["external_id"]: row["fan_id"] for row in rows}

    def table(self, name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
        """A file of a table, as a shop exports it."""
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return path

    def file(self, name: str, document: object) -> Path:
        """A file with a JSON document."""
        path = self.folder / name
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return path

    def pass_days(self, days: int) -> None:
        """Nothing is done for some days."""
        self.clock.advance(days * DAY_S)

    def _typed(self, words: Sequence[object]) -> tuple[int, dict[str, Any]]:
        shop = ["--lang", "en", "--data-dir", str(self.folder / "data")]
        code = entry.run([*shop, *map(str, words), "--json"])
        said = self.capsys.readouterr()
        return code, json.loads(said.out or said.err)


@pytest.fixture
def owner(
    tmp_path: Path, clock: FakeClock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Owner:
    """An owner of a shop without anybody in it, at noon of 20 May 2026."""
    monkeypatch.setattr(entry, "GraphConfig", partial(GraphConfig, clock=clock))
    monkeypatch.chdir(tmp_path)
    made = Owner(tmp_path, clock, capsys)
    made.ok("init", "--name", "小满茶铺", "--industry", "frequent-online")
    return made
