"""Comments of all platforms in one list: who said what below what, answered and set on top from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.domain.errors import NotFoundError
from desktop.domain.official_account import Comment
from desktop.domain.outbox import HOLD_S
from desktop.domain.write_kinds import douyin, wechat
from desktop.services.article_comments import ArticleCommentService
from desktop.services.platform_edits import Queued
from desktop.services.public_accounts import PublicAccountService
from desktop.store.accounts.public_accounts import CommentRow

WECHAT, DOUYIN = "wechat", "douyin"
MARK = f"{DOUYIN}:"  # ids of official accounts stand alone, as they always did


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One comment as every platform's is shown. Times UTC ms.

    `is_up`: featured (official account) or pinned (Douyin). `pending`: something about it is on its way.
    `refused`: the platform takes no answer to it from here.
    """

    id: str
    platform: str
    fan_id: int | None
    name: str
    article: str
    at: int
    text: str
    is_up: bool
    reply: str
    replied_at: int | None
    pending: bool
    refused: bool
    can_answer: bool
    can_lift: bool
    can_delete: bool
    can_take_back: bool = False


class CommentService:
    """Reads comments of all accounts, queues what the shop says. Sends nothing itself.

    `articles` is the part that official accounts alone have.
    """

    def __init__(self, articles: ArticleCommentService, public: PublicAccountService) -> None:
        self.articles = articles
        self._public = public

    async def comments(self, *, only_open: bool = False) -> Sequence[CommentLine]:
        """The newest comments; `only_open` those without an answer."""
        found = [_of_article(one) for one in await self.articles.comments()]
        found += [_of_video(one) for one in await self._public.comments()]
        found.sort(key=lambda line: line.at, reverse=True)
        return [line for line in found if not (only_open and line.reply)]

    async def refused(self) -> str:
        """Why an official account shows no comments, as an error code; '' while it does."""
        return await self.articles.refused()

    async def reply(self, comment: str, text: str, hold_s: float = HOLD_S) -> Queued:
        """Answer in public. Raises InvalidInputError, NotFoundError, ConflictError."""
        if comment.startswith(MARK):
            return await self._public.reply(comment.removeprefix(MARK), text, hold_s)
        return await self.articles.reply(_number(comment), text, hold_s=hold_s)

    async def lift(self, comment: str, is_up: bool, hold_s: float = HOLD_S) -> Queued:
        """Feature or pin a comment, or let go of it. Raises as reply()."""
        if comment.startswith(MARK):
            return await self._public.pin(comment.removeprefix(MARK), is_up, hold_s)
        return await self.articles.elect(_number(comment), is_up, hold_s=hold_s)

    async def delete(self, comment: str, hold_s: float = HOLD_S) -> Queued:
        """Delete a comment of an official account; Douyin has no call for it. Raises as reply()."""
        return await self.articles.delete(_number(comment), hold_s=hold_s)

    async def take_answer_back(self, comment: str, hold_s: float = HOLD_S) -> Queued:
        """Take our answer back at an official account; Douyin has no call for it. Raises as reply()."""
        return await self.articles.take_answer_back(_number(comment), hold_s=hold_s)

    async def take_back(self, items: Sequence[str]) -> int:
        """Stop what has not left; how many. Raises ConflictError('outbox_too_late')."""
        return await self._public.take_back(items)


def _number(comment: str) -> int:
    if not comment.isdecimal():
        raise NotFoundError("comment_missing", comment=comment)
    return int(comment)


def _of_article(one: Comment) -> CommentLine:
    has_number = bool(one.send_id)
    return CommentLine(
        str(one.id),
        WECHAT,
        one.fan_id,
        one.name,
        one.article,
        one.at,
        one.text,
        one.is_elected,
        one.reply,
        one.replied_at,
        pending=bool(one.pending),
        refused=not has_number,
        can_answer=has_number and not one.reply and one.pending != wechat.COMMENT_REPLY,
        can_lift=has_number and not one.pending,
        can_delete=has_number and not one.pending,
        can_take_back=has_number and bool(one.reply) and not one.pending,
    )


def _of_video(one: CommentRow) -> CommentLine:
    is_refused = douyin.COMMENT_REPLY in one.refused
    return CommentLine(
        f"{MARK}{one.uid}",
        DOUYIN,
        one.fan_id,
        one.name,
        one.title,
        one.at,
        one.text,
        one.is_top,
        one.reply,
        None,
        pending=bool(one.pending),
        refused=is_refused,
        can_answer=not is_refused and douyin.COMMENT_REPLY not in one.pending,
        can_lift=douyin.COMMENT_PIN not in one.refused and douyin.COMMENT_PIN not in one.pending,
        can_delete=False,
    )
