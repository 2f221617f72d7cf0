"""A picture post of a Douyin account: pictures first, the words below; seen by whoever comes by."""

from __future__ import annotations

from desktop.domain import placeholders
from desktop.domain.picture_posts import MOST_PICTURES
from desktop.domain.posts import PostDraft
from desktop.domain.recipients import AudienceCount
from desktop.qtkit.i18n import label, t
from desktop.services.posts import PostPreview
from desktop.views.composing.phone_side import PhoneSide
from desktop.views.posts.faces.face import Face, Shown
from desktop.views.widgets.phone_preview import Message, Scene


class PicturePostFace(Face):
    """Nobody is chosen: everybody sees the same."""

    hint = "composing.picture_post_hint"
    rows = frozenset({"body", "media", "scheduled_at"})
    wanted = frozenset({"body", "media", "scheduled_at", "account"})
    placeholders = placeholders.OF_MOMENTS
    counts_audience = False
    most_pictures = MOST_PICTURES

    def show_phone(self, side: PhoneSide, shown: Shown) -> None:
        """As it stands among the shop's posts."""
        who = shown.account or label("sync_platform", "douyin")
        side.show_message(
            Message(who, shown.preview.text, shown.images, clock=shown.hour, scene=Scene.PICTURE_POST), ""
        )

    def passed(self, draft: PostDraft, wrong: set[str], count: AudienceCount | None) -> list[str]:
        """Words and pictures."""
        return super().passed(draft, wrong, None)

    def facts(
        self, draft: PostDraft, count: AudienceCount, audience: str, preview: PostPreview
    ) -> list[tuple[str, str]]:
        """Who can see it."""
        return [(t("composing.to"), t("composing.anybody"))]

    def text_for(self, preview: PostPreview) -> str:
        """Everybody sees the same."""
        return ""
