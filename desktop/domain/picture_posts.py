"""Posts that are pictures with a text on a Douyin account (图文): what must be right before one is confirmed."""

from __future__ import annotations

from desktop.domain import placeholders
from desktop.domain.content import Problem, check_media, check_message
from desktop.domain.posts import PostContext, PostDraft, check_copy, check_placeholders, check_time

MOST_PICTURES = 35  # of one picture post at Douyin
NO_ACCOUNT = "picture_post_account_missing"


def check_picture_post(draft: PostDraft, context: PostContext) -> list[Problem]:
    """Everything wrong or risky about a picture post, in reading order.

    Words are asked for although the platform is content without: by them a post is found again whose answer
    got lost.
    """
    found = check_message(draft.body, ())
    found += check_placeholders(draft.body, placeholders.OF_MOMENTS)
    if placeholders.SHOP in placeholders.used(draft.body) and placeholders.is_blank(context.shop_name):
        found.append(Problem("shop_name_missing", field="body"))
    found += check_copy(draft.body, context.copy_rules)
    if not draft.media:
        found.append(Problem("picture_post_no_picture", field="media"))
    found += check_media(draft.media, MOST_PICTURES)
    if context.account_problem:
        is_missing = context.account_problem == "account_missing"
        found.append(Problem(NO_ACCOUNT if is_missing else context.account_problem, field="account"))
    return found + check_time(draft, context.now)
