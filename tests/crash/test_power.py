"""What a disk may hold when the power goes: always a whole file, with all that was acknowledged."""

from __future__ import annotations

import pytest

from tests.crash.conftest import Ask, told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
STATES, DEEP = 1_050, 10_500
RECORDED = (
    "init", "confirm", "push", "recover", "edit", "draft", "import", "undo-import", "backup", "restore",
    "migrate-1",
)  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
def test_no_state_is_broken_or_lacks_what_was_acknowledged(
    worker: Ask, name: str, seed: str, deep: bool, only_point: str
) -> None:
    only = only_point.partition(":power:")[2]
    states = DEEP if deep else STATES
    found = worker("power", name=name, states=states, seed=seed, only=only)
    spent = f"{found['seconds']} s, {found['cpu_s']} s of work"
    print(f"\n{name}: {found['states']} states of {found['calls']} calls, {spent}")
    assert (found["lost"], found["broken"]) == (0, 0), told(found["failures"], seed)
    assert only or found["states"] >= 0.9 * states


@pytest.mark.parametrize("name", ["push", "edit"])
def test_commits_that_do_not_wait_for_the_disk_are_found_lost(worker: Ask, name: str, seed: str) -> None:
    found = worker("power", name=name, states=200, seed=seed, only="", mutant="lazy_sync")
    assert found["lost"] > 0
    assert found["broken"] == 0 or found["lost"] > found["broken"]
