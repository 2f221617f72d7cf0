"""Chinese input on Linux: ibus where fcitx is asked for and PySide6 has no plugin for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.app.ime import mend_input_method


@pytest.mark.parametrize(
    ("env", "after"),
    [
        ({"QT_IM_MODULE": "fcitx"}, "ibus"),
        ({"QT_IM_MODULE": "fcitx5"}, "ibus"),
        ({"XMODIFIERS": "@im=fcitx"}, "ibus"),
        ({"QT_IM_MODULES": "wayland;fcitx;ibus"}, "ibus"),
        ({"QT_IM_MODULE": "ibus", "XMODIFIERS": "@im=fcitx"}, "ibus"),
        ({"QT_IM_MODULE": "compose", "XMODIFIERS": "@im=fcitx"}, "compose"),
        ({"XMODIFIERS": "@im=ibus"}, None),
        ({}, None),
    ],
)
def test_linux(tmp_path: Path, env: dict[str, str], after: str | None) -> None:
    mend_input_method(env, tmp_path, "linux")
    assert env.get("QT_IM_MODULE") == after


def test_a_plugin_that_is_there_is_used(tmp_path: Path) -> None:
    (tmp_path / "platforminputcontexts").mkdir()
    (tmp_path / "platforminputcontexts" / "libfcitx5platforminputcontextplugin.so").touch()
    env = {"QT_IM_MODULE": "fcitx"}
    assert not mend_input_method(env, tmp_path, "linux")
    assert env == {"QT_IM_MODULE": "fcitx"}


def test_other_systems_are_left_alone(tmp_path: Path) -> None:
    env = {"QT_IM_MODULE": "fcitx"}
    assert not mend_input_method(env, tmp_path, "win32")
