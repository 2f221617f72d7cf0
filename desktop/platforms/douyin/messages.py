"""Private messages and pictures of Douyin. An answer names the fan's own message or the opening of the chat."""

from __future__ import annotations

from desktop.domain.errors import InvalidInputError, UnclearReplyError
from desktop.domain.write_kinds.kind import MediaUse
from desktop.domain.writes import Receipt, Write
from desktop.platforms.douyin.client import DouyinClient
from desktop.platforms.douyin.envelope import Form
from desktop.platforms.douyin.groups import content_of
from desktop.platforms.http import Upload
from desktop.platforms.strict_json import text

MAX_SIGNS = 1000
MAX_BYTES = 10 * 1024 * 1024
SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


async def send(client: DouyinClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Answer one fan. Raises the five errors, InvalidInputError before anything leaves."""
    body = write.body
    if len(write.targets) != 1 or not body.get("thread") or not body.get("message"):
        raise InvalidInputError("talk_receiver")
    if len(write.text) > MAX_SIGNS:
        raise InvalidInputError("talk_too_long_signs")
    fields = await client.write(
        "/im/send/msg/",
        Form.TOP,
        {
            "to_user_id": write.targets[0],
            "scene": str(body["scene"]),
            "msg_id": str(body["message"]),
            "conversation_id": str(body["thread"]),
            "content": content_of(write),
        },
    )
    return Receipt(text(fields.get("msg_id")))


async def upload_image(client: DouyinClient, content: bytes, file_name: str, use: MediaUse) -> str:
    """Hand over a JPG or PNG for a message or for a post; its id. Raises InvalidInputError for anything else."""
    seen = next((kind for start, kind in SIGNATURES if content.startswith(start)), None)
    if seen is None or len(content) > MAX_BYTES:
        raise InvalidInputError("picture_refused", limit_mb=MAX_BYTES // 1024 // 1024, mime="")
    plain_name = "".join(ch for ch in file_name if ch.isprintable() and ch not in '"\\/')[:80]
    upload = Upload("image", plain_name or "picture", content, seen)
    if use is MediaUse.MOMENT:
        data = await client.upload("/api/douyin/v1/video/upload_image/", Form.DATA, upload, as_app=False)
        part = data.get("image")
        image_id = text(part.get("image_id")) if isinstance(part, dict) else ""
    else:
        fields = await client.upload("/tool/imagex/client_upload/", Form.TOP, upload, as_app=True)
        inner = fields.get("data")
        image_id = text(fields.get("image_id")) or (
            text(inner.get("image_id")) if isinstance(inner, dict) else ""
        )
    if not image_id:
        raise UnclearReplyError("reply_garbled", detail="no image_id in the reply")
    return image_id
