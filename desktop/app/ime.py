"""Chinese input on Linux: point Qt at a plugin that is there, before the application is made.

PySide6's wheels carry the ibus plugin and none for fcitx; fcitx 5 speaks the ibus protocol too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

from PySide6.QtCore import QLibraryInfo


def mend_input_method(
    env: MutableMapping[str, str] | None = None, plugins: Path | None = None, system: str = sys.platform
) -> bool:
    """Set QT_IM_MODULE to ibus where fcitx is asked for and has no plugin; whether that was needed."""
    env = os.environ if env is None else env
    if not system.startswith("linux"):
        return False
    asked = (
        f"{env.get('QT_IM_MODULE', '')} {env.get('QT_IM_MODULES', '')} {env.get('XMODIFIERS', '')}".lower()
    )
    if "fcitx" not in asked or (env.get("QT_IM_MODULE") or "fcitx").lower() not in ("fcitx", "fcitx5"):
        return False
    folder = plugins or Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    if any((folder / "platforminputcontexts").glob("*fcitx*")):
        return False
    env["QT_IM_MODULE"] = "ibus"
    env.pop("QT_IM_MODULES", None)  # a list that Qt would prefer
    return True
