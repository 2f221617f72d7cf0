"""What the person at the computer does with an official account: articles, sends, comments, tags, the menu."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from desktop.composition.graph import Graph
from desktop.domain.articles import Article
from desktop.domain.outbox_items import NewItem, NewTarget
from desktop.domain.write_kinds import wechat as kinds
from desktop.domain.writes import Write
from desktop.services.sending import freeze
from desktop.store.pulled import platform_tags
from tests.simulator.arrangements import NOTHING, PNG
from tests.simulator.watch import Watch
from tests.simulator.wechat_facts import TITLES

ACCOUNT = "SELECT id FROM account WHERE platform = 'wechat' AND removed_at IS NULL"
DRAFTS = "SELECT id FROM article_draft WHERE removed_at IS NULL ORDER BY id DESC LIMIT 6"
COMMENTS = "SELECT id FROM article_comment WHERE removed_at IS NULL ORDER BY id DESC LIMIT 8"
TAGS = (
    "SELECT t.id, t.external_id FROM tag t JOIN account a ON a.id = t.account_id WHERE a.platform = 'wechat'"
    " AND t.removed_at IS NULL AND t.external_id IS NOT NULL ORDER BY t.id"
)
FOLLOWERS = (
    "SELECT i.external_id, i.fan_id, i.id FROM follower f JOIN identity i ON i.id = f.identity_id"
    " WHERE f.unfollowed_at IS NULL ORDER BY i.id"
)
ARTICLES = "SELECT id, send_id FROM article WHERE send_id IS NOT NULL AND removed_at IS NULL ORDER BY id"


class OfficialActs:
    """Chooses by `chance` among what there is."""

    def __init__(self, chance: random.Random, watch: Watch) -> None:
        self.chance, self.watch, self.count = chance, watch, 0

    async def any(self, graph: Graph) -> str:
        """One of all acts."""
        acts = (
            *(self.write,) * 7, self.edit, self.publish, self.publish, self.send, self.send, self.preview,
            self.delete_draft, self.answer, self.answer, self.about_comment, self.about_comment, self.open_or_close,
            self.add_tag, self.change_tag, self.mark, self.mark, self.remark, self.menu,
        )  # fmt: skip
        self.count += 1
        act = self.chance.choice(acts)
        return f"{act.__name__}: {await act(graph)}"

    def _one(self, sql: str) -> tuple[Any, ...] | None:
        rows = self.watch.rows(sql)
        return self.chance.choice(rows) if rows else None

    def _hold_s(self) -> float:
        return self.chance.choice((0.0, 0.0, 10.0))

    # -- articles

    def _cover(self, graph: Graph) -> Path:
        cover = graph.config.data_dir / "cover.png"
        cover.write_bytes(PNG + bytes([self.chance.randint(0, 2)]))
        return cover

    def _article(self) -> Article:
        parts = (("text", f"第{self.count}篇"),) + ((("picture", 1),) if self.chance.random() < 0.3 else ())
        digest = self.chance.choice(("", f"摘要{self.count}"))
        return Article(self.chance.choice(TITLES), digest, parts=parts, comments=self.chance.random() < 0.7)

    async def write(self, graph: Graph) -> str:
        """A new article, and perhaps at once what follows it."""
        account = self.watch.rows(ACCOUNT)[0][0]
        cover = self._cover(graph)
        local, queued = await graph.official.save(
            account, self._article(), cover, (cover,), hold_s=self._hold_s()
        )
        official = graph.official
        follows = self.chance.choice(
            (None, official.publish, official.publish, official.mass_send, official.mass_send)
        )
        if follows is not None:
            await follows(local, hold_s=self._hold_s())
        return f"{local}, {len(queued.items)}"

    async def edit(self, graph: Graph) -> str:
        """Another text for a draft."""
        draft = self._one(DRAFTS)
        if draft is None:
            return NOTHING
        account, cover = self.watch.rows(ACCOUNT)[0][0], self._cover(graph)
        more = {"draft_id": draft[0], "hold_s": self._hold_s()}
        await graph.official.save(account, self._article(), cover, (cover,), **more)
        return str(draft[0])

    async def publish(self, graph: Graph) -> str:
        """To whoever looks at the profile."""
        draft = self._one(DRAFTS)
        if draft is None:
            return NOTHING
        await graph.official.publish(draft[0], hold_s=self._hold_s())
        return str(draft[0])

    async def send(self, graph: Graph) -> str:
        """To all followers, or those of a tag."""
        draft, tag = self._one(DRAFTS), self._one(TAGS)
        if draft is None:
            return NOTHING
        whom = str(tag[1]) if tag and self.chance.random() < 0.3 else ""
        await graph.official.mass_send(draft[0], tag=whom, hold_s=self._hold_s())
        return f"{draft[0]} to {whom or 'all'}"

    async def preview(self, graph: Graph) -> str:
        """To one person."""
        draft = self._one(DRAFTS)
        if draft is None:
            return NOTHING
        await graph.official.preview(draft[0], "boss_wx")
        return str(draft[0])

    async def delete_draft(self, graph: Graph) -> str:
        """Out of the box."""
        draft = self._one(DRAFTS)
        if draft is None:
            return NOTHING
        await graph.official.delete_draft(draft[0], hold_s=self._hold_s())
        return str(draft[0])

    # -- comments

    async def answer(self, graph: Graph) -> str:
        """Say something below a comment."""
        comment = self._one(COMMENTS)
        if comment is None:
            return NOTHING
        await graph.comments.articles.reply(comment[0], f"谢谢{self.count}", hold_s=self._hold_s())
        return str(comment[0])

    async def about_comment(self, graph: Graph) -> str:
        """Feature, delete, take our answer back."""
        comment, what = self._one(COMMENTS), self.chance.randint(0, 3)
        if comment is None:
            return NOTHING
        if what == 0:
            await graph.comments.articles.delete(comment[0], hold_s=self._hold_s())
        elif what == 1:
            await graph.comments.articles.take_answer_back(comment[0], hold_s=self._hold_s())
        else:
            await graph.comments.articles.elect(comment[0], what == 2, hold_s=self._hold_s())
        return f"{comment[0]} {what}"

    # -- what has no screen yet is queued as its kind describes it

    async def _queue(self, graph: Graph, write: Write, entity: str, entity_id: int, order_key: str) -> str:
        account = self.watch.rows(ACCOUNT)[0][0]
        return await self._freeze(graph, lambda tx: (account, write, entity, entity_id, order_key))

    async def _freeze(self, graph: Graph, made: Any) -> str:
        store, hold_ms = graph.store, int(self._hold_s() * 1000)

        def work(tx: Any) -> list[str]:
            account, write, entity, entity_id, order_key = made(tx)
            targets = tuple(NewTarget("fan", who) for who in write.targets)
            item = NewItem(
                account, entity, entity_id, write, {"title": write.kind}, order_key, tx.now_ms, None,
                tx.now_ms + hold_ms, targets=targets,
            )  # fmt: skip
            return freeze(tx, [item], operator=store.operator, device_id=store.device_id)

        return (await store.write(work, kind="official.change", payload={}))[0]

    async def add_tag(self, graph: Graph) -> str:
        """A tag of a name that may be there."""
        name = f"新{self.chance.randint(1, 8)}"
        account = self.watch.rows(ACCOUNT)[0][0]

        def made(tx: Any) -> tuple[Any, ...]:
            local = platform_tags.insert(tx, account, "", "", name)
            return account, Write(kinds.TAG_ADD, {"name": name}), "tag", local, f"tag:{local}"

        return f"{name} {await self._freeze(graph, made)}"

    async def change_tag(self, graph: Graph) -> str:
        """Rename or delete one."""
        tag = self._one(TAGS)
        if tag is None:
            return NOTHING
        body = {"id": tag[1]}
        write = Write(kinds.TAG_DELETE, body)
        if self.chance.random() < 0.7:
            write = Write(kinds.TAG_EDIT, body | {"name": f"改{self.chance.randint(1, 20)}"})
        return await self._queue(graph, write, "tag", tag[0], f"tag:{tag[0]}")

    async def mark(self, graph: Graph) -> str:
        """Put a tag on some followers, or take it off."""
        tag, followers = self._one(TAGS), self.watch.rows(FOLLOWERS)
        if tag is None or not followers:
            return NOTHING
        some = tuple(sorted({self.chance.choice(followers)[0] for _ in range(2)}))
        kind = self.chance.choice((kinds.TAG_PUT, kinds.TAG_TAKE))
        return await self._queue(graph, Write(kind, {"id": tag[1]}, some), "tag", tag[0], f"mark:{tag[0]}")

    async def remark(self, graph: Graph) -> str:
        """Note something about a follower."""
        one = self._one(FOLLOWERS)
        if one is None:
            return NOTHING
        write = Write(kinds.REMARK, {"remark": f"老粉{self.count}"}, (one[0],))
        return await self._queue(graph, write, "fan", one[1], f"remark:{one[0]}")

    async def menu(self, graph: Graph) -> str:
        """Another menu, or none."""
        account, write = self.watch.rows(ACCOUNT)[0][0], Write(kinds.MENU_DELETE, {})
        if self.chance.random() < 0.8:
            below = [{"type": "click", "name": "客服", "key": "desk"}]
            buttons: list[dict[str, Any]] = [{"type": "click", "name": f"第{self.count}期", "key": "k"}]
            buttons += [{"name": "更多", "sub_button": below}] if self.chance.random() < 0.5 else []
            write = Write(kinds.MENU_SET, {"buttons": buttons})
        return await self._queue(graph, write, "account", account, "menu")

    async def open_or_close(self, graph: Graph) -> str:
        """Let readers comment, or no longer."""
        article, account = self._one(ARTICLES), self.watch.rows(ACCOUNT)[0][0]
        if article is None:
            return NOTHING
        body = {"article": article[1], "index": 0, "is_open": self.chance.random() < 0.5}
        return await self._queue(
            graph, Write(kinds.COMMENTS_OPEN, body), "account", account, f"comments:{article[0]}"
        )
