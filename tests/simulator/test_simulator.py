"""Lives of a shop on virtual time: nothing sent twice, late, early or lost, whatever fails and whoever dies.

`docs/simulator.md` says what is real here, what is scripted, and what is promised after every step.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.simulator import mutants
from tests.simulator.story import Story, shop_of

ROOT = Path(__file__).resolve().parents[2]
STEPS, DEEP_STEPS = 200_000, 3_000_000
PART = 8  # stories run in so many parts, so that no test is longer than it may be
FIRST_SEED = 1
TAIL = 60
TWICE = (1, 2, 3, 5, 8, 13, 21, 34)
WITHIN = 60  # seeds in which a broken rule has to be noticed; the rarest one shows in the 35th

Live = Callable[..., Story]


def report(story: Story, seed: int) -> str:
    """What broke, the last lines of the trace, and the command that shows it again."""
    command = f"python3 bootstrap.py test tests/simulator --sim-seed {seed}"
    return "\n".join([*story.watch.lines[-TAIL:], "", *story.broken, "", f"Again: {command}"])


def is_deep(config: pytest.Config) -> bool:
    return bool(config.getoption("--deep", default=False))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mutant" in metafunc.fixturenames:
        chosen = mutants.ALL if is_deep(metafunc.config) else mutants.EACH_RUN
        metafunc.parametrize("mutant", chosen, ids=lambda mutant: mutant.__name__)


def test_the_story_of_one_seed(request: pytest.FixtureRequest, live: Live) -> None:
    named = request.config.getoption("--sim-seed", default=None)
    seed = FIRST_SEED if named is None else named
    story = live(seed)
    if named is not None:
        print("\n".join(story.watch.lines))
    assert not story.broken, report(story, seed)
    assert story.watch.steps["exchange"] > 0
    assert story.watch.steps["commit"] > 0


@pytest.mark.slow
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("part", range(PART))
def test_stories(request: pytest.FixtureRequest, live: Live, part: int) -> None:
    if request.config.getoption("--sim-seed", default=None) is not None:
        return
    wanted = (DEEP_STEPS if is_deep(request.config) else STEPS) // PART
    counted: Counter[str] = Counter()
    seed, started = FIRST_SEED + part * 100_000, time.monotonic()
    while counted.total() < wanted:
        seed += 1
        story = live(seed)
        assert not story.broken, report(story, seed)
        counted += story.watch.steps
    seconds = time.monotonic() - started
    print(f"{counted.total()} steps {dict(counted)} of {seed - part * 100_000} stories in {seconds:.0f} s")


@pytest.mark.parametrize("seed", TWICE)
def test_the_same_seed_is_the_same_story(live: Live, seed: int) -> None:
    first, second = live(seed, 60), live(seed, 60)
    assert first.watch.lines == second.watch.lines
    assert first.fingerprint() == second.fingerprint()


@pytest.mark.slow
def test_another_process_tells_the_same_story(live: Live, tmp_path: Path) -> None:
    told = live(TWICE[0], 60).fingerprint()
    script = (
        "import sys, pathlib; from tests.simulator.story import Shops\n"
        "print(Shops(pathlib.Path(sys.argv[1])).told(int(sys.argv[2]), 60).fingerprint())"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", script, str(tmp_path), str(TWICE[0])]
    ran = subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100
    )
    assert ran.stdout.strip() == told


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_broken_rule_is_noticed(
    request: pytest.FixtureRequest, live: Live, mutant: mutants.Mutant
) -> None:
    if request.config.getoption("--sim-seed", default=None) is not None:
        return
    with mutants.broken(mutant):
        seeds = (
            seed for seed in itertools.count(FIRST_SEED) if mutants.platform_of(mutant) in shop_of(seed)
        )
        caught = next((seed for seed in itertools.islice(seeds, WITHIN) if live(seed).broken), None)
    assert caught is not None, f"{mutant.__doc__} Not noticed in {WITHIN} stories."
