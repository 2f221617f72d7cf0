"""WeCom contact ways: codes of staff through which people add them as a contact."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from desktop.domain.entry_ways import state_of
from desktop.domain.errors import RejectedError, UnclearReplyError
from desktop.domain.platform_records import EntryWayRecord, PageOf
from desktop.domain.proof import CLOCK_ERROR_MS, SETTLE_MS, Judgement, UnknownWrite, Verdict, judge_state
from desktop.domain.write_kinds.wecom import CONTACT_WAY_ADD, CONTACT_WAY_DELETE
from desktop.domain.writes import Receipt, Write
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import text, texts
from desktop.platforms.wecom.client import WeComClient, listed
from desktop.platforms.wecom.ending import end

PAGE = 100
FIRST_LISTED_S = 1_625_846_400  # 2021-07-10: earlier ways are not in the list
UNKNOWN_WAY = 41044
ONE, SEVERAL = 1, 2
QR = 2


async def contact_way_ids(client: WeComClient, cursor: str, since_s: int = FIRST_LISTED_S) -> PageOf[str]:
    """One page of the ids of lasting contact ways made since a moment (Unix seconds)."""
    now_s = client.clock.now_ms() // 1000
    body = {"start_time": since_s, "end_time": now_s + 60, "cursor": cursor, "limit": PAGE}
    fields = await client.ask("externalcontact/list_contact_way", body)
    entries = listed(fields, "contact_way", is_proof=True)
    ids = tuple(filter(None, (text(entry.get("config_id")) for entry in entries)))
    return PageOf(ids, text(fields.get("next_cursor")), skipped=len(entries) - len(ids))


async def contact_way(client: WeComClient, external_id: str) -> EntryWayRecord | None:
    """One contact way; None when it is gone. WeCom has answered with an object and with a list of one."""
    try:
        fields = await client.ask("externalcontact/get_contact_way", {"config_id": external_id})
    except RejectedError as error:
        if error.params.get("platform_code") == UNKNOWN_WAY:
            return None
        raise
    told = fields.get("contact_way")
    if isinstance(told, list):
        told = told[0] if len(told) == 1 else None
    if not isinstance(told, dict) or text(told.get("config_id")) != external_id:
        raise UnclearReplyError("reply_garbled", detail="another contact way than the one asked for")
    return _record(external_id, told)


async def add(client: WeComClient, write: Write, key: str, _is_repeat: bool) -> Receipt:
    """Make a contact way with a code; its `state` is made of the item's key, so that it can be found."""
    staff = list(write.body["staff"])
    body = {
        "type": ONE if len(staff) == 1 else SEVERAL,
        "scene": QR,
        "remark": write.body["remark"],
        "skip_verify": write.body["skip_verify"],
        "state": state_of(key),
        "user": staff,
    }
    fields = await client.write("externalcontact/add_contact_way", body)
    config_id = text(fields.get("config_id"))
    if not config_id:
        raise UnclearReplyError("reply_garbled", detail="no config_id in the reply")
    return Receipt(config_id, facts={"qr_url": text(fields.get("qr_code"))})


async def edit(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Change a contact way; its people are overwritten as a whole."""
    body = {
        "config_id": write.body["config_id"],
        "remark": write.body["remark"],
        "skip_verify": write.body["skip_verify"],
        "user": list(write.body["staff"]),
    }
    await client.write("externalcontact/update_contact_way", body)
    return Receipt(str(write.body["config_id"]))


async def delete(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Delete a contact way; one that is gone already is as wanted."""
    path = "externalcontact/del_contact_way"
    return await end(client, path, "config_id", str(write.body["config_id"]), (UNKNOWN_WAY,))


async def prove(
    client: WeComClient, kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown changes: a new one is looked for by its `state`, others are read back."""
    if kind == CONTACT_WAY_ADD:
        return await _prove_added(client, unknown, taken)
    judged: dict[str, Judgement] = {}
    for one in unknown:
        config_id = str(one.write.body["config_id"])
        there = await contact_way(client, config_id)
        is_gone = there is None
        is_so = is_gone if kind == CONTACT_WAY_DELETE else there is not None and _is_as(there, one.write)
        judged[one.uid] = judge_state(is_so, config_id)
    return judged


async def _prove_added(
    client: WeComClient, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """WeCom would make a second way with the same state: absence is proven only by a settled list."""
    now = client.clock.now_ms()
    wanted = {state_of(one.uid): one for one in unknown}
    since = min(one.started_at for one in unknown) - CLOCK_ERROR_MS
    judged: dict[str, Judgement] = {}
    for config_id in await _ids_since(client, since // 1000):
        if config_id in taken:
            continue
        there = await contact_way(client, config_id)
        one = None if there is None else wanted.get(there.state)
        if there is not None and one is not None:
            facts = {"by": "key", "state": there.state, "qr_url": there.qr_url}
            judged[one.uid] = Judgement(Verdict.FOUND, config_id, facts)
    for one in unknown:
        if one.uid not in judged:
            is_settled = now >= one.ended_at + SETTLE_MS
            verdict = Verdict.ABSENT if is_settled else Verdict.TOO_EARLY
            judged[one.uid] = Judgement(verdict, facts={"by": "absence", "taken_at": now})
    return judged


async def _ids_since(client: WeComClient, since_s: int) -> list[str]:
    """All ids, or an error: never a part."""
    found: list[str] = []
    guard = CursorGuard("list_contact_way")
    cursor = ""
    while True:
        page = await contact_way_ids(client, cursor, since_s)
        found += page.items
        cursor = page.next_cursor
        if not cursor:
            return found
        guard.pass_by(cursor, brought_news=bool(page.items))


def _is_as(there: EntryWayRecord, write: Write) -> bool:
    return (
        there.name == write.body["remark"]
        and there.skip_verify == write.body["skip_verify"]
        and set(there.staff_ids) == set(write.body["staff"])
    )


def _record(external_id: str, told: Fields) -> EntryWayRecord:
    return EntryWayRecord(
        external_id,
        name=text(told.get("remark")),
        state=text(told.get("state")),
        qr_url=text(told.get("qr_code")),
        staff_ids=texts(told.get("user")),
        skip_verify=told.get("skip_verify") is not False,
    )
