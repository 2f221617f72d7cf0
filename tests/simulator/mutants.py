"""The program with one of its rules broken: what the simulator has to notice."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from desktop.domain import outbox, proof
from desktop.domain.outbox import Evidence, State, Window
from desktop.domain.proof import Listing
from desktop.domain.write_kinds.wecom import KF_MESSAGE
from desktop.platforms.code_table import CodeRule, Kind
from desktop.platforms.wecom import (
    client,
    contact_ways,
    customer_edits,
    ending,
    kf,
    mass_sends,
    tags,
    writes,
)
from desktop.store.audiences import recipients
from desktop.store.pulled import platform_people
from desktop.store.sends import outbox as rows
from desktop.sync import gate, pull_people, push, reconcile, settle
from tests.simulator import mutants_doudian, mutants_official, mutants_public
from tests.simulator.story import EVENTS

Patches = list[Any]
Mutant = Callable[[], Patches]


def doubt_is_no_doubt() -> Patches:
    """Whatever went wrong, it is sent again."""
    told = outbox.finding_of

    def finding(error: BaseException) -> Any:
        found = told(error)
        sure = found.evidence is Evidence.UNKNOWN
        return dataclasses.replace(found, evidence=Evidence.NOT_EXECUTED) if sure else found

    return [patch.object(push, "finding_of", finding)]


def death_means_not_sent() -> Patches:
    """What was in flight when the process died is sent again."""

    def recover(tx: Any, account_id: int | None = None) -> int:
        for row in tx.db.execute("SELECT id FROM outbox WHERE state = 'in_flight'").fetchall():
            tx.db.execute(
                "UPDATE attempt SET outcome = 'N', ended_at = 0 WHERE outbox_id = ?", (row["id"],)
            )
            rows.move(tx, row["id"], State.QUEUED)
        return 0

    return [patch.object(rows, "recover", recover)]


def no_mark_before_sending() -> Patches:
    """The request leaves before anything says so in the file."""
    begin = rows.begin_attempt

    def late(tx: Any, item_id: int, **facts: Any) -> int:
        attempt = begin(tx, item_id, **facts)
        tx.db.execute("UPDATE outbox SET state = 'queued' WHERE id = ?", (item_id,))
        return attempt

    return [patch.object(rows, "begin_attempt", late)]


def nobody_recovers() -> Patches:
    """What was in flight stays in flight."""
    return [patch.object(rows, "recover", lambda tx, account_id=None: 0)]


def listings_never_lag() -> Patches:
    """Not in the list now: not sent."""
    return [patch.object(proof, "SETTLE_MS", 0)]


def part_of_a_list_is_all() -> Patches:
    """Rows that cannot be read are left out, and what a listing does not show is absent."""
    whole = Listing
    return [
        patch.object(
            mass_sends, "Listing", lambda found, covers, taken, is_complete: whole((), covers, taken, True)
        )
    ]


def a_row_serves_twice() -> Patches:
    """A task that is proof of one item is proof of another too."""
    found = proof._judge_alike

    def judged(sends: Any, found_rows: Any, listing: Any, now: int) -> Any:
        every = [row for row in listing.rows if proof._may_be(row, sends[0])]
        return found(sends, found_rows or every[: len(sends)], listing, now)

    return [patch.object(proof, "_judge_alike", judged)]


def late_is_fine() -> Patches:
    """Nobody looks at the end of a window."""

    def window(now: int, not_before: int, not_after: int | None) -> Window:
        return Window.EARLY if now < not_before else Window.OPEN

    return [
        patch.object(settle, "window_at", window),
        patch.object(rows, "miss_overdue", lambda tx, why: []),
    ]


def early_is_fine() -> Patches:
    """Nobody looks at the beginning of a window."""

    def window(now: int, not_before: int, not_after: int | None) -> Window:
        return Window.LATE if not_after is not None and now > not_after else Window.OPEN

    def due(state: State, now: int, hold_until: int, not_before: int, next_attempt_at: int) -> bool:
        return state in outbox.WAITING and now >= max(hold_until, next_attempt_at)

    return [patch.object(settle, "window_at", window), patch("desktop.domain.outbox_items.is_due", due)]


def no_time_to_undo() -> Patches:
    """The ten seconds after confirming are not waited for."""

    def due(state: State, now: int, hold_until: int, not_before: int, next_attempt_at: int) -> bool:
        return state in outbox.WAITING and now >= max(not_before, next_attempt_at)

    open_now = lambda self, item: outbox.window_at(self._clock.now_ms(), item.not_before, item.not_after)  # noqa: E731
    return [
        patch("desktop.domain.outbox_items.is_due", due),
        patch.object(settle.Settler, "window", open_now),
    ]


def any_clock_will_do() -> Patches:
    """The computer's clock is believed."""
    return [
        patch.object(gate, "clock_doubt", lambda reading: None),
        patch.object(push, "is_skewed", lambda skew: False),
    ]


def an_hour_that_is_wrong_proves() -> Patches:
    """Absence is judged by a clock that the platform contradicts."""
    return [patch.object(reconcile, "is_skewed", lambda skew: False), patch.dict(EVENTS, clock=14)]


def unknown_codes_are_refusals() -> Patches:
    """A code nobody listed means that nothing was done."""
    told = client.CODES.error_of
    return [
        patch.object(
            client.CODES, "error_of", lambda *given, **more: told(*given, **{**more, "writes": False})
        )
    ]


def warnings_are_success() -> Patches:
    """Code 0 is success, whatever the text says."""

    def errcode(_line: object, fields: Any) -> int:
        return client.strict_json.whole(fields.get("errcode", 0)) or 0

    return [patch.object(client.WeComClient, "errcode", errcode)]


