"""Pictures of articles: inside the text as addresses, as the cover a permanent material."""

from __future__ import annotations

import hashlib

from desktop.domain.errors import InvalidInputError, UnclearReplyError
from desktop.domain.write_kinds.kind import MediaUse
from desktop.platforms.http import Upload
from desktop.platforms.strict_json import text
from desktop.platforms.wechat.client import WeChatClient, listed

MB = 1024 * 1024
MOST = {MediaUse.COVER: 10 * MB}
MOST_INSIDE = 1 * MB
SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg", "jpg"), (b"\x89PNG\r\n\x1a\n", "image/png", "png"))
LOOK_BACK = 20  # materials of one page: where a cover that was handed over before is looked for


async def upload_image(client: WeChatClient, content: bytes, mime: str, use: MediaUse) -> str:
    """Hand over a JPG or PNG: the media id of a cover, the address of a picture inside a text.

    A cover stays in the account's library; its name is made of its bytes, so that one which is there is
    found again. Raises the five errors, and InvalidInputError before anything leaves.
    """
    most = MOST.get(use, MOST_INSIDE)
    seen = next(((kind, end) for start, kind, end in SIGNATURES if content.startswith(start)), None)
    if seen is None or len(content) > most:
        raise InvalidInputError("picture_refused", limit_mb=most // MB, mime=mime)
    name = f"fankeeper-{hashlib.sha256(content).hexdigest()[:32]}.{seen[1]}"
    upload = Upload("media", name, content, seen[0])
    if use is MediaUse.COVER:
        known = await _material(client, name)
        if known:
            return known
        fields = await client.upload("cgi-bin/material/add_material", {"type": "image"}, upload)
        made = text(fields.get("media_id"))
    else:
        made = text((await client.upload("cgi-bin/media/uploadimg", {}, upload)).get("url"))
    if not made:
        raise UnclearReplyError("reply_garbled", detail="no picture in the reply")
    return made


async def _material(client: WeChatClient, name: str) -> str:
    body = {"type": "image", "offset": 0, "count": LOOK_BACK}
    entries = listed(await client.ask("cgi-bin/material/batchget_material", body), "item")
    return next((text(one.get("media_id")) for one in entries if text(one.get("name")) == name), "")
