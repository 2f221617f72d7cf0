"""Writes that an official account takes. Ids in their bodies are WeChat's own.

`draft` is a draft's media id; where it is '' it is what the predecessor made (`Write.prior_id`). An article is
{title, author, digest, source_url, comments, fans_only, parts}: `parts` are ["text", words] and
["picture", n], n counting the write's pictures; the first picture is of kind `cover`.
"""

from desktop.domain.write_kinds.kind import Kind, MediaUse, Proof

DRAFT_ADD = "wechat.draft.add"
DRAFT_EDIT = "wechat.draft.edit"
DRAFT_DELETE = "wechat.draft.delete"
PREVIEW = "wechat.preview"
PUBLISH = "wechat.publish"
MASS_SEND = "wechat.mass_send"
TAG_ADD = "wechat.tag.add"
TAG_EDIT = "wechat.tag.edit"
TAG_DELETE = "wechat.tag.delete"
TAG_PUT = "wechat.follower.tag"
TAG_TAKE = "wechat.follower.untag"
REMARK = "wechat.follower.remark"
MENU_SET = "wechat.menu.set"
MENU_DELETE = "wechat.menu.delete"
COMMENT_REPLY = "wechat.comment.reply"
COMMENT_REPLY_DELETE = "wechat.comment.reply.delete"
COMMENT_ELECT = "wechat.comment.elect"
COMMENT_DELETE = "wechat.comment.delete"
COMMENTS_OPEN = "wechat.comments.open"

KEY_LIVES_MS = 23 * 3_600_000  # the platform knows a clientmsgid for 24 hours; one is kept spare

KINDS = (
    Kind(
        DRAFT_ADD, Proof.STATE, media_use=MediaUse.ARTICLE
    ),  # an article; twice is a harmless second draft
    Kind(DRAFT_EDIT, Proof.STATE, media_use=MediaUse.ARTICLE),  # {draft} and an article, as a whole
    Kind(DRAFT_DELETE, Proof.STATE),  # {draft}
    Kind(PREVIEW, Proof.NONE),  # {draft, wxname} or one target: one person sees it before it goes out
    Kind(PUBLISH, Proof.STATE),  # {draft, title, digest}; taken is a task, followed until it is published
    # {draft, to_all, tag (a number as text, '' with to_all), title, digest}
    Kind(MASS_SEND, Proof.KEY, reaches_people=True, key_lives_ms=KEY_LIVES_MS),
    Kind(TAG_ADD, Proof.STATE),  # {name}; names are unique
    Kind(TAG_EDIT, Proof.STATE),  # {id, name}
    Kind(TAG_DELETE, Proof.STATE),  # {id}
    Kind(TAG_PUT, Proof.STATE),  # {id}; at most 50 targets
    Kind(TAG_TAKE, Proof.STATE),  # {id}; at most 50 targets
    Kind(REMARK, Proof.STATE),  # {remark}; one target
    Kind(MENU_SET, Proof.STATE),  # {buttons}: the whole menu as menu/create takes it
    Kind(MENU_DELETE, Proof.STATE),  # {}
    # comments: {article: msg_data_id, index: from 0, comment} and what each needs
    Kind(COMMENT_REPLY, Proof.STATE, answers_people=True),  # + {text}; one answer a comment
    Kind(COMMENT_REPLY_DELETE, Proof.STATE),
    Kind(COMMENT_ELECT, Proof.STATE),  # + {is_elected}
    Kind(COMMENT_DELETE, Proof.STATE),
    Kind(COMMENTS_OPEN, Proof.STATE),  # {article, index, is_open}
)
