"""WeCom group welcomes: what newcomers to a group read. They can be read one by one, not listed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from desktop.domain.errors import RejectedError, UnclearReplyError
from desktop.domain.platform_records import WelcomeRecord
from desktop.domain.proof import Judgement, UnknownWrite, judge_state
from desktop.domain.welcomes import NAME_MARK
from desktop.domain.write_kinds.wecom import WELCOME_DELETE
from desktop.domain.writes import Receipt, Write
from desktop.platforms.strict_json import text
from desktop.platforms.wecom.client import WeComClient

PATH = "externalcontact/group_welcome_template/"
PLATFORM_MARK = "%NICKNAME%"
NOT_OURS = 41058


async def welcome(client: WeComClient, external_id: str) -> WelcomeRecord | None:
    """One welcome; None when it is gone, or another app's."""
    try:
        fields = await client.ask(PATH + "get", {"template_id": external_id})
    except RejectedError as error:
        if error.params.get("platform_code") == NOT_OURS:
            return None
        raise
    said = fields.get("text")
    content = said.get("content") if isinstance(said, dict) else ""
    if not isinstance(content, str):
        raise UnclearReplyError("reply_garbled", detail="the welcome's text is no text")
    has_picture = isinstance(fields.get("image"), dict)
    return WelcomeRecord(external_id, content.replace(PLATFORM_MARK, NAME_MARK), has_picture)


async def add(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Add a welcome; the owners of the groups are told of it, as the platform does by itself."""
    fields = await client.write(PATH + "add", _fields(write))
    template_id = text(fields.get("template_id"))
    if not template_id:
        raise UnclearReplyError("reply_garbled", detail="no template_id in the reply")
    return Receipt(template_id)


async def edit(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Replace what a welcome says."""
    template_id = str(write.body["template_id"])
    await client.write(PATH + "edit", {"template_id": template_id, **_fields(write)})
    return Receipt(template_id)


async def delete(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Delete a welcome."""
    template_id = str(write.body["template_id"])
    await client.write(PATH + "del", {"template_id": template_id})
    return Receipt(template_id)


async def prove(
    client: WeComClient, kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown changes and deletions, by reading the welcomes back.

    A picture cannot be compared; with one the change is made again, which is the same as once.
    """
    judged: dict[str, Judgement] = {}
    for one in unknown:
        template_id = str(one.write.body["template_id"])
        there = await welcome(client, template_id)
        if kind == WELCOME_DELETE:
            is_so = there is None
        else:
            wanted = (one.write.text, False)
            is_so = there is not None and (there.text, there.has_picture) == wanted
        judged[one.uid] = judge_state(is_so and not one.write.pictures, template_id)
    return judged


def _fields(write: Write) -> dict[str, Any]:
    fields: dict[str, Any] = {"text": {"content": write.text.replace(NAME_MARK, PLATFORM_MARK)}}
    if write.media_ids:
        fields["image"] = {"media_id": write.media_ids[0]}
    return fields
