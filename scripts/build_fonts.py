"""Build the two faces of Fankeeper Sans from Noto Sans SC: `python scripts/build_fonts.py PACKAGE_FOLDER`.

PACKAGE_FOLDER is the unpacked npm package @expo-google-fonts/noto-sans-sc (SIL Open Font License).
Needs fontTools, which the program itself does not: `uv run --with fonttools scripts/build_fonts.py ...`.
The result is committed, so this runs only when the font or its choice of characters changes.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "resources" / "fonts"
FAMILY = "Fankeeper Sans"
VERSION = "1.000"

# Marks that a console writes and that the national standard is not sure to hold.
MARKS = "‘’“”‹›…–—•·−×÷±≈≠≤≥¥￥€‰°℃′″←↑→↓↔↗↘✓✗★☆●○■□▲△▼▽◆◇♀♂⌘⌥⇧⏎①②③④⑤⑥⑦⑧⑨⑩"

# Given names that people really have and that older fonts leave out; the build stops without them.
MUST_HAVE = "喆堃玥珺旻祎赟翀翊骁昉怡"


@dataclass(frozen=True)
class Face:
    """One shipped file: where its outlines come from, its weight, and the characters it keeps."""

    style: str
    weight: int
    source: str
    characters: frozenset[str]

    @property
    def file_name(self) -> str:
        """Name of the file in resources/fonts."""
        return f"FankeeperSans-{self.style}.ttf"


def plane(encoding: str, lead: range, trail: range) -> frozenset[str]:
    """Every character that a two-byte encoding can write."""
    found = set()
    for high in lead:
        for low in trail:
            text = bytes((high, low)).decode(encoding, errors="ignore")
            if len(text) == 1:
                found.add(text)
    return frozenset(found)


def faces() -> tuple[Face, Face]:
    """Both faces keep GBK: Qt looks for a missing character in other families, never in another
    weight of the same one, so a name in a heading would show boxes with a narrower SemiBold.
    """
    latin = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180)]))
    gbk = plane("gbk", range(0x81, 0xFF), range(0x40, 0xFF))
    kept = latin | gbk | frozenset(MARKS + MUST_HAVE)
    return (
        Face("Regular", 400, "400Regular/NotoSansSC_400Regular.ttf", kept),
        Face("SemiBold", 600, "600SemiBold/NotoSansSC_600SemiBold.ttf", kept),
    )


def build(face: Face, package: Path) -> str:
    """Write one face and return a line that says what came out."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern", "liga", "locl", "tnum", "ccmp", "mark", "mkmk"]
    options.name_IDs = [0, 7, 13, 14]  # the makers' copyright and licence stay; the names are ours
    options.notdef_outline = True
    font = subset.load_font(str(package / face.source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(face.characters)))
    subsetter.subset(font)
    rename(font, face)
    covered = set(map(chr, font.getBestCmap()))
    if missing := (set(MUST_HAVE) & face.characters) - covered:
        raise SystemExit(f"{face.file_name} lacks {''.join(sorted(missing))}")
    target = FONTS / face.file_name
    font["head"].created = font["head"].modified = 0  # the same input gives the same bytes
    font.recalcTimestamp = False
    font.save(target)
    return f"{target.name}: {target.stat().st_size:,} bytes, {len(covered):,} characters"


def rename(font: TTFont, face: Face) -> None:
    """Call the face ours: both weights in one family, so that a widget asks for a weight only."""
    regular = face.weight == 400
    texts = {
        1: FAMILY if regular else f"{FAMILY} {face.style}",
        2: "Regular",
        3: f"{VERSION};FankeeperSans-{face.style}",
        4: FAMILY if regular else f"{FAMILY} {face.style}",
        5: f"Version {VERSION}",
        6: f"FankeeperSans-{face.style}",
        16: FAMILY,
        17: face.style,
    }
    for number, text in texts.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = face.weight


def main() -> None:
    """Build both faces beside their licence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("package", type=Path, help="unpacked folder of @expo-google-fonts/noto-sans-sc")
    package = parser.parse_args().package
    FONTS.mkdir(parents=True, exist_ok=True)
    for face in faces():
        print(build(face, package))
    shutil.copyfile(package / "LICENSE_FONT", FONTS / "OFL.txt")


if __name__ == "__main__":
    main()
