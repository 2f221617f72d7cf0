"""How a past round is called: only what brought rows and left no doubt is done."""

from __future__ import annotations

import pytest

from desktop.domain.sync_reports import Outcome, StreamReport, SyncRun, Verdict

WHOLE = StreamReport("customers", 5, 5)
EMPTY = StreamReport("groups", notes=["zero_rows"])
HELD = StreamReport("customers", 5, 5, notes=["removals_held"])
TOLD = StreamReport("tags", 5, 5, notes=["total_unknown", "resumed"])
REFUSED = StreamReport("groups", notes=["stopped"], error_code="wecom_no_permission")


def run(outcome: Outcome | None, *streams: StreamReport) -> SyncRun:
    return SyncRun(1, 1, 0, None if outcome is None else 5, outcome, None, {}, streams)


@pytest.mark.parametrize(
    ("outcome", "streams", "verdict"),
    [
        (None, (WHOLE,), Verdict.RUNNING),
        (Outcome.OK, (WHOLE, TOLD), Verdict.OK),
        (Outcome.OK, (WHOLE, EMPTY), Verdict.LOOK),
        (Outcome.OK, (HELD,), Verdict.LOOK),
        (Outcome.OK, (), Verdict.LOOK),
        (Outcome.OK, (StreamReport("customers"),), Verdict.LOOK),
        (Outcome.FAILED, (WHOLE, REFUSED), Verdict.PARTLY),
        (Outcome.FAILED, (WHOLE,), Verdict.FAILED),
        (Outcome.CANCELLED, (WHOLE,), Verdict.CANCELLED),
    ],
)
def test_only_rows_without_doubt_are_done(
    outcome: Outcome | None, streams: tuple[StreamReport, ...], verdict: Verdict
) -> None:
    assert run(outcome, *streams).verdict is verdict


def test_counts_add_up_and_held_removals_show() -> None:
    past = run(Outcome.OK, HELD, TOLD)
    assert past.total("received") == 10
    assert past.has_held_removals
    assert not run(Outcome.OK, WHOLE).has_held_removals
