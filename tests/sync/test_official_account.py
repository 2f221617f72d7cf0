"""The official account against the sandbox: what comes in, what goes out once, what is asked when it is unclear."""

from __future__ import annotations

import asyncio
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from desktop.composition.graph import Graph, GraphConfig, open_graph
from desktop.domain.account_menu import Entry, buttons_of
from desktop.domain.accounts import Account
from desktop.domain.articles import Article, ArticleDetails, Way
from desktop.domain.audience import Audience
from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.errors import ConflictError
from desktop.domain.outbox import State
from desktop.domain.posts import Channel, PostDraft
from desktop.domain.sync_reports import AccountReport
from desktop.platforms.wechat.adapter import WeChatAdapter
from desktop.services.secrets import MemorySecretStore
from desktop.store.posts.article_comments import Asked
from tests.fakes import MovedClock
from tests.sandbox_process import SandboxProcess, running_sandbox

STREAMS = {"tags", "followers", "publications", "drafts", "articles", "comments", "menu", "readers"}


def png(shade: int) -> bytes:
    """A small grey picture."""
    lines = b"".join(b"\x00" + bytes([shade]) * 8 for _ in range(8))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    )
    made = b"\x89PNG\r\n\x1a\n"
    for kind, data in parts:
        made += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return made


class Shop:
    """A whole shop connected to the sandbox's official account."""

    def __init__(self, graph: Graph, sandbox: SandboxProcess, clock: MovedClock, folder: Path) -> None:
        self.graph, self.sandbox, self.clock = graph, sandbox, clock
        self.cover, self.picture = folder / "cover.png", folder / "inside.png"
        self.cover.write_bytes(png(40))
        self.picture.write_bytes(png(200))
        self.account: Account

    async def connect(self) -> None:
        words = self.sandbox.platform("wechat")
        secrets = {"appid": words["appid"], "appsecret": words["secret"]}
        self.account = await self.graph.accounts.add("wechat", "小满公众号", words["base_url"], secrets)
        await self.graph.first_send.agree(self.account.id)

    async def sync(self, **options: Any) -> AccountReport:
        return (await self.graph.sync.run(**options)).accounts[0]

    async def pass_time(self, seconds: float) -> None:
        self.clock.ahead_s += seconds
        self.sandbox.advance(seconds)

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return await self.graph.store.read(lambda c: [tuple(row) for row in c.execute(sql, values)])

    async def one(self, sql: str, *values: Any) -> Any:
        return (await self.rows(sql, *values))[0][0]

    async def states(self) -> list[tuple[str, str]]:
        return [(k, s) for k, s in await self.rows("SELECT kind, state FROM outbox ORDER BY id")]

    async def draft(self, title: str = "中秋礼盒 <b>怎么选</b>") -> int:
        article = Article(
            title,
            digest="三款对比 & 价格",
            parts=(("text", "第一段 <script>alert(1)</script>"), ("picture", 1), ("text", "第二段")),
            comments=True,
        )
        official = self.graph.official
        local, _ = await official.save(self.account.id, article, self.cover, (self.picture,), hold_s=0)
        return local

    def world(self) -> dict[str, Any]:
        return dict(self.sandbox.control("wechat/world"))

    def sent(self) -> dict[str, Any]:
        return dict(self.sandbox.control("wechat/sent"))


@pytest.fixture(scope="module")
def process() -> Iterator[SandboxProcess]:
    with running_sandbox(fans=120, staff=2, groups=1) as running:
        yield running


