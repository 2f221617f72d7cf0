"""Every kind of write Douyin takes: how it is made and how an unclear outcome is found out, where it can be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from desktop.domain.proof import Judgement, UnknownWrite
from desktop.domain.write_kinds.douyin import (
    COMMENT_PIN,
    COMMENT_REPLY,
    DIRECT_MESSAGE,
    GROUP_ANNOUNCEMENT,
    GROUP_CREATE,
    GROUP_MESSAGE,
    GROUP_WELCOME,
    IMAGE_TEXT,
    JOIN_ACCEPT,
    MESSAGE_RECALL,
)
from desktop.domain.writes import Receipt, Write
from desktop.platforms.douyin import comments, groups, messages, videos
from desktop.platforms.douyin.client import DouyinClient

Perform = Callable[[DouyinClient, Write, str, bool], Awaitable[Receipt]]
Prove = Callable[
    [DouyinClient, str, Sequence[UnknownWrite], Collection[str]], Awaitable[Mapping[str, Judgement]]
]

PERFORM: Mapping[str, Perform] = {
    COMMENT_PIN: comments.pin,
    COMMENT_REPLY: comments.reply,
    DIRECT_MESSAGE: messages.send,
    GROUP_ANNOUNCEMENT: groups.set_text,
    GROUP_CREATE: groups.create,
    GROUP_MESSAGE: groups.send,
    GROUP_WELCOME: groups.set_text,
    IMAGE_TEXT: videos.publish,
    JOIN_ACCEPT: groups.accept,
    MESSAGE_RECALL: groups.recall,
}
PROVE: Mapping[str, Prove] = {
    COMMENT_PIN: comments.prove_pin,
    COMMENT_REPLY: comments.prove_reply,
    GROUP_CREATE: groups.prove_created,
    IMAGE_TEXT: videos.prove,
    JOIN_ACCEPT: groups.prove_accepted,
}
