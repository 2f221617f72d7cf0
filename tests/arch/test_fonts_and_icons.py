"""What is shipped beside the code: fonts that can write every text, icons that can be painted, licences."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ElementTree

import pytest

from tests.arch.source import I18N, ROOT, called, calls, modules, text_of

FONTS, ICONS = ROOT / "resources" / "fonts", ROOT / "resources" / "icons"
FACES = ("FankeeperSans-Regular.ttf", "FankeeperSans-SemiBold.ttf")
RARE_NAMES = "喆堃玥珺旻祎赟翀翊骁昉"
MARKS = "¥￥·…—“”‘’→←↑↓✓×℃①②③"


@pytest.mark.parametrize("face", FACES)
def test_the_font_writes_every_text_and_rare_names(qapp, face: str) -> None:
    from PySide6.QtGui import QRawFont

    font = QRawFont(str(FONTS / face), 16)
    assert font.isValid()
    said = set(RARE_NAMES + MARKS)
    for file in I18N.rglob("*.json"):
        said |= set("".join(json.loads(file.read_text(encoding="utf-8")).values()))
    missing = sorted(char for char in said if char not in "\n\t" and not font.supportsCharacter(ord(char)))
    assert missing == []


def test_both_weights_are_one_family(qapp) -> None:
    from PySide6.QtGui import QFont, QFontInfo

    found = []
    for weight in (QFont.Weight.Normal, QFont.Weight.DemiBold):
        font = QFont("Fankeeper Sans")
        font.setWeight(weight)
        info = QFontInfo(font)
        found.append((info.family(), info.weight()))
    assert found == [("Fankeeper Sans", 400), ("Fankeeper Sans", 600)]


@pytest.mark.parametrize("file", sorted(ICONS.glob("*.svg")), ids=lambda file: file.stem)
def test_icons_take_the_colour_of_the_theme(file) -> None:
    root = ElementTree.parse(file).getroot()
    assert (root.get("viewBox"), root.get("stroke")) == ("0 0 24 24", "currentColor")


def test_every_icon_asked_for_is_shipped() -> None:
    asked = {
        (module.at(call), name)
        for module in modules()
        for call in calls(module)
        for word in [*call.args[:1], *(one.value for one in call.keywords if one.arg == "icon")]
        if (name := text_of(word)) is not None
        and (called(call) in ("icon", "set_icon", "icon_pixmap") or word not in call.args)
    }
    assert sorted(where for where in asked if not (ICONS / f"{where[1]}.svg").exists()) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("LICENSE", "MIT License"),
        ("THIRD_PARTY_NOTICES.md", "LGPL"),
        ("resources/fonts/OFL.txt", "SIL OPEN FONT LICENSE Version 1.1"),
        ("resources/icons/LICENSE", "ISC License"),
    ],
)
def test_licences_travel_with_what_they_cover(path: str, words: str) -> None:
    assert words in (ROOT / path).read_text(encoding="utf-8")


def test_the_ci_script_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "bootstrap.py test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
