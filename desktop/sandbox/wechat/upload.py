"""Reading uploads: the parts of a multipart body, and whether bytes are what their kind says."""

import re

from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal

MB = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"


def parts(args: Arguments) -> dict[str, tuple[str | None, bytes]]:
    """Part name -> (file name, bytes); nothing when the body is not multipart or came in chunks."""
    content_type = args.headers.get("content-type", "")
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    chunked = "chunked" in args.headers.get("transfer-encoding", "").lower()
    if chunked or found is None or not content_type.lower().startswith("multipart/form-data"):
        return {}
    rows: dict[str, tuple[str | None, bytes]] = {}
    for part in args.raw.split(b"--" + found.group(1).encode())[1:]:
        head, _, data = part.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace")
        name = re.search(r'[;\s]name="?([^";\r\n]+)"?', lines)
        filename = re.search(r'filename="([^"]*)"', lines)
        if name:
            rows[name.group(1)] = (filename.group(1) if filename else None, data[:-2])
    return rows


def media_part(args: Arguments) -> tuple[str, bytes]:
    """File name and bytes of the part `media`: 41005 without it or its file name, 44001 when empty."""
    name, data = parts(args).get("media", (None, b""))
    if not name:
        raise Refusal(41005)
    if not data:
        raise Refusal(44001)
    return name, data


def looks_like(kind: str, data: bytes) -> bool:
    """True when the first bytes fit the kind."""
    return {
        "image": data.startswith((PNG, JPEG, b"GIF8")),
        "voice": data.startswith((b"#!AMR", b"ID3", b"\xff\xfb", b"\xff\xf3")),
        "video": data[4:8] == b"ftyp",
        "thumb": data.startswith(JPEG),
    }[kind]
