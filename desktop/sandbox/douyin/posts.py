"""Publishing: pictures and films uploaded, then an image-text or a video made of them."""

from desktop.sandbox.douyin.account import Account, Doc, Endpoint
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.errors import Refusal
from desktop.sandbox.douyin.messages import picture_size
from desktop.sandbox.douyin.videos import Post, Posts

_SCOPE = "video.create.bind"


def upload_image(account: Account, args: Arguments) -> Doc:
    """A picture for an image-text."""
    posts, data = account.shelf(Posts), args.file("image")
    ident = f"tos-cn-i/{account.chance.roll(b'dy-pic', len(posts.images)).hex()[:32]}"
    posts.images[ident] = picture_size(data)
    return {"image": {"image_id": ident, "width": posts.images[ident][0], "height": posts.images[ident][1]}}


def create_image_text(account: Account, args: Arguments) -> Doc:
    """Publish pictures with a text."""
    posts, images = account.shelf(Posts), args.texts("image_list")
    if not images:
        raise Refusal(28001007, "image_list不能为空")
    if any(ident not in posts.images for ident in images):
        raise Refusal(28001007, "image_id不存在")
    return _publish(account, args, 2)


def upload_video(account: Account, args: Arguments) -> Doc:
    """A film."""
    posts, data = account.shelf(Posts), args.file("video")
    if len(data) > 128 * 1024 * 1024:
        raise Refusal(2190005)
    ident = f"v0200f{account.chance.roll(b'dy-up', len(posts.uploads)).hex()[:24]}"
    posts.uploads.add(ident)
    return {"video": {"video_id": ident, "width": 1080, "height": 1920}}


def create_video(account: Account, args: Arguments) -> Doc:
    """Publish an uploaded film."""
    if args.text("video_id") not in account.shelf(Posts).uploads:
        raise Refusal(2190007)
    return _publish(account, args, 4)


def _publish(account: Account, args: Arguments, kind: int) -> Doc:
    try:
        account.spend("post", account.settings.posts_per_day)
    except Refusal:
        raise Refusal(2114007) from None
    received = {key: value for key, value in args.values.items() if key not in ("open_id", "access_token")}
    private = args.number("private_status", 0, 0, 2)
    row: Post = account.shelf(Posts).add(account, args.optional("text"), kind, private, received)
    return {"item_id": row.item_id, "video_id": row.video_id}


_BASE = "api/douyin/v1/video/"
ENDPOINTS = (
    Endpoint(f"{_BASE}upload_image/", upload_image, scope=_SCOPE, write=True),
    Endpoint(f"{_BASE}create_image_text/", create_image_text, scope=_SCOPE, write=True),
    Endpoint(f"{_BASE}upload_video/", upload_video, scope=_SCOPE, write=True),
    Endpoint(f"{_BASE}create_video/", create_video, scope=_SCOPE, write=True),
)
