"""An article of an official account: written as a page, shown as its readers open it."""

from __future__ import annotations

from desktop.domain.articles import Way, plain_text
from desktop.domain.posts import PostDraft
from desktop.domain.recipients import AudienceCount
from desktop.qtkit.i18n import t
from desktop.services.posts import PostPreview
from desktop.views.composing.phone_side import PhoneSide
from desktop.views.posts.article.fields import ROWS
from desktop.views.posts.article.phone import ArticlePage
from desktop.views.posts.faces.face import Face, Shown


class ArticleFace(Face):
    """No placeholders: everybody reads the same page."""

    title = "article.title"
    rows = frozenset({*ROWS, "scheduled_at"})
    wanted = frozenset({*ROWS, "title", "scheduled_at", "account"})
    placeholders = ()
    counts_audience = False

    def show_phone(self, side: PhoneSide, shown: Shown) -> None:
        """The page, to scroll."""
        page = ArticlePage(shown.draft, shown.account, shown.day, shown.hour, shown.path_of)
        side.show_article(page)

    def text(self, shown: Shown) -> str:
        """Heading and words."""
        return f"{shown.draft.title.strip()}\n\n{plain_text(shown.draft.body)}"

    def reached(self, count: AudienceCount) -> int:
        """Followers who get it as a message; nobody for a publication."""
        return count.reachable

    def passed(self, draft: PostDraft, wrong: set[str], count: AudienceCount | None) -> list[str]:
        """Text, cover, and what WeChat would check."""
        lines = []
        if not {"title", "article", "digest", "author", "source_url"} & wrong:
            lines.append(t("article.pass_text"))
        if "cover" not in wrong:
            lines.append(t("article.pass_cover"))
        if "way" not in wrong:
            lines.append(t(f"article.pass_{draft.article.way.value}"))
        return lines

    def facts(
        self, draft: PostDraft, count: AudienceCount, audience: str, preview: PostPreview
    ) -> list[tuple[str, str]]:
        """How it goes out, and to how many."""
        lines = [(t("article.way"), t(f"article.way_{draft.article.way.value}"))]
        if draft.article.way is Way.MASS_SEND:
            lines.append((t("composing.how_many"), t("composing.people", n=f"{count.reachable:,}")))
        return lines

    def text_for(self, preview: PostPreview) -> str:
        """Everybody reads the same."""
        return ""
