"""Official account: media, material, drafts, publishing without notice."""

import pytest

from tests.unit.sandbox.wechat_client import JPEG, MP4, PNG, Mp

DAY = 86_400


def test_temporary_media(mp: Mp) -> None:
    answer = mp.upload("media/upload", PNG, type="image")
    assert set(answer) == {"type", "media_id", "created_at"}
    assert isinstance(answer["created_at"], int)
    assert "thumb_media_id" in mp.upload("media/upload", JPEG, "t.jpg", type="thumb")
    query = {"access_token": mp.token, "media_id": answer["media_id"]}
    reply = mp.http.get("cgi-bin/media/get", params=query)
    assert (reply.content, reply.headers["content-type"]) == (PNG, "image/png")
    video = mp.upload("media/upload", MP4, "v.mp4", type="video")["media_id"]
    assert mp.get("media/get", media_id=video)["video_url"].startswith("http://")
    assert mp.upload("media/upload", PNG, type="file")["errcode"] == 40004
    assert mp.upload("media/upload", b"no picture", type="image")["errcode"] == 40005
    assert mp.upload("media/upload", b"", type="image")["errcode"] == 44001
    assert mp.upload("media/upload", JPEG + bytes(70_000), "t.jpg", type="thumb")["errcode"] == 40006
    nothing = {"access_token": mp.token, "type": "image"}
    assert mp.http.post("cgi-bin/media/upload", params=nothing, content=b"{}").json()["errcode"] == 41005
    mp.process.advance(3 * DAY)
    mp.login()
    assert mp.get("media/get", media_id=answer["media_id"])["errcode"] == 40007


def test_material(mp: Mp) -> None:
    before = mp.get("material/get_materialcount")["image_count"]
    made = mp.upload("material/add_material", PNG, "unique-7.png", type="image")
    assert made["url"].startswith("http://mmbiz.qpic.cn/")
    assert mp.get("material/get_materialcount")["image_count"] == before + 1
    page = mp.post("material/batchget_material", type="image", offset=0, count=20)
    assert (page["total_count"], page["item_count"]) == (before + 1, 20)
    assert page["item"][0]["name"] == "unique-7.png"
    rest = mp.post("material/batchget_material", type="image", offset=20, count=20)
    assert page["item_count"] + rest["item_count"] == before + 1
    assert mp.raw("material/get_material", b'{"media_id":"%s"}' % made["media_id"].encode()).content == PNG
    words = {"description": '{"title":"开箱","introduction":"坚果"}'}
    video = mp.upload("material/add_material", MP4, "v.mp4", type="video", form=words)
    told = mp.post("material/get_material", media_id=video["media_id"])
    assert (told["title"], told["description"]) == ("开箱", "坚果")
    assert mp.upload("material/add_material", MP4, "v.mp4", type="video")["errcode"] == 47001
    assert mp.post("material/del_material", media_id=made["media_id"])["errcode"] == 0
    assert mp.post("material/del_material", media_id=made["media_id"])["errcode"] == 40007
    for bad in ({"offset": 0, "count": 21}, {"offset": 0, "count": "5"}, {"offset": -1, "count": 1}):
        assert mp.post("material/batchget_material", type="image", **bad)["errcode"] == 40097


def test_a_new_draft_and_its_listing(mp: Mp) -> None:
    picture = mp.upload("media/uploadimg", PNG)["url"]
    content = f'<p>a</p><script>x()</script><img src="{picture}"><img src="https://e.invalid/p.png">'
    media_id = mp.draft(mp.article(title="第一篇", content=content), mp.article(title="第二篇"))
    items = mp.post("draft/get", media_id=media_id)["news_item"]
    assert items[0]["content"] == f'<p>a</p><img src="{picture}">'
    assert [item["title"] for item in items] == ["第一篇", "第二篇"]
    assert all(item["url"].startswith("http://mp.weixin.qq.com/s?") for item in items)
    total = mp.get("draft/count")["total_count"]
    page = mp.post("draft/batchget", offset=0, count=2, no_content=1)
    assert (page["total_count"], page["item_count"]) == (total, 2)
    assert page["item"][0]["media_id"] == media_id
    assert "content" not in page["item"][0]["content"]["news_item"][0]
    mp.process.advance(61)
    mp.settings(listing_lag_s=60)
    mp.draft()
    assert mp.post("draft/batchget", offset=0, count=1)["total_count"] == total
    assert mp.get("draft/count")["total_count"] == total + 1


