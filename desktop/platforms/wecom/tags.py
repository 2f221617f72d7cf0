"""WeCom corp tags."""

from __future__ import annotations

from desktop.domain.platform_records import PageOf, TagRecord
from desktop.platforms.strict_json import rows, text, whole
from desktop.platforms.wecom.client import WeComClient, listed


async def tags(client: WeComClient) -> PageOf[TagRecord]:
    """Every corp tag with its group."""
    fields = await client.ask("externalcontact/get_corp_tag_list", {})
    found: list[TagRecord] = []
    skipped = 0
    for group in listed(fields, "tag_group"):
        for tag in rows(group.get("tag")):
            tag_id = text(tag.get("id"))
            if not tag_id:
                skipped += 1
            elif tag.get("deleted") is not True and group.get("deleted") is not True:
                found.append(
                    TagRecord(
                        tag_id,
                        text(tag.get("name")),
                        text(group.get("group_id")),
                        text(group.get("group_name")),
                        whole(tag.get("order")) or 0,
                    )
                )
    return PageOf(tuple(found), skipped=skipped)
