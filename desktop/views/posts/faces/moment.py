"""A moment of the staff: everybody who may see it sees the same."""

from __future__ import annotations

from desktop.domain import placeholders
from desktop.domain.recipients import AudienceCount
from desktop.qtkit.i18n import t
from desktop.services.posts import PostPreview
from desktop.views.composing.phone_side import PhoneSide
from desktop.views.posts.faces.face import Face, Shown
from desktop.views.widgets.phone_preview import Message, Scene


class MomentFace(Face):
    """Tags of the platform only; nobody is left out by name."""

    hint = "composing.moment_hint"
    placeholders = placeholders.OF_MOMENTS

    def show_phone(self, side: PhoneSide, shown: Shown) -> None:
        """Among the moments of friends."""
        text, images = shown.preview.text, shown.images
        side.show_message(
            Message(t("composing.you"), text, images, clock=shown.hour, scene=Scene.MOMENT), ""
        )

    def reached(self, count: AudienceCount) -> int:
        """Who can see it."""
        return count.total - count.unreachable

    def passed_people(self, count: AudienceCount) -> str:
        """That they see it once the staff published it."""
        return t("composing.pass_moment", n=f"{self.reached(count):,}")

    def text_for(self, preview: PostPreview) -> str:
        """Everybody sees the same."""
        return ""