def test_the_digest_of_a_single_article_is_its_beginning(mp: Mp) -> None:
    one = mp.draft(mp.article(content="<p>" + "字" * 80 + " &amp; 完</p>"))
    assert mp.post("draft/get", media_id=one)["news_item"][0]["digest"] == "字" * 54


def test_draft_traps(mp: Mp) -> None:
    media_id = mp.draft(mp.article(title="甲"), mp.article(title="乙"))
    one = mp.article(title="丙")
    assert mp.post("draft/update", media_id=media_id, index=1, articles=[one])["errcode"] == 47001
    assert mp.post("draft/update", media_id=media_id, index=2, articles=one)["errcode"] == 40060
    assert mp.post("draft/update", media_id=media_id, index=1, articles=one)["errcode"] == 0
    titles = [item["title"] for item in mp.post("draft/get", media_id=media_id)["news_item"]]
    assert titles == ["甲", "丙"]
    assert mp.post("draft/add", articles=one)["errcode"] == 47001
    assert mp.post("draft/delete", media_id=media_id)["errcode"] == 0
    assert mp.post("draft/delete", media_id=media_id)["errcode"] == 40007
    assert mp.post("draft/get", media_id=media_id)["errcode"] == 40007


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"title": ""}, 45003),
        ({"title": "字" * 33}, 45003),
        ({"author": "字" * 17}, 45110),
        ({"digest": "字" * 129}, 45004),
        ({"content": ""}, 45166),
        ({"content": "字" * 20_000}, 45002),
        ({"content_source_url": "https://e.invalid/" + "a" * 1024}, 45005),
        ({"thumb_media_id": ""}, 40007),
        ({"thumb_media_id": "unknown"}, 40007),
        ({"pic_crop_1_1": "0_0_2_1"}, 53402),
        ({"article_type": "poem"}, 40035),
        ({"article_type": "newspic"}, 40007),
    ],
)
def test_articles_that_are_refused(mp: Mp, given: dict[str, str], code: int) -> None:
    before = mp.get("draft/count")["total_count"]
    assert mp.post("draft/add", articles=[mp.article(**given)])["errcode"] == code
    assert mp.get("draft/count")["total_count"] == before


def test_a_cover_must_be_permanent_and_articles_are_eight_at_most(mp: Mp) -> None:
    temporary = mp.upload("media/upload", PNG, type="image")["media_id"]
    assert mp.post("draft/add", articles=[mp.article(thumb_media_id=temporary)])["errcode"] == 40007
    assert mp.post("draft/add", articles=[mp.article()] * 9)["errcode"] == 45008
    pictures = {"image_list": [{"image_media_id": mp.thumb()}]}
    made = mp.draft({"article_type": "newspic", "title": "图", "content": "", "image_info": pictures})
    assert mp.post("draft/get", media_id=made)["news_item"][0]["image_info"] == pictures


def submit(mp: Mp, *rows: dict[str, object]) -> tuple[str, dict[str, object]]:
    media_id = mp.draft(*rows)
    answer = mp.post("freepublish/submit", media_id=media_id)
    assert answer["errcode"] == 0, answer
    return media_id, answer


def state(mp: Mp, publish_id: object) -> dict[str, object]:
    return mp.post("freepublish/get", publish_id=publish_id)


