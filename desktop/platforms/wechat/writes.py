"""Every kind of write an official account takes: how it is made and how an unclear outcome is found out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from desktop.domain.proof import Judgement, UnknownWrite
from desktop.domain.write_kinds import wechat as kinds
from desktop.domain.writes import Receipt, Write
from desktop.platforms.wechat import comments, drafts, ending, followers, mass_sends, menu, publishing, tags
from desktop.platforms.wechat.client import WeChatClient

Perform = Callable[[WeChatClient, Write, str, bool], Awaitable[Receipt]]
Prove = Callable[
    [WeChatClient, str, Sequence[UnknownWrite], Collection[str]], Awaitable[Mapping[str, Judgement]]
]

PERFORM: Mapping[str, Perform] = {
    kinds.COMMENTS_OPEN: comments.open_or_close,
    kinds.COMMENT_DELETE: comments.delete,
    kinds.COMMENT_ELECT: comments.elect,
    kinds.COMMENT_REPLY: comments.reply,
    kinds.COMMENT_REPLY_DELETE: comments.delete_reply,
    kinds.DRAFT_ADD: drafts.add,
    kinds.DRAFT_DELETE: drafts.delete,
    kinds.DRAFT_EDIT: drafts.edit,
    kinds.MASS_SEND: mass_sends.send,
    kinds.MENU_DELETE: menu.delete,
    kinds.MENU_SET: menu.put,
    kinds.PREVIEW: mass_sends.preview,
    kinds.PUBLISH: publishing.submit,
    kinds.REMARK: followers.remark,
    kinds.TAG_ADD: tags.add,
    kinds.TAG_DELETE: tags.delete,
    kinds.TAG_EDIT: tags.edit,
    kinds.TAG_PUT: tags.put,
    kinds.TAG_TAKE: tags.take,
}
# The path that makes each: its call is counted before the mark and the last look at the time, so that neither
# a full disk nor a used-up allowance is met with the write half done. Two where the write says which.
PATHS: Mapping[str, Sequence[str]] = {
    kinds.COMMENTS_OPEN: ("cgi-bin/comment/open", "cgi-bin/comment/close"),
    kinds.COMMENT_DELETE: ("cgi-bin/comment/delete",),
    kinds.COMMENT_ELECT: ("cgi-bin/comment/markelect", "cgi-bin/comment/unmarkelect"),
    kinds.COMMENT_REPLY: ("cgi-bin/comment/reply/add",),
    kinds.COMMENT_REPLY_DELETE: ("cgi-bin/comment/reply/delete",),
    kinds.DRAFT_ADD: ("cgi-bin/draft/add",),
    kinds.DRAFT_DELETE: ("cgi-bin/draft/delete",),
    kinds.DRAFT_EDIT: ("cgi-bin/draft/update",),
    kinds.MASS_SEND: (mass_sends.SENDALL,),
    kinds.MENU_DELETE: ("cgi-bin/menu/delete",),
    kinds.MENU_SET: ("cgi-bin/menu/create",),
    kinds.PREVIEW: ("cgi-bin/message/mass/preview",),
    kinds.PUBLISH: ("cgi-bin/freepublish/submit",),
    kinds.REMARK: ("cgi-bin/user/info/updateremark",),
    kinds.TAG_ADD: ("cgi-bin/tags/create",),
    kinds.TAG_DELETE: ("cgi-bin/tags/delete",),
    kinds.TAG_EDIT: ("cgi-bin/tags/update",),
    kinds.TAG_PUT: ("cgi-bin/tags/members/batchtagging",),
    kinds.TAG_TAKE: ("cgi-bin/tags/members/batchuntagging",),
}
# A preview has none: only the one person it went to can tell.
PROVE: Mapping[str, Prove] = {
    kinds.COMMENTS_OPEN: ending.again,
    kinds.COMMENT_DELETE: comments.prove,
    kinds.COMMENT_ELECT: comments.prove,
    kinds.COMMENT_REPLY: comments.prove,
    kinds.COMMENT_REPLY_DELETE: comments.prove,
    kinds.DRAFT_ADD: drafts.prove_add,
    kinds.DRAFT_DELETE: drafts.prove_delete,
    kinds.DRAFT_EDIT: ending.again,
    kinds.MASS_SEND: mass_sends.prove,
    kinds.MENU_DELETE: ending.again,
    kinds.MENU_SET: ending.again,
    kinds.PUBLISH: publishing.prove,
    kinds.REMARK: followers.prove_remark,
    kinds.TAG_ADD: tags.prove,
    kinds.TAG_DELETE: tags.prove,
    kinds.TAG_EDIT: tags.prove,
    kinds.TAG_PUT: tags.prove_marks,
    kinds.TAG_TAKE: tags.prove_marks,
}
