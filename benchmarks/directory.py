"""Directory and boards at several sizes, in one run, as ratios: what grows, and by how much.

    python -m benchmarks.directory [--sizes 10000 100000] [--repeats 15]

Each operation is timed in turn at every size (interleaved, medians), so that a slow minute of the
machine touches all sizes alike. Ratios are against the bare SQL that nothing could do without.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.synthetic_shop import AS_OF, ZONE, Size, write_shop
from desktop.domain.clock import SystemClock
from desktop.domain.fans import FanFilter, FanSort
from desktop.domain.periods import trailing_year
from desktop.domain.rankings import SuperRule, super_standing
from desktop.store import rules
from desktop.store.boards import home, rankings
from desktop.store.database import Store
from desktop.store.fans import fans, timeline
from desktop.store.groups import groups

PAGE = 60
SPAN = trailing_year(AS_OF, ZONE)
Work = Callable[[Any], object]


def by_search(text: str) -> Work:
    return lambda conn: fans.order(conn, FanFilter(search=text))[:PAGE]


def first_page(conn: Any) -> object:
    return fans.rows(conn, fans.order(conn, FanFilter(), FanSort.SPEND)[:PAGE])


def first_page_bare(conn: Any) -> object:
    return conn.execute(
        "SELECT fan.*, s.* FROM fan_stats AS s JOIN fan ON fan.id = s.fan_id"
        " ORDER BY s.spend_cents DESC LIMIT ?",
        (PAGE,),
    ).fetchall()


def like(conn: Any) -> object:
    return conn.execute("SELECT id FROM fan WHERE name LIKE '%小满%' LIMIT ?", (PAGE,)).fetchall()


def koc(conn: Any) -> object:
    return rankings.koc_counts(conn, SPAN, rules.koc_weights(conn), ZONE)


def orders_scan(conn: Any) -> object:
    return conn.execute('SELECT sum(net_cents) FROM "order" NOT INDEXED').fetchone()


def events_scan(conn: Any) -> object:
    return conn.execute("SELECT sum(quantity) FROM interaction NOT INDEXED").fetchone()


# name, our operation, name of the bare one, the bare one
MEASURES: tuple[tuple[str, Work, str, Work], ...] = (
    ("first page by spend", first_page, "60 joined rows by index", first_page_bare),
    (
        "ids of everybody by spend",
        lambda conn: fans.order(conn, FanFilter()),
        "60 joined rows by index",
        first_page_bare,
    ),
    ("search, 2 characters", by_search("小满"), "LIKE on names", like),
    ("search, pinyin", by_search("xiaoman"), "LIKE on names", like),
    ("search, initials", by_search("wxm"), "LIKE on names", like),
    ("search, phone ending", by_search("1234"), "LIKE on names", like),
    (
        "super board",
        lambda conn: super_standing(rankings.buyers(conn, SPAN), SuperRule()),
        "one scan of orders",
        orders_scan,
    ),
    ("KOC counts", koc, "one scan of events", events_scan),
    (
        "home tiles",
        lambda conn: home.kpis(conn, AS_OF, ZONE, home.activity(conn, AS_OF, 14, ZONE)),
        "one scan of orders",
        orders_scan,
    ),
    ("groups", lambda conn: groups.groups(conn, SPAN.to_ms), "one scan of events", events_scan),
    (
        "one fan's timeline",
        lambda conn: timeline.timeline(conn, 7, limit=50),
        "60 joined rows by index",
        first_page_bare,
    ),
)


def timed(conn: Any, work: Work) -> float:
    started = time.perf_counter()
    work(conn)
    return (time.perf_counter() - started) * 1000


async def measured(folder: Path, sizes: list[int], repeats: int) -> dict[tuple[str, int], float]:
    """Median milliseconds by operation and size; '=' before a name marks the bare operation."""
    stores = {}
    for size in sizes:
        place = folder / str(size)
        if not (place / "shop.db").exists():
            await write_shop(place, Size(size), seed=1)
        stores[size] = Store(place / "shop.db", SystemClock())
        await stores[size].open()
    times: dict[tuple[str, int], list[float]] = {}
    try:
        for _ in range(repeats):
            for name, work, bare_name, bare in MEASURES:
                for size, store in stores.items():
                    for key, each in ((name, work), (f"={bare_name}", bare)):
                        spent = await store.read(lambda conn, each=each: timed(conn, each))
                        times.setdefault((key, size), []).append(spent)
    finally:
        for store in stores.values():
            await store.close()
    return {key: statistics.median(spent) for key, spent in times.items()}


def printed(sizes: list[int], medians: dict[tuple[str, int], float]) -> None:
    largest = sizes[-1]
    heads = "".join(f"{f'{size:,} ms':>14}" for size in sizes)
    print(f"{'operation':28}{heads}{'growth':>9}  ratio to the bare operation at {largest:,}")
    for name, _, bare_name, _ in MEASURES:
        figures = "".join(f"{medians[name, size]:14.2f}" for size in sizes)
        growth = medians[name, largest] / medians[name, sizes[0]]
        ratio = medians[name, largest] / medians[f"={bare_name}", largest]
        bare = medians[f"={bare_name}", largest]
        print(f"{name:28}{figures}{growth:8.1f}x  {ratio:.2f} x {bare_name} ({bare:.2f} ms)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--keep", type=Path, help="a folder for the shops, used again next time")
    args = parser.parse_args()
    sizes = sorted(args.sizes)
    with tempfile.TemporaryDirectory() as scratch:
        medians = asyncio.run(measured(args.keep or Path(scratch), sizes, args.repeats))
    printed(sizes, medians)


if __name__ == "__main__":
    main()
