"""No fault may lose its test: every number from F01 to F57 is in the name of one, or named here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
LAST = 57
# Faults of the disk and of dying processes: swept over system calls and power cuts, by other tests.
SWEEP = "crash/test_sweep.py::test_a_scenario_survives_every_crash"
POWER = "crash/test_power.py::test_no_state_is_broken_or_lacks_what_was_acknowledged"
ELSEWHERE = {
    50: (SWEEP,),
    51: (SWEEP,),
    52: ("e2e/test_bad_input.py::test_a_full_disk_loses_nothing", SWEEP),
    53: (POWER,),
    54: ("crash/test_power.py::test_commits_that_do_not_wait_for_the_disk_are_found_lost", POWER),
    55: (SWEEP,),
}


def named() -> dict[int, list[str]]:
    """The tests of this folder by the number they carry."""
    found: dict[int, list[str]] = {}
    for file in sorted(Path(__file__).parent.glob("test_f*.py")):
        for name, number in re.findall(
            r"^(?:async )?def (test_f(\d\d)_\w+)", file.read_text("utf-8"), re.M
        ):
            found.setdefault(int(number), []).append(name)
    return found


def exists(test: str) -> bool:
    """Whether a test stands where it is said to stand."""
    file, name = test.split("::")
    path = TESTS / file
    return (
        path.is_file() and re.search(rf"^(async )?def {name}\(", path.read_text("utf-8"), re.M) is not None
    )


@pytest.mark.parametrize("number", range(1, LAST + 1), ids=lambda number: f"F{number:02}")
def test_every_fault_has_its_test(number: int) -> None:
    assert number in named() or number in ELSEWHERE


def test_no_test_carries_a_number_that_means_nothing() -> None:
    assert named().keys() <= set(range(1, LAST + 1))


@pytest.mark.parametrize("number", ELSEWHERE, ids=lambda number: f"F{number:02}")
def test_what_is_named_elsewhere_is_there(number: int) -> None:
    folders = [test for test in ELSEWHERE[number] if (TESTS / test).parent.is_dir()]
    assert all(exists(test) for test in folders)
