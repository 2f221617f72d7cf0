"""The account's posts with their figures, which grow with the clock."""

from dataclasses import dataclass, field

from desktop.sandbox.chance import long_word, word
from desktop.sandbox.douyin.account import DAY, Account, Doc, Endpoint, page
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.content import Content
from desktop.sandbox.douyin.errors import Refusal

SEEDED = 30
PUBLIC, REVIEW = 5, 4
_TITLES = (
    "办公室抽屉里该放什么零食", "低糖坚果一周测评 #零食", "仓库打包日常", "团长说这款复购最高",
    "孩子抢着吃的果干", "@所有人 周三上新", "<b>直播预告</b> 今晚8点",
)  # fmt: skip


@dataclass(slots=True)
class Post:
    """One video or image-text."""

    number: int
    item_id: str
    video_id: str
    title: str
    made_at: float
    media_type: int = 4
    top: bool = False
    private: int = 0
    received: Doc = field(default_factory=dict)


class Posts:
    """All posts, newest first."""

    def __init__(self, account: Account) -> None:
        self.rows = [
            Post(
                number,
                account.sealed(b"dy-item", -1 - number),
                f"v0200f{account.chance.roll(b'dy-video', number).hex()[:24]}",
                _TITLES[number % len(_TITLES)],
                account.origin - number * 3 * DAY - 7200,
                4 if number % 4 else 2,
                number == 2,
            )
            for number in range(SEEDED)
        ]
        self.images: dict[str, tuple[int, int]] = {}
        self.uploads: set[str] = set()

    def find(self, item_id: str, code: int = 28001007) -> Post:
        """The post with this id."""
        row = next((row for row in self.rows if row.item_id == item_id), None)
        if row is None:
            raise Refusal(code)
        return row

    def add(self, account: Account, title: str, media_type: int, private: int, received: Doc) -> Post:
        """A new post, under review at first."""
        number = len(self.rows)
        item_id = account.fresh(b"dy-item")
        video_id = f"v0200f{account.chance.roll(b'dy-video', number).hex()[:24]}"
        row = Post(
            number, item_id, video_id, title, account.seconds(), media_type, False, private, received
        )
        self.rows.insert(0, row)
        account.shelf(Content).own_items.add(item_id)
        return row


def _figures(account: Account, row: Post) -> Doc:
    bits = account.chance.roll(b"dy-figure", row.number)
    age = max(0.0, account.seconds() - row.made_at)
    plays = int((word(bits, 0) + 200) * (1 - 1 / (1 + age / DAY)) * max(1, account.size.fans) / 2000)
    return {
        "play_count": plays,
        "digg_count": plays * (bits[2] % 9 + 1) // 200,
        "comment_count": plays * (bits[3] % 5 + 1) // 1000,
        "share_count": plays * (bits[4] % 4) // 1000,
        "forward_count": plays * (bits[4] % 4) // 1500,
        "download_count": long_word(bits, 5) % 7,
    }


def show(account: Account, row: Post) -> Doc:
    """A post as the listing tells it."""
    reviewed = account.seconds() - row.made_at >= account.settings.review_s
    return {
        "item_id": row.item_id,
        "video_id": row.video_id,
        "title": row.title,
        "cover": f"https://p3-sign.douyinpic.com/obj/{row.video_id}.jpeg",
        "share_url": f"https://www.iesdouyin.com/share/video/{7_300_000_000_000_000_000 + row.number}/",
        "create_time": int(row.made_at),
        "is_top": row.top,
        "is_reviewed": reviewed,
        "media_type": row.media_type,
        "video_status": PUBLIC if reviewed else REVIEW,
        "statistics": _figures(account, row),
    }


def listing(account: Account, args: Arguments) -> Doc:
    """Posts, newest first."""
    rows = [row for row in account.shelf(Posts).rows if account.visible(row.made_at)]
    found = page(
        [{"row": row} for row in rows], args.number("cursor", 0, 0), args.number("count", None, 1, 100)
    )
    found["list"] = [show(account, slot["row"]) for slot in found["list"]]
    return found


def data(account: Account, args: Arguments) -> Doc:
    """Named posts; foreign ids are left out."""
    items, videos = set(args.texts("item_ids")), set(args.texts("video_ids"))
    if not items and not videos:
        raise Refusal(28001007, "item_ids不能为空")
    rows = [row for row in account.shelf(Posts).rows if row.item_id in items or row.video_id in videos]
    return {"list": [show(account, row) for row in rows]}


def basic(account: Account, args: Arguments) -> Doc:
    """Named posts without figures."""
    names = ("title", "cover", "create_time", "video_status", "media_type", "video_id", "item_id")
    return {"list": [{name: row[name] for name in names} for row in data(account, args)["list"]]}


ENDPOINTS = (
    Endpoint("api/douyin/v1/video/video_list/", listing, "GET", scope="video.list.bind"),
    Endpoint("video/list/", listing, "GET", scope="video.list.bind"),
    Endpoint("api/douyin/v1/video/video_data/", data, "POST", scope="video.data.bind"),
    Endpoint("video/data/", data, "POST", scope="video.data.bind"),
    Endpoint("api/douyin/v1/video/video_basic_info/", basic, "POST", scope="posting.behavior"),
)
