"""Temporary media, pictures for article text, and the permanent material library."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from desktop.sandbox.wechat.account import Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.upload import MB, PNG, looks_like, media_part, parts

DAY = 86_400
LIFE_S = 3 * DAY
KINDS = ("image", "voice", "video", "thumb")
LIMITS = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "thumb": 64 * 1024}
MOST_PICTURES, MOST_OTHERS = 100_000, 1000
SAMPLE = PNG + bytes(64)
SEEDED_PICTURES = 23
_TYPES = {"image": "image/png", "voice": "audio/amr", "thumb": "image/jpeg"}


@dataclass(slots=True)
class Medium:
    """One uploaded file, temporary or permanent."""

    media_id: str
    kind: str  # image, voice, video, thumb, "mpvideo" of uploadvideo or "news" of uploadnews
    created_at: int
    name: str
    data: bytes
    url: str = ""
    title: str = ""
    introduction: str = ""
    articles: list[dict[str, Any]] | None = None


class Library:
    """Everything uploaded."""

    def __init__(self) -> None:
        self.temporary: dict[str, Medium] = {}
        self.permanent: dict[str, Medium] = {}
        self.pictures: dict[str, bytes] = {}
        self.in_use: set[str] = set()  # media ids that the menu holds

    def keep(self, account: Account, kind: str, name: str, data: bytes, permanent: bool = False) -> Medium:
        """Keep an upload and give it an id; the same bytes get a new id each time."""
        number = account.next_number("medium", 0)
        media_id = account.chance.token(b"oa-media", number, 43 if permanent else 64)
        medium = Medium(media_id, kind, account.now(), name, data)
        (self.permanent if permanent else self.temporary)[media_id] = medium
        return medium


def require_medium(account: Account, media_id: object, *kinds: str) -> Medium:
    """A medium that lives and is of one of the kinds, temporary or permanent; 40007 otherwise."""
    library = account.shelf(Library)
    key = media_id if isinstance(media_id, str) else ""
    medium = library.permanent.get(key) or library.temporary.get(key)
    if medium is None or medium.kind not in kinds:
        raise Refusal(40007)
    if key in library.temporary and medium.created_at + LIFE_S <= account.now():
        raise Refusal(40007)
    return medium


def require_permanent(account: Account, media_id: object, *kinds: str) -> Medium:
    """A medium of the permanent library; 40007 otherwise."""
    medium = account.shelf(Library).permanent.get(media_id) if isinstance(media_id, str) else None
    if medium is None or (kinds and medium.kind not in kinds):
        raise Refusal(40007)
    return medium


def picture_url(data: bytes, number: int) -> str:
    """An address on the platform's picture host."""
    digest = hashlib.sha256(data + number.to_bytes(8, "big")).hexdigest()
    return f"http://mmbiz.qpic.cn/mmbiz_png/{digest[:40]}/0"


def begin(account: Account) -> None:
    """The pictures that are in the library from the beginning."""
    library = account.shelf(Library)
    for number in range(SEEDED_PICTURES):
        with account.as_of(account.origin - (SEEDED_PICTURES - number) * DAY):
            medium = library.keep(account, "image", f"封面{number + 1}.png", SAMPLE, permanent=True)
        medium.url = picture_url(SAMPLE, number)


def _checked(args: Arguments, kind: str, too_big: int) -> tuple[str, bytes]:
    if kind not in KINDS:
        raise Refusal(40004)
    name, data = media_part(args)
    if len(data) > LIMITS[kind]:
        raise Refusal(too_big)
    if not looks_like(kind, data):
        raise Refusal(40005)
    return name, data


def upload(account: Account, args: Arguments) -> dict[str, Any]:
    """A temporary medium, for three days."""
    kind = args.optional_text("type")
    name, data = _checked(args, kind, 40009 if kind == "image" else 40006)
    medium = account.shelf(Library).keep(account, kind, name, data)
    ident = "thumb_media_id" if kind == "thumb" else "media_id"
    return {"type": kind, ident: medium.media_id, "created_at": medium.created_at}


def get_media(account: Account, args: Arguments) -> dict[str, Any]:
    """The bytes of a temporary medium; a video's address."""
    medium = account.shelf(Library).temporary.get(args.text("media_id", missing=40007))
    if medium is None or medium.created_at + LIFE_S <= account.now():
        raise Refusal(40007)
    if medium.kind in ("video", "mpvideo"):
        return {"video_url": f"http://153.37.232.145/vweixinp.tc.qq.com/{medium.media_id[:24]}.f10.mp4"}
    return _file(medium)


def _file(medium: Medium) -> dict[str, Any]:
    return {
        "__file__": medium.data,
        "__name__": medium.name,
        "__type__": _TYPES.get(medium.kind, "image/png"),
    }


