"""How many suggested pairs of fans are really one person, and how many such pairs are found.

    python -m benchmarks.matching [--seed 1] [--pairs 2000]

A shop of labelled people is made (see `labelled_people`), and the program's own suggestions are held against
the labels. Precision counts every suggested pair of the whole shop; a pair nobody labelled is false.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks import labelled_people
from benchmarks.labelled_people import Case
from desktop.domain.clock import SystemClock
from desktop.domain.matching.clues import SUGGESTED, Candidate
from desktop.domain.tasks import CancelToken, no_progress
from desktop.store.database import Store
from desktop.store.matching import candidates


@dataclass
class Outcome:
    """What was suggested, against what is so."""

    cases: list[Case]
    suggested: list[Candidate]
    seconds: float

    @property
    def labels(self) -> dict[tuple[int, int], Case]:
        """The labelled pairs, lower id first."""
        return {(min(case.fans), max(case.fans)): case for case in self.cases}

    @property
    def right(self) -> list[Case]:
        """Suggested pairs that are one person."""
        labels = self.labels
        pairs = [labels.get((one.fan_id, one.other_id)) for one in self.suggested]
        return [case for case in pairs if case is not None and case.is_same]

    @property
    def precision(self) -> float:
        """The share of the suggested that are right."""
        return len(self.right) / len(self.suggested)

    @property
    def recall(self) -> float:
        """The share of all that are one person which was suggested."""
        return len(self.right) / sum(case.is_same for case in self.cases)


async def judged(path: Path, seed: int, pairs: int) -> Outcome:
    """Make the shop at `path`, and let the program suggest."""
    store = Store(path, SystemClock())
    await store.open()
    try:
        cases = await store.write(lambda tx: labelled_people.write(tx, seed, pairs), kind=None)
        started = time.perf_counter()
        found = await store.read(lambda conn: candidates.find(conn, no_progress, CancelToken()))
        spent = time.perf_counter() - started
    finally:
        await store.close()
    return Outcome(cases, [one for one in found if one.probability >= SUGGESTED], spent)


def main() -> None:
    """Print precision and recall, and what of each kind was suggested."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=2_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(judged(Path(folder) / "shop.db", args.seed, args.pairs))
    labels = outcome.labels
    seen = Counter(case.kind for case in outcome.cases)
    told = Counter(
        labels[pair].kind if (pair := (one.fan_id, one.other_id)) in labels else "nobody labelled it"
        for one in outcome.suggested
    )
    print(
        f"{len(outcome.cases)} labelled pairs, {len(outcome.suggested)} suggested in {outcome.seconds:.2f} s:"
        f" precision {outcome.precision:.4f}, recall {outcome.recall:.4f}"
    )
    for kind, n in sorted(seen.items(), key=lambda each: (each[0] not in labelled_people.SAME, -each[1])):
        same = "one person" if kind in labelled_people.SAME else "two people"
        print(f"{kind:20} {same}  {n:5}  suggested {told[kind]:5}")
    print(f"{'nobody labelled it':32}         suggested {told['nobody labelled it']:5}")


if __name__ == "__main__":
    main()
