"""WeCom staff and customers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from desktop.domain.errors import RejectedError
from desktop.domain.platform_records import CustomerRecord, FollowRecord, PageOf, StaffRecord
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import plain_texts, rows, text, texts, whole
from desktop.platforms.tencent_line import seconds_as_ms
from desktop.platforms.wecom.client import WeComClient, listed

NO_CUSTOMERS = 84061  # the platform's way to say that a staff member has none
PAGE = 100
OWN_FIELDS = ("type", "gender", "position", "corp_name", "corp_full_name")


async def staff(client: WeComClient) -> tuple[StaffRecord, ...]:
    """Everybody with the customer-contact right inside the app's range."""
    fields = await client.get("externalcontact/get_follow_user_list")
    listed(fields, "follow_user")  # raises where the reply is no listing
    return tuple(StaffRecord(user_id) for user_id in texts(fields.get("follow_user")))


async def customer_ids(client: WeComClient, staff_id: str) -> tuple[str, ...]:
    """Every customer id of one staff member."""
    try:
        fields = await client.get("externalcontact/list", {"userid": staff_id})
    except RejectedError as error:
        if error.params.get("platform_code") == NO_CUSTOMERS:
            return ()
        raise
    listed(fields, "external_userid")
    return texts(fields.get("external_userid"))


async def customers(client: WeComClient, staff_ids: Sequence[str], cursor: str) -> PageOf[CustomerRecord]:
    """One page of the customers of these staff (100 at most), each with that staff member's view."""
    body = {"userid_list": list(staff_ids), "cursor": cursor, "limit": PAGE}
    try:
        fields = await client.ask("externalcontact/batch/get_by_user", body)
    except RejectedError as error:
        if error.params.get("platform_code") == NO_CUSTOMERS:
            return PageOf(())
        raise
    entries = listed(fields, "external_contact_list")
    told = fields.get("external_contact_list")
    found = [record for record in map(_customer, entries) if record is not None]
    return PageOf(
        tuple(found),
        text(fields.get("next_cursor")),
        skipped=(len(told) if isinstance(told, list) else 0) - len(found),
    )


def _customer(entry: Fields) -> CustomerRecord | None:
    """One entry; None when it names no customer or no staff member."""
    contact = entry.get("external_contact")
    info = entry.get("follow_info")
    if not isinstance(contact, dict) or not isinstance(info, dict):
        return None
    told, added = contact.get, info.get
    external_id, name, avatar_url, union_id, staff_id, remark, description, state = plain_texts(
        (
            told("external_userid", ""),
            told("name", ""),
            told("avatar", ""),
            told("unionid", ""),
            added("userid", ""),
            added("remark", ""),
            added("description", ""),
            added("state", ""),
        )
    )
    if not external_id or not staff_id:
        return None
    follow = FollowRecord(
        staff_id,
        remark,
        description,
        seconds_as_ms(added("createtime")),
        whole(added("add_way")),
        state,
        texts(added("remark_mobiles")),
        _tag_ids(info),
    )
    own = [told(field) for field in OWN_FIELDS]
    try:
        details = _details(*own)
    except TypeError:  # a list or an object, which no memory takes
        details = _details.__wrapped__(*own)
    return CustomerRecord(external_id, name, follow, avatar_url, union_id, details)


def _tag_ids(info: Fields) -> tuple[str, ...]:
    """Every tag of a friendship in one order, told as ids, as objects, or both."""
    tag_ids = texts(info.get("tag_id"))
    if "tags" in info:
        tag_ids = (*tag_ids, *(text(tag.get("tag_id")) for tag in rows(info["tags"])))
    return tuple(sorted({tag_id for tag_id in tag_ids if tag_id})) if tag_ids else ()


@lru_cache(maxsize=1024, typed=True)
def _details(*own: object) -> tuple[tuple[str, str], ...]:
    """What else the platform tells about a person; most people's is the same."""
    named = [(name, text(value)) for name, value in zip(OWN_FIELDS, own, strict=True)]
    return tuple([(name, value) for name, value in named if value])
