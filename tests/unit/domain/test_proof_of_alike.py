"""Sends that look the same and go to different people: never matched crosswise."""

from __future__ import annotations

from desktop.domain.proof import ListedWrite, Listing, UnknownWrite, Verdict, judge
from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS
from desktop.domain.writes import Write

NOW = 10_000_000


def send(uid: str, at: int, *targets: str) -> UnknownWrite:
    write = Write(MASS_SEND_CUSTOMERS, {"text": "今晚到货", "sender": "staff1"}, targets)
    return UnknownWrite(uid, write, at, at + 1000)


def row(platform_id: str, at: int, *receivers: str) -> ListedWrite:
    return ListedWrite(platform_id, at, MASS_SEND_CUSTOMERS, "今晚到货", receivers=frozenset(receivers))


def judged(sends: list[UnknownWrite], *rows: ListedWrite) -> dict[str, tuple[Verdict, str]]:
    found = judge(sends, Listing(rows, 0, NOW, True), (), NOW)
    return {uid: (one.verdict, one.platform_id) for uid, one in found.items()}


def test_the_receivers_decide_and_not_the_order() -> None:
    sends = [send("first", 1000, "a", "b"), send("second", 2000, "b", "c")]
    rows = [row("late", 2500, "a"), row("soon", 2400, "c", "b")]
    assert judged(sends, *rows) == {"first": (Verdict.FOUND, "late"), "second": (Verdict.FOUND, "soon")}


def test_receivers_that_could_be_both_or_are_not_named_decide_nothing() -> None:
    sends = [send("first", 1000, "a", "b"), send("second", 2000, "b", "c")]
    asks = {"first": (Verdict.AMBIGUOUS, ""), "second": (Verdict.AMBIGUOUS, "")}
    assert judged(sends, row("x", 2400, "b"), row("y", 2500, "c")) == asks
    assert judged(sends, row("x", 2400), row("y", 2500)) == asks


def test_a_row_that_goes_to_others_is_nobodys_here() -> None:
    """Another computer of the shop sends the same words to other people while ours is in doubt."""
    sends = [send("ours", 1_000_000, "a", "b")]
    theirs = row("theirs", 1_000_500, "x")
    assert judged(sends, theirs) == {"ours": (Verdict.ABSENT, "")}
    assert judged(sends, theirs, row("mine", 1_000_600, "a")) == {"ours": (Verdict.FOUND, "mine")}
    assert judged(sends, row("unnamed", 1_000_500)) == {"ours": (Verdict.FOUND, "unnamed")}


def test_sends_to_the_same_people_need_no_receivers() -> None:
    sends = [send("first", 1000, "a"), send("second", 2000, "a")]
    found = judged(sends, row("x", 2400), row("y", 2500))
    assert found == {"first": (Verdict.FOUND, "x"), "second": (Verdict.FOUND, "y")}
