"""Every kind of write WeCom takes: how it is made and how an unclear outcome is found out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from desktop.domain.proof import Judgement, Listing, UnknownWrite
from desktop.domain.write_kinds.wecom import (
    CONTACT_WAY_ADD,
    CONTACT_WAY_DELETE,
    CONTACT_WAY_EDIT,
    CUSTOMER_REMARK,
    CUSTOMER_TAGS,
    JOIN_WAY_ADD,
    JOIN_WAY_DELETE,
    JOIN_WAY_EDIT,
    KF_MESSAGE,
    MASS_SEND_CANCEL,
    MASS_SEND_CUSTOMERS,
    MASS_SEND_GROUPS,
    MASS_SEND_REMIND,
    MOMENT,
    MOMENT_CANCEL,
    TAG_ADD,
    TAG_DELETE,
    TAG_EDIT,
    WELCOME_ADD,
    WELCOME_DELETE,
    WELCOME_EDIT,
)
from desktop.domain.writes import Receipt, Write
from desktop.platforms.wecom import (
    contact_ways,
    customer_edits,
    ending,
    join_ways,
    kf,
    mass_sends,
    moments,
    tags,
    welcomes,
)
from desktop.platforms.wecom.client import WeComClient

Perform = Callable[[WeComClient, Write, str, bool], Awaitable[Receipt]]
Prove = Callable[
    [WeComClient, str, Sequence[UnknownWrite], Collection[str]], Awaitable[Mapping[str, Judgement]]
]
Recent = Callable[[WeComClient, str, int], Awaitable[Listing]]


PERFORM: Mapping[str, Perform] = {
    CONTACT_WAY_ADD: contact_ways.add,
    CONTACT_WAY_DELETE: contact_ways.delete,
    CONTACT_WAY_EDIT: contact_ways.edit,
    CUSTOMER_REMARK: customer_edits.remark,
    CUSTOMER_TAGS: customer_edits.mark,
    JOIN_WAY_ADD: join_ways.add,
    JOIN_WAY_DELETE: join_ways.delete,
    JOIN_WAY_EDIT: join_ways.edit,
    KF_MESSAGE: kf.send,
    MASS_SEND_CUSTOMERS: mass_sends.create,
    MASS_SEND_GROUPS: mass_sends.create,
    MASS_SEND_REMIND: mass_sends.remind,
    MASS_SEND_CANCEL: mass_sends.cancel,
    MOMENT: moments.publish,
    MOMENT_CANCEL: moments.cancel,
    TAG_ADD: tags.add,
    TAG_DELETE: tags.delete,
    TAG_EDIT: tags.edit,
    WELCOME_ADD: welcomes.add,
    WELCOME_DELETE: welcomes.delete,
    WELCOME_EDIT: welcomes.edit,
}
# The path that makes each: its call is counted before the mark and the last look at the time, so that neither
# a full disk nor a used-up allowance is met with the write half done.
PATHS: Mapping[str, Sequence[str]] = {
    CONTACT_WAY_ADD: ("externalcontact/add_contact_way",),
    CONTACT_WAY_DELETE: ("externalcontact/del_contact_way",),
    CONTACT_WAY_EDIT: ("externalcontact/update_contact_way",),
    CUSTOMER_REMARK: ("externalcontact/remark",),
    CUSTOMER_TAGS: ("externalcontact/mark_tag",),
    JOIN_WAY_ADD: ("externalcontact/groupchat/add_join_way",),
    JOIN_WAY_DELETE: ("externalcontact/groupchat/del_join_way",),
    JOIN_WAY_EDIT: (join_ways.READ, "externalcontact/groupchat/update_join_way"),
    KF_MESSAGE: ("kf/send_msg",),
    MASS_SEND_CUSTOMERS: ("externalcontact/add_msg_template",),
    MASS_SEND_GROUPS: ("externalcontact/add_msg_template",),
    MASS_SEND_REMIND: ("externalcontact/remind_groupmsg_send",),
    MASS_SEND_CANCEL: ("externalcontact/cancel_groupmsg_send",),
    MOMENT: ("externalcontact/add_moment_task",),
    MOMENT_CANCEL: ("externalcontact/cancel_moment_task",),
    TAG_ADD: ("externalcontact/add_corp_tag",),
    TAG_DELETE: ("externalcontact/del_corp_tag",),
    TAG_EDIT: ("externalcontact/edit_corp_tag",),
    WELCOME_ADD: (welcomes.PATH + "add",),
    WELCOME_DELETE: (welcomes.PATH + "del",),
    WELCOME_EDIT: (welcomes.PATH + "edit",),
}
PROVE: Mapping[str, Prove] = {
    CONTACT_WAY_ADD: contact_ways.prove,
    CONTACT_WAY_DELETE: contact_ways.prove,
    CONTACT_WAY_EDIT: contact_ways.prove,
    CUSTOMER_REMARK: customer_edits.prove,
    CUSTOMER_TAGS: customer_edits.prove,
    JOIN_WAY_DELETE: join_ways.prove,
    JOIN_WAY_EDIT: join_ways.prove,
    KF_MESSAGE: kf.prove,
    MASS_SEND_CUSTOMERS: mass_sends.prove,
    MASS_SEND_GROUPS: mass_sends.prove,
    MASS_SEND_CANCEL: ending.prove,
    MOMENT: moments.prove,
    MOMENT_CANCEL: ending.prove,
    TAG_ADD: tags.prove,
    TAG_DELETE: tags.prove,
    TAG_EDIT: tags.prove,
    WELCOME_DELETE: welcomes.prove,
    WELCOME_EDIT: welcomes.prove,
}
RECENT: Mapping[str, Recent] = {
    MASS_SEND_CUSTOMERS: mass_sends.recent,
    MASS_SEND_GROUPS: mass_sends.recent,
    MOMENT: moments.recent,
}
