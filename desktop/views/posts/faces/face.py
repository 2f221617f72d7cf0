"""What a channel shows in the editor: its rows, the phone, and its sentences. The base is a message in a chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.domain import placeholders
from desktop.domain.mass_send import MAX_ATTACHMENTS
from desktop.domain.posts import PostDraft
from desktop.domain.recipients import AudienceCount
from desktop.qtkit.i18n import t
from desktop.services.posts import PostPreview
from desktop.views.composing.phone_side import PhoneSide
from desktop.views.widgets.phone_preview import Message


@dataclass(frozen=True)
class Shown:
    """A draft as it is looked at: `hour` and `day` are those at which it goes out, as the shop writes them."""

    draft: PostDraft
    preview: PostPreview
    account: str
    hour: str
    day: str
    path_of: Callable[[str], Path]

    @property
    def images(self) -> tuple[Path, ...]:
        """Where the pictures lie."""
        return tuple(self.path_of(picture.sha256) for picture in self.preview.media)


class Face:
    """A message to each customer. Others say what differs; `rows` are those of the form it needs."""

    title = "composing.title"
    hint = ""
    rows = frozenset({"body", "media", "audience", "scheduled_at"})
    wanted = frozenset({"body", "media", "audience", "scheduled_at", "account"})
    placeholders: tuple[str, ...] = placeholders.OF_POSTS
    counts_audience = True
    most_pictures = MAX_ATTACHMENTS

    def show_phone(self, side: PhoneSide, shown: Shown) -> None:
        """The phone of the first who gets it."""
        preview = shown.preview
        who = t("composing.seen_by", name=preview.fan_name) if preview.fan_name else ""
        side.show_message(Message(t("composing.you"), preview.text, shown.images, clock=shown.hour), who)

    def text(self, shown: Shown) -> str:
        """The text that the last question shows."""
        return shown.preview.text

    def reached(self, count: AudienceCount) -> int:
        """How many get it."""
        return count.reachable

    def passed(self, draft: PostDraft, wrong: set[str], count: AudienceCount | None) -> list[str]:
        """What is in order, but for time and account."""
        lines = []
        if "body" not in wrong:
            lines.append(t("composing.pass_body"))
        if draft.media and "media" not in wrong:
            lines.append(t("composing.pass_media", n=len(draft.media)))
        if "audience" not in wrong and count is not None:
            lines.append(self.passed_people(count))
        return lines

    def passed_people(self, count: AudienceCount) -> str:
        """That they all get it."""
        return t("composing.pass_audience", n=f"{self.reached(count):,}")

    def facts(
        self, draft: PostDraft, count: AudienceCount, audience: str, preview: PostPreview
    ) -> list[tuple[str, str]]:
        """Lines of the last question between the channel and the time: to whom, how many."""
        return [
            (t("composing.to"), audience),
            (t("composing.how_many"), t("composing.people", n=f"{self.reached(count):,}")),
        ]

    def text_for(self, preview: PostPreview) -> str:
        """Whose text the last question shows; '' where all get the same."""
        return preview.fan_name
