"""Planning one drop, with or without a network; once confirmed, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desktop.domain.changes import Topic
from desktop.domain.drops import PLATFORM, DropDraft
from desktop.domain.groups import GroupRow
from desktop.qtkit.i18n import label, t
from desktop.services.drops import DropRow, DropService
from desktop.services.groups import GroupService
from desktop.services.outbox import OutboxService
from desktop.views.composing.confirming import Sending, next_same_time
from desktop.views.composing.editor import Composer, Words
from desktop.views.composing.phrases import joined
from desktop.views.drop_result import DropResultView
from desktop.views.drops.form import DropForm
from desktop.views.page import PageContext
from desktop.views.widgets.phone_preview import Message

NAMES_SHOWN = 12


class DropEditor(Composer):
    """Opened with `write(uid)`; `result` is the part that looks back on a confirmed drop."""

    topics = frozenset({Topic.DROP, Topic.CLAIM, Topic.OUTBOX, Topic.GROUP, Topic.ACCOUNT, Topic.SHOP})
    words = Words("drop", "drops.write", "drops.look", "drops.duplicate", "drops.recipients")
    wanted_fields = frozenset(
        {"item", "price", "stock", "cap_per_person", "opens_at", "announce_at", "groups", "body", "media"}
    )
    form: DropForm

    def __init__(
        self,
        context: PageContext,
        drops: DropService,
        groups: GroupService,
        outbox: OutboxService,
        result: DropResultView,
        on_back: Callable[[], object],
    ) -> None:
        self._drops, self._groups = drops, groups
        super().__init__(context, drops, outbox, on_back)
        self.result = result
        self.left.insertWidget(1, result)
        result.scope = self.scope
        result.hide()

    def make_form(self) -> DropForm:
        """Kind, item, money, stock, times, groups, text, pictures."""
        return DropForm(self.context.formats, self._drops.picture_path, self)

    def empty_draft(self) -> DropDraft:
        """A text to begin with; the rest is for the owner to fill."""
        return DropDraft(body=t("drops.first_text"))

    async def choices(self) -> Sequence[GroupRow]:
        """The groups an announcement can reach."""
        return [group for group in await self._groups.groups() if group.platform == PLATFORM]

    def show_choices(self, choices: Sequence[GroupRow]) -> None:
        """Offer the groups."""
        self.form.groups.set_groups(choices)

    def show_extra(self, row: DropRow | None, is_draft: bool) -> None:
        """Looking back, for a confirmed drop."""
        self.result.setVisible(not is_draft)
        if row is not None and not is_draft:
            self.result.show_drop(row.drop)

    async def view(self, draft: DropDraft) -> None:
        """The first chosen group's phone."""
        preview = await self._drops.preview(draft)
        rows = self.form.groups.chosen_rows()
        first = next((row for row in rows if row.group_id == (draft.group_ids or (None,))[0]), None)
        members = (first.fans + first.staff + first.unknown_members if first else 0) or None
        images = tuple(self._drops.picture_path(picture.sha256) for picture in preview.media)
        name = preview.group_name or t("drops.some_group")
        sender = first.owner_name if first and first.owner_name else t("composing.you")
        hour = self.context.formats.time(draft.announce_at or self.context.clock.now_ms())
        self.side.show_message(Message(sender, preview.text, images, name, members, hour), "")

    async def look_now(self) -> None:
        """As the base, and amounts that cannot be read stand at their field."""
        await super().look_now()
        for name, text in self.form.money_problems().items():
            self.form.form.rows[name].show_problem(text)

    def passed(self, draft: DropDraft, wrong: set[str]) -> list[str]:
        """What is in order."""
        formats = self.context.formats
        lines = []
        if not {"item", "price", "normal_price", "cost"} & wrong and draft.price_cents is not None:
            lines.append(t("drops.pass_price", price=formats.money(draft.price_cents)))
        if not {"stock", "cap_per_person"} & wrong:
            lines.append(t("drops.pass_stock", n=draft.stock, cap=draft.cap_per_person))
        if not {"opens_at", "window_minutes", "announce_at"} & wrong:
            when = formats.moment(draft.opens_at)
            lines.append(t("drops.pass_time", when=when, n=draft.window_minutes))
        if "groups" not in wrong:
            lines.append(t("drops.pass_groups", n=len(draft.group_ids)))
        if "body" not in wrong:
            lines.append(t("composing.pass_body"))
        return lines

    async def sending(self) -> Sending:
        """What goes to which groups, and when."""
        draft, formats = self.form.draft(), self.context.formats
        preview = await self._drops.preview(draft)
        rows = self.form.groups.chosen_rows()
        names = joined(row.name or row.external_id for row in rows[:NAMES_SHOWN])
        people = sum(row.fans + row.unknown_members for row in rows)
        announce = t("drops.announce_at_once")
        if draft.announce_at is not None:
            announce = formats.moment(draft.announce_at)
        lines = [
            (t("drops.item"), f"{label('drop_kind', draft.kind)} · {draft.item}"),
            (t("drops.price"), formats.money(draft.price_cents)),
            (t("drops.to_groups", n=len(rows)), names),
            (t("composing.how_many"), t("composing.people", n=f"{people:,}")),
            (t("drops.announce"), announce),
            (
                t("drops.opens"),
                t("drops.open_for", when=formats.moment(draft.opens_at), n=draft.window_minutes),
            ),
        ]
        if preview.group_name:
            lines.append((t("drops.text_for"), preview.group_name))
        return Sending(t("drops.confirm_title"), lines, preview.text, self.warnings(), people)

    async def move_on(self, uid: str) -> None:
        """The next such hour."""
        await move_drop(self._drops, uid, self.context.clock.now_ms())

    def goes_at(self, draft: DropDraft) -> int | None:
        """When the announcement goes out."""
        return draft.announce_at


async def move_drop(drops: DropService, uid: str, now: int) -> None:
    """Give a drop the next day's same opening, as a draft to look at and confirm."""
    drop = await drops.get(uid)
    opens = drop.draft.opens_at if drop.draft.opens_at is not None else now
    await drops.reschedule(uid, next_same_time(opens, now))
