"""Comments below posts: listed, answered, pinned."""

from dataclasses import dataclass

from desktop.sandbox.chance import word
from desktop.sandbox.douyin.account import DAY, Account, Doc, Endpoint, page
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.envelope import Form
from desktop.sandbox.douyin.errors import Refusal
from desktop.sandbox.douyin.videos import SEEDED, Posts

SENSITIVE = "加微信"
_WORDS = (
    "看饿了",
    "链接在哪",
    "已下单两箱",
    "能不能少放点糖",
    "@好友 周末一起囤",
    "<script>1</script>",
    "物流好慢",
)


@dataclass(slots=True)
class Comment:
    """One comment or reply."""

    comment_id: str
    item_id: str
    user_id: str
    nickname: str
    avatar: str
    content: str
    at: float
    likes: int
    parent: str = ""
    top: bool = False


class Comments:
    """Comments by post."""

    def __init__(self, account: Account) -> None:
        self.rows: list[Comment] = []
        if not account.size.fans:
            return
        for post in account.shelf(Posts).rows[:SEEDED]:
            first = account.chance.roll(b"dy-talkers", post.number)
            for number in range(first[0] % 14):
                bits = account.chance.roll(b"dy-comment", post.number * 100 + number)
                fan = word(bits, 0) % account.size.fans
                person = account.fan(fan)
                ident = account.sealed(b"dy-comment-id", -1 - post.number * 100 - number)
                at = post.made_at + word(bits, 2) * DAY // 65_536
                text = _WORDS[bits[4] % len(_WORDS)]
                row = Comment(
                    ident,
                    post.item_id,
                    account.fan_id(fan),
                    person.nickname,
                    person.avatar,
                    text,
                    at,
                    bits[5],
                )
                self.rows.append(row)

    def find(self, comment_id: str) -> Comment:
        """The comment with this id; 2111003 when there is none."""
        row = next((row for row in self.rows if row.comment_id == comment_id), None)
        if row is None:
            raise Refusal(2111003)
        return row


def _show(comments: Comments, row: Comment) -> Doc:
    return {
        "comment_id": row.comment_id,
        "comment_user_id": row.user_id,
        "nick_name": row.nickname,
        "avatar": row.avatar,
        "content": row.content,
        "create_time": int(row.at),
        "digg_count": row.likes,
        "reply_comment_total": sum(other.parent == row.comment_id for other in comments.rows),
        "top": row.top,
        "reply_comment_id": row.parent,
    }


def _page(account: Account, args: Arguments, rows: list[Comment], most: int) -> Doc:
    comments = account.shelf(Comments)
    found = page(
        [{"row": row} for row in rows], args.number("cursor", 0, 0), args.number("count", None, 1, most)
    )
    found["list"] = [_show(comments, slot["row"]) for slot in found["list"]]
    return found


def _rows(account: Account, args: Arguments, parent: str) -> list[Comment]:
    item = account.shelf(Posts).find(args.text("item_id"), 2111007).item_id
    now = account.seconds()
    return [
        row
        for row in account.shelf(Comments).rows
        if row.item_id == item and row.parent == parent and row.at <= now and account.visible(row.at)
    ]


def listing(account: Account, args: Arguments) -> Doc:
    """First-level comments: the pinned one, then the most liked; or by time."""
    rows = _rows(account, args, "")
    order = args.optional("sort_type")
    if order in ("time", "time_asc"):
        rows.sort(key=lambda row: row.at, reverse=order == "time")
    else:
        rows.sort(key=lambda row: (not row.top, -row.likes, row.at))
    return _page(account, args, rows, 50)


def replies(account: Account, args: Arguments) -> Doc:
    """Replies to one comment, oldest first."""
    parent = _of_post(account, args).comment_id
    return _page(account, args, _rows(account, args, parent), 20)


def _of_post(account: Account, args: Arguments) -> Comment:
    row = account.shelf(Comments).find(args.text("comment_id"))
    if row.item_id != account.shelf(Posts).find(args.text("item_id"), 2111007).item_id:
        raise Refusal(2111004)
    return row


def reply(account: Account, args: Arguments) -> Doc:
    """Answer a comment, or write one of one's own below the post."""
    item = account.shelf(Posts).find(args.text("item_id"), 2111007).item_id
    text = args.text("content")
    if SENSITIVE in text:
        raise Refusal(2111001)
    parent = _of_post(account, args).comment_id if args.optional("comment_id") else ""
    row = Comment(
        account.fresh(b"dy-comment-id"), item, account.open_id, account.nickname, account.avatar, text,
        account.seconds(), 0, parent,
    )  # fmt: skip
    account.shelf(Comments).rows.append(row)
    return {"comment_id": row.comment_id, "nick_name": row.nickname, "avatar": row.avatar}


def pin(account: Account, args: Arguments) -> Doc:
    """Put one first-level comment on top of its post, or take it down."""
    row, top = _of_post(account, args), args.flag("top")
    if row.parent:
        raise Refusal(2111003)
    for other in account.shelf(Comments).rows:
        if other.item_id == row.item_id and top:
            other.top = False
    row.top = top
    return {}


_SCOPE = "item.comment"
ENDPOINTS = (
    Endpoint("item/comment/list/", listing, "GET", scope=_SCOPE),
    Endpoint("item/comment/reply/list/", replies, "GET", scope=_SCOPE),
    Endpoint("item/comment/reply/", reply, "POST", scope=_SCOPE, write=True),
    Endpoint("item/comment/top/", pin, "POST", scope=_SCOPE, write=True),
    Endpoint("api/apps/v1/item/list_comment/", listing, "GET", Form.C2, scope=_SCOPE),
)
