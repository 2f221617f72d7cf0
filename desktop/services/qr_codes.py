"""Codes drawn from links, as PNG bytes: for the screen, and as a file to print."""

from __future__ import annotations

import io
import os
from pathlib import Path

import segno

from desktop.domain.entry_ways import is_scannable
from desktop.domain.errors import InvalidInputError, StoreReadOnlyError

SCREEN_SCALE = 6
PRINT_SCALE = 24
QUIET_MODULES = 4  # the empty edge that readers need


def png_of(link: str, scale: int = SCREEN_SCALE) -> bytes:
    """A code that leads to `link`; `scale` pixels a module. Raises InvalidInputError('way_no_code')."""
    if not is_scannable(link):
        raise InvalidInputError("way_no_code")
    out = io.BytesIO()
    segno.make_qr(link, error="m").save(out, kind="png", scale=scale, border=QUIET_MODULES)
    return out.getvalue()


def save_png(link: str, target: Path) -> None:
    """Write a code large enough to print, whole or not at all.

    Raises InvalidInputError('way_no_code'), StoreReadOnlyError where the folder cannot be written.
    """
    data = png_of(link, PRINT_SCALE)
    temporary = target.with_name(f".{target.name}.part")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreReadOnlyError(path=str(target.parent)) from error
