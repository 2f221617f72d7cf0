"""What the person at the computer does with a Douyin account: groups, requests, comments, posts, consent."""

from __future__ import annotations

import random
from typing import Any

from desktop.composition.graph import Graph
from desktop.domain.outbox_items import NewItem
from desktop.domain.write_kinds.douyin import MESSAGE_RECALL
from desktop.domain.writes import Write
from desktop.services.sending import freeze
from tests.simulator.arrangements import NOTHING, PNG
from tests.simulator.douyin_facts import GROUPS
from tests.simulator.watch import Watch

ACCOUNT = "SELECT id, state FROM account WHERE platform = 'douyin'"
TALKS = (
    "SELECT c.uid FROM conversation c JOIN desk d ON d.id = c.desk_id JOIN account a ON a.id = d.account_id"
    " WHERE a.platform = 'douyin' ORDER BY c.id"
)
OWN_GROUPS = (
    "SELECT g.id FROM fan_group g JOIN account a ON a.id = g.account_id"
    " WHERE a.platform = 'douyin' AND g.removed_at IS NULL ORDER BY g.id"
)
SAID = (
    "SELECT id, platform_id, payload FROM outbox WHERE state = 'done' AND platform_id <> ''"
    " AND kind IN ('douyin.dm', 'douyin.group.message') ORDER BY id DESC LIMIT 4"
)


class PublicActs:
    """Chooses by `chance` among what there is."""

    def __init__(self, chance: random.Random, watch: Watch) -> None:
        self.chance, self.watch, self.count = chance, watch, 0

    async def any(self, graph: Graph) -> str:
        """One of all acts."""
        acts = (
            self.answer, self.answer, self.answer, self.answer, self.accept, self.accept, self.reply, self.reply,
            self.pin, self.say, self.say, self.say, self.create, self.publish, self.publish, self.take_back,
        )  # fmt: skip
        self.count += 1
        if self.watch.rows(ACCOUNT)[0][1] == "refused" and self.chance.random() < 0.5:
            return await self.agree(graph)
        act = self.chance.choice(acts)
        return f"{act.__name__}: {await act(graph)}"

    def _one(self, sql: str) -> tuple[Any, ...] | None:
        rows = self.watch.rows(sql)
        return self.chance.choice(rows) if rows else None

    async def agree(self, graph: Graph) -> str:
        """The owner agrees once more, where the platform refuses the account."""
        account, state = self.watch.rows(ACCOUNT)[0]
        if state == "refused":
            await graph.grants.finish(account, "again")
        return f"agree: {state}"

    async def answer(self, graph: Graph) -> str:
        """Answer a fan, within the platform's rules or not: the program knows them."""
        talk = self._one(TALKS)
        if talk is None:
            return NOTHING
        await graph.talks.reply(talk[0], f"抖{self.count}在的", hold_s=self.chance.choice((0.0, 3.0)))
        return str(talk[0])

    async def accept(self, graph: Graph) -> str:
        """Let somebody in."""
        one = self._one("SELECT uid FROM join_request WHERE state = 'pending' ORDER BY id")
        return await graph.public.accept(one[0]) if one else NOTHING

    def _comment(self) -> tuple[Any, ...] | None:
        return self._one("SELECT uid FROM video_comment WHERE is_ours = 0 AND parent = '' ORDER BY id")

    async def reply(self, graph: Graph) -> str:
        """Say something below a comment."""
        one = self._comment()
        return await graph.public.reply(one[0], f"评{self.count}谢谢") if one else NOTHING

    async def pin(self, graph: Graph) -> str:
        """Pin a comment, or let go of it."""
        one = self._comment()
        return await graph.public.pin(one[0], self.chance.random() < 0.7) if one else NOTHING

    async def say(self, graph: Graph) -> str:
        """In a group: a message, the announcement, the welcome."""
        one = self._one(OWN_GROUPS)
        if one is None:
            return NOTHING
        what = self.chance.choice(("message", "message", "announcement", "welcome"))
        text = "" if what != "message" and self.chance.random() < 0.2 else f"群{self.count}到货"
        return await graph.public.say_in_group(one[0], what, text)

    async def create(self, graph: Graph) -> str:
        """A group of a name that another one may have."""
        account = self.watch.rows(ACCOUNT)[0][0]
        return await graph.public.create_group(account, self.chance.choice(GROUPS), "一起吃", "avatar1")

    async def publish(self, graph: Graph) -> str:
        """Pictures with a text."""
        account, picture = self.watch.rows(ACCOUNT)[0][0], graph.config.data_dir / "shown.png"
        picture.write_bytes(PNG + bytes([self.chance.randint(0, 2)]))
        return await graph.public.publish(account, f"图{self.count}上新", [picture])

    async def take_back(self, graph: Graph) -> str:
        """Take a message back: queued as its kind describes it."""
        one, store = self._one(SAID), graph.store
        if one is None:
            return NOTHING
        account = self.watch.rows(ACCOUNT)[0][0]

        def work(tx: Any) -> list[str]:
            body = {"message": one[1], "thread": "c1", "in_group": "group" in one[2]}
            key = f"recall:{one[1]}"
            item = NewItem(
                account, "outbox", one[0], Write(MESSAGE_RECALL, body), {}, key, tx.now_ms, None, tx.now_ms
            )
            return freeze(tx, [item], operator=store.operator, device_id=store.device_id)

        return (await store.write(work, kind="message.recall", payload={}))[0]
