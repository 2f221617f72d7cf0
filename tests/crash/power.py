"""What a disk may hold when the power goes, built from recorded calls, and looked at.

A file's bytes are certain up to its last sync, names up to the last sync of a folder. Of what came
later each write may be kept, missing, or torn at a sector's edge, in any mixture; names are lost from
the end, as journals lose them. -shm is never there. Writes that the disk acknowledged without a sync
being asked are not trusted; a sync that returned is.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import shutil
import time
import traceback
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop.store.engine import sqlite3
from tests.crash import mutants
from tests.crash.desk import Desk
from tests.crash.supervisor import SECTOR, Call, Outcome
from tests.crash.sweep import Sweep, desk_of, scenarios

DATABASE = "shop.db"
KEPT, MISSING = 0.40, 0.35  # of an unsynced write; the rest is torn
LOOKED_AT_WHOLE = 50  # each how manieth state is opened by the whole program
COUNTED = ("operation", "attempt")  # rows that only ever become more


@dataclass(slots=True)
class Inode:
    """A file's certain bytes, and what was done to it since its last sync."""

    certain: bytearray = field(default_factory=bytearray)
    pending: list[Call] = field(default_factory=list)


class Disk:
    """Files and names as calls left them; `image` draws one of the states a power loss may leave."""

    def __init__(self, folder: Path) -> None:
        self.inodes: list[Inode] = []
        self.now: dict[str, int] = {}  # names as the running program sees them
        self.certain: dict[str, int] = {}
        self.pending: list[tuple[str, str, int]] = []  # (done, name, inode or -1)
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.name.endswith("-shm") and "logs" not in file.parts:
                self.now[str(file)] = self._new(file.read_bytes())
        self.certain = dict(self.now)

    def _new(self, data: bytes = b"") -> int:
        self.inodes.append(Inode(bytearray(data)))
        return len(self.inodes) - 1

    def take(self, call: Call) -> None:
        """One call more."""
        if call.name == "sync":
            inode = self.now.get(call.path)
            if inode is not None:
                for one in self.inodes[inode].pending:
                    apply(self.inodes[inode].certain, one)
                self.inodes[inode].pending.clear()
            else:  # a folder: its names are certain
                for step in self.pending:
                    rename(self.certain, step)
                self.pending.clear()
        elif call.name == "open":
            if call.path not in self.now:
                self._name("set", call.path, self._new())
            elif call.at:
                self.inodes[self.now[call.path]].pending.append(Call("truncate", call.path, 0))
        elif call.name == "rename":
            moved = self.now[call.path]
            self._name("move", f"{call.path}\0{call.to}", moved)
        elif call.name == "unlink":
            self._name("drop", call.path, -1)
        elif call.name in ("write", "truncate") and call.path in self.now:
            self.inodes[self.now[call.path]].pending.append(call)

    def _name(self, done: str, name: str, inode: int) -> None:
        step = (done, name, inode)
        rename(self.now, step)
        self.pending.append(step)

    def image(self, rng: random.Random | None) -> dict[str, bytes]:
        """One state, by name; without `rng` everything that was done."""
        names = dict(self.certain)
        kept = len(self.pending) if rng is None else rng.randint(0, len(self.pending))
        for step in self.pending[:kept]:
            rename(names, step)
        mood = "all" if rng is None else rng.choices(("mixed", "all", "none"), (8, 1, 1))[0]
        files = {}
        for name, number in names.items():
            inode = self.inodes[number]
            if not inode.pending or mood == "none":
                files[name] = bytes(inode.certain)
                continue
            data = bytearray(inode.certain)
            for call in inode.pending:
                draw = 0.0 if rng is None or mood == "all" else rng.random()
                if draw < KEPT:
                    apply(data, call)
                elif draw > KEPT + MISSING and call.name == "write" and rng is not None:
                    apply(data, torn(call, rng))
            files[name] = bytes(data)
        return files


def rename(names: dict[str, int], step: tuple[str, str, int]) -> None:
    """One change of names."""
    done, name, inode = step
    if done == "set":
        names[name] = inode
    elif done == "drop":
        names.pop(name, None)
    else:
        old, _, new = name.partition("\0")
        names.pop(old, None)
        names[new] = inode