def uploadimg(account: Account, args: Arguments) -> dict[str, Any]:
    """A picture for article text: an address, nothing in the library."""
    _, data = media_part(args)
    if len(data) > MB:
        raise Refusal(40009)
    if not looks_like("image", data) or data.startswith(b"GIF8"):
        raise Refusal(40005)
    url = picture_url(data, account.next_number("picture", 1000))
    account.shelf(Library).pictures[url] = data
    return {"url": url}


def add_material(account: Account, args: Arguments) -> dict[str, Any]:
    """A permanent medium; a video brings its description as JSON in a form field."""
    kind = args.optional_text("type")
    name, data = _checked(args, kind, 45001)
    library = account.shelf(Library)
    held = sum(1 for row in library.permanent.values() if row.kind == kind)
    if held >= (MOST_PICTURES if kind == "image" else MOST_OTHERS):
        raise Refusal(45034)
    words = _description(args) if kind == "video" else {}
    medium = library.keep(account, kind, name, data, permanent=True)
    medium.title, medium.introduction = words.get("title", ""), words.get("introduction", "")
    if kind not in ("image", "thumb"):
        return {"media_id": medium.media_id}
    medium.url = picture_url(data, account.next_number("picture", 1000))
    return {"media_id": medium.media_id} | ({"url": medium.url} if kind == "image" else {})


def _description(args: Arguments) -> dict[str, str]:
    _, raw = parts(args).get("description", (None, b""))
    try:
        words = json.loads(raw or b"")
    except ValueError:
        raise Refusal(47001) from None
    if not isinstance(words, dict) or not isinstance(words.get("title"), str):
        raise Refusal(47001)
    return {name: str(words.get(name, "")) for name in ("title", "introduction")}


def get_material(account: Account, args: Arguments) -> dict[str, Any]:
    """Bytes; of a video its words and address."""
    medium = require_permanent(account, args.text("media_id", missing=40007))
    if medium.kind == "video":
        address = f"http://vweixinp.tc.qq.com/{medium.media_id[:24]}.f10.mp4"
        return {"title": medium.title, "description": medium.introduction, "down_url": address}
    return _file(medium)


def del_material(account: Account, args: Arguments) -> dict[str, Any]:
    """Delete a permanent medium that no menu holds."""
    medium = require_permanent(account, args.text("media_id", missing=40007))
    if medium.media_id in account.shelf(Library).in_use:
        raise Refusal(48005)
    del account.shelf(Library).permanent[medium.media_id]
    return {}


def get_materialcount(account: Account, args: Arguments) -> dict[str, Any]:
    """How much the library holds."""
    kinds = [row.kind for row in account.shelf(Library).permanent.values()]
    return {f"{kind}_count": kinds.count(kind) for kind in ("voice", "video", "image", "news")}


def batchget_material(account: Account, args: Arguments) -> dict[str, Any]:
    """A page of the library."""
    kind = args.text("type", missing=40004)
    if kind not in ("image", "video", "voice", "news"):
        raise Refusal(40004)
    offset, count = args.window()
    rows = [row for row in account.shelf(Library).permanent.values() if row.kind == kind]
    rows = [row for row in rows if account.listed(row.created_at)]
    if account.settings.listing_order == "newest":
        rows.reverse()
    page = rows[offset : offset + count]
    return {"total_count": len(rows), "item_count": len(page), "item": [_shown(row) for row in page]}


def _shown(row: Medium) -> dict[str, Any]:
    shown = {"media_id": row.media_id, "name": row.name, "update_time": row.created_at}
    return shown | ({"url": row.url} if row.url else {})


def uploadvideo(account: Account, args: Arguments) -> dict[str, Any]:
    """Turn a video into the id that a mass message takes."""
    source = require_medium(account, args.values.get("media_id"), "video")
    made = account.shelf(Library).keep(account, "mpvideo", source.name, source.data)
    made.title, made.introduction = args.optional_text("title"), args.optional_text("description")
    return {"type": "video", "media_id": made.media_id, "created_at": made.created_at}


_C = "cgi-bin/"
ENDPOINTS = (
    Endpoint(_C + "media/upload", upload, "FILE", write=True, bare=True),
    Endpoint(_C + "media/get", get_media, "GET", bare=True),
    Endpoint(_C + "media/uploadimg", uploadimg, "FILE", write=True, bare=True),
    Endpoint(_C + "media/uploadvideo", uploadvideo, write=True, bare=True),
    Endpoint(_C + "material/add_material", add_material, "FILE", write=True, bare=True, needs="current"),
    Endpoint(_C + "material/get_material", get_material, bare=True),
    Endpoint(_C + "material/del_material", del_material, write=True),
    Endpoint(_C + "material/get_materialcount", get_materialcount, "GET", bare=True),
    Endpoint(_C + "material/batchget_material", batchget_material, bare=True),
)
