"""What the editors need of the card in which a draft is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop.domain.content import MediaRef
from desktop.views.composing.message_field import MessageEdit, MessageField
from desktop.views.composing.pictures import PictureStrip
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Form


class DraftForm(Card):
    """What the base needs of a form card. Subclasses declare `edited = Signal(str)`: the field's name."""

    edited: Any
    form: Form
    message: MessageField
    pictures: PictureStrip

    def draft(self) -> Any:
        """What the operator has finished typing."""
        return None

    def set_draft(self, draft: Any) -> None:
        """Show a draft, without telling it as an edit."""

    def texts(self) -> Sequence[MessageEdit]:
        """The fields into which words are written and pictures pasted."""
        return (self.message.text,)

    def add_picture(self, picture: MediaRef) -> None:
        """Show a picture that was kept."""
        self.pictures.add(picture)
