"""Pictures handed to WeCom for messages: kept three days."""

from __future__ import annotations

from desktop.domain.errors import InvalidInputError, UnclearReplyError
from desktop.domain.write_kinds.kind import MediaUse
from desktop.platforms.http import Upload
from desktop.platforms.strict_json import text
from desktop.platforms.wecom.client import WeComClient

MAX_BYTES = 10 * 1024 * 1024
SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


async def upload_image(
    client: WeComClient, content: bytes, file_name: str, mime: str, use: MediaUse
) -> str:
    """Hand over a JPG or PNG; its media id, which is good for this use only.

    Raises InvalidInputError before sending for anything else.
    """
    seen = next((kind for start, kind in SIGNATURES if content.startswith(start)), None)
    if seen is None or len(content) > MAX_BYTES:
        raise InvalidInputError("picture_refused", limit_mb=MAX_BYTES // 1024 // 1024, mime=mime)
    plain_name = "".join(ch for ch in file_name if ch.isprintable() and ch not in '"\\/')[:80]
    upload = Upload("media", plain_name or "picture", content, seen)
    if use is MediaUse.MOMENT:
        query = {"media_type": "image", "attachment_type": "1"}
        fields = await client.upload("media/upload_attachment", query, upload)
    else:
        fields = await client.upload("media/upload", {"type": "image"}, upload)
    media_id = text(fields.get("media_id"))
    if not media_id:
        raise UnclearReplyError("reply_garbled", detail="no media_id in the reply")
    return media_id
