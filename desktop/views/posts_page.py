"""Posts: the list, and the editor that opens from it."""

from __future__ import annotations

from typing import Any

from desktop.services.accounts import AccountService
from desktop.services.fans import FanService
from desktop.services.official_account import OfficialAccountService
from desktop.services.outbox import OutboxService
from desktop.services.posts import PostService
from desktop.services.segments import SegmentService
from desktop.views.composing.area import AreaPage
from desktop.views.page import PageContext
from desktop.views.post_editor import PostEditor
from desktop.views.posts.list import PostList


class PostsPage(AreaPage):
    """`go("posts")` shows the list, `go("posts", uid=...)` one post, `go("posts", new=True)` an empty one."""

    def __init__(
        self,
        context: PageContext,
        posts: PostService,
        fans: FanService,
        accounts: AccountService,
        outbox: OutboxService,
        segments: SegmentService,
        official: OfficialAccountService,
    ) -> None:
        super().__init__(context)
        self.list = PostList(context, posts, fans, segments, self.open_post)
        self.editor = PostEditor(context, posts, fans, accounts, outbox, segments, official, self.open_list)
        self.add_page(self.list)
        self.add_page(self.editor)

    def open_with(self, **arguments: Any) -> None:
        """Open the post of `uid`, a new one with `new`, else the list."""
        uid = arguments.get("uid")
        if uid or arguments.get("new"):
            self.open_post(str(uid) if uid else None)
        else:
            self.open_list()

    def open_post(self, uid: str | None) -> None:
        """One post, or a new one."""
        self.show_page(self.editor)
        self.editor.write(uid)

    def open_list(self) -> None:
        """All posts."""
        self.show_page(self.list)

    def create_new(self) -> None:
        """Ctrl+N."""
        self.open_post(None)
