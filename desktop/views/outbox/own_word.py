"""The question to the operator whether a write nobody else can tell about was done."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.domain.outbox_items import OutboxItem
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.services.attesting import asks_for_id
from desktop.views.outbox.steps import OWN_WORD, audience_of, title_of


async def ask_own_word(parent: QWidget, word: str, item: OutboxItem) -> str | None:
    """Ask before the operator's word counts; `word` is a step of OWN_WORD.

    The id that the operator gives for what was made ('' for none); None when he turns away.
    """
    title = t(f"outbox.attest_{word}_title")
    wants_id = OWN_WORD[word] and asks_for_id(item.kind)
    key = f"outbox.attest_{word}_id_text" if wants_id else f"outbox.attest_{word}_text"
    text = t(key, title=title_of(item), whom=audience_of(item))
    accept = t(f"outbox.do_{word}")
    dialog = dialogs.MessageDialog(parent, title, text, accept=accept, danger=not OWN_WORD[word])
    line = dialog.add_line(placeholder=t("outbox.attest_id")) if wants_id else None
    if not await dialogs.answer(dialog):
        return None
    return "" if line is None else line.text()