def test_a_publish_over_time(mp: Mp) -> None:
    media_id, answer = submit(mp, mp.article(), mp.article(title="二"))
    assert isinstance(answer["publish_id"], str)
    assert isinstance(answer["msg_data_id"], str)
    assert state(mp, answer["publish_id"]) == {
        "publish_id": answer["publish_id"],
        "publish_status": 1,
        "fail_idx": [],
    }
    assert "news_item" in mp.post("draft/get", media_id=media_id)  # still in the box
    mp.process.advance(21)
    done = mp.post("freepublish/get", publish_id=int(str(answer["publish_id"])))
    assert done["publish_status"] == 0
    assert [item["idx"] for item in done["article_detail"]["item"]] == [1, 2]
    assert mp.post("draft/get", media_id=media_id)["errcode"] == 40007
    listed = mp.post("freepublish/batchget", offset=0, count=1)["item"][0]
    assert listed["article_id"] == done["article_id"]
    assert mp.post("comment/open", msg_data_id=int(str(answer["msg_data_id"])), index=1)["errcode"] == 0
    assert mp.post("freepublish/delete", article_id=done["article_id"], index=3)["errcode"] == 40060
    assert mp.post("freepublish/delete", article_id=done["article_id"], index=1)["errcode"] == 0
    items = mp.post("freepublish/getarticle", article_id=done["article_id"])["news_item"]
    assert [item["is_deleted"] for item in items] == [True, False]
    assert state(mp, answer["publish_id"])["publish_status"] == 0
    mp.post("freepublish/delete", article_id=done["article_id"])
    assert state(mp, answer["publish_id"])["publish_status"] == 5
    mp.play("platform_bans", article_id=done["article_id"])
    assert state(mp, answer["publish_id"])["publish_status"] == 6
    assert mp.post("freepublish/getarticle", article_id="x")["errcode"] == 53600


@pytest.mark.parametrize("outcome", [2, 3, 4])
def test_a_publish_that_fails_keeps_its_draft(mp: Mp, outcome: int) -> None:
    mp.settings(publish_outcome=outcome)
    media_id, answer = submit(mp)
    mp.process.advance(21)
    found = state(mp, answer["publish_id"])
    assert (found["publish_status"], found["fail_idx"]) == (outcome, [1])
    assert "article_id" not in found
    assert "news_item" in mp.post("draft/get", media_id=media_id)


def test_switches_of_publishing(mp: Mp) -> None:
    mp.settings(publish_id_as_number=True, draft_gone_at="submit", publish_fail_idx=[2])
    media_id, answer = submit(mp, mp.article(), mp.article())
    assert isinstance(answer["publish_id"], int)
    assert mp.post("draft/get", media_id=media_id)["errcode"] == 40007
    mp.process.advance(21)
    found = mp.post("freepublish/get", publish_id=answer["publish_id"])
    assert (found["publish_status"], found["fail_idx"]) == (0, [2])
    assert [item["idx"] for item in found["article_detail"]["item"]] == [1]
    mp.settings(publish_refusal=53503)
    assert mp.post("freepublish/submit", media_id=mp.draft())["errcode"] == 53503
    mp.process.advance(61)
    mp.settings(publish_refusal=0, publishes_per_minute=1)
    assert mp.post("freepublish/submit", media_id=mp.draft())["errcode"] == 0
    assert mp.post("freepublish/submit", media_id=mp.draft())["errcode"] == 53501
    mp.settings(account_type="test", publishes_per_minute=30)
    _, answer = submit(mp)
    mp.process.advance(21)
    found = state(mp, answer["publish_id"])
    assert (found["publish_status"], found["fail_idx"]) == (3, [1])
    assert mp.post("freepublish/submit", media_id="gone")["errcode"] == 40007


def test_a_hundred_questions_a_day(mp: Mp) -> None:
    _, answer = submit(mp)
    codes = [state(mp, answer["publish_id"]).get("errcode", 0) for _ in range(101)]
    assert codes == [0] * 100 + [45009]


def test_the_listing_has_no_mass_messages(mp: Mp) -> None:
    world = mp.process.control("wechat/world")["publications"]
    shown = {row["article_id"] for row in world if not row["notified"]}
    pages = [mp.post("freepublish/batchget", offset=at, count=20, no_content=1) for at in (0, 20)]
    assert {item["article_id"] for page in pages for item in page["item"]} == shown
    assert len(shown) < len(world)
    mp.settings(listing_order="oldest")
    assert mp.post("freepublish/batchget", offset=0, count=1)["item"] != pages[0]["item"][:1]


def test_ids_beyond_what_a_double_holds(mp: Mp) -> None:
    mp.settings(wide_ids=True)
    _, answer = submit(mp)
    assert int(str(answer["publish_id"])) > 2**53
    sent = mp.post(
        "message/mass/sendall",
        filter={"is_to_all": True},
        msgtype="mpnews",
        mpnews={"media_id": mp.draft()},
    )
    assert sent["msg_id"] > 2**53
    assert mp.post("message/mass/get", msg_id=str(sent["msg_id"]))["msg_id"] == sent["msg_id"]
