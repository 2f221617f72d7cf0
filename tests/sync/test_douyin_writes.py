"""What the shop says on Douyin goes through the real outbox to the practice platform once, and is told back."""

import asyncio
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.errors import ConflictError
from desktop.domain.outbox import State
from desktop.domain.posts import Channel, PostDraft
from desktop.domain.progress import Progress
from desktop.services.article_comments import ArticleCommentService
from desktop.services.comments import CommentLine, CommentService
from desktop.services.posts import PostService
from desktop.services.public_accounts import PublicAccountService
from desktop.services.sending import ConfirmBlockedError
from desktop.services.talks import TalkService
from desktop.store.database import Store
from desktop.store.posts.media import MediaFolder
from desktop.store.sends import outbox as outbox_rows
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.sync.test_open_platforms import Shop

FAN = 3


@pytest.fixture(scope="module")
def world() -> Iterator[SandboxProcess]:
    with running_sandbox(fans=40, staff=2, groups=2) as process:
        yield process


class Floor(Shop):
    """A shop whose owner agreed, with the services of the window."""

    def __init__(self, store: Store, world: SandboxProcess, folder: Any) -> None:
        super().__init__(store, world, folder)
        media = MediaFolder(folder)
        self.posts = PostService(store, self.clock, media)
        self.public = PublicAccountService(store, self.clock, media)
        self.comments = CommentService(ArticleCommentService(store, self.clock), self.public)
        self.talks = TalkService(store, self.clock, media)

    def act(self, name: str, **more: Any) -> Any:
        return self.world.control("douyin/world", {"do": name, **more})

    def switch(self, **settings: Any) -> None:
        self.world.control("douyin/settings", settings)

    def sent(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = self.world.control("douyin/sent")
        return found

    async def item(self, uid: str) -> Any:
        return await self.store.read(lambda conn: outbox_rows.by_uid(conn, uid))

    async def talk(self) -> str:
        """A fan writes, and the round that brings it; the talk's uid."""
        self.act("fan_writes", index=FAN, text="还有货吗")
        self.world.advance(2)  # the platform tells of whole seconds that are over
        await self.sync()
        inbox = await self.talks.inbox("")
        row = next(row for row in inbox.rows if row.last_text == "还有货吗")
        return row.uid

    async def comment(self, text: str) -> CommentLine:
        """A fan comments below a post that has comments, and the round that brings it."""
        await self.sync()
        ((item,),) = await self.rows("SELECT external_id FROM video WHERE comments > 0 ORDER BY id LIMIT 1")
        self.act("fan_comments", index=FAN, text=text, item_id=item)
        await self.sync()
        return await self.line(text)

    async def line(self, text: str) -> CommentLine:
        return next(one for one in await self.comments.comments() if one.text == text)

    async def answer(self, talk: str, text: str) -> Any:
        """Answer, and the round that sends it; the outbox item as it stands then."""
        queued = await self.talks.reply(talk, text, hold_s=0)
        await self.sync()
        return await self.item(queued.uid)


@pytest.fixture
def floor(shop: Store, world: SandboxProcess, tmp_path: Any, runner: asyncio.Runner) -> Floor:
    made = Floor(shop, world, tmp_path / "media")
    runner.run(made.douyin())
    return made


async def test_an_answer_reaches_the_fan_once_and_carries_the_message_it_answers(floor: Floor) -> None:
    talk = await floor.talk()
    item = await floor.answer(talk, "有的，今天发")
    assert item.state is State.DONE, item.reason
    (message,) = floor.sent()["messages"]
    assert message["content"]["text"]["text"] == "有的，今天发"
    await floor.sync()
    assert len(floor.sent()["messages"]) == 1
    thread = await floor.talks.thread(talk)
    assert [m.text for m in thread.messages if m.direction.value == "out"] == ["有的，今天发"]


async def test_an_answer_is_taken_back_once_and_the_fan_waits_again(floor: Floor) -> None:
    talk = await floor.talk()
    queued = await floor.talks.reply(talk, "发错了", hold_s=0)
    with pytest.raises(ConflictError, match="talk_not_recallable"):
        await floor.talks.recall(queued.uid)
    await floor.sync()
    waiting = await floor.talks.waiting()
    recall = await floor.talks.recall(queued.uid, hold_s=0)
    with pytest.raises(ConflictError, match="talk_not_recallable"):
        await floor.talks.recall(queued.uid)
    await floor.sync()
    assert (await floor.item(recall.uid)).state is State.DONE
    (message,) = floor.sent()["messages"]
    assert message["recalled"] is True
    (reply,) = [m for m in (await floor.talks.thread(talk)).messages if m.direction.value == "out"]
    assert reply.is_recalled
    assert await floor.talks.waiting() == waiting + 1


async def test_six_answers_and_then_the_shop_waits_for_the_fan(floor: Floor) -> None:
    talk = await floor.talk()
    for n in range(6):
        await floor.talks.reply(talk, f"第 {n + 1} 条", hold_s=0)
    with pytest.raises(ConflictError, match="talk_limit"):
        await floor.talks.reply(talk, "第 7 条", hold_s=0)
    await floor.sync()
    assert [m["content"]["text"]["text"] for m in floor.sent()["messages"]] == [
        f"第 {n + 1} 条" for n in range(6)
    ]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"reply_window_s": 0}, "douyin_dm_over"),
        ({"reply_count": 0}, "douyin_dm_used_up"),
        ({"dm_per_day": 0}, "douyin_day_used_up"),
        ({"im_elsewhere": True}, "douyin_not_granted"),
    ],
)
async def test_what_the_platform_refuses_never_arrives_and_says_why(
    floor: Floor, settings: dict[str, Any], code: str
) -> None:
    talk = await floor.talk()
    floor.switch(**settings)
    item = await floor.answer(talk, "在的")
    assert floor.sent()["messages"] == []
    assert item.state in (State.REJECTED, State.QUEUED), item.reason
    told = await floor.rows(f"SELECT code FROM attempt WHERE outbox_id = {item.id}")
    reason = (item.reason or {}).get("code")
    assert code in {reason, *(row[0] for row in told)}, (item.reason, told)


