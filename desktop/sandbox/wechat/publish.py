"""Publishing without a notice: submit, poll, list, read, delete."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.wechat.account import FIRST_PUBLISH_ID, Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.articles import Article, shown
from desktop.sandbox.wechat.drafts import require_draft, take_out
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.press import Press, Publication, new_msg_data_id
from desktop.sandbox.wechat.settings import TEST

DONE, PUBLISHING, FAILED, ALL_DELETED, BANNED = 0, 1, 3, 5, 6


@dataclass(slots=True)
class Job:
    """One publish that was submitted."""

    publish_id: int
    msg_data_id: int
    media_id: str
    articles: list[Article]
    at: int
    state: int = PUBLISHING
    publication: Publication | None = None
    positions: list[int] = field(default_factory=list)  # 1-based places of the draft that were published
    fail_idx: list[int] = field(default_factory=list)


class Jobs:
    """All submitted publishes, and when the last ones came."""

    def __init__(self) -> None:
        self.rows: list[Job] = []
        self.times: deque[float] = deque()


def submit(account: Account, args: Arguments) -> dict[str, Any]:
    """Take a draft for publishing; what becomes of it shows later."""
    settings, jobs = account.settings, account.shelf(Jobs)
    draft = require_draft(account, args.values.get("media_id"))
    if settings.publish_refusal:
        raise Refusal(settings.publish_refusal)
    now = account.seconds()
    while jobs.times and jobs.times[0] <= now - 60:
        jobs.times.popleft()
    if len(jobs.times) >= settings.publishes_per_minute:
        raise Refusal(53501)
    jobs.times.append(now)
    job = Job(
        publish_id=account.next_number("publish", FIRST_PUBLISH_ID, step=7),
        msg_data_id=new_msg_data_id(account),
        media_id=draft.media_id,
        articles=list(draft.articles),
        at=account.now(),
    )
    jobs.rows.append(job)
    if settings.draft_gone_at == "submit":
        take_out(account, draft.media_id)
    account.later(now + settings.publish_s, lambda: finish(account, job))
    return {"publish_id": _said_id(account, job), "msg_data_id": str(job.msg_data_id)}


def _said_id(account: Account, job: Job) -> int | str:
    return job.publish_id if account.settings.publish_id_as_number else str(job.publish_id)


def finish(account: Account, job: Job) -> None:
    """The publish comes to its end, as the switches say."""
    settings = account.settings
    everything = list(range(1, len(job.articles) + 1))
    if settings.account_type == TEST:
        job.state, job.fail_idx = FAILED, [1]
        return
    failed = [position for position in everything if position in settings.publish_fail_idx]
    if settings.publish_outcome != DONE or failed == everything:
        job.state, job.fail_idx = settings.publish_outcome or FAILED, everything
        return
    job.state, job.fail_idx = DONE, failed
    job.positions = [position for position in everything if position not in failed]
    kept = [job.articles[position - 1] for position in job.positions]
    job.publication = account.shelf(Press).add(account, kept, False, job.msg_data_id)
    take_out(account, job.media_id)


def state_of(job: Job) -> int:
    """The state as asked for now: what was published may be gone again."""
    held = job.publication
    if held is not None and held.banned:
        return BANNED
    if held is not None and len(held.deleted) == len(held.articles):
        return ALL_DELETED
    return job.state


def get(account: Account, args: Arguments) -> dict[str, Any]:
    """How a publish goes; 100 questions a day."""
    ident = args.ident("publish_id")
    job = next((row for row in account.shelf(Jobs).rows if str(row.publish_id) == ident), None)
    if job is None:
        raise Refusal(40035)
    state = state_of(job)
    answer: dict[str, Any] = {"publish_id": _said_id(account, job), "publish_status": state}
    if state == DONE and job.publication is not None:
        items = [
            {"idx": position, "article_url": job.publication.url(at)}
            for at, position in enumerate(job.positions, 1)
        ]
        answer["article_id"] = job.publication.article_id
        answer["article_detail"] = {"count": len(items), "item": items}
    return answer | {"fail_idx": job.fail_idx}


def _items(row: Publication, with_content: bool = True) -> list[Article]:
    return [
        shown(article, row.url(position), with_content)
        | {"is_deleted": position in row.deleted or row.banned}
        for position, article in enumerate(row.articles, 1)
    ]


def batchget(account: Account, args: Arguments) -> dict[str, Any]:
    """A page of what was published without a notice; mass messages are in no listing."""
    offset, most = args.window()
    with_content = args.number("no_content", 0, wrong=40097) != 1
    rows = [row for row in account.shelf(Press).rows if not row.notified and account.listed(row.at)]
    rows.sort(key=lambda row: row.at, reverse=account.settings.listing_order == "newest")
    page = rows[offset : offset + most]
    return {
        "total_count": len(rows),
        "item_count": len(page),
        "item": [
            {
                "article_id": row.article_id,
                "content": {"news_item": _items(row, with_content)},
                "update_time": row.at,
            }
            for row in page
        ],
    }


def require_article(account: Account, article_id: object) -> Publication:
    """What was published without a notice under this id; 53600 otherwise."""
    row = account.shelf(Press).by_article_id(article_id) if isinstance(article_id, str) else None
    if row is None:
        raise Refusal(53600)
    return row


def _publication(account: Account, args: Arguments) -> Publication:
    return require_article(account, args.values.get("article_id"))


def getarticle(account: Account, args: Arguments) -> dict[str, Any]:
    """The articles of a publish, deleted ones marked."""
    return {"news_item": _items(_publication(account, args))}


def delete(account: Account, args: Arguments) -> dict[str, Any]:
    """Delete the article at a 1-based index, or all with 0 or none."""
    row = _publication(account, args)
    index = args.number("index", 0)
    if not 0 <= index <= len(row.articles):
        raise Refusal(40060)
    row.deleted |= {index} if index else set(range(1, len(row.articles) + 1))
    return {}


_C = "cgi-bin/freepublish/"
ENDPOINTS = (
    Endpoint(_C + "submit", submit, write=True, needs="verified"),
    Endpoint(_C + "get", get, bare=True, needs="verified"),
    Endpoint(_C + "batchget", batchget, bare=True, needs="verified"),
    Endpoint(_C + "getarticle", getarticle, bare=True, needs="verified"),
    Endpoint(_C + "delete", delete, write=True, needs="verified"),
)
