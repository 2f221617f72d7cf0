"""Writes that WeCom takes. Ids in their bodies are WeCom's own."""

from desktop.domain.write_kinds.kind import Kind, MediaUse, Proof

MASS_SEND_CUSTOMERS = "wecom.mass_send.single"
MASS_SEND_GROUPS = "wecom.mass_send.group"
MASS_SEND_REMIND = "wecom.mass_send.remind"
MASS_SEND_CANCEL = "wecom.mass_send.cancel"
MOMENT = "wecom.moment"
MOMENT_CANCEL = "wecom.moment.cancel"
TAG_ADD = "wecom.tag.add"
TAG_EDIT = "wecom.tag.edit"
TAG_DELETE = "wecom.tag.delete"
CUSTOMER_TAGS = "wecom.customer.tags"
CUSTOMER_REMARK = "wecom.customer.remark"
CONTACT_WAY_ADD = "wecom.contact_way.add"
CONTACT_WAY_EDIT = "wecom.contact_way.edit"
CONTACT_WAY_DELETE = "wecom.contact_way.delete"
JOIN_WAY_ADD = "wecom.join_way.add"
JOIN_WAY_EDIT = "wecom.join_way.edit"
JOIN_WAY_DELETE = "wecom.join_way.delete"
WELCOME_ADD = "wecom.welcome.add"
WELCOME_EDIT = "wecom.welcome.edit"
WELCOME_DELETE = "wecom.welcome.delete"
KF_MESSAGE = "wecom.kf.message"

KINDS = (
    # {text, sender}; targets are customers (single) or groups of `sender` (group)
    Kind(
        MASS_SEND_CUSTOMERS,
        Proof.LISTING,
        reaches_people=True,
        counts_as_reach=True,
        goes_through_staff=True,
    ),
    Kind(MASS_SEND_GROUPS, Proof.LISTING, reaches_people=True, goes_through_staff=True),
    # {task}: the mass send's id at the platform. A reminder leaves no trace; cancelling twice is once.
    Kind(MASS_SEND_REMIND, Proof.NONE),
    Kind(MASS_SEND_CANCEL, Proof.STATE),
    # {text, tags: [..]}; targets are the staff who publish it; no `tags` means all their customers
    Kind(MOMENT, Proof.LISTING, reaches_people=True, goes_through_staff=True, media_use=MediaUse.MOMENT),
    Kind(MOMENT_CANCEL, Proof.STATE),  # {moment}
    # {name, group_name, group_id ('' for a new group), position}; the platform keeps one tag of a name a group
    Kind(TAG_ADD, Proof.STATE),
    Kind(TAG_EDIT, Proof.STATE),  # {id, name, position}; id of a tag or of a tag group
    Kind(TAG_DELETE, Proof.STATE),  # {tags: [..], groups: [..]}
    Kind(CUSTOMER_TAGS, Proof.STATE),  # {staff, add: [..], remove: [..]}; one target
    Kind(CUSTOMER_REMARK, Proof.STATE),  # {staff, remark, description, mobiles: [..]}; one target
    # {staff: [..], remark, skip_verify}; `state` at the platform is made of the item's key
    Kind(CONTACT_WAY_ADD, Proof.KEY),
    Kind(CONTACT_WAY_EDIT, Proof.STATE),  # {config_id, staff, remark, skip_verify}
    Kind(CONTACT_WAY_DELETE, Proof.STATE),  # {config_id}
    # {groups: [..], remark, auto_create, base_name, base_id}; join ways cannot be listed
    Kind(JOIN_WAY_ADD, Proof.NONE, makes_unlisted=True),
    Kind(JOIN_WAY_EDIT, Proof.STATE),  # {config_id, groups, remark, auto_create, base_name, base_id}
    Kind(JOIN_WAY_DELETE, Proof.STATE),  # {config_id}
    Kind(
        WELCOME_ADD, Proof.NONE, makes_unlisted=True
    ),  # {text}, at most one picture; templates cannot be listed
    Kind(WELCOME_EDIT, Proof.STATE),  # {template_id, text}, at most one picture
    Kind(WELCOME_DELETE, Proof.STATE),  # {template_id}
    Kind(KF_MESSAGE, Proof.KEY, answers_people=True),  # {desk, text}, or one picture; one target
)