def busy_is_a_refusal() -> Patches:
    """A busy platform did nothing."""
    return [patch.dict(client.CODES.rules, {"-1": CodeRule(True, Kind.RATE, "platform_busy")})]


def barred_people_are_written_to() -> Patches:
    """The do-not-disturb list is looked at when confirming only."""
    return [patch.object(recipients, "unreachable_now", lambda conn, item_id, reach: {})]


def cancelled_but_sent() -> Patches:
    """A cancellation does not stop what is about to leave."""
    return [patch.object(rows, "state_of", lambda tx, item_id: State.QUEUED)]


def cursor_before_page() -> Patches:
    """The cursor is written before the page it stands behind."""
    take = pull_people._CustomerPull._take_in

    async def early(self: Any, some: Any, guard: Any) -> Any:
        account, after = self._round.account.id, some[-1].after.as_text()
        await self._round.store.write(
            lambda tx: pull_people.sync_runs.save_cursor(tx, account, "customers", after), kind=None
        )
        return await take(self, some, guard)

    return [patch.object(pull_people._CustomerPull, "_take_in", early)]


def absent_is_deleted() -> Patches:
    """What a platform does not show is gone, without a question."""
    return [patch("desktop.sync.round.needs_consent", lambda missing, known: False)]


def the_platform_names_people() -> Patches:
    """A name that the operator gave is overwritten."""

    def rename(tx: Any, fan_id: int, before: str, now: str) -> None:
        tx.db.execute("UPDATE fan SET name = ? WHERE id = ?", (now, fan_id))

    return [patch.object(platform_people, "_rename", rename), patch.dict(EVENTS, own_word=15, platform=20)]


def a_reply_gets_a_new_key_each_time() -> Patches:
    """KEY: what the platform takes once under one key is sent under another."""

    async def send(line: Any, write: Any, key: str, is_repeat: bool) -> Any:
        return await kf.send(line, write, key[::-1] if is_repeat else key, is_repeat)

    return [patch.dict(writes.PERFORM, {KF_MESSAGE: send})]


def a_way_not_listed_yet_is_not_made() -> Patches:
    """KEY: a list that lags proves absence."""
    return [patch.object(contact_ways, "SETTLE_MS", 0)]


def what_was_asked_is_so() -> Patches:
    """STATE: a change whose outcome is unknown is taken as made, unread."""
    told = proof.judge_state
    so = lambda _is_so, platform_id="", **facts: told(True, platform_id, **facts)  # noqa: E731
    return [
        patch.object(module, "judge_state", so) for module in (customer_edits, tags, contact_ways, ending)
    ]


def nobody_is_asked() -> Patches:
    """NONE: where nothing can prove it, what is unknown is made again."""

    def judged(verdict: Any, *more: Any, **facts: Any) -> Any:
        is_none = verdict is proof.Verdict.UNPROVABLE
        return proof.Judgement(proof.Verdict.ABSENT if is_none else verdict, *more, **facts)

    return [patch.object(reconcile, "Judgement", judged)]


def predecessors_are_not_waited_for() -> Patches:
    """What must come first is not looked at."""
    return [
        patch.object(gate, "_must_wait", lambda conn, item, now: (None, 0)),
        patch.object(gate, "_failed_predecessor", lambda conn, item: None),
    ]


def newer_overtakes_older() -> Patches:
    """A later change of the same thing does not wait for one whose outcome is open."""

    def due(items: Any, now: int, tried: Any) -> Any:
        return next((one for one in items if one.id not in tried and one.is_due(now)), None)

    return [patch.object(push, "next_due", due)]


def other_computers_are_not_looked_for() -> Patches:
    """What another computer sent is sent again, unasked."""
    return [patch.object(gate, "alike", lambda write, listing: ())]


MUTANTS: tuple[Mutant, ...] = (
    doubt_is_no_doubt, death_means_not_sent, no_mark_before_sending, nobody_recovers, listings_never_lag,
    part_of_a_list_is_all, a_row_serves_twice, late_is_fine, early_is_fine, no_time_to_undo, any_clock_will_do,
    an_hour_that_is_wrong_proves, unknown_codes_are_refusals, warnings_are_success, busy_is_a_refusal,
    barred_people_are_written_to, cancelled_but_sent, cursor_before_page, absent_is_deleted,
    the_platform_names_people, a_reply_gets_a_new_key_each_time, a_way_not_listed_yet_is_not_made,
    what_was_asked_is_so, nobody_is_asked, predecessors_are_not_waited_for, newer_overtakes_older,
    other_computers_are_not_looked_for,
)  # fmt: skip


@contextmanager
def broken(mutant: Mutant) -> Iterator[None]:
    """The program with this rule broken, for as long as the block runs."""
    with ExitStack() as stack:
        for change in mutant():
            stack.enter_context(change)
        yield


OF_PLATFORM: Mapping[str, tuple[Mutant, ...]] = {
    "wechat": mutants_official.MUTANTS,
    "douyin": mutants_public.MUTANTS,
    "doudian": mutants_doudian.MUTANTS,
}
ALL: tuple[Mutant, ...] = (*MUTANTS, *(one for some in OF_PLATFORM.values() for one in some))
# Each run checks that these are noticed; a deep run checks all of them.
EACH_RUN: tuple[Mutant, ...] = (
    doubt_is_no_doubt, no_mark_before_sending, listings_never_lag, a_reply_gets_a_new_key_each_time,
    what_was_asked_is_so, nobody_is_asked, predecessors_are_not_waited_for, *mutants_official.EACH_RUN,
    *mutants_public.EACH_RUN, *mutants_doudian.EACH_RUN,
)  # fmt: skip


def platform_of(mutant: Mutant) -> str:
    """The platform in whose stories a broken rule shows."""
    return next((name for name, some in OF_PLATFORM.items() if mutant in some), "wecom")
