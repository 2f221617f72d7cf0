"""Uploaded media: kinds that are not interchangeable, ids that live three days."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal

DAY = 86_400
LIFE_S = 3 * DAY
PICTURES_PER_DAY = 1000
PICTURES_PER_MONTH = 3000
_MB = 1024 * 1024
_LIMITS = {"image": 10 * _MB, "voice": 2 * _MB, "video": 10 * _MB, "file": 20 * _MB}
_TOO_BIG = {"image": 40009, "voice": 40006, "video": 40011, "file": 45001}
SAMPLES = {
    "image": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "voice": b"#!AMR\n" + bytes(64),
    "video": bytes(4) + b"ftypisom" + bytes(64),
    "file": b"sample file",
}  # what customers send in the sandbox
_SCENES = {"1": "moments", "2": "album"}


@dataclass(slots=True)
class Medium:
    """One uploaded file."""

    media_id: str
    kind: str
    scene: str  # "message", "moments" or "album"
    created_at: int
    name: str
    data: bytes


class Media:
    """Everything uploaded."""

    def __init__(self) -> None:
        self.rows: dict[str, Medium] = {}
        self.pictures: dict[str, bytes] = {}
        self.picture_times: list[int] = []

    def add(self, corp: Corp, kind: str, scene: str, name: str, data: bytes) -> Medium:
        """Keep an upload and give it an id; the same bytes get a new id each time."""
        media_id = corp.chance.token(b"media", len(self.rows), 64)
        medium = Medium(media_id, kind, scene, corp.now(), name, data)
        self.rows[media_id] = medium
        return medium


def require_medium(corp: Corp, media_id: object, kind: str, scene: str = "message") -> Medium:
    """A medium that lives and is of the right kind: 40007 otherwise, 41072 for the wrong scene."""
    medium = corp.shelf(Media).rows.get(media_id) if isinstance(media_id, str) else None
    if medium is None or medium.created_at + LIFE_S <= corp.now():
        raise Refusal(40007)
    if medium.scene != scene:
        raise Refusal(40007 if scene == "message" else 41072)
    if medium.kind != kind:
        raise Refusal(40007)
    return medium


def file_part(args: Arguments) -> tuple[str, bytes]:
    """File name and bytes of the multipart part named `media`; 44001 when it is not there or empty."""
    content_type = args.headers.get("content-type", "")
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    if not content_type.lower().startswith("multipart/form-data") or found is None:
        raise Refusal(44001)
    for part in args.raw.split(b"--" + found.group(1).encode())[1:]:
        head, _, data = part.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace")
        if re.search(r'[;\s]name="?media"?(?:[;\s]|$)', lines) and data[:-2]:
            filename = re.search(r'filename="([^"]*)"', lines)
            return filename.group(1) if filename else "", data[:-2]
    raise Refusal(44001)


def _looks_like(kind: str, data: bytes) -> bool:
    if kind == "image":
        return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))
    if kind == "voice":
        return data.startswith(b"#!AMR")
    if kind == "video":
        return data[4:8] == b"ftyp"
    return True


def upload(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Temporary media for messages."""
    kind = args.optional_text("type")
    if kind not in _LIMITS:
        raise Refusal(40004)
    name, data = file_part(args)
    if len(data) <= 5:
        raise Refusal(40006)
    if len(data) > _LIMITS[kind]:
        raise Refusal(_TOO_BIG[kind])
    if not _looks_like(kind, data):
        raise Refusal(40123 if kind == "image" else 40005)
    medium = corp.shelf(Media).add(corp, kind, "message", name, data)
    return {"errmsg": "", "type": kind, "media_id": medium.media_id, "created_at": str(medium.created_at)}


def upload_attachment(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Media for moments (attachment_type 1) or the product album (2)."""
    kind = args.optional_text("media_type")
    scene = _SCENES.get(args.optional_text("attachment_type"))
    if kind not in ("image", "video", "file"):
        raise Refusal(40004)
    if scene is None:
        raise Refusal(41072)
    name, data = file_part(args)
    if len(data) <= 5:
        raise Refusal(41088)
    if len(data) > _LIMITS[kind]:
        raise Refusal(41080)
    if not _looks_like(kind, data):
        raise Refusal(41090 if kind == "video" else 40123)
    medium = corp.shelf(Media).add(corp, kind, scene, name, data)
    return {"errmsg": "", "type": kind, "media_id": medium.media_id, "created_at": str(medium.created_at)}


def uploadimg(corp: Corp, args: Arguments) -> dict[str, Any]:
    """A picture with a permanent address, for pic_url only."""
    _, data = file_part(args)
    if not 5 < len(data) <= 2 * _MB:
        raise Refusal(40009)
    if not _looks_like("image", data):
        raise Refusal(40123)
    shelf, now = corp.shelf(Media), corp.now()
    shelf.picture_times = [at for at in shelf.picture_times if at > now - 30 * DAY]
    today = sum(1 for at in shelf.picture_times if at > now - DAY)
    if today >= PICTURES_PER_DAY or len(shelf.picture_times) >= PICTURES_PER_MONTH:
        raise Refusal(45009)
    shelf.picture_times.append(now)
    url = f"https://wework.qpic.cn/wwpic/{hashlib.sha256(data).hexdigest()[:24]}/0"
    shelf.pictures[url] = data
    return {"errmsg": "", "url": url}


def get_media(corp: Corp, args: Arguments) -> dict[str, Any]:
    """The bytes of a medium, returned under the private keys that the gateway turns into a file reply."""
    medium = corp.shelf(Media).rows.get(args.text("media_id", missing=41006))
    if medium is None or medium.created_at + LIFE_S <= corp.now():
        raise Refusal(40007)
    answer: dict[str, Any] = {"__file__": medium.data, "__name__": medium.name or "media.bin"}
    part = re.fullmatch(r"bytes=(\d+)-(\d*)", args.headers.get("range", ""))
    if part is None:
        if len(medium.data) > 20 * _MB:
            raise Refusal(830002)
        return answer
    first, last = int(part.group(1)), int(part.group(2) or len(medium.data) - 1)
    last = min(last, len(medium.data) - 1)
    whole = f"bytes {first}-{last}/{len(medium.data)}"
    return answer | {"__file__": medium.data[first : last + 1], "__range__": whole}


ENDPOINTS = (
    Endpoint("media/upload", upload, "FILE", write=True),
    Endpoint("media/upload_attachment", upload_attachment, "FILE", write=True),
    Endpoint("media/uploadimg", uploadimg, "FILE", write=True),
    Endpoint("media/get", get_media, "GET", heavy=True),
)
