"""The end of a story: everything is healed, and what the file says must be what the platform has."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.simulator.wecom import SECRET, Moods

if TYPE_CHECKING:
    from tests.simulator.story import Story

ROUNDS = 20
PATIENCE_MS = 3 * 86_400_000
PEOPLE = """
SELECT s.external_id, i.external_id, i.name, f.remark, f.description, f.tags
FROM follow f JOIN identity i ON i.id = f.identity_id JOIN staff s ON s.id = f.staff_id
WHERE f.removed_at IS NULL
"""
MEMBERS = """
SELECT g.external_id, g.name, s.external_id, m.external_id FROM fan_group g
LEFT JOIN staff s ON s.id = g.owner_staff_id
LEFT JOIN group_member m ON m.group_id = g.id AND m.left_at IS NULL WHERE g.removed_at IS NULL
"""


class Reckoning:
    """Compares the file with the world."""

    def __init__(self, story: Story) -> None:
        self.story, self.watch, self.platform = story, story.watch, story.platform

    def settle(self) -> None:
        """Heal all, go on for some rounds, and compare."""
        self.watch.say("heal")
        self._heal()
        everything = {"full": True, "accept_removals": True}
        for turn in range(ROUNDS):
            self.watch.line.pass_by(1_000 if turn % 2 else 4_000)
            self._wait_for_the_next()
            self._do("release", self.story.operator.release)
            self._do("answer", self.story.operator.attest_asked)
            self.story.sync(everything)
            if self.watch.broken:
                return
            if turn > 2 and not self._open():
                break
        self._compare()

    def _heal(self) -> None:
        self.platform.moods = Moods()
        self.platform.secret = SECRET
        self.story._troubles.clear()
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
        if not rows or len(times) < len(rows) or any(at <= now for _, at in times):
            return
        soonest = min(at for _, at in times)
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
        done = {row[0] for row in self.watch.rows("SELECT uid FROM outbox WHERE state = 'done'")}
        happened = {uid for (uid, _), was in self.watch.happened.items() if was}
        unknown = happened - done - self.watch.forgotten
        self.watch.expect(not unknown, 4, f"happened, but is not called done: {sorted(unknown)}")
        ghosts = done - happened - self.watch.forgotten
        self.watch.expect(not ghosts, 3, f"called done, but never happened: {sorted(ghosts)}")
        self._targets()
        self._pulled()
        self.own_words()

    def _targets(self) -> None:
        """Of every item that is done, those who were told by the platform are those who wait or have it."""
        reached = defaultdict(set)
        for task in self.platform.corp.tasks:
            if (uid := self.watch.owner.get(task.msgid)) is not None:
                reached[uid] |= set(task.targets)
        rows = self.watch.rows(
            "SELECT o.uid, d.target_external_id, d.status, json_extract(o.proof, '$.by') FROM delivery d"
            " JOIN outbox o ON o.id = d.outbox_id WHERE o.state = 'done'"
        )
        for uid, target, status, by in rows:
            if uid in self.watch.forgotten or uid not in reached:
                continue
            if status in ("sent", "not_friend"):
                self.watch.expect(target in reached[uid], 8, f"{target} is {status} but was left out")
            elif status == "refused" and by == "reply":
                self.watch.expect(target not in reached[uid], 8, f"{target} is refused but got it")

    def _pulled(self) -> None:
        facts = self.platform.corp.facts()
        names, follows = {}, {}
        for staff, who, name, remark, description, tags in self.watch.rows(PEOPLE):
            names[who] = name
            follows[staff, who] = (remark, description, tuple(sorted(json.loads(tags))))
        groups: dict[str, tuple[str, str, set[str]]] = {}
        for chat, name, owner, member in self.watch.rows(MEMBERS):
            groups.setdefault(chat, (name, owner, set()))[2].add(member)
        sql = "SELECT external_id, name FROM tag WHERE account_id IS NOT NULL AND removed_at IS NULL"
        self._same("names", names, facts["names"])
        self._same("friendships", follows, facts["follows"])
        self._same("tags", dict(self.watch.rows(sql)), facts["tags"])
        found = {chat: (name, owner, tuple(sorted(who))) for chat, (name, owner, who) in groups.items()}
        self._same("groups", found, facts["groups"])

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