async def test_an_answer_whose_reply_was_lost_is_asked_and_not_repeated(floor: Floor) -> None:
    talk = await floor.talk()
    floor.world.fault("reset", "im/send/msg/", platform="douyin", when="after")
    item = await floor.answer(talk, "在的")
    assert item.state is State.UNKNOWN
    await floor.sync()
    assert (await floor.item(item.uid)).state is State.UNKNOWN
    assert len(floor.sent()["messages"]) == 1


async def test_people_are_let_in_and_gone_from_the_list(floor: Floor) -> None:
    floor.act("fan_asks_to_join", index=FAN)
    await floor.sync()
    waiting = await floor.public.requests()
    assert waiting
    queued = await floor.public.accept([waiting[0].uid], hold_s=0)
    with pytest.raises(ConflictError, match="join_request_deciding"):
        await floor.public.accept([row.uid for row in waiting], hold_s=0)
    assert next(iter(await floor.public.requests())).is_deciding
    await floor.sync()
    (item,) = queued.items
    assert (await floor.item(item)).state is State.DONE
    assert waiting[0].uid not in {row.uid for row in await floor.public.requests()}
    decided = {row["apply_id"]: row["status"] for row in floor.sent()["applications"]}
    assert decided[waiting[0].external_id] == 2


async def test_a_group_is_told_and_a_message_is_taken_back_once(floor: Floor) -> None:
    await floor.sync()
    ((group,),) = await floor.rows("SELECT id FROM fan_group ORDER BY id LIMIT 1")
    said = [
        (await floor.public.say_in_group(group, what, text, hold_s=0)).items[0]
        for what, text in (("message", "今晚八点开播"), ("announcement", "群规"), ("welcome", "欢迎"))
    ]
    await floor.sync()
    assert [(await floor.item(uid)).state for uid in said] == [State.DONE] * 3
    texts = await floor.public.group_texts(group)
    assert texts is not None
    assert [one.can_recall for one in texts.rows] == [False, False, True]
    queued = await floor.public.recall(said[0], hold_s=0)
    with pytest.raises(ConflictError, match="group_text_gone"):
        await floor.public.recall(said[0], hold_s=0)
    await floor.sync()
    assert (await floor.item(queued.items[0])).state is State.DONE
    (message,) = floor.sent()["group_messages"]
    assert message["recalled"] is True
    after = await floor.public.group_texts(group)
    assert after is not None
    assert after.rows[2].is_recalled


async def test_a_comment_is_answered_pinned_and_shown_so(floor: Floor) -> None:
    line = await floor.comment("求链接")
    assert (line.platform, line.can_answer, line.can_lift, line.can_delete) == ("douyin", True, True, False)
    await floor.comments.reply(line.id, "主页橱窗里有", hold_s=0)
    await floor.comments.lift(line.id, True, hold_s=0)
    with pytest.raises(ConflictError, match="comment_pending"):
        await floor.comments.reply(line.id, "再说一次", hold_s=0)
    await floor.sync()
    now = await floor.line("求链接")
    assert (now.reply, now.is_up, now.pending) == ("主页橱窗里有", True, False)
    assert [row["content"] for row in floor.sent()["comments"]] == ["主页橱窗里有"]
    before = await floor.counts()
    await floor.sync()
    assert await floor.counts() == before


async def test_what_was_queued_can_be_taken_back(floor: Floor) -> None:
    line = await floor.comment("好看")
    queued = await floor.comments.reply(line.id, "谢谢")
    assert await floor.comments.take_back(queued.items) == 1
    await floor.sync()
    assert floor.sent()["comments"] == []


def painted(file: Path, at: int) -> Path:
    """A picture of one pixel, another one for each number."""
    rows = zlib.compress(bytes([0, at, 80, 80]))
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    chunks = [struct.pack(">I", len(b)) + n + b + struct.pack(">I", zlib.crc32(n + b)) for n, b in parts]
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    return file


async def test_a_picture_post_goes_out_once_with_its_words_and_pictures(
    floor: Floor, tmp_path: Any
) -> None:
    empty = await floor.posts.save_draft(PostDraft("上新", "{店名}上新", channel=Channel.PICTURE_POST))
    with pytest.raises(ConfirmBlockedError) as told:
        await floor.posts.confirm(empty.uid, hold_s=0)
    assert {one.code for one in told.value.problems} == {"picture_post_no_picture"}
    media = [await floor.posts.keep_picture(painted(tmp_path / f"{at}.png", at)) for at in (1, 2)]
    draft = PostDraft("上新", "{店名}上新，只有今天", tuple(media), channel=Channel.PICTURE_POST)
    post = await floor.posts.save_draft(draft)
    await floor.posts.confirm(post.uid, hold_s=0)
    assert (await floor.posts.row(post.uid)).progress is Progress.WAITING_SYNC
    await floor.sync()
    await floor.sync()
    assert (await floor.posts.row(post.uid)).progress is Progress.SENT
    (sent,) = [one["received"] for one in floor.sent()["posts"] if "只有今天" in str(one["received"])]
    assert (sent["text"], len(sent["image_list"])) == ("小满鲜果上新，只有今天", 2)
