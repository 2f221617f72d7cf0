"""Audiences counted with a sample, beside the same questions in plain SQL and in DuckDB, with the same answers.

    python -m benchmarks.audiences --folder DIR [--size 100000] [--peers PYTHON]

DIR/<size>/shop.db is made where it is missing (as `directory_goals` makes it). Sixty seeded rules of two to four
conditions. Ours is `SegmentService.count`: the number, how a send would split it, and a sample by spend; once with
nothing known, once more as when a keystroke changes nothing. Peers answer the number alone: correlated EXISTS in
SQLite, and DuckDB with the tables loaded before, where `--peers` names an interpreter that has it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.directory_goals import percentile, reader, shop
from benchmarks.synthetic_shop import AS_OF, ZONE
from desktop.domain.clock import Clock, SystemClock, day_start_ms
from desktop.domain.fans import InteractionKind, Tier
from desktop.domain.periods import DAY_MS
from desktop.domain.segments.conditions import Condition, HasTags, Interacted, Orders, Spend, TierIs
from desktop.domain.segments.rules import AllOf, AnyOf, Not, Rule
from desktop.services.segments import SegmentService
from desktop.store.database import Store

RULES = 60
COLD, WARM, EXISTS = "ours, nothing known", "ours, asked again", "EXISTS in SQLite"
LOADED = "DuckDB, one thread, after loading"
NOW = day_start_ms(AS_OF, ZONE) + 20 * 3_600_000
DUCK = """
import json, sqlite3, sys, time, duckdb, pandas
shop, queries = sqlite3.connect(sys.argv[1]), json.load(open(sys.argv[2]))
duck = duckdb.connect()
duck.execute("SET threads = 1")
duck.execute("SET enable_progress_bar = false")
started = time.process_time()
for table in ("fan", "fan_tag", "order", "interaction"):
    frame = pandas.read_sql(f'SELECT * FROM "{table}"', shop)
    duck.execute(f'CREATE TABLE "{table}" AS SELECT * FROM frame')
loaded, spent, found = time.process_time() - started, [], []
for query in queries:
    started = time.process_time()
    found.append(duck.execute(query).fetchone()[0])
    spent.append((time.process_time() - started) * 1000)
