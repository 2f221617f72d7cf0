"""Kills and errors at the system calls of every scenario: what is acknowledged stays, nothing is half done."""

from __future__ import annotations

import pytest

from tests.crash.conftest import Ask, told
from tests.crash.supervisor import KILLS
from tests.crash.sweep import scenarios

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
POINTS = 66  # of a scenario in a normal run; `--deep` takes every one
DEARER = {
    "connect": 16,
    "sync": 24,
    "send": 12,
    "add-way": 12,
}  # each of their points speaks to the sandbox


@pytest.mark.parametrize("name", list(scenarios()))
def test_a_scenario_survives_every_crash(
    worker: Ask, name: str, seed: str, deep: bool, only_point: str
) -> None:
    only = only_point.partition(":")[2]
    points = 0 if deep else DEARER.get(name, POINTS)
    found = worker("sweep", name=name, most=points, seed=seed, only=only)
    spent = f"{found['seconds']} s, {found['cpu_s']} s of work"
    print(f"\n{name}: {found['points']} of {found['all']} points, {spent}, calls {found['calls']}")
    assert not found["failures"], told(found["failures"], seed)
    if not only:
        assert found["points"] >= 0.9 * (points or found["all"])
        assert found["calls"].keys() >= {"write", "sync", "create"}


def test_want_of_room_at_any_sync_leaves_no_outcome_unnoted(worker: Ask, seed: str) -> None:
    """SQLite calls it an I/O error there; the reserve is used all the same."""
    found = worker("sweep", name="push", most=0, seed=seed, kinds=["sync"], faults=["full", "full_ever"])
    assert not found["failures"], told(found["failures"], seed)
    assert found["points"] >= 20


def test_without_the_mark_the_harness_finds_what_goes_out_twice(worker: Ask, seed: str) -> None:
    """A build whose mark is no commit of its own, killed between a request and the note of its outcome."""
    found = worker("sweep", name="push", most=0, seed=seed, only="", mutant="no_mark", kinds=["sync"])
    kills = [one for one in found["failures"] if one["point"].split(":")[2] in KILLS]
    assert kills
    assert all("AssertionError" in one["why"] for one in kills)


def test_the_same_seed_gives_the_same_points(worker: Ask, seed: str) -> None:
    first, again = (worker("sweep", name="draft", most=12, seed=seed, only="") for _ in range(2))
    other = worker("sweep", name="draft", most=12, seed=f"{seed}-other", only="")
    assert first["tried"] == again["tried"]
    assert first["calls"] == again["calls"]
    assert first["tried"] != other["tried"]
