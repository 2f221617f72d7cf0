"""Posts: who is counted, what is checked, what is frozen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.domain.audience import Audience
from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.domain.fans import Tier
from desktop.domain.posts import PostDraft
from desktop.services.sending import ConfirmBlockedError
from tests.unit.outbox.world import PNG, World

EVERYONE = Audience(everyone=True)


async def codes(world: World, draft: PostDraft) -> dict[str, str]:
    return {p.code: p.severity.value for p in await world.posts.check(draft)}


async def test_a_sound_draft_has_no_problems(world: World) -> None:
    assert await codes(world, PostDraft(body="今晚到货", audience=EVERYONE)) == {}


async def test_what_is_missing_is_said(world: World) -> None:
    found = await codes(world, PostDraft())
    assert set(found) == {"text_missing", "audience_missing"}
    assert set(found.values()) == {"error"}


@pytest.mark.parametrize(
    ("body", "code", "severity"),
    [
        ("字" * 1334, "text_too_long", "error"),
        ("{价格}", "placeholder_not_here", "error"),
        ("{名字}你好", "placeholder_unknown", "warning"),
        ("全国最佳", "copy_absolute", "warning"),
        ("根治失眠", "copy_medical", "error"),
        ("坏\ud800字", "text_broken_characters", "error"),
    ],
)
async def test_texts_are_checked(world: World, body: str, code: str, severity: str) -> None:
    found = await codes(world, PostDraft(body=body, audience=EVERYONE))
    assert found == {code: severity}


async def test_pictures_are_checked(world: World) -> None:
    picture = world.media.keep_bytes(PNG, "a.png")
    assert (picture.width, picture.height) == (40, 30)
    ten = PostDraft(body="图", audience=EVERYONE, media=(picture,) * 10)
    assert await codes(world, ten) == {"too_many_pictures": "error"}
    with pytest.raises(InvalidInputError):
        world.media.keep_bytes(b"GIF89a......", "a.gif")


async def test_the_count_splits_and_adds_up(world: World) -> None:
    await world.sql("UPDATE follow SET removed_at = 1 WHERE identity_id = 1")
    await world.sql("INSERT INTO suppression (fan_id, channel, at) VALUES (2, 'wecom', 0)")
    count = await world.posts.audience_count(EVERYONE)
    assert (count.total, count.reachable, count.unreachable, count.suppressed) == (3, 1, 1, 1)
    assert count.sample == ("老陈",)
    assert count.quota_rule == "wecom_month_days"
    await world.sql("UPDATE fan SET marketing = 'refused' WHERE id = 3")
    assert (await world.posts.audience_count(EVERYONE)).refused == 1
    found = await codes(world, PostDraft(body="你好", audience=EVERYONE))
    assert found == {"audience_unreachable": "error"}


async def test_the_count_follows_the_audience(world: World) -> None:
    await world.sql("UPDATE fan SET tier = 'devoted' WHERE id = 2")
    assert (await world.posts.audience_count(Audience(tiers=(Tier.DEVOTED,)))).reachable == 1
    assert (await world.posts.audience_count(Audience())).total == 0


async def test_quota_leaves_out_who_had_enough_this_month(world: World) -> None:
    await world.sql(
        "INSERT INTO setting (key, value, updated_at) VALUES ('reach_quota.wecom', '\"wecom_four_a_month\"', 0)"
    )
    for n in range(4):
        await world.post(f"第{n}条")
    count = await world.posts.audience_count(EVERYONE)
    assert (count.over_quota, count.reachable) == (3, 0)
    next_month = world.clock.now_ms() + 31 * 86_400_000
    assert (await world.posts.audience_count(EVERYONE, scheduled_at=next_month)).reachable == 3


async def test_a_missing_nickname_blocks_with_the_person(world: World) -> None:
    await world.sql("UPDATE fan SET name = '\u200b' WHERE id = 2")
    saved = await world.posts.save_draft(PostDraft(body="{昵称}你好", audience=EVERYONE))
    with pytest.raises(ConfirmBlockedError) as caught:
        await world.posts.confirm(saved.uid)
    assert [p.code for p in caught.value.problems] == ["placeholder_without_value"]
    assert caught.value.problems[0].params["count"] == 1
    assert await world.states() == []


async def test_many_names_warn_and_too_many_block(world: World) -> None:
    def more(first: int, last: int) -> list[str]:
        return [f"客{n}" for n in range(first, last)]

    async def add(names: list[str], start: int) -> None:
        for n, name in enumerate(names, start=start):
            await world.sql(
                "INSERT INTO fan (id, uid, name, first_seen_at, created_at, updated_at)"
                " VALUES (?, ?, ?, 0, 0, 0)",
                n,
                f"u{n}",
                name,
            )
            await world.sql(
                "INSERT INTO identity (id, fan_id, platform, scope, external_id, origin, first_seen_at,"
                " updated_at) VALUES (?, ?, 'wecom', 'ww_test', ?, 'test', 0, 0)",
                n,
                n,
                f"wm{n}",
            )
            await world.sql("INSERT INTO follow (identity_id, staff_id) VALUES (?, 1)", n)

    draft = PostDraft(body="{昵称}", audience=EVERYONE)
    await add(more(0, 17), 10)
    assert await codes(world, draft) == {"many_versions": "warning"}
    await add(more(17, 198), 100)
    assert await codes(world, draft) == {"too_many_versions": "error"}


async def test_the_preview_shows_a_fan(world: World) -> None:
    preview = await world.posts.preview(PostDraft(body="{昵称},{店名}上新", audience=EVERYONE))
    assert preview.text == "小满,小满鲜果上新"
    preview = await world.posts.preview(PostDraft(body="{昵称}"), fan_id=3)
    assert preview.text == "老陈"


async def test_drafts_are_kept_changed_removed_and_brought_back(world: World) -> None:
    saved = await world.posts.save_draft(PostDraft(title="甲", body="一"))
    again = await world.posts.save_draft(replace(saved.draft, body="二"), saved.uid)
    assert (again.uid, again.draft.body, again.revision) == (saved.uid, "二", 1)
    await world.posts.delete(saved.uid)
    with pytest.raises(NotFoundError):
        await world.posts.get(saved.uid)
    await world.posts.restore(saved.uid)
    assert (await world.posts.get(saved.uid)).draft.body == "二"
    copy = await world.posts.duplicate(saved.uid)
    assert copy.uid != saved.uid
    assert [row.progress for row in await world.posts.rows()] == ["draft", "draft"]


async def test_a_waiting_post_cannot_be_deleted(world: World) -> None:
    uid = await world.post()
    with pytest.raises(ConflictError):
        await world.posts.delete(uid)


async def test_without_an_account_the_draft_is_kept_and_confirming_says_why(world: World) -> None:
    await world.sql("UPDATE account SET removed_at = 1")
    saved = await world.posts.save_draft(PostDraft(body="你好", audience=EVERYONE))
    with pytest.raises(ConfirmBlockedError) as caught:
        await world.posts.confirm(saved.uid)
    assert "account_missing" in {p.code for p in caught.value.problems}


async def test_more_than_ten_thousand_make_more_items(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.services.post_items.MAX_CUSTOMERS", 2)
    await world.post()
    await world.push()
    assert sorted(len(send.targets) for _, _, send in world.adapter.made) == [1, 2]
    assert max(world.adapter.reached().values()) == 1


async def test_every_command_is_in_the_operation_log(world: World) -> None:
    uid = await world.post()
    await world.push()
    await world.posts.reopen(uid)
    kinds = [kind for (kind,) in await world.query("SELECT kind FROM operation ORDER BY id")]
    assert [k for k in kinds if not k.startswith(("test", "shop"))] == [
        "post.save",
        "post.confirm",
        "outbox.settle",
        "post.reopen",
    ]