def apply(data: bytearray, call: Call) -> None:
    """A write or truncation done to bytes."""
    if call.name == "truncate":
        del data[call.at :]
        data.extend(bytes(call.at - len(data)))
        return
    if call.at > len(data):
        data.extend(bytes(call.at - len(data)))
    data[call.at : call.at + len(call.data)] = call.data


def torn(call: Call, rng: random.Random) -> Call:
    """Some of a write's sectors, from its beginning or to its end."""
    first = SECTOR - call.at % SECTOR
    edges = range(first, len(call.data), SECTOR)
    if not edges:
        return Call("write", call.path, call.at, b"")
    edge = rng.choice(edges)
    if rng.random() < 0.5:
        return Call("write", call.path, call.at, call.data[:edge])
    return Call("write", call.path, call.at + edge, call.data[edge:])


class PowerLoss:
    """One scenario's recording and the states drawn from it."""

    def __init__(self, name: str, desk: Desk, seed: str) -> None:
        self.scenario = scenarios()[name]
        self.desk = desk
        self.seed = seed
        self.sweep = Sweep(self.scenario, desk)
        self.records = self._recorded()
        self.scratch = desk.root / "state"
        self.told: list[dict[str, str]] = []
        self.seen: set[int] = set()
        self.copies: set[int] = set()  # backups found whole, by their bytes
        self.states = self.lost = self.broken = 0

    def _recorded(self) -> list[Call]:
        self.desk.put_back()
        outcome = self.sweep.run(None, records=True)
        assert not outcome.error, outcome.trace
        return outcome.calls

    def walk(self, wanted: int, only: tuple[int, int] | None = None) -> None:
        """Every prefix of the recording, and of each as many states as make up `wanted` different ones.

        Rounds end when `wanted` is reached, or nearly nothing new turns up.
        """
        steps = [
            place
            for place, call in enumerate(self.records)
            if call.name != "ack" and not self._is_sent(call)
        ]
        if only:
            self._round({only[0]: range(only[1], only[1] + 1)})
            return
        draw, before = 0, -len(steps)
        while self.states < wanted and self.states - before > len(steps) // 20:
            before = self.states
            missing = wanted - self.states
            each = missing // len(steps)
            chosen = steps if each else random.Random(f"{self.seed}:{draw}").sample(steps, missing)
            self._round({place: range(draw, draw + max(1, each)) for place in chosen})
            draw += max(1, each)

    def _is_sent(self, call: Call) -> bool:
        return call.path == str(self.desk.platform_file)

    def _round(self, draws: dict[int, range]) -> None:
        """Replay the recording once, and draw these states on the way."""
        self.desk.put_back()
        disk = Disk(self.desk.shop)
        needed = (0,) * len(COUNTED)
        outcome = Outcome()
        sent: list[bytes] = []
        for place, call in enumerate(self.records):
            if self._is_sent(call):
                sent.append(call.data)
            elif call.name == "ack":
                outcome.acks.append(json.loads(call.data)["ack"])
            else:
                disk.take(call)
            if call.name == "ack" or self._is_sent(call):
                needed = self._counted(disk.image(None))
            for draw in draws.get(place, ()):
                self._state(disk, place, draw, needed, outcome, sent)

    def _counted(self, files: dict[str, bytes]) -> tuple[int, ...]:
        if self.scenario.name == "restore":  # another file takes the place of this one
            return (0,) * len(COUNTED)
        self._lay(files)
        with self._opened() as conn:
            return counts(conn)

    def _state(
        self,
        disk: Disk,
        place: int,
        draw: int,
        needed: tuple[int, ...],
        outcome: Outcome,
        sent: list[bytes],
    ) -> None:
        files = disk.image(random.Random(f"{self.seed}:{self.scenario.name}:{place}:{draw}"))
        mark = hash(
            (
                *((name, zlib.crc32(data)) for name, data in sorted(files.items())),
                len(outcome.acks),
                len(sent),
            )
        )
        if mark in self.seen:
            return
        self.seen.add(mark)
        self.states += 1
        try:
            self._look(files, needed)
            if self.states % LOOKED_AT_WHOLE == 1:
                self._look_whole(files, outcome, sent)
        except LostError as error:
            self.lost += 1
            self._tell(place, draw, str(error))
        except Exception as error:  # noqa: BLE001  each is a finding
            self.broken += 1
            self._tell(place, draw, "".join(traceback.format_exception(error))[-2500:])

    def _tell(self, place: int, draw: int, why: str) -> None:
        if len(self.told) < 20:
            point = f"{self.scenario.name}:power:{place}:{draw}"
            self.told.append({"point": point, "at": self.records[place].name, "why": why, "run": ""})

    def _look(self, files: dict[str, bytes], needed: tuple[int, ...]) -> None:
        """SQLite finds the file whole, and in it everything that was acknowledged."""
        if str(self.desk.shop / DATABASE) not in files:
            if any(needed):
                raise LostError("the whole file is gone")
            return
        self._lay(files)
        with self._opened() as conn:
            verdict = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
            assert verdict == "ok", verdict
            found = counts(conn)
        if any(have < need for have, need in zip(found, needed, strict=True)):
            raise LostError(f"{COUNTED}: acknowledged {needed}, found {found}")
        for name, data in files.items():
            if name.endswith(".db") and name != str(self.desk.shop / DATABASE):
                self._look_at_copy(name, data)

    def _look_at_copy(self, name: str, data: bytes) -> None:
        """A backup that has its name is whole, whenever the power went."""
        mark = zlib.crc32(data)
        if mark in self.copies:
            return
        self._lay({str(self.desk.shop / DATABASE): data})
        with self._opened() as conn:
            assert conn.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok", name
            assert conn.execute("PRAGMA user_version").fetchone()[0] > 0, name
        self.copies.add(mark)

    def _look_whole(self, files: dict[str, bytes], outcome: Outcome, sent: list[bytes]) -> None:
        """The program opens the folder as it would be, and everything is checked as after a kill."""
        self.desk.put_back()
        shutil.rmtree(self.desk.shop)
        self.desk.shop.mkdir()
        for folder in (path for path in (self.desk.root / "kept").rglob("*") if path.is_dir()):
            (self.desk.shop / folder.relative_to(self.desk.root / "kept")).mkdir(exist_ok=True)
        for name, data in files.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(data)
        if sent:
            with self.desk.platform_file.open("ab") as handle:
                handle.write(b"".join(sent))
        self.sweep.open_again(outcome)

    def _lay(self, files: dict[str, bytes]) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir()
        for name, data in files.items():
            if os.path.basename(name).startswith(DATABASE) and os.path.dirname(name) == str(self.desk.shop):
                (self.scratch / os.path.basename(name)).write_bytes(data)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Any]:
        conn = sqlite3.connect(str(self.scratch / DATABASE), isolation_level=None)
        try:
            conn.execute("PRAGMA locking_mode = EXCLUSIVE")
            yield conn
        finally:
            conn.close()


class LostError(AssertionError):
    """Something acknowledged is not there."""


def counts(conn: Any) -> tuple[int, ...]:
    """Rows of the tables that only grow; none where the schema is not there yet."""
    if not conn.execute("SELECT 1 FROM sqlite_schema WHERE name = 'attempt'").fetchone():
        return (0,) * len(COUNTED)
    return tuple(int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in COUNTED)


def lost(name: str, states: int, seed: str, only: str = "", mutant: str = "") -> dict[str, Any]:
    """One scenario's power losses as a document."""
    logging.disable(logging.CRITICAL)
    began, cpu = time.monotonic(), sum(os.times()[:4])
    with mutants.applied(mutant), desk_of(scenarios()[name]) as desk:
        power = PowerLoss(name, desk, seed)
        place, _, draw = only.partition(":")
        power.walk(states, (int(place), int(draw)) if only else None)
    return {
        "scenario": name,
        "calls": len(power.records),
        "states": power.states,
        "lost": power.lost,
        "broken": power.broken,
        "seconds": round(time.monotonic() - began, 1),
        "cpu_s": round(sum(os.times()[:4]) - cpu, 1),
        "failures": power.told,
    }
