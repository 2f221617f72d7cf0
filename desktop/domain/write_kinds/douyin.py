"""Writes that Douyin takes. Ids in their bodies are the platform's own."""

from desktop.domain.write_kinds.kind import Kind, MediaUse, Proof

DIRECT_MESSAGE = "douyin.dm"
GROUP_CREATE = "douyin.group.create"
GROUP_WELCOME = "douyin.group.welcome"
GROUP_ANNOUNCEMENT = "douyin.group.announcement"
GROUP_MESSAGE = "douyin.group.message"
MESSAGE_RECALL = "douyin.message.recall"
COMMENT_REPLY = "douyin.comment.reply"
COMMENT_PIN = "douyin.comment.pin"
IMAGE_TEXT = "douyin.image_text"
JOIN_ACCEPT = "douyin.join.accept"

REPLY_SCENE, ENTRY_SCENE = "im_reply_msg", "im_enter_direct_msg"

KINDS = (
    # {thread, message, scene, text} or one picture; one target. `message` is the fan's message or opening of
    # the chat that it answers; no list of messages exists at the platform
    Kind(DIRECT_MESSAGE, Proof.NONE, answers_people=True),
    # {name, text (description), avatar, there: ids of groups of this name that were known}; found by its name
    # in the list of own groups, else nobody can tell
    Kind(GROUP_CREATE, Proof.STATE),
    Kind(GROUP_WELCOME, Proof.NONE),  # {group, text}; '' switches it off; settings cannot be read back
    Kind(GROUP_ANNOUNCEMENT, Proof.NONE, reaches_people=True),  # {group, text}; '' switches it off
    Kind(
        GROUP_MESSAGE, Proof.NONE, reaches_people=True
    ),  # {group, text}, or one picture; one target: the group
    Kind(MESSAGE_RECALL, Proof.NONE),  # {message, thread, in_group}
    # {item, comment, text}; found below the comment, else nobody can tell: it may wait for a review
    Kind(COMMENT_REPLY, Proof.STATE, answers_people=True),
    Kind(COMMENT_PIN, Proof.STATE),  # {item, comment, top}
    Kind(
        IMAGE_TEXT, Proof.STATE, media_use=MediaUse.MOMENT
    ),  # {text} and pictures; found among the own videos by text
    Kind(JOIN_ACCEPT, Proof.STATE),  # {apply}; what was decided is not among the waiting any more
)
