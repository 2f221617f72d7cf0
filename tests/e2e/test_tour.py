"""The tour as a process: every check, every picture, a report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.e2e.command_line import ROOT, document, environment

LANGUAGES, THEMES, SIZES = ("zh", "en"), ("light", "dark"), ("1366x768", "1440x900")
COLOURS = 60  # a page in two colours of its theme has fewer, whatever is written on it


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_tour_shows_every_screen(tmp_path: Path) -> None:
    out = tmp_path / "tour 游"
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--lang", "en", "tour", "--out", str(out), "--json"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    report = document(done.stdout)
    assert report == json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert len(report["checks"]) >= 5
    assert (out / "report.md").read_text(encoding="utf-8").count("\n") >= len(report["steps"])
    assert {step["step"] for step in report["steps"]} >= {"file", "results", "missed", "super", "pictures"}
    looked_at(out / "pictures")
    assert "ERROR" not in (out / "shop" / "logs" / "fankeeper.log").read_text(encoding="utf-8")


def looked_at(folder: Path) -> None:
    """Every screen and state in both languages and both looks, pages in both sizes; themes differ."""
    names = {file.stem for file in folder.glob("*.png")}
    seen: dict[str, set[str]] = {}
    for name in names:
        screen, *parts = name.rsplit("-", 3)
        seen.setdefault(screen, set()).update(parts)
    assert seen.keys() >= {"home", "fans", "post-editor", "drop-result", "import-preview", "welcome"}
    for screen, parts in seen.items():
        assert parts >= {*LANGUAGES, *THEMES, SIZES[0]}, screen
    assert seen["home"] >= set(SIZES)
    for name in sorted(names):
        picture = QImage(str(folder / f"{name}.png"))
        width, height = map(int, name.rsplit("-", 1)[1].split("x"))
        assert (picture.width(), picture.height()) == (width, height), name
        assert len(colours_of(picture)) > COLOURS, name
        is_dark = "-dark-" in name
        assert (picture.pixelColor(width - 4, height - 4).lightness() < 128) == is_dark, name


def colours_of(picture: QImage) -> set[int]:
    """The colours of every third point of every third row."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    points, row = memoryview(plain.constBits()).cast("B").cast("I"), plain.bytesPerLine() // 4
    starts = range(0, plain.height() * row, 3 * row)
    return set().union(*(points[start : start + plain.width() : 3].tolist() for start in starts))
