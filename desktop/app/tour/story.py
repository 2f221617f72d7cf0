"""The steps of the tour: each does one thing of the main loop for real and says its figures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desktop.app.tour.clock import MovableClock
from desktop.app.tour.report import Report
from desktop.composition.demo import SAMPLES
from desktop.composition.graph import Graph
from desktop.composition.sandbox_process import SandboxAddress, SandboxProcess
from desktop.domain.audience import Audience
from desktop.domain.drops import DropDraft
from desktop.domain.entry_ways import CONTACT, EntryWayDraft
from desktop.domain.fans import FanFilter, Tier
from desktop.domain.posts import PostDraft
from desktop.domain.sync_reports import SyncReport
from desktop.domain.welcomes import WelcomeDraft
from desktop.services.claims import ClaimEntry

MASS_SEND = "*/externalcontact/add_msg_template"
SETTLE_S = 180
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
CLAIMS = 12


@dataclass
class Stage:
    """What the steps work on, and what earlier ones leave to later ones."""

    graph: Graph
    clock: MovableClock
    sandbox: SandboxProcess
    address: SandboxAddress
    report: Report
    folder: Path
    words: Callable[..., str]
    account_id: int = 0
    post_uid: str = ""
    drop_uid: str = ""
    way_uids: tuple[str, ...] = ()
    welcome_uid: str = ""


Step = Callable[[Stage], Awaitable[None]]


async def start(stage: Stage) -> None:
    """A new shop in an empty folder."""
    shop = await stage.graph.shop.create(stage.words("tour.shop_name"), "frequent-online", "Asia/Shanghai")
    stage.report.step("start", shop=shop.name, timezone=shop.timezone)


async def bring_in_files(stage: Stage) -> None:
    """Every sample file; the same file again; one batch taken back and brought in anew."""
    imports = stage.graph.imports
    files = sorted(file for file in SAMPLES.iterdir() if file.suffix in (".csv", ".xlsx", ".xls"))
    for file in files:
        result = await imports.commit(await imports.plan(file))
        stage.report.step(
            "file", file=file.name, source=stage.words(f"tour.source_{result.source}"), **_counts(result)
        )
    again = await imports.commit(await imports.plan(files[0]))
    stage.report.step("same_file", file=files[0].name, **_counts(again))
    before = await stage.graph.fans.count(FanFilter())
    batch = next(batch for batch in await imports.batches() if batch.file_name == files[-1].name)
    undone = await imports.undo(batch.uid)
    stage.report.step("undo", file=files[-1].name, removed=undone.removed, restored=undone.restored)
    await imports.commit(await imports.plan(files[-1]))
    after = await stage.graph.fans.count(FanFilter())
    stage.report.check("the batch came back whole", before == after)


async def connect_and_sync(stage: Stage) -> None:
    """Connect WeCom (the practice platform) and pull everything, twice."""
    secrets = {"corpid": stage.address.corpid, "corpsecret": stage.address.corpsecret}
    name = stage.words("tour.account_name")
    account = await stage.graph.accounts.add("wecom", name, stage.address.wecom_base_url, secrets)
    stage.account_id = account.id
    await stage.graph.first_send.agree(account.id)  # what leaves this computer, and where to, was looked at
    kept = stage.words(f"secret_kind.{await stage.graph.accounts.secret_kind()}")
    stage.report.step("connect", account=name, kept=kept)
    first = await _sync(stage)
    for stream, counts in first.totals().items():
        shown = {key: counts[key] for key in ("received", "new", "changed", "removed", "failed")}
        stage.report.step("stream", stream=stage.words(f"sync_stream.{stream}"), **shown)
    second = await _sync(stage)
    quiet = all(not c["new"] and not c["changed"] and not c["removed"] for c in second.totals().values())
    stage.report.check("a second sync changes nothing", quiet)


async def look_around(stage: Stage) -> None:
    """Fans, tiers, groups, the list of today."""
    tiers = await stage.graph.fans.tier_counts()
    said = ", ".join(f"{stage.words(f'tier.{tier.value}')} {tiers.get(tier, 0)}" for tier in Tier)
    stage.report.step("fans", n=await stage.graph.fans.count(FanFilter()), tiers=said)
    best = await stage.graph.fans.order(FanFilter())
    top = await stage.graph.fans.detail(best[0])
    stage.report.step("best_fan", who=top.row.name, orders=top.row.orders, yuan=top.row.spend_cents / 100)
    stage.report.step("groups", n=len(await stage.graph.groups.groups()))


async def write_post(stage: Stage) -> None:
    """A post for the fans who buy, with a live count of who gets it."""
    draft = PostDraft(
        title=stage.words("tour.post_title"),
        body=stage.words("tour.post_body"),
        audience=Audience(tiers=(Tier.PASSERBY, Tier.FAVORABLE, Tier.DEVOTED)),
    )
    post = await stage.graph.posts.save_draft(draft)
    stage.post_uid = post.uid
    count = await stage.graph.posts.audience_count(draft.audience, uid=post.uid)
    stage.report.step("post", total=count.total, reachable=count.reachable)
    confirmed = await stage.graph.posts.confirm(post.uid, hold_s=0)
    stage.report.step("post_confirmed", n=len(confirmed.items), recipients=confirmed.recipients)


async def plan_drop_offline(stage: Stage) -> None:
    """A drop for three groups while the platform cannot be reached."""
    await asyncio.to_thread(stage.sandbox.control, "/listen", {"refuse_s": 4})
    groups = [group.group_id for group in await stage.graph.groups.groups()][:3]
    drop = await stage.graph.drops.save_draft(_drop(stage, groups, opens_in_ms=2 * HOUR_MS))
    confirmed = await stage.graph.drops.confirm(drop.uid, hold_s=0)
    stage.drop_uid = drop.uid
    stage.report.step("drop", n=len(confirmed.items), groups=len(groups))
    report = await _sync(stage)
    told = report.accounts[0].error_code or report.accounts[0].outbox.get("stopped_by")
    stage.report.step("offline", error=stage.words(f"error.{told}"))
    counts = await stage.graph.outbox.counts()
    stage.report.check("everything still waits", counts["queued"] + counts["confirmed"] >= 2)
    await asyncio.sleep(4.2)  # the practice platform listens again


async def send(stage: Stage) -> None:
    """The next sync sends; one answer is lost on the way and is looked up, never repeated."""
    fault = {"kind": "reset", "path": MASS_SEND, "nth": 1, "count": 1, "when": "after"}
    await asyncio.to_thread(stage.sandbox.control, "/faults", fault)
    pushed = (await _sync(stage)).accounts[0].outbox
    stage.report.step("sent", sent=pushed["sent"], unknown=pushed["unknown"])
    stage.clock.advance(SETTLE_S)
    await asyncio.to_thread(stage.sandbox.control, "/clock", {"advance_s": SETTLE_S})
    found = (await _sync(stage)).accounts[0].outbox
    stage.report.step("reconciled", n=found["reconciled"])
    counts = await stage.graph.outbox.counts()
    received = await asyncio.to_thread(stage.sandbox.control, "/sent")
    stage.report.step("no_twice", tasks=len(received["sent"]), items=counts["done"])
    stage.report.check("nothing was sent twice", len(received["sent"]) == counts["done"])
    waiting = (await stage.graph.posts.row(stage.post_uid)).deliveries.waiting
    stage.report.step("waiting", n=waiting)


async def staff_confirm(stage: Stage) -> None:
    """Staff confirm on their phones; the next sync brings the results."""
    await asyncio.to_thread(stage.sandbox.control, "/confirm", {"msgid": "all"})
    await _sync(stage)
    post = (await stage.graph.posts.row(stage.post_uid)).deliveries
    drop = (await stage.graph.drops.row(stage.drop_uid)).deliveries
    stage.report.step("results", fans=post.sent, failed=post.failed, groups=drop.sent)


async def miss_one(stage: Stage) -> None:
    """A drop whose time passes is missed, not sent late; one click gives it a new time."""
    groups = [group.group_id for group in await stage.graph.groups.groups()][3:4]
    drop = await stage.graph.drops.save_draft(_drop(stage, groups, opens_in_ms=20 * MINUTE_MS))
    await stage.graph.drops.confirm(drop.uid, hold_s=0)
    stage.clock.advance(40 * 60)
    await asyncio.to_thread(stage.sandbox.control, "/clock", {"advance_s": 40 * 60})
    pushed = (await _sync(stage)).accounts[0].outbox
    stage.report.step("missed", n=pushed["missed"])
    again = await stage.graph.drops.reschedule(drop.uid, stage.clock.now_ms() + 3 * HOUR_MS)
    stage.report.check("the missed drop has a new time", again.draft.opens_at is not None)


async def rank(stage: Stage) -> None:
    """Super users and KOCs, from orders and touches."""
    board = await stage.graph.rankings.super_board()
    stage.report.step(
        "super",
        buyers=board.buyers,
        n=board.super_users,
        share=round(100 * (board.share_of_sales or 0), 1),
        multiple=round(board.multiple or 0, 1),
    )
    koc = await stage.graph.rankings.koc_board(top=1)
    best = koc.rows[0]
    stage.report.step("koc", n=koc.ranked, who=best.name, score=round(best.score or 0, 1))


async def look_back(stage: Stage) -> None:
    """Claims come in; the drop says what it sold and earned."""
    buyers = await stage.graph.fans.order(FanFilter())
    now = stage.clock.now_ms()
    entries = [
        ClaimEntry(fan=str(fan_id), claimed_at=now, is_redeemed=place % 4 != 3)
        for place, fan_id in enumerate(buyers[:CLAIMS])
    ]
    await stage.graph.claims.add_batch(stage.drop_uid, entries)
    result = await stage.graph.drops.result(stage.drop_uid)
    stage.report.step(
        "look_back",
        claimed=result.claimed.value,
        sold=result.sold.value,
        revenue=(result.revenue_cents.value or 0) / 100,
        margin=(result.margin_cents.value or 0) / 100,
    )


async def open_doors(stage: Stage) -> None:
    """Two codes that customers scan and a welcome reach the platform; a change of one then waits for a sync."""
    ways = stage.graph.entry_ways
    staff = [one.external_id for one in (await ways.choices()).staff]
    for name in ("tour.way_parcel", "tour.way_live"):
        await ways.add(EntryWayDraft(CONTACT, stage.words(name), staff=tuple(staff[:2])), hold_s=0)
    text = stage.words("tour.welcome_text")
    await stage.graph.welcomes.add(WelcomeDraft(text), hold_s=0)
    pushed = (await _sync(stage)).accounts[0].outbox
    stage.report.step("doors", sent=pushed["sent"])
    made = {row.draft.name: row for row in await ways.rows(CONTACT)}
    parcel, live = (made[stage.words(name)] for name in ("tour.way_parcel", "tour.way_live"))
    stage.report.check("both codes can be scanned", bool(parcel.qr_url and live.qr_url))
    await ways.edit(live.uid, replace(live.draft, staff=tuple(staff[:1])), hold_s=0)
    stage.way_uids = (parcel.uid, live.uid)
    stage.welcome_uid = next(row.uid for row in await stage.graph.welcomes.rows() if row.draft.text == text)


async def keep(stage: Stage) -> None:
    """A verified backup, and every sum checked."""
    copy = await stage.graph.backups.backup(stage.folder / "backup.db")
    whole = await stage.graph.backups.check()
    stage.report.step("keep", fans=copy.fans, orders=copy.orders)
    stage.report.check("integrity, foreign keys and sums hold", whole.is_whole)


STEPS: tuple[Step, ...] = (
    start,
    bring_in_files,
    connect_and_sync,
    look_around,
    write_post,
    plan_drop_offline,
    send,
    staff_confirm,
    miss_one,
    rank,
    look_back,
    open_doors,
    keep,
)


async def _sync(stage: Stage) -> SyncReport:
    return await stage.graph.sync.run([stage.account_id])


def _counts(result: Any) -> dict[str, int]:
    return {key: int(result.counts.get(key, 0)) for key in ("new", "changed", "same", "rejected")}


def _drop(stage: Stage, groups: list[int], *, opens_in_ms: int) -> DropDraft:
    now = stage.clock.now_ms()
    draft = DropDraft(
        kind="coupon",
        item=stage.words("tour.drop_item"),
        price_cents=1990,
        normal_price_cents=2990,
        cost_cents=850,
        stock=60,
        cap_per_person=2,
        window_minutes=10,
        group_ids=tuple(groups),
        body=stage.words("tour.drop_body"),
    )
    return replace(draft, opens_at=(now + opens_in_ms) // MINUTE_MS * MINUTE_MS)
