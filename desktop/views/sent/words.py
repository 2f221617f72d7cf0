"""How something that went out is put in words."""

from __future__ import annotations

from desktop.domain.sent_history import Sent
from desktop.domain.writes import KINDS
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.services.sent_history import proof_of

TONES = {"done": "good", "unknown": "bad", "in_flight": "info"}


def title(sent: Sent) -> str:
    """What it is in one line: its title or its first words; what kind it is where it has none."""
    first = sent.title.strip() or next(iter(sent.text.strip().splitlines()), "")
    return first or label("write_kind", sent.kind)


def made(sent: Sent) -> str:
    """Through this program or elsewhere."""
    return label("sent_made", "here" if sent.is_ours else "elsewhere")


def state(sent: Sent) -> tuple[str, str]:
    """(word, tone): what waits for staff is not called handed over."""
    if sent.state == "done" and _waits_for_staff(sent):
        return label("delivery_status", "waiting_staff"), "info"
    if sent.state == "done" and sent.recipients and sent.sent == sent.recipients:
        return label("delivery_status", "sent"), "good"
    return label("outbox_state", sent.state), TONES[sent.state]


def _waits_for_staff(sent: Sent) -> bool:
    if sent.staff_asked is not None and (sent.staff_confirmed or 0) < sent.staff_asked:
        return True
    known = (sent.sent or 0) + (sent.failed or 0)
    return sent.is_ours and KINDS[sent.kind].goes_through_staff and known < (sent.recipients or 0)


def reached(sent: Sent, formats: Formats) -> str:
    """How many got it, of how many where that is known."""
    if not sent.recipients and not sent.sent:
        return "—"  # a code or a welcome goes to nobody in particular
    reached_by = formats.count(sent.sent or 0)
    if sent.recipients:
        return t("sent.reached_of", n=reached_by, of=formats.count(sent.recipients))
    return t("sent.reached", n=reached_by)


def proof(sent: Sent) -> str:
    """What shows that it went out."""
    return label("sent_proof", proof_of(sent))
