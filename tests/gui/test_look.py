"""The tokens hold together: complete, readable, and nothing outside them names a colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desktop.qtkit import resources
from desktop.qtkit.theme import SERIES, TIERS, TONES, Theme, contrast, tokens

ROOT = Path(__file__).resolve().parents[2]
LOOKS = ("light", "dark", "contrast")


def readable_pairs(look: str) -> list[tuple[str, str]]:
    pairs = [
        (text, ground) for text in ("text", "text2", "text3") for ground in ("surface", "bg", "sunken")
    ]
    pairs += [("primary", "surface"), ("primary", "primary_tint"), ("on_primary", "primary")]
    pairs += [("on_badge", "badge"), ("nav_text", "nav"), ("primary", "nav_active"), ("text", "hover")]
    pairs += [(tone, f"{tone}_tint") for tone in TONES]
    pairs += [(f"tier_{tier}", f"tier_{tier}_tint") for tier in TIERS]
    return pairs


@pytest.mark.parametrize("look", LOOKS)
def test_words_are_readable(look: str) -> None:
    table = tokens()[look]
    least = 7.0 if look == "contrast" else 4.5
    poor = {
        pair: round(contrast(table[pair[0]], table[pair[1]]), 2)
        for pair in readable_pairs(look)
        if contrast(table[pair[0]], table[pair[1]]) < least
    }
    assert poor == {}


@pytest.mark.parametrize("look", LOOKS)
def test_lines_of_charts_stand_out(look: str) -> None:
    table = tokens()[look]
    assert {name: table[name] for name in SERIES if contrast(table[name], table["surface"]) < 3.0} == {}


def test_high_contrast_has_borders_one_can_see() -> None:
    table = tokens()["contrast"]
    assert contrast(table["border"], table["surface"]) >= 3.0
    assert contrast(table["border_strong"], table["surface"]) >= 3.0


def test_every_look_has_every_token() -> None:
    assert set(tokens()["light"]) == set(tokens()["dark"]) == set(tokens()["contrast"])


def test_no_colour_is_named_outside_the_tokens() -> None:
    named = re.compile(r"#[0-9a-fA-F]{6}\b|Qt\.GlobalColor\.(?!transparent)|QColor\(\s*\d")
    found = [
        f"{file.relative_to(ROOT)}:{at}"
        for file in [*(ROOT / "desktop").rglob("*.py"), ROOT / "resources/styles/base.qss"]
        for at, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if named.search(line)
    ]
    assert found == []


def test_every_icon_named_is_there() -> None:
    known = set(resources.icon_names())
    icon = re.compile(
        r"""(?:icon=|IconLabel\(|IconButton\(\s*|set_icon\(|\.icon\(|\.pixmap\()"([a-z0-9-]+)\""""
    )
    missing = {
        name
        for file in (ROOT / "desktop").rglob("*.py")
        for name in icon.findall(file.read_text(encoding="utf-8"))
        if name not in known
    }
    assert missing == set()


def test_look_follows_the_system_only_when_asked(kit: Theme) -> None:
    kit.set_choice("dark")
    kit._on_system_changed()
    assert kit.name == "dark"
    heard: list[str] = []
    kit.changed.connect(lambda: heard.append(kit.name))
    kit.set_choice("contrast")
    assert heard == ["contrast"]
    kit.changed.disconnect()


def test_text_grows_with_the_chosen_size(kit: Theme) -> None:
    small = kit.style_sheet()
    kit.set_text_scale(125)
    assert "font-size: 13px" in small
    assert "font-size: 16px" in kit.style_sheet()
    assert kit.px(38) == 48