@pytest.fixture
def shop(
    process: SandboxProcess, tmp_path: Path, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    process.reset()
    monkeypatch.setattr(WeChatAdapter, "clock_skew_ms", lambda self: None)  # Date tells the real time
    clock = MovedClock()
    config = GraphConfig(tmp_path / "shop", "店主", clock=clock, secrets=MemorySecretStore())
    graph = runner.run(open_graph(config))
    runner.run(graph.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai"))
    made = Shop(graph, process, clock, tmp_path)
    runner.run(made.connect())
    yield made
    runner.run(graph.close())


# -- what comes in


async def test_everything_comes_in_and_reading_again_changes_nothing(shop: Shop) -> None:
    report = await shop.sync()
    assert {name: one.error_code for name, one in report.streams.items() if one.error_code} == {}
    assert set(report.streams) >= STREAMS
    world = shop.world()
    assert await shop.one("SELECT count(*) FROM follower WHERE unfollowed_at IS NULL") == world["followers"]
    health = (await shop.graph.accounts.list())[0]
    assert health.customers == world["followers"]
    quiet = [row for row in world["publications"] if not row["notified"]]
    listed = {row["article_id"] for row in quiet if len(row["deleted"]) < len(row["titles"])}
    found = await shop.rows("SELECT DISTINCT external_id FROM article WHERE external_id IS NOT NULL")
    assert {row[0] for row in found} >= listed
    assert await shop.one("SELECT count(*) FROM article_comment") > 0
    assert await shop.one("SELECT count(*) FROM interaction WHERE kind = 'comment'") > 0
    assert await shop.one("SELECT count(*) FROM follower_day") == 30
    assert await shop.one("SELECT count(*) FROM article_day WHERE readers > 0") > 0
    assert await shop.one("SELECT json_array_length(buttons) FROM account_menu") > 0
    tables = ("fan", "identity", "follower", "fan_tag", "article", "article_comment", "interaction")
    before = {table: await shop.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}
    operations = await shop.one("SELECT count(*) FROM operation WHERE kind = 'sync.page'")
    again = await shop.sync(full=True)
    moved = {name: (one.new, one.changed, one.removed) for name, one in again.streams.items()}
    assert set(moved.values()) == {(0, 0, 0)}
    assert {table: await shop.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables} == before
    assert await shop.one("SELECT count(*) FROM operation WHERE kind = 'sync.page'") == operations


async def test_before_eight_yesterday_is_not_asked_for(shop: Shop) -> None:
    china = datetime.fromtimestamp(shop.clock.now_ms() / 1000, timezone(timedelta(hours=8)))
    until_seven = (7 - china.hour) % 24 * 3600 - china.minute * 60 - china.second
    await shop.pass_time(until_seven % 86_400)
    newest = "SELECT max(day) FROM follower_day"
    report = await shop.sync()
    assert report.streams["readers"].error_code is None
    before = date.fromisoformat(await shop.one(newest))
    await shop.pass_time(2 * 3600)
    report = await shop.sync()
    assert report.streams["readers"].error_code is None
    assert date.fromisoformat(await shop.one(newest)) == before + timedelta(days=1)


async def test_tags_are_renamed_and_deleted_as_official_accounts_take_it(shop: Shop) -> None:
    await shop.sync()
    own = await shop.rows(
        "SELECT id, external_id FROM tag WHERE CAST(external_id AS INTEGER) >= 100 ORDER BY id LIMIT 2"
    )
    (renamed, its_id), (deleted, gone_id) = own
    await shop.graph.platform_tags.rename(renamed, "常来的客人", hold_s=0)
    await shop.graph.platform_tags.delete(deleted, hold_s=0)
    line = next(one for one in await shop.graph.platform_tags.lines() if one.tag_id == renamed)
    assert line.new_name == "常来的客人"
    await shop.sync()
    assert await shop.states() == [("wechat.tag.edit", "done"), ("wechat.tag.delete", "done")]
    there = shop.world()["tags"]
    assert there[its_id] == "常来的客人"
    assert gone_id not in there


async def test_tags_are_those_the_platform_shows(shop: Shop) -> None:
    await shop.sync()
    (open_id, tags) = (
        await shop.rows(
            "SELECT i.external_id, f.tags FROM follower f JOIN identity i ON i.id = f.identity_id"
            " WHERE json_array_length(f.tags) > 0 LIMIT 1"
        )
    )[0]
    carried = await shop.rows(
        "SELECT t.external_id FROM fan_tag ft JOIN tag t ON t.id = ft.tag_id"
        " JOIN identity i ON i.fan_id = ft.fan_id WHERE i.external_id = ? ORDER BY 1",
        open_id,
    )
    assert sorted(row[0] for row in carried) == sorted(json.loads(tags))


async def test_a_union_id_meets_the_wecom_customer(shop: Shop) -> None:
    seen = shop.sandbox.control("wechat/world?index=0")
    assert seen["unionid"]

    def known(tx: Any) -> None:
        tx.db.execute(
            "INSERT INTO fan (id, uid, name, name_source, first_seen_at, created_at, updated_at)"
            " VALUES (1, 'u1', '王姐', 'platform', 1, 1, 1)"
        )
        tx.db.execute("INSERT OR IGNORE INTO fan_stats (fan_id) VALUES (1)")
        for platform, scope, external_id in (
            ("wecom", "ww1", "wm1"),
            ("wechat_union", "", seen["unionid"]),
        ):
            tx.db.execute(
                "INSERT INTO identity (fan_id, platform, scope, external_id, origin, first_seen_at,"
                " updated_at) VALUES (1, ?, ?, ?, 'sync:x', 1, 1)",
                (platform, scope, external_id),
            )

    await shop.graph.store.write(known, kind="test.act")
    await shop.sync()
    held = await shop.one("SELECT fan_id FROM identity WHERE external_id = ?", seen["openid"])
    assert held == 1
    assert await shop.one("SELECT name FROM fan WHERE id = 1") == "王姐"


async def test_one_who_left_stays_a_fan(shop: Shop) -> None:
    await shop.sync()
    fans = await shop.one("SELECT count(*) FROM fan")
    gone = shop.sandbox.control("wechat/world?index=3")["openid"]
    shop.sandbox.play_on("wechat", "follower_leaves", openid=gone)
    report = await shop.sync()
    assert report.streams["followers"].removed == 1
    ended = (
        "SELECT unfollowed_at FROM follower f JOIN identity i ON i.id = identity_id WHERE external_id = ?"
    )
    assert await shop.one(ended, gone) is not None
    assert await shop.one("SELECT count(*) FROM fan") == fans


async def test_a_pass_that_was_cut_off_goes_on(shop: Shop) -> None:
    shop.sandbox.settings_of("wechat", page_size=25)
    shop.sandbox.fault("errcode", "user/get", code=-1, nth=3, count=3, platform="wechat")
    cut = await shop.sync()
    assert cut.error_code or cut.streams["followers"].error_code
    assert 0 < await shop.one("SELECT count(*) FROM follower") < shop.world()["followers"]
    whole = await shop.sync()
    assert "resumed" in whole.streams["followers"].notes
    assert await shop.one("SELECT count(*) FROM follower") == shop.world()["followers"]


async def test_an_address_that_is_not_listed_is_told(shop: Shop) -> None:
    shop.sandbox.settings_of("wechat", ip_listed=False)
    tried = await shop.graph.accounts.test(shop.account.id)
    assert (tried.works, tried.error_code) == (False, "wechat_ip_not_listed")
    assert (tried.error_params or {})["ip"] == "8.149.10.20"


# -- what goes out


async def test_a_draft_is_shown_published_and_followed(shop: Shop) -> None:
    await shop.sync()
    draft = await shop.draft()
    await shop.graph.official.publish(draft, hold_s=0)
    await shop.sync()
    assert await shop.states() == [("wechat.draft.add", "done"), ("wechat.publish", "done")]
    for _ in range(4):
        await shop.pass_time(120)
        await shop.sync()
    assert await shop.one("SELECT progress FROM publication") == "done"
    told = "SELECT external_id, send_id, url, is_notified FROM article WHERE title = ?"
    ((article_id, send_id, url, is_notified),) = await shop.rows(told, "中秋礼盒 <b>怎么选</b>")
    assert article_id
    assert send_id
    assert url.startswith("http")
    assert is_notified == 0
    assert await shop.one("SELECT count(*) FROM article_draft WHERE removed_at IS NULL AND body <> ''") == 0


@pytest.mark.parametrize("fault", ["reset", "empty_body"])
async def test_a_mass_send_whose_reply_is_lost_goes_out_once(shop: Shop, fault: str) -> None:
    await shop.sync()
    before = len(shop.sent()["mass"])
    draft = await shop.draft()
    await shop.graph.official.mass_send(draft, hold_s=0)
    shop.sandbox.fault(fault, "mass/sendall", when="after", platform="wechat")
    await shop.sync()
    assert (await shop.states())[-1] == ("wechat.mass_send", "unknown")
    await shop.sync()
    assert (await shop.states())[-1] == ("wechat.mass_send", "unknown")  # within a minute nothing is tried
    for _ in range(3):
        await shop.pass_time(70)
        await shop.sync()
    assert (await shop.states())[-1] == ("wechat.mass_send", "done")
    assert len(shop.sent()["mass"]) == before + 1
    assert await shop.one("SELECT progress FROM publication") == "done"


async def test_a_mass_send_that_never_arrived_goes_out_later(shop: Shop) -> None:
    await shop.sync()
    before = len(shop.sent()["mass"])
    draft = await shop.draft()
    await shop.graph.official.mass_send(draft, hold_s=0)
    shop.sandbox.fault("reset", "mass/sendall", when="before", platform="wechat")
    await shop.sync()
    await shop.pass_time(70)
    await shop.sync()
    assert (await shop.states())[-1] == ("wechat.mass_send", "done")
    assert len(shop.sent()["mass"]) == before + 1


async def test_after_a_day_the_key_proves_nothing_and_a_person_is_asked(shop: Shop) -> None:
    await shop.sync()
    draft = await shop.draft()
    await shop.graph.official.mass_send(draft, hold_s=0)
    shop.sandbox.fault("reset", "mass/sendall", when="after", platform="wechat")
    await shop.sync()
    sent = len(shop.sent()["mass"])
    await shop.pass_time(24 * 3600)
    await shop.sync()
    await shop.sync()
    assert (await shop.states())[-1] == ("wechat.mass_send", "unknown")
    asked = "SELECT json_extract(reason, '$.asks') FROM outbox WHERE kind = 'wechat.mass_send'"
    assert await shop.one(asked) == 1
    assert len(shop.sent()["mass"]) == sent


@pytest.mark.parametrize("was_sent", [True, False])
async def test_a_repeat_that_waited_too_long_is_asked_about(shop: Shop, was_sent: bool) -> None:
    await shop.sync()
    before = len(shop.sent()["mass"])
    draft = await shop.draft()
    await shop.graph.official.mass_send(draft, hold_s=0)
    when = "after" if was_sent else "before"
    shop.sandbox.fault("reset", "mass/sendall", when=when, platform="wechat")
    await shop.sync()
    await shop.pass_time(70)
    shop.sandbox.fault("errcode", "mass/sendall", code=45009, platform="wechat")  # no calls left today
    await shop.sync()
    assert (await shop.states())[-1] == ("wechat.mass_send", "queued")
    await shop.pass_time(25 * 3600)
    await shop.sync()
    assert (await shop.states())[-1] == ("wechat.mass_send", "unknown")
    uid, why = (await shop.rows("SELECT uid, reason FROM outbox WHERE kind = 'wechat.mass_send'"))[0]
    assert {"code": "key_expired", "asks": True}.items() <= json.loads(why).items()
    await shop.graph.outbox.attest(uid, was_sent)
    await shop.sync()
    assert (await shop.states())[-1] == ("wechat.mass_send", "done")
    assert len(shop.sent()["mass"]) == before + 1


async def test_a_publication_whose_reply_is_lost_is_found_and_not_repeated(shop: Shop) -> None:
    await shop.sync()
    draft = await shop.draft("只此一篇")
    await shop.graph.official.publish(draft, hold_s=0)
    shop.sandbox.fault("reset", "freepublish/submit", when="after", platform="wechat")
    await shop.sync()
    assert (await shop.states())[-1] == ("wechat.publish", "unknown")
    await shop.pass_time(120)
    await shop.sync()
    assert (await shop.states())[-1] == ("wechat.publish", "done")
    titles = [title for row in shop.world()["publications"] for title in row["titles"]]
    assert titles.count("只此一篇") == 1


async def test_a_publication_that_never_arrived_is_asked_about(shop: Shop) -> None:
    await shop.sync()
    draft = await shop.draft("没有发出去")
    await shop.graph.official.publish(draft, hold_s=0)
    shop.sandbox.fault("reset", "freepublish/submit", when="before", platform="wechat")
    await shop.sync()
    await shop.pass_time(1200)
    await shop.sync()
    assert (await shop.states())[-1] == ("wechat.publish", "unknown")
    assert await shop.one("SELECT json_extract(reason, '$.asks') FROM outbox WHERE kind = 'wechat.publish'")


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_comment_is_answered_once(shop: Shop, when: str) -> None:
    await shop.sync()
    comment = next(
        one for one in await shop.graph.comments.articles.comments(only_open=True) if one.send_id
    )
    await shop.graph.comments.articles.reply(comment.id, "谢谢支持，周五到货", hold_s=0)
    shop.sandbox.fault("reset", "comment/reply/add", when=when, platform="wechat")
    await shop.sync()
    await shop.sync()
    assert (await shop.states())[-1] == ("wechat.comment.reply", "done")
    told = "SELECT reply FROM article_comment WHERE id = ?"
    assert await shop.one(told, comment.id) == "谢谢支持，周五到货"
    await shop.graph.comments.articles.elect(comment.id, not comment.is_elected, hold_s=0)
    await shop.graph.comments.articles.take_answer_back(comment.id, hold_s=0)
    await shop.sync()
    assert {state for _, state in (await shop.states())[-2:]} != {"done"}  # the answer may still come
    await shop.pass_time(1_000)
    await shop.sync()
    assert {state for _, state in await shop.states()} == {"done"}
    found = "SELECT is_elected, reply FROM article_comment WHERE id = ?"
    assert (await shop.rows(found, comment.id))[0] == (int(not comment.is_elected), "")


async def test_an_article_is_closed_to_comments(shop: Shop) -> None:
    await shop.sync()
    articles = shop.graph.comments.articles
    first = (await articles.openings())[0].article
    await articles.open_or_close(first.id, True, hold_s=0)
    await articles.open_or_close(first.id, False, hold_s=0)  # the newer one counts
    shop.sandbox.fault("reset", "comment/close", when="after", platform="wechat")
    await shop.sync()
    await shop.sync()
    sent = [state for kind, state in await shop.states() if kind == "wechat.comments.open"]
    assert sent == ["cancelled", "done"]
    assert (await articles.openings())[0].asked == Asked(False, State.DONE)
    unknown = await shop.one("SELECT id FROM article WHERE send_id IS NULL LIMIT 1")
    with pytest.raises(ConflictError):
        await articles.open_or_close(unknown, True)


async def test_what_the_account_may_not_do_is_noted_and_the_rest_goes_on(shop: Shop) -> None:
    shop.sandbox.settings_of("wechat", forbidden=["cgi-bin/freepublish/*"])
    draft = await shop.draft()
    await shop.graph.official.publish(draft, hold_s=0)
    report = await shop.sync()
    assert report.streams["articles"].error_code == "wechat_no_permission"
    assert report.streams["menu"].error_code is None
    assert dict(await shop.states()) == {"wechat.draft.add": "done", "wechat.publish": "queued"}
    (health,) = await shop.graph.accounts.list()
    assert {one.ability for one in health.refusals} >= {"wechat.publish", "stream.articles"}


async def written(shop: Shop, **details: Any) -> str:
    """An article written as a post; its uid."""
    posts = shop.graph.posts
    cover, inside = await posts.keep_picture(shop.cover), await posts.keep_picture(shop.picture)
    draft = PostDraft(
        title="冬至怎么吃",
        body="## 先看\n**汤圆** & 饺子\n[图片 1]\n完",
        media=(inside,),
        channel=Channel.ARTICLE,
        account_uid=shop.account.uid,
        article=ArticleDetails(cover=cover, digest="一篇讲清", **details),
    )
    return (await posts.save_draft(draft)).uid


async def test_a_post_is_previewed_then_published_as_it_stands_at_last(shop: Shop) -> None:
    await shop.sync()
    uid, posts = await written(shop), shop.graph.posts
    await shop.graph.official.preview_post(uid, "xiaoman88", hold_s=0)
    await shop.sync()
    assert await shop.states() == [("wechat.draft.add", "done"), ("wechat.preview", "done")]
    changed = await posts.get(uid)
    await posts.save_draft(replace(changed.draft, title="冬至这样吃"), uid)
    await posts.confirm(uid, hold_s=0)
    await shop.sync()
    assert (await shop.states())[2:] == [("wechat.draft.edit", "done"), ("wechat.publish", "done")]
    assert (await posts.row(uid)).progress == "sending"
    await shop.pass_time(600)
    await shop.sync()
    row = await posts.row(uid)
    assert (row.progress, row.publishing) == ("sent", "done")
    assert (
        await shop.one("SELECT title FROM article WHERE is_notified = 0 ORDER BY id DESC") == "冬至这样吃"
    )


async def test_a_post_is_sent_to_a_tag_once(shop: Shop) -> None:
    await shop.sync()
    reach = (await shop.graph.official.reaches())[0]
    tag = max(reach.tags, key=lambda one: one.followers)
    uid = await written(shop, way=Way.MASS_SEND, tag=tag.external_id)
    posts = shop.graph.posts
    assert (await posts.audience_count(Audience(), shop.account.uid, channel=Channel.ARTICLE,
            article=(await posts.get(uid)).draft.article)).reachable == tag.followers  # fmt: skip
    await posts.confirm(uid, hold_s=0)
    await shop.sync()
    assert await shop.states() == [("wechat.draft.add", "done"), ("wechat.mass_send", "done")]
    assert (await shop.graph.official.reaches())[0].sent_this_month == reach.sent_this_month + 1
    with pytest.raises(ConflictError):
        await posts.confirm(uid, hold_s=0)


async def test_a_follower_is_tagged_and_noted_from_the_fan_panel(shop: Shop) -> None:
    await shop.sync()
    ((fan_id, open_id),) = await shop.rows(
        "SELECT i.fan_id, i.external_id FROM follower f JOIN identity i ON i.id = f.identity_id"
        " WHERE f.unfollowed_at IS NULL AND f.tags = '[]' ORDER BY i.id LIMIT 1"
    )
    edits, tags = shop.graph.customer_edits, shop.graph.platform_tags
    await tags.add(shop.account.id, "冬至来过", "", hold_s=0)
    await edits.set_notes(fan_id, open_id, CustomerNotes("林姐", "没有这一栏"), hold_s=0)
    (side,) = await edits.sides(fan_id)
    assert (side.mine, side.staff_name) == (CustomerNotes("林姐"), "")
    await shop.sync()
    made = await tags.named("冬至来过")
    marked = await tags.mark([fan_id], made.tag_id, hold_s=0)
    assert (marked.fans, marked.strangers) == (1, 0)
    (side,) = await edits.sides(fan_id)
    assert [(tag.name, tag.change) for tag in side.tags] == [("冬至来过", "add")]
    await shop.sync()
    (side,) = await edits.sides(fan_id)
    assert (side.notes.remark, [(tag.name, tag.change) for tag in side.tags]) == (
        "林姐",
        [("冬至来过", "")],
    )
    await tags.mark([fan_id], made.tag_id, remove=True, hold_s=0)
    await tags.rename(made.tag_id, "冬至常客", hold_s=0)
    await shop.sync()
    assert {state for _, state in await shop.states()} == {"done"}
    assert (await edits.sides(fan_id))[0].tags == ()
    await tags.delete(made.tag_id, hold_s=0)
    await shop.sync()
    assert "冬至常客" not in [line.name for line in await tags.lines()]


async def test_a_menu_is_put_in_place_and_a_worse_one_is_told(shop: Shop) -> None:
    await shop.sync()
    menus = shop.graph.menus
    wanted = (
        Entry("逛小店", "view", {"url": "https://shop.example/"}),
        Entry("会员", below=(Entry("签到", "view", {"url": "https://shop.example/a"}),)),
    )
    await menus.save(shop.account.id, wanted, hold_s=0)
    await shop.sync()
    (state,) = await menus.states()
    assert (buttons_of(state.now), state.wanted) == (buttons_of(wanted), None)
    other = Entry("小程序", "miniprogram", {"url": "https://x.example", "appid": "wx0", "pagepath": "p"})
    await menus.save(shop.account.id, [other], hold_s=0)  # a mini program that is not linked
    await shop.sync()
    (state,) = await menus.states()
    assert (state.reason, state.items) == ("wechat_menu_refused", ())
    assert buttons_of(state.now) == buttons_of(wanted)
    await menus.delete(shop.account.id, hold_s=0)
    await shop.sync()
    assert (await menus.states())[0].now == ()
