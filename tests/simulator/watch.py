"""Looks on at every commit and every request, and says which promise was broken.

What is true is taken from the platform and from the requests themselves, never from the program's rules.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from desktop.store.engine import sqlite3
from tests.simulator.shop_world import Task
from tests.simulator.timeline import Timeline
from tests.simulator.wecom import WeCom

Mark = tuple[str, int]  # an item's uid and the number of the attempt
TRUSTED_MS = 190_000  # the clock may be wrong by two minutes, and by one more before anybody can notice
FINAL = ("done", "rejected", "missed", "cancelled")
WAITING = ("confirmed", "queued", "held")
STEPS = {  # what one commit may do to an item
    "confirmed": {"queued", "in_flight", "held", "cancelled", "missed", "rejected"},
    "queued": {"in_flight", "held", "cancelled", "missed", "rejected"},
    "in_flight": {"done", "queued", "rejected", "unknown", "missed", "held"},
    "unknown": {"done", "queued", "missed", "rejected"},
    "held": {"queued", "cancelled", "missed"},
}
ITEMS = "SELECT id, state, attempts, updated_at, uid FROM outbox ORDER BY id"
NUMBER = re.compile(r"^第(\d+)号")


class Watch:
    """One eye on the file, one on the platform. `broken` holds what was seen."""

    def __init__(self, line: Timeline, platform: WeCom) -> None:
        self.line, self.platform = line, platform
        self.broken: list[str] = []
        self.lines: list[str] = []
        self.steps: Counter[str] = Counter()
        self.known: set[str] = set()
        self.happened: dict[Mark, bool] = {}  # attempts whose request left, and whether it was executed
        self.left_ms: dict[Mark, int] = {}
        self.forgotten: set[str] = set()  # executed, but the file came from a backup made before
        self.reached: Counter[tuple[str, str]] = Counter()
        self.owner: dict[str, str] = {}  # the item behind each task of the platform
        self._conn: Any = None
        self._items: list[tuple[Any, ...]] = []
        self._cursor = ""
        self._now_executing: Mark | None = None
        platform.executed = self._executed

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
        done = {row[0] for row in self.rows("SELECT uid FROM outbox WHERE state = 'done'")}
        self.forgotten |= {uid for (uid, _), was in self.happened.items() if was} - done
        self.known &= rows
        self._items = []

    def say(self, text: str) -> None:
        """One line of the trace."""
        self.lines.append(f"{(self.line.true_ms() - 1_779_249_600_000) / 1000:.3f} {text}")

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

    def leaving(self, path: str, body: bytes) -> object:
        """The mark of the attempt whose request leaves; checks that it may."""
        asked = json.loads(body)
        flying = self.rows(
            "SELECT id, uid, attempts, payload, payload_sha256, order_key, not_before, not_after, hold_until"
            " FROM outbox WHERE state = 'in_flight'"
        )
        self.expect(len(flying) == 1, 1, f"{len(flying)} items marked as in flight while a request leaves")
        if len(flying) != 1:
            return None
        item_id, uid, n, payload, _, order_key, not_before, not_after, hold_until = flying[0]
        frozen = json.loads(payload)
        text = (asked.get("text") or {}).get("content", "")
        targets = asked.get("external_userid") or asked.get("chat_id_list") or []
        self.expect(text == frozen["body"]["text"], 7, f"item {item_id}: other words than were confirmed")
        self.expect(
            set(targets) <= set(frozen["targets"]), 7, f"item {item_id}: other people than confirmed"
        )
        local, true = self.line.local_ms(), self.line.true_ms()
        starts = max(not_before, hold_until)
        self.expect(local >= starts, 18, f"item {item_id}: {starts - local} ms early by its own clock")
        self.expect(true >= starts - TRUSTED_MS, 18, f"item {item_id}: {starts - true} ms early")
        if not_after is not None:
            self.expect(
                local <= not_after, 17, f"item {item_id}: {local - not_after} ms late by its own clock"
            )
            self.expect(true <= not_after + TRUSTED_MS, 17, f"item {item_id}: {true - not_after} ms late")
        before = self.rows(
            "SELECT id FROM outbox WHERE order_key = ? AND id < ?"
            " AND state NOT IN ('done', 'rejected', 'missed', 'cancelled')",
            order_key,
            item_id,
        )
        self.expect(not before, 9, f"item {item_id} leaves before {before}")
        barred = self.rows(
            "SELECT i.external_id FROM suppression s JOIN identity i ON i.fan_id = s.fan_id"
            " WHERE s.channel IN ('', 'mass_send') AND i.external_id IN (SELECT value FROM json_each(?))",
            json.dumps(targets),
        )
        self.expect(not barred, 73, f"item {item_id} goes to {barred}, who do not want it")
        mark = (uid, n)
        self.expect(mark not in self.happened, 2, f"item {item_id}: attempt {n} leaves again")
        self.happened.setdefault(mark, False)
        self.left_ms[mark] = true
        return mark

    def executing(self, mark: Any) -> None:
        self._now_executing = mark

    def _executed(self, task: Task) -> None:
        """The platform made a task."""
        mark = self._now_executing
        self.say(f"  ! {task.msgid} {task.text} -> {','.join(task.targets)}")
        number = NUMBER.match(task.text)
        for target in task.targets:
            what = number[0] if number else task.text
            self.reached[what, target] += 1
            twice = self.reached[what, target] > 1
            self.expect(not twice, 2, f"{target} gets {what} for the second time")
        if mark is not None:
            self.happened[mark] = True
            self.owner[task.msgid] = mark[0]

    # -- commits

    def committed(self, job: Any) -> None:
        """One transaction is in the file."""
        if getattr(job, "__name__", "") != "job":
            return  # opening, closing, copying
        self.steps["commit"] += 1
        if self._conn is not None:
            self._look()

    def _look(self) -> None:
        cursor = self.rows("SELECT cursor FROM sync_cursor WHERE stream = 'customers'")
        if cursor and cursor[0][0] != self._cursor:
            self._cursor = cursor[0][0]
            self._look_at_page()
        items = self.rows(ITEMS)
        if items == self._items:
            return
        self._look_at_steps(items)
        self._items = items
        self._look_at_states()
        self._look_at_attempts()

    def _look_at_page(self) -> None:
        """A cursor in the file means that the page before it is there too."""
        kept = json.loads(self._cursor)["cursor"] if self._cursor else ""
        page = self.platform.pages.get(kept) if kept else None
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
            old = before.get(uid)
            if old is None or old == state:
                continue
            self.say(f"  = item {next(r[0] for r in items if r[4] == uid)} {old} -> {state}")
            self.expect(state in STEPS.get(old, set()), 4, f"{old} became {state}")

    def _look_at_states(self) -> None:
        rows = self.rows("SELECT id, uid, state, reason, proof, platform_id, attempts FROM outbox")
        flying = [row[0] for row in rows if row[2] == "in_flight"]
        self.expect(len(flying) <= 1, 9, f"in flight together: {flying}")
        for item_id, uid, state, reason, proof, platform_id, attempts in rows:
            was = any(self.happened.get((uid, n)) for n in range(1, attempts + 1))
            if state == "done":
                found = json.loads(proof) if proof else {}
                shown = found.get("by") == "operator" or platform_id
                self.expect(bool(found and shown), 3, f"item {item_id} is done without proof")
                self.expect(was or uid in self.forgotten, 3, f"item {item_id} is done but never happened")
                owner = self.owner.get(platform_id or "", uid)
                self.expect(owner == uid, 3, f"item {item_id} took {platform_id}, which is another's")
            elif state in ("missed", "rejected", "cancelled", "held", "unknown"):
                self.expect(bool(reason), 79, f"item {item_id} is {state} without a reason")
            if state in (*WAITING, "missed", "rejected", "cancelled"):
                self.expect(not was, 4, f"item {item_id} is {state} but happened")

    def _look_at_attempts(self) -> None:
        rows = self.rows(
            "SELECT o.id, o.uid, o.attempts, a.n, a.outcome, a.code, a.detail FROM attempt a"
            " JOIN outbox o ON o.id = a.outbox_id"
        )
        counted: Counter[int] = Counter()
        busy: Counter[int] = Counter()
        for item_id, uid, last, n, outcome, code, detail in rows:
            happened = self.happened.get((uid, n), False)
            if outcome == "N":
                self.expect(
                    not happened, 2, f"item {item_id}: attempt {n} ({code}) happened, yet counts as not"
                )
            if outcome == "D":
                here = happened or uid in self.forgotten
                self.expect(here, 3, f"item {item_id}: attempt {n} did not happen, yet counts as done")
            if n < last:
                self.expect(outcome == "N", 2, f"item {item_id}: tried again after {outcome} ({code})")
            counted[item_id] += not (json.loads(detail) if detail else {}).get("free")
            busy[item_id] += code == "platform_busy"
        self.expect(max(counted.values(), default=0) <= 6, 12, "more than six tries")
        self.expect(max(busy.values(), default=0) <= 3, 12, "more than three tries of a busy platform")
