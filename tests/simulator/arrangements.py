"""What the person at the computer arranges at the platform: tags, notes, ways in, welcomes, replies, follow-ups."""

from __future__ import annotations

import random
from typing import Any

from desktop.composition.graph import Graph
from desktop.domain.content import MediaRef
from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.entry_ways import CONTACT, JOIN, EntryWayDraft
from desktop.domain.outbox_items import NewItem, NewTarget
from desktop.domain.welcomes import WelcomeDraft
from desktop.domain.write_kinds.wecom import (
    CUSTOMER_REMARK,
    MASS_SEND_CANCEL,
    MASS_SEND_REMIND,
    MOMENT_CANCEL,
)
from desktop.domain.writes import Write
from desktop.services.sending import freeze
from tests.simulator.watch import Watch

NOTHING = "nothing"
FRIENDS = (
    "SELECT i.fan_id, s.external_id, i.external_id, s.account_id FROM follow f"
    " JOIN identity i ON i.id = f.identity_id JOIN staff s ON s.id = f.staff_id"
    " JOIN fan ON fan.id = i.fan_id WHERE f.removed_at IS NULL AND fan.removed_at IS NULL"
    " AND i.account_id = s.account_id ORDER BY f.identity_id, f.staff_id"
)
TAGS = (
    "SELECT id FROM tag WHERE account_id IS NOT NULL AND removed_at IS NULL AND external_id IS NOT NULL"
    " ORDER BY id"
)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (40).to_bytes(4, "big") + (30).to_bytes(4, "big") + b"\0" * 9


