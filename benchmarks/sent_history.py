"""The history of everything sent: a page of it, its number, and searches, at a size.

    python -m benchmarks.sent_history [--rows 100000]

Six in ten were sent from here (a text of 60 characters to 50 people, title, one try), the others were made
elsewhere. Milliseconds of the one thread that reads (processor time), the better of two.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop.domain.clock import SystemClock
from desktop.domain.ids import new_uid
from desktop.domain.sent_history import SentFilter
from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS
from desktop.domain.writes import Write, sha256_text
from desktop.store.database import Store
from desktop.store.sends import sent_history

MINUTE = 60_000
SHOWN = 1000
SIGNS = "今晚八点上新桂圆红枣茶补货开抢福利秒杀包邮会员专享老客回馈新品尝鲜榨果汁冷链到家"
TO = tuple(f"wm{n}" for n in range(50))
SEARCHES = {
    "everything": SentFilter(),
    "one title": SentFilter("上新12345"),
    "two characters, in 4 of 100": SentFilter("会员"),
    "two characters, in 6 of 10": SentFilter("上新"),
    "what nobody wrote": SentFilter("没有这句话"),
}
ACCOUNT = (
    "INSERT INTO account (id, uid, platform, name, external_id, base_url, state, created_at)"
    " VALUES (1, 'a', 'wecom', '小满', 'ww1', 'https://qyapi.weixin.qq.com', 'connected', 0)"
)
OURS = (
    "INSERT INTO outbox (id, uid, account_id, kind, entity, entity_id, state, payload, payload_sha256, summary,"
    " order_key, not_before, hold_until, confirmed_at, confirmed_by, device_id, attempts, platform_id, proof,"
    " settled_at, updated_at)"
    " VALUES (?, ?, 1, ?, 'post', 1, 'done', ?, ?, ?, 'k', ?, ?, ?, '店主', 'd', 1, ?, ?, ?, ?)"
)
TRY = (
    "INSERT INTO attempt (outbox_id, n, started_at, started_mono_ms, boot_id, request_sha256, ended_at, outcome)"
    " VALUES (?, 1, ?, 0, 'b', '', ?, 'D')"
)
ELSEWHERE = (
    "INSERT INTO mass_send_record (account_id, external_id, chat_type, creator, text, created_at)"
    " VALUES (1, ?, 'single', 's1', ?, ?)"
)


def fill(tx: Any, rows: int) -> None:
    """A minute between any two of them."""
    chance = random.Random(1)
    tx.db.execute(ACCOUNT)
    for number in range(rows):
        at = tx.now_ms - (rows - number) * MINUTE
        text = "".join(chance.choices(SIGNS, k=60))
        if number % 10 >= 6:
            tx.db.execute(ELSEWHERE, (f"e{number}", text, at))
            continue
        payload = Write(MASS_SEND_CUSTOMERS, {"text": text}, TO).canonical()
        summary = json.dumps({"title": f"上新{number}", "text": text}, ensure_ascii=False)
        sealed = (
            payload,
            sha256_text(payload),
            summary,
            at,
            at,
            at,
            f"msg{number}",
            '{"by":"reply"}',
            at,
            at,
        )
        tx.db.execute(OURS, (number + 1, new_uid(at), MASS_SEND_CUSTOMERS, *sealed))
        tx.db.execute(TRY, (number + 1, at, at))


async def measured(store: Store, work: Callable[[Any], Any]) -> tuple[int, float]:
    """(how many were found, milliseconds)."""

    def timed(conn: Any) -> tuple[int, float]:
        began = time.thread_time()
        told = work(conn)
        return told if isinstance(told, int) else len(told), (time.thread_time() - began) * 1000

    return min([await store.read(timed) for _ in range(2)], key=lambda one: one[1])


async def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "shop.db", SystemClock())
        await store.open()
        await store.write(lambda tx: fill(tx, rows), kind=None)
        print(
            f"| {rows:,} sent | found | first {SHOWN:,}, ms | how many, ms |\n| --- | ---: | ---: | ---: |"
        )
        for name, wanted in SEARCHES.items():
            _, page = await measured(store, lambda conn, w=wanted: sent_history.listed(conn, w, SHOWN, 0))
            total, count = await measured(store, lambda conn, w=wanted: sent_history.counted(conn, w))
            print(f"| {name} | {total:,} | {page:.0f} | {count:.0f} |")
        await store.close()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--rows", type=int, default=100_000)
    asyncio.run(main(arguments.parse_args().rows))
