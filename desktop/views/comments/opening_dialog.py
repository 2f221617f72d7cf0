"""Opening an article that is out to comments, or closing it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.services.article_comments import Opening
from desktop.views.posts.article.names import article_name
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.texts import PlainLabel


class OpeningDialog(MessageDialog):
    """`article()` and `is_open()` are to be read after accepting."""

    def __init__(self, parent: QWidget, openings: Sequence[Opening], formats: Formats) -> None:
        title, text = t("comments.opening_title"), t("comments.opening_text")
        super().__init__(parent, title, text, accept=t("comments.opening_queue"))
        self.setObjectName("opening_dialog")
        self.setMinimumWidth(480)
        self._openings = {one.article.id: one for one in openings}
        self.which = Choice(name="comments.column.article", parent=self)
        self.which.setObjectName("opening_article")
        self.which.set_options(
            {id_: article_name(one.article.title, one.article.published_at, formats)
             for id_, one in self._openings.items()}
        )  # fmt: skip
        self.want = Choice(name="comments.opening_want", parent=self)
        self.want.setObjectName("opening_want")
        self.want.set_options({True: t("comments.opening_open"), False: t("comments.opening_close")})
        form = Form(self)
        form.add_row("article", "comments.opening_article", self.which)
        form.add_row("want", "comments.opening_want", self.want)
        self.body.insertWidget(2, form)
        self.known = PlainLabel("", "hint", wrap=True, parent=self)
        self.known.setObjectName("opening_known")
        self.body.insertWidget(3, self.known)
        self.which.chosen.connect(lambda _id: self._follow())
        self._follow()

    def article(self) -> int:
        """The local id of the article."""
        return int(str(self.which.value()))

    def is_open(self) -> bool:
        """Whether readers may comment."""
        return bool(self.want.value())

    def _follow(self) -> None:
        asked = self._openings[self.article()].asked
        if asked is None:
            self.known.setText(t("comments.opening_unknown"))
            return
        what = t("comments.opening_open" if asked.is_open else "comments.opening_close")
        state = label("outbox_state", asked.state.value)
        self.known.setText(t("comments.opening_known", what=what, state=state))
        self.want.set_value(not asked.is_open)
