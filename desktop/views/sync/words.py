"""Words and tones that the parts of the sync centre share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.domain.accounts import AccountState
from desktop.domain.sync_reports import StreamReport, SyncRun, Verdict
from desktop.qtkit.i18n import has, label, t

STATE_TONES = {
    AccountState.NEW: "neutral",
    AccountState.CONNECTED: "good",
    AccountState.REFUSED: "bad",
    AccountState.DISABLED: "neutral",
}
VERDICT_TONES = {
    Verdict.RUNNING: "info",
    Verdict.OK: "good",
    Verdict.LOOK: "warn",
    Verdict.PARTLY: "warn",
    Verdict.FAILED: "bad",
    Verdict.CANCELLED: "neutral",
}
ASKS_PLACES = frozenset({"talks"})  # what is asked for is desks, and a desk may have nothing new
ONLY_WHAT_IS_NEW = frozenset({"mass_sends", "statistics"}) | ASKS_PLACES  # ask for nothing they have


def problem_text(code: str, params: Mapping[str, Any] | None) -> str:
    """What stands in the way and how to mend it, from an error's code and parameters."""
    known: dict[str, Any] = {"detail": "", **(params or {})}
    known.pop("key", None)
    key = f"error.{code}"
    return t(key, **known) if has(key) else t("error.unexpected", **{**known, "detail": code})


def stream_verdict(stream: StreamReport) -> tuple[str, str]:
    """(word, tone) for one stream of a round: nothing at all is never called done."""
    if stream.error_code or "stopped" in stream.notes:
        return t("sync_page.stream_stopped"), "bad"
    is_empty = not stream.received and stream.requested and stream.stream not in ASKS_PLACES
    if "zero_rows" in stream.notes or is_empty:
        return t("sync_page.stream_nothing"), "warn"
    if "removals_held" in stream.notes:
        return t("sync_page.stream_held"), "warn"
    if "count_mismatch" in stream.notes or "members_empty" in stream.notes or stream.failed:
        return t("sync_page.stream_look"), "warn"
    if not stream.received:
        is_same = stream.stream in ONLY_WHAT_IS_NEW
        return t("sync_page.stream_same" if is_same else "sync_page.stream_none"), "neutral"
    return t("sync_page.stream_done"), "good"


def stream_name(name: str) -> str:
    """The name of a stream at the beginning of a line."""
    said = label("sync_stream", name)
    return said[:1].upper() + said[1:]


def notes_of(run: SyncRun, *, but: str = "") -> list[tuple[str, str]]:
    """(level, text) of all that a round has to say, `but` one note, worst first; levels as in a check list."""
    said: list[tuple[str, str]] = []
    first_refusal = run.error_code
    if first_refusal and not any(stream.error_code for stream in run.streams):
        said.append(("bad", problem_text(first_refusal, run.error_params)))
    for stream in run.streams:
        name = stream_name(stream.stream)
        if stream.error_code:
            params = run.error_params if stream.error_code == first_refusal else {}
            text = problem_text(stream.error_code, params)
            said.append(("bad", t("sync_page.note_line", stream=name, text=text)))
        for note in stream.notes:
            if note == but or (note == "stopped" and first_refusal):
                continue  # why it stopped is said already
            text = label("sync.note", note)
            level = "pass" if note in ("resumed", "total_unknown") else "warn"
            said.append((level, t("sync_page.note_line", stream=name, text=text)))
    return sorted(said, key=lambda line: ("bad", "warn", "pass").index(line[0]))
