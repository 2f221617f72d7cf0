"""What the person at the computer does, through the program's own services. They tell the truth."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Protocol

from desktop.composition.graph import Graph
from desktop.domain.audience import Audience
from desktop.domain.content import MediaRef
from desktop.domain.drops import DropDraft
from desktop.domain.posts import Channel, PostDraft
from tests.simulator.arrangements import Arrangements
from tests.simulator.doudian_acts import ShopActs
from tests.simulator.douyin_acts import PublicActs
from tests.simulator.watch import Watch
from tests.simulator.wechat_acts import OfficialActs

MINUTE = 60_000
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (40).to_bytes(4, "big") + (30).to_bytes(4, "big") + b"\0" * 9
NUMBER = re.compile(r"第(\d+)号")
SURELY_OVER_MS = 120_000  # nothing happens at the platform this long after a request left


class Acts(Protocol):
    """What can be done at one platform."""

    async def any(self, graph: Graph) -> str:
        """One of all acts; what, for the trace."""
        ...


@dataclass
class Entity:
    """A post or drop that was confirmed at least once, and the number its texts carry."""

    kind: str
    uid: str
    number: int
    revision: int = 0


class Operator:
    """Chooses by `chance` what to do next with what there is."""

    def __init__(self, chance: random.Random, watch: Watch) -> None:
        self.chance, self.watch = chance, watch
        self.entities: list[Entity] = []
        self.closed: set[int] = set()  # numbers that went out in a time the file does not know
        self.own_names: dict[int, str] = {}
        self.own_notes: dict[int, str] = {}
        self._saying: tuple[str, int, str] | None = None  # a word the program may have died over
        self.arrangements = Arrangements(chance, watch)
        acts: dict[str, Acts] = {"wecom": self.arrangements, "wechat": OfficialActs(chance, watch)}
        acts["doudian"] = ShopActs(chance, watch)
        acts["douyin"] = self.public = PublicActs(chance, watch)
        self.acts = [acts[name] for name in watch.platforms]
        self.count = 0

    async def post(self, graph: Graph) -> str:
        """Write a post and confirm it."""
        self.count += 1
        now, pick = self.watch.line.local_ms(), self.chance
        at = now + pick.choice((0, 1, 5, 30, 90, 1_500)) * MINUTE if pick.random() < 0.5 else None
        body = f"第{self.count}号 " + pick.choice(("今晚到货", "{昵称}好,到货了", "到货了 {店名}"))
        draft = PostDraft(
            title=f"到货{self.count}",
            body=body,
            audience=Audience(everyone=True),
            scheduled_at=at,
            grace_minutes=pick.choice((0, 2, 30, 120)),
            media=await self._picture(graph.posts),
        )
        saved = await graph.posts.save_draft(draft)
        self.entities.append(Entity("post", saved.uid, self.count))
        return await self._confirm(graph, self.entities[-1])

    async def moment(self, graph: Graph) -> str:
        """Write a moment and confirm it."""
        self.count += 1
        draft = PostDraft(
            title=f"朋友圈{self.count}",
            body=f"第{self.count}号 上新",
            audience=Audience(everyone=True),
            channel=Channel.MOMENT,
            media=await self._picture(graph.posts),
        )
        saved = await graph.posts.save_draft(draft)
        self.entities.append(Entity("moment", saved.uid, self.count))
        return await self._confirm(graph, self.entities[-1])

    async def arrange(self, graph: Graph) -> str:
        """Change something at one of the platforms that is none of a post's or drop's business."""
        return await self.chance.choice(self.acts).any(graph)

    async def agree(self, graph: Graph) -> str:
        """Agree once more where the platform says that nobody did."""
        return await self.public.agree(graph) if "douyin" in self.watch.platforms else "nothing"

    async def reply(self, graph: Graph) -> str:
        """Answer a customer."""
        self.count += 1
        return await self.arrangements.reply(graph, f"第{self.count}号 在的")

    async def follow_up(self, graph: Graph) -> str:
        """Remind staff of a task, or stop it, or stop a moment."""
        return await self.arrangements.follow_up(graph)

    async def drop(self, graph: Graph) -> str:
        """Plan a welfare drop and confirm it."""
        self.count += 1
        now, pick = self.watch.line.local_ms(), self.chance
        opens = now + pick.choice((2, 10, 45, 240)) * MINUTE
        groups = self.watch.rows("SELECT id FROM fan_group WHERE removed_at IS NULL ORDER BY id")
        draft = DropDraft(
            item=f"车厘子{self.count}",
            price_cents=1990,
            normal_price_cents=3990,
            cost_cents=1200,
            stock=20,
            cap_per_person=2,
            opens_at=opens,
            announce_at=pick.choice((None, now + 1 * MINUTE, opens - 1 * MINUTE)),
            group_ids=tuple(row[0] for row in groups if pick.random() < 0.8) or (1,),
            body=f"福利第{self.count}号 " + "{福利} {价格}元",
            media=await self._picture(graph.drops),
        )
        saved = await graph.drops.save_draft(draft)
        self.entities.append(Entity("drop", saved.uid, self.count))
        return await self._confirm(graph, self.entities[-1])

    async def _picture(self, content: Any) -> tuple[MediaRef, ...]:
        if self.chance.random() < 0.75:
            return ()
        return (await content.keep_picture_bytes(PNG + bytes([self.chance.randint(0, 3)]), "图.png"),)

    async def _confirm(self, graph: Graph, entity: Entity) -> str:
        service = graph.drops if entity.kind == "drop" else graph.posts
        done = await service.confirm(entity.uid, self.chance.choice((0.0, 10.0)))
        self.watch.known |= set(done.items)
        return f"{entity.kind} {entity.number} r{entity.revision}, items {len(done.items)}"

    def close_what_went_out(self) -> None:
        """After a restore: leave alone what the platform has and the file does not know as done."""
        done = {row[0] for row in self.watch.rows("SELECT uid FROM outbox WHERE state = 'done'")}
        for said in (said for world in self.watch.platforms.values() for said in world.said()):
            number = NUMBER.search(said.text)
            if number and self.watch.made.by.get(said.platform_id) not in done:
                self.closed.add(int(number[1]))
        known = {
            row[0] for row in self.watch.rows("SELECT uid FROM post UNION SELECT uid FROM welfare_drop")
        }
        self.entities = [entity for entity in self.entities if entity.uid in known]

    def _entity(self, *, again: bool = False) -> Entity | None:
        """One that may be changed; a moment that is confirmed `again` is a second one, so that it is none."""
        open_ones = [
            e for e in self.entities if e.number not in self.closed and not (again and e.kind == "moment")
        ]
        return self.chance.choice(open_ones[-8:]) if open_ones else None

    async def withdraw(self, graph: Graph) -> str:
        """Take a whole post or drop back (within ten seconds: undo)."""
        entity = self._entity()
        if entity is None:
            return "nothing"
        service = graph.drops if entity.kind == "drop" else graph.posts
        done = await service.cancel(entity.uid)
        return f"{entity.number}: {done.cancelled} stopped, {done.too_late} too late, draft {done.is_draft_again}"

    async def edit(self, graph: Graph) -> str:
        """Change a post or drop after it was confirmed, and confirm the new revision."""
        entity = self._entity(again=True)
        if entity is None:
            return "nothing"
        service: Any = graph.drops if entity.kind == "drop" else graph.posts
        content = await service.reopen(entity.uid)
        entity.revision += 1
        if self.chance.random() < 0.6:
            body = f"{content.draft.body.split(' v')[0]} v{entity.revision}"
            await service.save_draft(replace(content.draft, body=body), entity.uid)
        return await self._confirm(graph, entity)

    async def move(self, graph: Graph) -> str:
        """Give a post or drop another time, and confirm it again."""
        entity = self._entity(again=True)
        if entity is None:
            return "nothing"
        now = self.watch.line.local_ms()
        at = now + self.chance.choice((3, 20, 200)) * MINUTE
        entity.revision += 1
        if entity.kind == "post":
            await graph.posts.reschedule(entity.uid, self.chance.choice((None, at)))
        else:
            await graph.drops.reschedule(entity.uid, at)
        return await self._confirm(graph, entity)

    async def cancel_item(self, graph: Graph) -> str:
        """Stop one item."""
        row = self._item("confirmed", "queued", "held", "in_flight", "unknown")
        if row is None:
            return "nothing"
        await graph.outbox.cancel(row[1])
        return f"item {row[0]}"

    async def retry(self, graph: Graph) -> str:
        """Send a refused item again, or give a missed one another time."""
        row = self._item("rejected", "missed")
        if row is None:
            return "nothing"
        if row[2] == "rejected":
            uid = await graph.outbox.retry(row[1], self.chance.choice((0.0, 10.0)))
        else:
            later = self.watch.line.local_ms() + self.chance.choice((0, 10)) * MINUTE
            uid = await graph.outbox.reschedule(row[1], later, 0.0)
        self.watch.known.add(uid)
        return f"item {row[0]}"

    async def attest(self, graph: Graph) -> str:
        """Look at the platform and say whether an unknown item was sent."""
        row = self._item("unknown")
        return "nothing" if row is None else await self._attest(graph, *row[:2])

    async def _attest(self, graph: Graph, item_id: int, uid: str) -> str:
        true = self.watch.line.true_ms()
        tried = {mark: was for mark, was in self.watch.happened.items() if mark[0] == uid}
        if any(true - self.watch.left_ms[mark] < SURELY_OVER_MS for mark in tried):
            return "too soon to say"
        was_sent = any(tried.values()) or uid in self.watch.forgotten
        state = await graph.outbox.attest(uid, was_sent)
        return f"item {item_id} {was_sent}: {state.value}"

    async def attest_asked(self, graph: Graph) -> str:
        """Answer every question the program asks."""
        told = []
        sql = "SELECT id, uid FROM outbox WHERE state = 'unknown' AND json_extract(reason, '$.asks') = 1"
        for item_id, uid in self.watch.rows(sql):
            told.append(await self._attest(graph, item_id, uid))
        return "; ".join(told) or "nothing"

    async def release(self, graph: Graph) -> str:
        """Look at what is held: let it go on, or stop it where the platform has it already."""
        told: Counter[str] = Counter()
        for uid, payload, reason in self.watch.rows(
            "SELECT uid, payload, reason FROM outbox WHERE state = 'held' ORDER BY id"
        ):
            number = NUMBER.search(payload)
            why = json.loads(reason)["code"]
            is_elsewhere = why == "sent_elsewhere"
            if is_elsewhere and self.chance.random() < 0.3:
                self.watch.seen_alike.add(uid)  # they get it twice, and the owner wants it so
                is_elsewhere = False
            is_sent = uid in self.watch.forgotten or (number and int(number[1]) in self.closed)
            if is_sent or is_elsewhere or why == "predecessor_failed":
                await graph.outbox.cancel(uid)
                told["stopped"] += 1
            else:
                told[(await graph.outbox.release(uid)).value] += 1
        return str(dict(told))

    def _item(self, *states: str) -> tuple[Any, ...] | None:
        rows = self.watch.rows(
            "SELECT id, uid, state, payload FROM outbox WHERE state IN (SELECT value FROM json_each(?))"
            " ORDER BY id",
            '["' + '","'.join(states) + '"]',
        )
        rows = [row for row in rows if (n := NUMBER.search(row[3])) is None or int(n[1]) not in self.closed]
        return self.chance.choice(rows[-8:]) if rows else None

    async def own_word(self, graph: Graph) -> str:
        """Name a fan, write a note, or put somebody on the do-not-disturb list and off again."""
        fans = [
            row[0] for row in self.watch.rows("SELECT id FROM fan WHERE removed_at IS NULL ORDER BY id")
        ]
        if not fans:
            return "nobody"
        fan, what = self.chance.choice(fans), self.chance.choice(["name", "note", "bar", "bar", "allow"])
        text = f"熟人{self.chance.randint(1, 999)}"
        if what == "name":
            self._saying = "name", fan, text
            await graph.fans.rename(fan, text)
            self.own_names[fan], self._saying = text, None
        elif what == "note":
            self._saying = "note", fan, text
            await graph.fans.set_note(fan, text)
            self.own_notes[fan], self._saying = text, None
        elif what == "bar":
            await graph.fans.suppress([fan])
        else:
            await graph.fans.unsuppress([fan])
        return f"{what} {fan}"

    def was_it_said(self) -> None:
        """The program is back: a word it died over counts if the file has it."""
        if self._saying is None:
            return
        what, fan, text = self._saying
        self._saying = None
        if self.watch.rows(f"SELECT {what} FROM fan WHERE id = ?", fan) == [(text,)]:
            (self.own_names if what == "name" else self.own_notes)[fan] = text

    async def during(self, graph: Graph) -> str:
        """Something done while a synchronisation runs."""
        await asyncio.sleep(self.chance.choice((0.05, 0.3, 1.0, 15.0)))
        acts = [self.cancel_item, self.own_word, self.attest, self.arrange]
        if "wecom" in self.watch.platforms:
            acts += [self.withdraw, self.post, self.reply]
        act = self.chance.choice(acts)
        return f"{act.__name__}: {await act(graph)}"
