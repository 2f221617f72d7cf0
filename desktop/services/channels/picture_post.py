"""A picture post of a Douyin account: everybody may see it."""

from __future__ import annotations

from desktop.domain import placeholders
from desktop.domain.outbox_items import NewItem
from desktop.domain.picture_posts import check_picture_post
from desktop.domain.posts import Post, PostContext, PostDraft
from desktop.domain.recipients import AudienceCount
from desktop.domain.write_kinds.douyin import IMAGE_TEXT
from desktop.domain.writes import Write
from desktop.services.channels.way import Asked, Checked, by_outbox
from desktop.services.post_items import one_item, pictures_of, values
from desktop.store.transaction import Transaction


class PicturePost:
    """One item, told to nobody in particular."""

    platform = "douyin"
    standing = staticmethod(by_outbox)

    def kind(self, draft: PostDraft) -> str:
        """Pictures with a text."""
        return IMAGE_TEXT

    def count(self, asked: Asked) -> AudienceCount:
        """Nobody is sent anything: whoever follows or passes by sees it."""
        return AudienceCount()

    def check(self, asked: Asked) -> Checked:
        """Words, pictures, account, time."""
        context = PostContext(
            asked.now,
            asked.facts.copy_rules,
            shop_name=asked.facts.name,
            account_problem=asked.account_problem,
        )

        def items(tx: Transaction, post: Post, hold_s: float) -> list[NewItem]:
            text = placeholders.fill(post.draft.body, values(post.draft, asked.facts, "·", asked.now)).text
            write = Write(IMAGE_TEXT, {"text": text.strip()}, (), pictures_of(post))
            return [one_item(post, write, text, 0, tx.now_ms, hold_s)]

        return Checked(check_picture_post(asked.draft, context), items)
