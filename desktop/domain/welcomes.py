"""What newcomers to a group read: one text, perhaps one picture. Pure rules."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.domain.content import MediaRef, blocking, check_media
from desktop.domain.errors import InvalidInputError
from desktop.domain.placeholders import NICKNAME

NAME_MARK = f"{{{NICKNAME}}}"  # as the operator writes it
MOST_BYTES = 3000
PLATFORM_NAME_MARK_BYTES = 10  # the platform's own mark for the newcomer's name is this long


@dataclass(frozen=True, slots=True)
class WelcomeDraft:
    """What newcomers read. {昵称} stands for the newcomer's name; the platform fills it."""

    text: str
    media: tuple[MediaRef, ...] = ()


def size_of(text: str) -> int:
    """Bytes at the platform."""
    marks = text.count(NAME_MARK)
    bare = len(text.encode("utf-8", "surrogatepass")) - marks * len(NAME_MARK.encode())
    return bare + marks * PLATFORM_NAME_MARK_BYTES


def checked(draft: WelcomeDraft) -> WelcomeDraft:
    """The draft. Raises InvalidInputError: welcome_empty, welcome_too_long, welcome_picture."""
    text = draft.text.strip()
    if not text:
        raise InvalidInputError("welcome_empty")
    if size_of(text) > MOST_BYTES or "\0" in text:
        raise InvalidInputError("welcome_too_long", bytes=size_of(text), limit=MOST_BYTES)
    if len(draft.media) > 1 or blocking(check_media(draft.media)):
        raise InvalidInputError("welcome_picture")
    return WelcomeDraft(text, draft.media)
