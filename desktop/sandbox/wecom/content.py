"""Text and attachments of a message: sizes, kinds and live media."""

from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.media import Media, require_medium

MOST_ATTACHMENTS = 9
_KINDS = ("image", "link", "miniprogram", "video", "file")


def message_content(
    corp: Corp, args: Arguments, most_bytes: int = 4000, empty: int = 40063
) -> tuple[dict[str, str] | None, list[dict[str, Any]]]:
    """The checked text and attachments; both missing answers `empty`."""
    content = args.part("text").optional_text("content", max_bytes=most_bytes, too_long=45002)
    attachments = args.rows("attachments")
    if not content and not attachments:
        raise Refusal(empty)
    if len(attachments) > MOST_ATTACHMENTS:
        raise Refusal(41064)
    for row in attachments:
        check_attachment(corp, row)
    return ({"content": content} if content else None), attachments


def check_attachment(corp: Corp, row: dict[str, Any]) -> None:
    """Refuse an attachment of an unknown kind, an over-long field or dead media."""
    kind = row.get("msgtype")
    if kind not in _KINDS:
        raise Refusal(41065)
    part = Arguments(row).part(str(kind))
    if kind == "image":
        _image(corp, part)
    elif kind == "link":
        part.text("title", max_bytes=128)
        part.optional_text("desc", max_bytes=512)
        part.text("url", max_bytes=2048)
    elif kind == "miniprogram":
        part.text("title", max_bytes=64)
        part.text("appid")
        part.text("page")
        require_medium(corp, part.values.get("pic_media_id"), "image")
    else:
        require_medium(corp, part.values.get("media_id"), str(kind))


def _image(corp: Corp, part: Arguments) -> None:
    if part.values.get("media_id"):
        require_medium(corp, part.values["media_id"], "image")
    elif part.optional_text("pic_url") not in corp.shelf(Media).pictures:
        raise Refusal(40007)
