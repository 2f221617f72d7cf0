"""Every kind of write WeCom takes: how it is made and how an unclear outcome is found out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from desktop.domain.proof import Judgement, Listing, UnknownWrite
from desktop.domain.writes import (
    KF_MESSAGE,
    MASS_SEND_CANCEL,
    MASS_SEND_CUSTOMERS,
    MASS_SEND_GROUPS,
    MASS_SEND_REMIND,
    MOMENT,
    MOMENT_CANCEL,
    Receipt,
    Write,
)
from desktop.platforms.wecom import kf, mass_sends, moments
from desktop.platforms.wecom.client import WeComClient

Perform = Callable[[WeComClient, Write, str, bool], Awaitable[Receipt]]
Prove = Callable[
    [WeComClient, str, Sequence[UnknownWrite], Collection[str]], Awaitable[Mapping[str, Judgement]]
]
Recent = Callable[[WeComClient, str, int], Awaitable[Listing]]


PERFORM: Mapping[str, Perform] = {
    KF_MESSAGE: kf.send,
    MASS_SEND_CUSTOMERS: mass_sends.create,
    MASS_SEND_GROUPS: mass_sends.create,
    MASS_SEND_REMIND: mass_sends.remind,
    MASS_SEND_CANCEL: mass_sends.cancel,
    MOMENT: moments.publish,
    MOMENT_CANCEL: moments.cancel,
}
# Paths of writes that must leave within a window: their call is counted before the last look at the time.
PATHS: Mapping[str, str] = {
    MASS_SEND_CUSTOMERS: "externalcontact/add_msg_template",
    MASS_SEND_GROUPS: "externalcontact/add_msg_template",
    MOMENT: "externalcontact/add_moment_task",
}
PROVE: Mapping[str, Prove] = {
    KF_MESSAGE: kf.prove,
    MASS_SEND_CUSTOMERS: mass_sends.prove,
    MASS_SEND_GROUPS: mass_sends.prove,
    MASS_SEND_CANCEL: mass_sends.prove_cancelled,
    MOMENT: moments.prove,
    MOMENT_CANCEL: moments.prove_cancelled,
}
RECENT: Mapping[str, Recent] = {
    MASS_SEND_CUSTOMERS: mass_sends.recent,
    MASS_SEND_GROUPS: mass_sends.recent,
    MOMENT: moments.recent,
}
