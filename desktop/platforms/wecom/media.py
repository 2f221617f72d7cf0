"""Pictures handed to WeCom for messages: kept three days."""

from __future__ import annotations

from desktop.domain.errors import InvalidInputError, UnclearReplyError
from desktop.platforms.http import Upload
from desktop.platforms.records import UploadedMedia
from desktop.platforms.strict_json import text
from desktop.platforms.wecom.client import WeComClient, seconds_as_ms

LIVES_MS = 3 * 24 * 3600 * 1000
MIN_BYTES = 6
MAX_BYTES = 10 * 1024 * 1024
SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


async def upload_image(client: WeComClient, content: bytes, file_name: str) -> UploadedMedia:
    """Hand over a JPG or PNG. Raises InvalidInputError before sending for anything else."""
    mime = next((mime for start, mime in SIGNATURES if content.startswith(start)), None)
    if mime is None or not MIN_BYTES <= len(content) <= MAX_BYTES:
        raise InvalidInputError("picture_refused", limit_mb=MAX_BYTES // 1024 // 1024)
    plain_name = "".join(ch for ch in file_name if ch.isprintable() and ch not in '"\\/')[:80]
    upload = Upload("media", plain_name or "picture", content, mime)
    fields = await client.upload("media/upload", {"type": "image"}, upload)
    media_id = text(fields.get("media_id"))
    if not media_id:
        raise UnclearReplyError("reply_garbled", detail="no media_id in the reply")
    made_at = seconds_as_ms(fields.get("created_at")) or client.clock.now_ms()
    return UploadedMedia(media_id, made_at + LIVES_MS)
