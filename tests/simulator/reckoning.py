"""The end of a story: everything is healed, and what the file says must be what the platform has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulator.story import Story

ROUNDS = 20
PATIENCE_MS = 3 * 86_400_000


class Reckoning:
    """Compares the file with the world."""

    def __init__(self, story: Story) -> None:
        self.story, self.watch = story, story.watch
        self._before: list[tuple[Any, ...]] = []  # what was open before the last round

    def settle(self) -> None:
        """Heal all, go on for some rounds, and compare."""
        self.watch.say("heal")
        self._heal()
        everything = {"full": True, "accept_removals": True}
        for turn in range(ROUNDS):
            self.watch.line.pass_by(1_000 if turn % 2 else 4_000)
            self._wait_for_the_next()
            self._do("release", self.story.operator.release)
            self._do("agree", self.story.operator.agree)
            self._do("answer", self.story.operator.attest_asked)
            came_through = self.story.sync(everything) is not None  # it may still die in the middle
            if self.watch.broken:
                return
            if turn > 2 and came_through and not self._open():
                break
        self._compare()

    def _heal(self) -> None:
        for platform in self.story.platforms:
            platform.heal()
        for troubles in self.story._troubles.values():
            troubles.clear()
        line = self.watch.line
        line.pass_by(60)  # what was on its way to happen has happened
        line.skew_ms = 0

    def _wait_for_the_next(self) -> None:
        """Nothing but items of later: their time comes, or is too far away to wait for."""
        rows = self._open()
        now = self.watch.line.local_ms()
        sql = "SELECT uid, max(not_before, hold_until, next_attempt_at) FROM outbox WHERE state = ?"
        times = [
            row for state in ("confirmed", "queued") for row in self.watch.rows(sql + " GROUP BY id", state)
        ]
        is_stuck, self._before = rows == self._before, rows  # what is due waits for something of later
        later = [at for _, at in times if at > now]
        if not later or len(times) < len(rows) or (len(later) < len(times) and not is_stuck):
            return
        soonest = min(later)
        if soonest < now + PATIENCE_MS:
            self.watch.line.pass_by((soonest - now) / 1000)
        else:
            for uid, _ in times:
                self._do("cancel", lambda graph, uid=uid: graph.outbox.cancel(uid))

    def _do(self, what: str, work: Any) -> None:
        self.story.do(what, work, mortal=False)

    def _open(self) -> list[tuple[Any, ...]]:
        sql = "SELECT id, state, reason FROM outbox WHERE state NOT IN ('done','rejected','missed','cancelled')"
        self.story._live_follows()  # a process that died in the last round is started again
        return self.watch.rows(sql)

    def _compare(self) -> None:
        self.watch.expect(not self._open(), 4, f"not settled: {self._open()}")
        items = self.watch.rows("SELECT uid, state, proof FROM outbox")
        done = {uid for uid, state, _ in items if state == "done"}
        happened = {uid for uid, _ in self.watch.happened if self.watch.has_happened(uid)}
        unknown = happened - done - self.watch.forgotten
        self.watch.expect(not unknown, 4, f"happened, but is not called done: {sorted(unknown)}")
        self._targets()
        # What a person attested, and what happened after the backup this file came from, has no id here.
        excused = self.watch.forgotten | (happened - {uid for uid, _, _ in items})
        excused |= {uid for uid, _, proof in items if proof and json.loads(proof).get("by") == "operator"}
        for platform in self.story.platforms:
            for what, here, there in platform.differences(self.watch.rows, self.watch.made, excused):
                self._same(f"{platform.name} {what}", here, there)
        self.own_words()

    def _targets(self) -> None:
        """Of every item that is done, those who were told by the platform are those who wait or have it."""
        rows = self.watch.rows(
            "SELECT o.uid, o.platform_id, d.target_external_id, d.status, json_extract(o.proof, '$.by')"
            " FROM delivery d JOIN outbox o ON o.id = d.outbox_id WHERE o.state = 'done'"
            " AND o.kind IN ('wecom.mass_send.single', 'wecom.mass_send.group')"
        )
        for uid, platform_id, target, status, by in rows:
            if uid in self.watch.forgotten or uid not in self.watch.told:
                continue
            got = target in self.watch.told[uid]
            if status in ("sent", "not_friend"):
                self.watch.expect(got, 8, f"{target} is {status} but was left out of {platform_id}")
            elif status == "refused" and by == "reply" and uid not in self._stopped():
                self.watch.expect(not got, 8, f"{target} is refused but got it")

    def _stopped(self) -> set[str]:
        """Mass sends that were stopped before all staff had confirmed them."""
        sql = (
            "SELECT o.uid FROM outbox o JOIN outbox s ON s.entity = 'outbox' AND s.entity_id = o.id"
            " WHERE s.kind = 'wecom.mass_send.cancel'"
        )
        return {row[0] for row in self.watch.rows(sql)}

    def _same(self, what: str, here: dict[Any, Any], there: dict[Any, Any]) -> None:
        keys = here.keys() | there.keys()
        other = {
            str(key): (here.get(key), there.get(key)) for key in keys if here.get(key) != there.get(key)
        }
        self.watch.expect(not other, 41, f"{what} differ: {other}")

    def own_words(self) -> None:
        """What the operator said of people stands as they said it."""
        operator = self.story.operator
        for fan, name, note in self.watch.rows("SELECT id, name, note FROM fan"):
            if fan in operator.own_names:
                self.watch.expect(
                    name == operator.own_names[fan], 45, f"fan {fan} lost the name given here"
                )
            if fan in operator.own_notes:
                self.watch.expect(note == operator.own_notes[fan], 45, f"fan {fan} lost its note")