class Arrangements:
    """Chooses by `chance` among what there is."""

    def __init__(self, chance: random.Random, watch: Watch) -> None:
        self.chance, self.watch = chance, watch
        self.count = 0

    async def any(self, graph: Graph) -> str:
        """One of all arrangements."""
        acts = (
            self.add_tag, self.rename_tag, self.delete_tag, self.mark, self.mark, self.note, self.note,
            self.pair, self.pair, self.add_way, self.add_way, self.add_way, self.edit_way,
            self.edit_way, self.delete_way,
            self.add_welcome, self.add_welcome, self.edit_welcome, self.delete_welcome,
        )  # fmt: skip
        self.count += 1
        act = self.chance.choice(acts)
        return f"{act.__name__}: {await act(graph)}"

    def _hold_s(self) -> float:
        return self.chance.choice((0.0, 0.0, 10.0))

    def _one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        rows = self.watch.rows(sql, *values)
        return self.chance.choice(rows) if rows else None

    # -- tags and customers

    async def add_tag(self, graph: Graph) -> str:
        account = self._one("SELECT id FROM account WHERE platform = 'wecom' AND removed_at IS NULL")
        if account is None:
            return NOTHING
        name, group = f"新{self.chance.randint(1, 12)}", self.chance.choice(("客户", "客户", "口味"))
        queued = await graph.platform_tags.add(account[0], name, group, self._hold_s())
        return f"{name} in {group}, {len(queued.items)}"

    async def rename_tag(self, graph: Graph) -> str:
        tag = self._one(TAGS)
        if tag is None:
            return NOTHING
        name = f"改{self.chance.randint(1, 30)}"
        queued = await graph.platform_tags.rename(tag[0], name, self._hold_s())
        return f"{tag[0]} {name}, {len(queued.items)}"

    async def delete_tag(self, graph: Graph) -> str:
        tag = self._one(TAGS)
        if tag is None:
            return NOTHING
        await graph.platform_tags.delete(tag[0], self._hold_s())
        return str(tag[0])

    async def mark(self, graph: Graph) -> str:
        tag, friends = self._one(TAGS), self.watch.rows(FRIENDS)
        if tag is None or not friends:
            return NOTHING
        fans = sorted({self.chance.choice(friends)[0] for _ in range(2)})
        remove = self.chance.random() < 0.4
        done = await graph.platform_tags.mark(fans, tag[0], remove=remove, hold_s=self._hold_s())
        return f"{fans} {tag[0]} remove {remove}, {len(done.items)}"

    async def note(self, graph: Graph) -> str:
        friend = self._one(FRIENDS)
        if friend is None:
            return NOTHING
        notes = CustomerNotes(f"老客{self.count}", self.chance.choice(("", "爱吃桃")), ("13800000000",))
        queued = await graph.customer_edits.set_notes(friend[0], friend[1], notes, self._hold_s())
        return f"{friend[:2]} {len(queued.items)}"

    async def pair(self, graph: Graph) -> str:
        """Two notes of which the second may only go when the first is done."""
        friends = self.watch.rows(FRIENDS)
        if len(friends) < 2:
            return NOTHING
        first, second = self.chance.sample(friends, 2)
        store, later = graph.store, self.chance.choice((0, 300_000, 3_600_000))

        def work(tx: Any) -> list[str]:
            by = {"operator": store.operator, "device_id": store.device_id}
            before = freeze(tx, [self._remark(first, "先", tx.now_ms + later, None)], **by)
            return before + freeze(tx, [self._remark(second, "后", tx.now_ms, before[0])], **by)

        uids = await store.write(work, kind="fan.remark", payload={})
        return f"{first[:2]} before {second[:2]}, {len(uids)}"

    def _remark(self, friend: tuple[Any, ...], word: str, now: int, before: str | None) -> NewItem:
        fan, staff, who, account = friend
        body = {"staff": staff, "remark": f"{word}{self.count}", "description": "", "mobiles": []}
        return NewItem(
            account, "fan", fan, Write(CUSTOMER_REMARK, body, (who,)), {"title": word},
            f"notes:{who}:{staff}", now, None, now, targets=(NewTarget("fan", who, staff_external_id=staff),),
            predecessor=before,
        )  # fmt: skip

    # -- ways in and welcomes

    def _draft(self, kind: str) -> EntryWayDraft | None:
        staff = [r[0] for r in self.watch.rows("SELECT external_id FROM staff WHERE removed_at IS NULL")]
        groups = [
            r[0] for r in self.watch.rows("SELECT external_id FROM fan_group WHERE removed_at IS NULL")
        ]
        if not (staff if kind == CONTACT else groups):
            return None
        name = f"码{self.count}"
        if kind == CONTACT:
            chosen = tuple(self.chance.sample(staff, self.chance.randint(1, len(staff))))
            return EntryWayDraft(CONTACT, name, staff=chosen)
        return EntryWayDraft(JOIN, name, groups=(self.chance.choice(groups),))

    async def add_way(self, graph: Graph) -> str:
        draft = self._draft(self.chance.choice((CONTACT, CONTACT, JOIN)))
        if draft is None:
            return NOTHING
        queued = await graph.entry_ways.add(draft, self._hold_s())
        return f"{draft.kind} {draft.name}, {len(queued.items)}"

    def _way(self) -> tuple[Any, ...] | None:
        return self._one("SELECT uid, kind FROM entry_way WHERE removed_at IS NULL ORDER BY id")

    async def edit_way(self, graph: Graph) -> str:
        way = self._way()
        draft = self._draft(way[1]) if way else None
        if way is None or draft is None:
            return NOTHING
        queued = await graph.entry_ways.edit(way[0], draft, self._hold_s())
        return f"{way[1]} {draft.name}, {len(queued.items)}"

    async def delete_way(self, graph: Graph) -> str:
        way = self._way()
        if way is None:
            return NOTHING
        return f"{way[1]} {len((await graph.entry_ways.delete(way[0], self._hold_s())).items)}"

    async def _welcome_draft(self, graph: Graph) -> WelcomeDraft:
        media: tuple[MediaRef, ...] = ()
        if self.chance.random() < 0.2:
            media = (await graph.welcomes.keep_picture_bytes(PNG + b"\1", "图.png"),)
        return WelcomeDraft(f"欢迎{{昵称}} {self.count}", media)

    async def add_welcome(self, graph: Graph) -> str:
        queued = await graph.welcomes.add(await self._welcome_draft(graph), hold_s=self._hold_s())
        return str(len(queued.items))

    def _welcome(self) -> tuple[Any, ...] | None:
        return self._one("SELECT uid FROM welcome WHERE removed_at IS NULL ORDER BY id")

    async def edit_welcome(self, graph: Graph) -> str:
        welcome = self._welcome()
        if welcome is None:
            return NOTHING
        draft = await self._welcome_draft(graph)
        return str(len((await graph.welcomes.edit(welcome[0], draft, self._hold_s())).items))

    async def delete_welcome(self, graph: Graph) -> str:
        welcome = self._welcome()
        if welcome is None:
            return NOTHING
        return str(len((await graph.welcomes.delete(welcome[0], self._hold_s())).items))

    # -- talks and tasks

    async def reply(self, graph: Graph, text: str) -> str:
        """Answer whoever wrote, within the platform's rules or not: the program knows them."""
        talk = self._one("SELECT uid FROM conversation ORDER BY id")
        if talk is None:
            return NOTHING
        await graph.talks.reply(talk[0], text, hold_s=self.chance.choice((0.0, 3.0)))
        return text

    async def follow_up(self, graph: Graph) -> str:
        """Remind, stop a mass send, stop a moment."""
        what = self.chance.choice((MASS_SEND_REMIND, MASS_SEND_REMIND, MASS_SEND_CANCEL, MOMENT_CANCEL))
        if what == MOMENT_CANCEL:
            sent = self._one(
                "SELECT o.uid FROM moment m JOIN outbox o ON o.id = m.outbox_id"
                " WHERE o.state = 'done' ORDER BY m.id DESC LIMIT 3"
            )
        else:
            sent = self._one(
                "SELECT uid FROM outbox WHERE state = 'done' AND platform_id IS NOT NULL"
                " AND kind IN ('wecom.mass_send.single', 'wecom.mass_send.group') ORDER BY id DESC LIMIT 4"
            )
        if sent is None:
            return NOTHING
        await graph.outbox.follow_up(sent[0], what, self._hold_s())
        return what
