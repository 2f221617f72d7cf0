"""Looks on at every commit and every request, and says which promise was broken.

What is true is taken from the platform and from the requests themselves, never from the program's rules.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from desktop.domain.write_kinds.kind import Proof
from desktop.domain.writes import KINDS
from desktop.store.engine import sqlite3
from tests.simulator.timeline import START_MS, Timeline
from tests.simulator.world import Effect, Made, PlatformWorld

Mark = tuple[str, int]  # an item's uid and the number of the attempt
TRUSTED_MS = 190_000  # the clock may be wrong by two minutes, and by one more before anybody can notice
FINAL = ("done", "rejected", "missed", "cancelled")
WAITING = ("confirmed", "queued", "held")
STEPS = {  # what one commit may do to an item
    "confirmed": {"queued", "in_flight", "held", "cancelled", "missed", "rejected"},
    "queued": {"in_flight", "held", "cancelled", "missed", "rejected", "unknown"},
    "in_flight": {"done", "queued", "rejected", "unknown", "missed", "held"},
    "unknown": {"done", "queued", "missed", "rejected"},
    "held": {"queued", "cancelled", "missed"},
}
ITEMS = "SELECT id, state, attempts, updated_at, uid, reason, kind FROM outbox ORDER BY id"
STATES = (
    "SELECT id, uid, state, reason, proof, platform_id, kind, payload FROM outbox"
    " WHERE uid IN (SELECT value FROM json_each(?))"
)
ATTEMPTS = (
    "SELECT o.id, o.uid, o.kind, o.attempts, a.n, a.outcome, a.code, a.detail FROM attempt a"
    " JOIN outbox o ON o.id = a.outbox_id WHERE o.uid IN (SELECT value FROM json_each(?))"
)
EARLIER = (
    "SELECT id FROM outbox WHERE order_key = ? AND id < ?"
    " AND state NOT IN ('done', 'rejected', 'missed', 'cancelled')"
)
BARRED = (
    "SELECT i.external_id FROM suppression s JOIN identity i ON i.fan_id = s.fan_id"
    " WHERE s.channel IN ('', 'mass_send') AND i.external_id IN (SELECT value FROM json_each(?))"
)
CURSORS = (
    "SELECT a.platform, c.cursor FROM sync_cursor c JOIN account a ON a.id = c.account_id"
    " WHERE c.stream IN ('customers', 'followers')"
)
PRIOR = "SELECT p.platform_id FROM outbox o JOIN outbox p ON p.uid = o.predecessor WHERE o.uid = ?"
FLYING = (
    "SELECT o.id, o.uid, o.attempts, o.payload, o.order_key, o.not_before, o.not_after, o.hold_until,"
    " o.predecessor FROM outbox o JOIN account a ON a.id = o.account_id"
    " WHERE o.state = 'in_flight' AND a.platform = ?"
)
FLYING_TOGETHER = (
    "SELECT group_concat(id) FROM outbox WHERE state = 'in_flight' GROUP BY account_id HAVING count(*) > 1"
)


class Watch:
    """One eye on the file, one on the platforms. `broken` holds what was seen."""

    def __init__(self, line: Timeline, *platforms: PlatformWorld) -> None:
        self.line = line
        self.platforms = {one.name: one for one in platforms}
        self._keyed = {kind: name for one in platforms for kind, name in one.keys.items()}
        self._asked_too = {kind for one in platforms for kind in one.asked_too}
        self._made_anew = {kind for one in platforms for kind in one.made_anew}
        self._never_asked = {kind for one in platforms for kind in one.never_asked}
        self.broken: list[str] = []
        self.lines: list[str] = []
        self.steps: Counter[str] = Counter()
        self.known: set[str] = set()
        self.happened: dict[Mark, bool] = {}  # attempts whose request left, and whether it was executed
        self.left_ms: dict[Mark, int] = {}
        self.forgotten: set[str] = set()  # executed, but the file came from a backup made before
        self._left_before: set[Mark] = set()  # requests on their way when an older file took the place
        self.reached: Counter[tuple[str, str]] = Counter()
        self.made = Made()  # the item behind each thing of the platform
        self.told: dict[str, set[str]] = defaultdict(set)  # whom each item reached
        self.keys: dict[str, str] = {}  # the key each item left under
        self.seen_alike: set[str] = set()  # items that go out although another computer sent the same
        self.elsewhere: dict[str, str] = {}  # texts another computer sent, and when
        self._born: dict[str, int] = {}  # items in the order they were met
        self._last: dict[str, int] = {}  # of each order key, the newest item that was executed
        self._order_keys: dict[str, str] = {}
        self._undone: dict[str, set[int]] = defaultdict(set)  # attempts that were seen to have no effect
        self._asked: dict[tuple[str, int], int] = {}
        self._proven: set[str] = set()  # done because the platform had it so, whoever did it
        self._conn: Any = None
        self._items: list[tuple[Any, ...]] = []
        self._cursors: dict[str, str] = {}
        self._now_executing: Mark | None = None
        for platform in platforms:
            platform.executed, platform.complain = self._executed, self.complain

    # -- bookkeeping

    def open(self, path: Path, *, fresh: bool = False) -> None:
        """A process opened the file; a `fresh` one came from a backup."""
        self._conn = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
        if fresh:
            self._replaced()
        self._look()

    def close(self) -> None:
        """The process is gone, or about to go."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def _replaced(self) -> None:
        """Another file stands in its place: what came later is forgotten by the program, not by the world."""
        rows = {row[4] for row in self.rows(ITEMS)}
        tried = set(self.rows("SELECT o.uid, a.n FROM attempt a JOIN outbox o ON o.id = a.outbox_id"))
        for mark in [mark for mark in self.happened if mark not in tried]:
            if self.happened.pop(mark):
                self.forgotten.add(mark[0])
            self._left_before.add(mark)
        done = {row[0] for row in self.rows("SELECT uid FROM outbox WHERE state = 'done'")}
        self.forgotten |= {uid for (uid, _), was in self.happened.items() if was} - done
        self.known &= rows
        self._last.clear()  # what is older than a forgotten change may be released by hand, unknowing
        for uid in rows & self._born.keys():
            if self.has_happened(uid):
                key = self._order_keys[uid]
                self._last[key] = max(self._last.get(key, 0), self._born[uid])
        self._items = []
        self._undone.clear()

    def say(self, text: str) -> None:
        """One line of the trace."""
        self.lines.append(f"{(self.line.true_ms() - START_MS) / 1000:.3f} {text}")

    def complain(self, text: str) -> None:
        """Something was promised and is not so."""
        self.broken.append(text)
        self.say(f"BROKEN {text}")

    def expect(self, holds: bool, promise: int, text: str) -> None:
        """A numbered promise."""
        if not holds:
            self.complain(f"promise {promise}: {text}")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """A look into the file."""
        return [tuple(row) for row in self._conn.execute(sql, values)]

    # -- requests

    def exchanged(self, what: str) -> None:
        self.steps["exchange"] += 1
        self.say(f"  > {what}")

    def world_of(self, frozen: dict[str, Any]) -> PlatformWorld:
        """The platform that frozen bytes are for."""
        return self.platforms[frozen["kind"].partition(".")[0]]

    def leaving(self, platform: str, path: str, body: bytes) -> object:
        """The mark of the attempt whose request leaves; checks that it may."""
        asked = json.loads(body) if body else {}
        flying = self.rows(FLYING, platform)
        self.expect(len(flying) == 1, 1, f"{len(flying)} items marked as in flight while a request leaves")
        if len(flying) != 1:
            return None
        item_id, uid, n, payload, order_key, not_before, not_after, hold_until, predecessor = flying[0]
        frozen = json.loads(payload)
        world = self.platforms[platform]
        other = world.other_than(frozen, path, asked)
        self.expect(not other, 7, f"item {item_id}: other than was confirmed: {other}")
        self._in_time(item_id, max(not_before, hold_until), not_after)
        before = self.rows(EARLIER, order_key, item_id)
        self.expect(not before, 9, f"item {item_id} leaves before {before}")
        if predecessor is not None:
            state = self.rows("SELECT state FROM outbox WHERE uid = ?", predecessor)
            self.expect(state == [("done",)], 9, f"item {item_id} leaves, its predecessor is {state}")
        targets = world.barred_targets(asked)
        barred = self.rows(BARRED, json.dumps(targets)) if targets else []
        self.expect(not barred, 73, f"item {item_id} goes to {barred}, who do not want it")
        is_seen = uid in self.seen_alike or frozen["body"].get("text") not in self.elsewhere
        self.expect(is_seen, 54, f"item {item_id}: another computer sent the same, and nobody was asked")
        key = str(asked.get(self._keyed.get(frozen["kind"], ""), ""))
        self.expect(self.keys.setdefault(uid, key) == key, 2, f"item {item_id} leaves under another key")
        mark = (uid, n)
        self.expect(mark not in self.happened, 2, f"item {item_id}: attempt {n} leaves again")
        self.happened.setdefault(mark, False)
        self.left_ms[mark] = self.line.true_ms()
        self._order_keys[uid] = order_key
        return mark

    def _in_time(self, item_id: int, starts: int, not_after: int | None) -> None:
        local, true = self.line.local_ms(), self.line.true_ms()
        self.expect(local >= starts, 18, f"item {item_id}: {starts - local} ms early by its own clock")
        self.expect(true >= starts - TRUSTED_MS, 18, f"item {item_id}: {starts - true} ms early")
        if not_after is not None:
            self.expect(
                local <= not_after, 17, f"item {item_id}: {local - not_after} ms late by its own clock"
            )
            self.expect(true <= not_after + TRUSTED_MS, 17, f"item {item_id}: {true - not_after} ms late")

    def executing(self, mark: Any) -> None:
        self._now_executing = mark

    def _executed(self, effect: Effect) -> None:
        """The platform did something."""
        mark = self._now_executing
        self.say(f"  ! {effect.said}")
        for once in effect.undone:
            self.reached[once] -= 1
        for once in effect.once:
            self.reached[once] += 1
            self.expect(self.reached[once] == 1, 2, f"{once[1]} gets {once[0]} for the second time")
        if mark is None:
            return
        uid = mark[0]
        if mark in self._left_before:
            self.forgotten.add(uid)
        else:
            self.happened[mark] = True
        self.told[uid] |= {who for _, who in effect.once}
        if effect.platform_id:
            self.made.by[effect.platform_id] = uid
        key, born = self._order_keys[uid], self._born.get(uid, 0)
        newest = self._last.get(key, 0)
        self.expect(born >= newest, 9, f"{effect.said}: done after a later change of the same thing")
        self._last[key] = max(born, newest)

    # -- commits

    def committed(self, job: Any) -> None:
        """One transaction is in the file."""
        if getattr(job, "__name__", "") != "job":
            return  # opening, closing, copying
        self.steps["commit"] += 1
        if self._conn is not None:
            self._look()

    def _look(self) -> None:
        for name, cursor in self.rows(CURSORS):
            if cursor != self._cursors.get(name):
                self._cursors[name] = cursor
                self._look_at_page(name, cursor)
        items = self.rows(ITEMS)
        if items == self._items:
            return
        known = set(self._items)
        changed = [row for row in items if row not in known]
        self._look_at_steps(items)
        self._items = items
        if sum(row[1] == "in_flight" for row in items) > 1:
            together = self.rows(FLYING_TOGETHER)
            self.expect(not together, 9, f"in flight together: {together}")
        uids = json.dumps([row[4] for row in changed])
        self._look_at_attempts(uids)
        self._look_at_states(uids)

    def _look_at_page(self, name: str, cursor: str) -> None:
        """A cursor in the file means that the page before it is there too."""
        page = self.platforms[name].page(cursor) if cursor else None
        if page:
            sql = "SELECT external_id FROM identity WHERE external_id IN (SELECT value FROM json_each(?))"
            here = {row[0] for row in self.rows(sql, json.dumps(sorted(page)))}
            self.expect(here >= page, 40, f"the cursor moved on without {sorted(page - here)}")

    def _look_at_steps(self, items: list[tuple[Any, ...]]) -> None:
        now = {row[4]: row[1] for row in items}
        before = {row[4]: row[1] for row in self._items}
        self.expect(self.known <= now.keys(), 4, f"vanished: {sorted(self.known - now.keys())}")
        self.known |= now.keys()
        for uid, state in now.items():
            self._born.setdefault(uid, len(self._born) + 1)
            old = before.get(uid)
            if old is None or old == state:
                continue
            self.say(f"  = item {next(r[0] for r in items if r[4] == uid)} {old} -> {state}")
            self.expect(state in STEPS.get(old, set()), 4, f"{old} became {state}")

    def _look_at_states(self, uids: str) -> None:
        for item_id, uid, state, reason, proof, platform_id, kind, payload in self.rows(STATES, uids):
            was = self.has_happened(uid)
            if state == "done":
                found = json.loads(proof) if proof else {}
                self._look_at_done(item_id, uid, KINDS[kind].proof, found, platform_id, payload)
            elif state in ("missed", "rejected", "cancelled", "held", "unknown"):
                self.expect(bool(reason), 79, f"item {item_id} is {state} without a reason")
            if state in (*WAITING, "missed", "rejected", "cancelled") and kind not in self._keyed:
                self.expect(not was, 4, f"item {item_id} is {state} but happened")
            if state == "unknown" and json.loads(reason).get("asks"):
                self._look_at_question(item_id, uid, kind)

    def _look_at_done(
        self, item_id: int, uid: str, proof: Proof, found: dict[str, Any], platform_id: str, payload: str
    ) -> None:
        self.expect(bool(found), 3, f"item {item_id} is done without proof")
        if proof is Proof.LISTING:
            shown = found.get("by") == "operator" or platform_id
            self.expect(bool(shown), 3, f"item {item_id} is done without proof")
        was = self.has_happened(uid) or uid in self.forgotten
        if not was and proof is Proof.STATE and uid not in self._proven:
            frozen = json.loads(payload)
            was = self.world_of(frozen).is_so(frozen)  # somebody else made it so
            self._proven |= {uid} if was else set()
        self.expect(was or uid in self._proven, 3, f"item {item_id} is done but never happened")
        owner = self.made.by.get(platform_id or "", uid)
        # a tag of the same name was taken over, or the item is about a thing that was there before
        is_taken_over = proof is Proof.STATE and json.loads(payload)["kind"] not in self._made_anew
        is_own = owner == uid or is_taken_over or f'"{platform_id}"' in payload
        is_own = is_own or (platform_id,) in self.rows(PRIOR, uid)
        self.expect(is_own, 3, f"item {item_id} took {platform_id}, which is another's")

    def _look_at_question(self, item_id: int, uid: str, kind: str) -> None:
        """A person is asked once for each doubt, and only where the platform cannot tell."""
        is_read = KINDS[kind].proof is Proof.STATE and kind not in self._asked_too
        is_provable = is_read or kind in self._never_asked
        self.expect(not is_provable, 6, f"item {item_id} asks, but the platform could tell")
        doubts = sum(mark[0] == uid for mark in self.left_ms)
        self._asked[uid, doubts] = 1
        asked = sum(1 for one, _ in self._asked if one == uid)
        self.expect(asked <= max(1, doubts), 6, f"item {item_id} asks {asked} times of {doubts} doubts")

    def has_happened(self, uid: str) -> bool:
        """Whether some attempt was executed, those left aside that were seen to have no effect any more."""
        gone = self._undone.get(uid, ())
        return any(was and n not in gone for (_, n), was in self._of_item(uid))

    def _of_item(self, uid: str) -> list[tuple[Mark, bool]]:
        return [((uid, n), self.happened[uid, n]) for n in range(1, 40) if (uid, n) in self.happened]

    def _look_at_attempts(self, uids: str) -> None:
        counted: Counter[int] = Counter()
        busy: Counter[int] = Counter()
        for item_id, uid, kind, last, n, outcome, code, detail in self.rows(ATTEMPTS, uids):
            happened = self.happened.get((uid, n), False)
            told = json.loads(detail) if detail else {}
            by_state = (told.get("proof") or {}).get("by") == "state" and KINDS[kind].proof is Proof.STATE
            if outcome == "U" and happened and by_state:
                self._undone[uid].add(n)  # it was, and somebody has changed it back; or it came late
            elif outcome == "N":
                self.expect(
                    not happened, 2, f"item {item_id}: attempt {n} ({code}) happened, yet counts as not"
                )
            if outcome == "D" and KINDS[kind].proof is not Proof.STATE:
                here = happened or uid in self.forgotten or (kind in self._keyed and self.has_happened(uid))
                self.expect(here, 3, f"item {item_id}: attempt {n} did not happen, yet counts as done")
            if n < last:
                again = outcome == "N" or (outcome == "U" and (by_state or kind in self._keyed))
                self.expect(again, 2, f"item {item_id}: tried again after {outcome} ({code})")
            counted[item_id] += not told.get("free")
            busy[item_id] += code == "platform_busy"
        self.expect(max(counted.values(), default=0) <= 6, 12, "more than six tries")
        self.expect(max(busy.values(), default=0) <= 3, 12, "more than three tries of a busy platform")
