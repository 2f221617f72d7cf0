"""Random lives of an outbox over a platform that fails in every way: nothing twice, lost, late or early."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desktop.domain.errors import AuthError, ConflictError, OfflineError, RateLimitedError, RejectedError
from desktop.domain.errors import UnclearReplyError as Unclear
from desktop.store.database import Store
from tests.fakes import ZONE, FakeClock
from tests.unit.outbox.world import MINUTE, Crash, World

STEPS = st.sampled_from(
    [
        ("ok",),
        ("error", OfflineError(), False),
        ("error", AuthError("auth"), False),
        ("error", RateLimitedError("rate_limited", retry_after_s=5), False),
        ("error", RejectedError("wecom_nobody_reachable"), False),
        ("error", Unclear("reply_lost"), True),
        ("error", Unclear("reply_lost"), False),
        ("error", Unclear("platform_busy", platform_code=-1), True),
        ("error", Unclear("platform_busy", platform_code=-1), False),
        ("error", RuntimeError("bug"), True),
        ("error", RuntimeError("bug"), False),
        ("crash", True),
        ("crash", False),
    ]
)


class Outbox(RuleBasedStateMachine):
    """Every text is its own, so that any second arrival of one is a duplicate."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        self.store = Store(
            Path(self.folder.name) / "shop.db", self.clock, operator="tester", device_id="test-device"
        )
        self.windows: dict[str, tuple[int, int | None]] = {}
        self.count = 0

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        async def made() -> None:
            await self.store.open()
            await self.store.write(
                lambda tx: (
                    tx.db.execute(
                        "INSERT INTO shop (id, uid, name, industry, timezone, device_id, created_at)"
                        " VALUES (1, 'u', '小满鲜果', 'frequent-online', ?, 'test-device', 0)",
                        (ZONE,),
                    )
                    and None
                ),
                kind="test.shop",
            )
            self.world = World(self.store, self.clock, Path(self.folder.name) / "media")
            await self.world.people(["小满", "阿青"])

        self.do(made())

    @rule(delay=st.integers(0, 20), grace=st.integers(0, 15), hold=st.sampled_from([0.0, 10.0]))
    def post(self, delay: int, grace: int, hold: float) -> None:
        self.count += 1
        text = f"第{self.count}条"
        at = self.clock.now_ms() + delay * MINUTE if delay else None
        self.do(self.world.post(text, hold, scheduled_at=at, grace_minutes=grace))
        start = self.clock.now_ms() + int(hold * 1000)
        self.windows[text] = (max(at or 0, start), None if at is None else at + grace * MINUTE)

    @rule(opens=st.integers(1, 30), hold=st.sampled_from([0.0, 10.0]))
    def drop(self, opens: int, hold: float) -> None:
        self.count += 1
        text = f"福利{self.count}"
        opens_at = self.clock.now_ms() + opens * MINUTE
        self.do(self.world.drop(hold, body=text, opens_at=opens_at))
        self.windows[text] = (self.clock.now_ms() + int(hold * 1000), opens_at)

    @rule(seconds=st.sampled_from([1, 10, 45, 130, 600, 3600]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(steps=st.lists(STEPS, max_size=3), lag=st.sampled_from([0, 60_000, 119_000]))
    def push(self, steps: list[tuple[Any, ...]], lag: int) -> None:
        self.world.adapter.script = steps
        self.world.adapter.lag_ms = lag
        crashes = any(step[0] == "crash" for step in steps)
        if crashes:
            failed = self.world.pusher._settle.failed

            async def unless_dead(item: Any, attempt: int, finding: Any) -> None:
                if finding.code != "unexpected_failure":
                    await failed(item, attempt, finding)

            self.world.pusher._settle.failed = unless_dead  # type: ignore[method-assign]
        try:
            self.do(self.world.push())
        except Crash:
            self.world.restart()
            self.do(self.world.pusher.recover())
        if crashes:
            self.world.restart()
            self.do(self.world.pusher.recover())

    @rule(state=st.sampled_from(["complete", "incomplete", "down"]))
    def listing(self, state: str) -> None:
        self.world.adapter.is_listing_complete = state != "incomplete"
        self.world.adapter.listing_error = OfflineError() if state == "down" else None

    @precondition(lambda self: self.count > 0)
    @rule(which=st.integers(0, 50))
    def cancel(self, which: int) -> None:
        rows = self.do(self.world.outbox.rows())
        with suppress(ConflictError):  # too late
            self.do(self.world.outbox.cancel(rows[which % len(rows)].item.uid))

    @precondition(lambda self: self.count > 0)
    @rule(which=st.integers(0, 50))
    def retry(self, which: int) -> None:
        rows = self.do(self.world.outbox.rows(state="rejected"))
        if rows:
            with suppress(ConflictError):  # replaced before, or its window is over
                self.do(self.world.outbox.retry(rows[which % len(rows)].item.uid, 0))

    @rule()
    def mark_missed(self) -> None:
        self.do(self.world.outbox.mark_missed())

    @invariant()
    def nothing_twice_early_or_late(self) -> None:
        if not hasattr(self, "world"):
            return
        assert all(count == 1 for count in self.world.adapter.reached().values())
        for at, _, send in self.world.adapter.made:
            not_before, not_after = self.windows[send.text]
            assert at >= not_before
            assert not_after is None or at <= not_after

    @invariant()
    def states_are_true(self) -> None:
        if not hasattr(self, "world"):
            return
        rows = self.do(self.world.query("SELECT id, state, proof, platform_id FROM outbox"))
        assert all(proof for _, state, proof, _ in rows if state == "done")
        assert "in_flight" not in {state for _, state, _, _ in rows}
        tries = self.do(self.world.query("SELECT outbox_id, n, outcome FROM attempt ORDER BY outbox_id, n"))
        last = {outbox_id: n for outbox_id, n, _ in tries}
        assert all(outcome == "N" for outbox_id, n, outcome in tries if n < last[outbox_id])

    def teardown(self) -> None:
        """Heal everything: what was executed is known as done, nothing is lost silently."""
        if hasattr(self, "world"):
            adapter = self.world.adapter
            adapter.script, adapter.lag_ms = [], 0
            adapter.is_listing_complete, adapter.listing_error = True, None
            for _ in range(8):
                self.clock.advance(3700)
                self.do(self.world.push())
            self.nothing_twice_early_or_late()
            self._converged()
        self.do(self.store.close())
        self.loop.close()
        self.folder.cleanup()

    def _converged(self) -> None:
        made = {send.text for _, _, send in self.world.adapter.made}
        rows = self.do(self.world.query("SELECT state, json_extract(payload, '$.body.text') FROM outbox"))
        assert {state for state, _ in rows} <= {"done", "rejected", "missed", "cancelled"}
        assert {text for state, text in rows if state == "done"} == made


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
