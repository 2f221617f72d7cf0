"""requirements.lock gives every library that pyproject.toml asks for, by hash, and names no index."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.arch.source import ROOT


class Locked(NamedTuple):
    """One entry of the lock."""

    requirement: Requirement
    version: str
    hashes: int


def locked() -> dict[str, Locked]:
    """The lock by library."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = {}
    for block in re.split(r"\n(?=[A-Za-z])", re.sub(r"(?m)^\s*#.*\n", "", text).strip()):
        requirement = Requirement(block.split(" \\\n")[0])
        (pin,) = requirement.specifier
        assert pin.operator == "==", block
        entries[canonicalize_name(requirement.name)] = Locked(
            requirement, pin.version, block.count("--hash=sha256:")
        )
    return entries


def asked() -> list[Requirement]:
    """What pyproject.toml asks for, all extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return [
        Requirement(line)
        for line in [*project["dependencies"], *(line for extra in extras for line in extra)]
    ]


@pytest.mark.parametrize("requirement", asked(), ids=lambda requirement: requirement.name)
def test_the_lock_satisfies_the_project(requirement: Requirement) -> None:
    entry = locked()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(entry.version)


def test_every_entry_is_held_by_hash() -> None:
    assert [name for name, entry in locked().items() if not entry.hashes] == []


def test_the_lock_names_no_index_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"index-url|find-links|://|^-", text, re.MULTILINE)


def test_qt_is_held_to_one_version_below_the_one_that_aborts() -> None:
    entries = locked()
    assert entries["pyside6-essentials"].version == entries["shiboken6"].version
    assert tuple(map(int, entries["shiboken6"].version.split(".")[:2])) < (6, 12)


def test_this_environment_is_the_locked_one() -> None:
    differing = {
        name: (version(name), entry.version)
        for name, entry in locked().items()
        if name != "pip" and (entry.requirement.marker is None or entry.requirement.marker.evaluate())
        if version(name) != entry.version
    }
    assert differing == {}


def test_the_notices_name_every_library_the_program_runs_with() -> None:
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8").lower()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["sandbox"]]
    assert [name for line in lines if (name := Requirement(line).name).lower() not in notices] == []