print(json.dumps({"loaded_s": loaded, "spent": spent, "found": found}))
"""


class _Fixed(SystemClock):
    """The day up to which the shop was seeded."""

    def now_ms(self) -> int:
        return NOW


def conditions(chance: random.Random, tags: Sequence[int]) -> list[tuple[Condition, str]]:
    """Two to four conditions, each with the same in SQL."""
    found: list[tuple[Condition, str]] = []
    for _ in range(chance.choice((2, 3, 4))):
        days = chance.choice((30, 90, 180, 365))
        since = day_start_ms(AS_OF, ZONE) - (days - 1) * DAY_MS
        match chance.randrange(5):
            case 0:
                tiers = tuple(chance.sample(list(Tier), 2))
                names = ", ".join(f"'{tier.value}'" for tier in tiers)
                found.append((TierIs(tiers), f"fan.tier IN ({names})"))
            case 1:
                some = tuple(chance.sample(list(tags), 2))
                ids = ", ".join(map(str, some))
                carries = f"EXISTS (SELECT 1 FROM fan_tag WHERE fan_id = fan.id AND tag_id IN ({ids}))"
                found.append((HasTags(some), carries))
            case 2:
                least = chance.choice((1, 2, 3))
                sales = f"fan_id = fan.id AND is_sale = 1 AND paid_at >= {since}"
                bought = f'(SELECT count(*) FROM "order" WHERE {sales}) >= {least}'
                found.append((Orders(least, None, days), bought))
            case 3:
                cents = chance.choice((10_000, 50_000, 200_000))
                sales = f"fan_id = fan.id AND is_sale = 1 AND paid_at >= {since}"
                spent = f'(SELECT coalesce(sum(net_cents), 0) FROM "order" WHERE {sales}) >= {cents}'
                found.append((Spend(cents, None, days), spent))
            case _:
                kinds = tuple(chance.sample(list(InteractionKind)[:6], 2))
                names = ", ".join(f"'{kind.value}'" for kind in kinds)
                touches = f'fan_id = fan.id AND kind IN ({names}) AND "at" >= {since}'
                done = f"(SELECT coalesce(sum(quantity), 0) FROM interaction WHERE {touches}) >= 1"
                found.append((Interacted(1, None, days, kinds), done))
    return found


def rules(path: Path) -> list[tuple[Rule, str]]:
    """Seeded rules with the same in SQL."""
    conn, chance = reader(path), random.Random(4)
    tags = [row[0] for row in conn.execute("SELECT id FROM tag WHERE removed_at IS NULL")]
    found: list[tuple[Rule, str]] = []
    for _ in range(RULES):
        parts = conditions(chance, tags)
        first, rest = parts[0], parts[1:]
        joined, word = (AllOf, " AND ") if chance.random() < 0.6 else (AnyOf, " OR ")
        rule: Rule = joined(tuple(part for part, _ in rest)) if len(rest) > 1 else rest[0][0]
        sql = f"({word.join(text for _, text in rest)})"
        if chance.random() < 0.25:
            rule, sql = Not(rule), f"NOT {sql}"
        living = "fan.removed_at IS NULL AND fan.merged_into IS NULL"
        found.append(
            (AllOf((first[0], rule)), f"SELECT count(*) FROM fan WHERE {living} AND {first[1]} AND {sql}")
        )
    conn.close()
    return found


async def ours(path: Path, asked: Sequence[Rule]) -> tuple[list[int], list[float], list[float]]:
    """(numbers, milliseconds with nothing known, milliseconds again)."""
    clock: Clock = _Fixed()
    store = Store(path, clock)
    await store.open()
    numbers, cold, warm = [], [], []
    try:
        for rule in asked:
            service = SegmentService(store, clock)  # knows nothing yet
            for spent in (cold, warm):
                started = time.process_time()
                count = await service.count(rule)
                spent.append((time.process_time() - started) * 1000)
            numbers.append(count.total)
    finally:
        await store.close()
    return numbers, cold, warm


def by_exists(path: Path, queries: Sequence[str]) -> tuple[list[int], list[float]]:
    """(numbers, milliseconds) of plain SQL."""
    conn, numbers, spent = reader(path), [], []
    for query in queries:
        started = time.process_time()
        numbers.append(int(conn.execute(query).fetchone()[0]))
        spent.append((time.process_time() - started) * 1000)
    conn.close()
    return numbers, spent


def compared(path: Path, peers: str) -> dict[str, list[float]]:
    """Milliseconds of each way for each rule. Raises SystemExit where the answers differ."""
    asked = rules(path)
    queries = [query for _, query in asked]
    numbers, cold, warm = asyncio.run(ours(path, [rule for rule, _ in asked]))
    expected, exists = by_exists(path, queries)
    if numbers != expected:
        raise SystemExit(f"other answers than plain SQL: {numbers} {expected}")
    found = {COLD: cold, WARM: warm, EXISTS: exists}
    if peers:
        with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as handle:
            json.dump(queries, handle)
        said = subprocess.run(
            [peers, "-c", DUCK, str(path), handle.name], capture_output=True, text=True, check=True
        ).stdout
        Path(handle.name).unlink()
        told = json.loads(said)
        if told["found"] != expected:
            raise SystemExit("other answers than DuckDB")
        found[LOADED] = told["spent"]
    return found


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--peers", default="", help="an interpreter with duckdb and pandas")
    args = parser.parse_args()
    path = asyncio.run(shop(args.folder, args.size, 100_000 if args.size > 100_000 else 0))
    print(f"{args.size:,} fans, {RULES} rules, CPU milliseconds; the same answers")
    for name, spent in compared(path, args.peers).items():
        print(f"{name:34} p50 {statistics.median(spent):9.2f}  p99 {percentile(spent, 0.99):9.2f}")


if __name__ == "__main__":
    main()
