"""How one person likes the window: language, look, sizes. Kept as JSON beside the shop's data."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

FILE = "settings.json"
LANGUAGES = ("system", "zh_CN", "en")
THEMES = ("system", "light", "dark", "contrast")
TEXT_SCALES = (90, 100, 110, 125)
DENSITIES = ("comfortable", "compact")
MAX_OPERATOR = 60
MAX_GEOMETRY = 4096
_CHOICES = {"language": LANGUAGES, "theme": THEMES, "text_scale": TEXT_SCALES, "density": DENSITIES}


@dataclass(frozen=True, slots=True)
class AppSettings:
    """`operator` is who works here ('' = the system's user name); `geometry` is Qt's, as base64 text."""

    language: str = "system"
    theme: str = "system"
    text_scale: int = 100
    density: str = "comfortable"
    reduced_motion: bool = False
    operator: str = ""
    geometry: str = ""

    def with_(self, **changes: Any) -> AppSettings:
        """The same with some fields changed; what is no legal value is left as it was."""
        return replace(self, **{name: value for name, value in changes.items() if _is_legal(name, value)})


class SettingsFile:
    """The settings of one data folder: read once, written whole at each change."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / FILE
        self.now = load(data_dir)

    def change(self, **changes: Any) -> AppSettings:
        """Set some fields and save. A folder that cannot be written only costs the memory of it."""
        self.now = self.now.with_(**changes)
        try:
            save(self.path.parent, self.now)
        except OSError as error:
            log.warning("settings not saved: %s", error)
        return self.now


def load(data_dir: Path) -> AppSettings:
    """The kept settings; defaults for what is missing or makes no sense."""
    try:
        said = json.loads((data_dir / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return AppSettings()
    except (OSError, ValueError) as error:
        log.info("settings not readable, using the defaults: %s", error)
        return AppSettings()
    return AppSettings().with_(**said) if isinstance(said, dict) else AppSettings()


def save(data_dir: Path, settings: AppSettings) -> None:
    """Write the settings; a reader, or a crash, finds the old or the new ones whole. Raises OSError."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(asdict(settings), ensure_ascii=False, indent=1)
    handle, name = tempfile.mkstemp(prefix=FILE, suffix=".part", dir=data_dir)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, data_dir / FILE)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_legal(name: str, value: object) -> bool:
    if name in _CHOICES:
        return type(value) in (str, int) and value in _CHOICES[name]
    if name == "reduced_motion":
        return isinstance(value, bool)
    if name in {field.name for field in fields(AppSettings)}:
        return isinstance(value, str) and len(value) <= (
            MAX_OPERATOR if name == "operator" else MAX_GEOMETRY
        )
    return False
