"""`ways`, `welcomes`, `tags`, `fan remark` and `outbox stop` as a person types them, each a process of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sync.shell import Shop
from tests.unit.outbox.world import PNG

pytestmark = pytest.mark.slow


def code_of(answer: dict[str, Any]) -> str:
    assert answer["exit"] in (1, 2)
    return str(answer["error"]["code"])


def of_uid(answer: dict[str, Any], uid: str) -> dict[str, Any]:
    (row,) = [row for row in answer["rows"] if row["uid"] == uid]
    return dict(row)


def test_ways_and_welcomes(connected: Shop, tmp_path: Path) -> None:
    run = connected.run
    connected.sync("--accept-first-send")
    staff = [row[0] for row in connected.rows("SELECT external_id FROM staff ORDER BY id")]
    group, other = [
        row[0] for row in connected.rows("SELECT external_id FROM fan_group ORDER BY id LIMIT 2")
    ]
    way = run("ways", "add", "contact", "--name", "门店", "--staff", staff[0], "--ask-first")
    joins = ("ways", "add", "join", "--name", "海报", "--group", group, "--no-next-group")
    join = run(*joins)
    assert (len(way["outbox"]), len(join["outbox"])) == (1, 1)
    (tmp_path / "欢迎.png").write_bytes(PNG)
    told = ("welcomes", "add", "--text", "欢迎 {昵称}", "--image", str(tmp_path / "欢迎.png"))
    welcome = run(*told)
    shown = run("ways", "show", way["uid"])
    assert (shown["kind"], shown["standing"], shown["qr_url"], shown["platform_id"]) == (
        "contact", "adding", "", None,
    )  # fmt: skip
    assert (shown["name"], shown["skip_verify"], shown["leads_to"]) == ("门店", False, [staff[0]])
    connected.sync()
    (ready,) = run("ways", "list", "--kind", "contact")["rows"]
    assert (ready["uid"], ready["standing"], ready["outbox"]) == (way["uid"], "ready", [])
    assert ready["qr_url"]
    assert ready["platform_id"]
    drawn = run("ways", "qr", way["uid"], "--to", str(tmp_path / "code.png"))
    assert code_of(drawn) == "way_no_code"  # WeCom keeps a picture of its own
    edited = run("ways", "edit", way["uid"], "--name", "门店二", "--staff", staff[1], "--add-at-once")
    (waiting,) = run("ways", "list", "--kind", "contact")["rows"]
    assert (waiting["standing"], waiting["name"], waiting["outbox"]) == (
        "changing", "门店", edited["outbox"],
    )  # fmt: skip
    assert (waiting["waiting"]["name"], waiting["waiting"]["skip_verify"]) == ("门店二", True)
    (greeting,) = run("welcomes", "list")["rows"]
    assert (greeting["text"], greeting["images"]) == ("欢迎 {昵称}", ["欢迎.png"])
    assert (greeting["standing"], greeting["waiting"]) == ("ready", None)
    run("welcomes", "edit", welcome["uid"], "--text", "你好 {昵称}")
    assert of_uid(run("welcomes", "list"), welcome["uid"])["waiting"] == {
        "text": "你好 {昵称}", "images": ["欢迎.png"],
    }  # fmt: skip
    run("welcomes", "edit", welcome["uid"], "--no-image")
    changing = of_uid(run("welcomes", "list"), welcome["uid"])
    assert changing["images"] == ["欢迎.png"]
    assert changing["waiting"] == {"text": "你好 {昵称}", "images": []}
    run("ways", "edit", join["uid"], "--group", group, "--group", other, "--name", "两个群")
    connected.sync()
    changed = of_uid(run("welcomes", "list"), welcome["uid"])
    assert (changed["text"], changed["images"], changed["waiting"]) == ("你好 {昵称}", [], None)
    both = {row["name"]: row for row in run("ways", "list")["rows"]}
    assert both.keys() == {"门店二", "两个群"}
    assert both["两个群"]["groups"] == [group, other]
    assert both["门店二"]["leads_to"] == [staff[1]]
    for words in (("ways", way["uid"]), ("ways", join["uid"]), ("welcomes", welcome["uid"])):
        assert len(run(words[0], "delete", words[1])["outbox"]) == 1
    connected.sync()
    assert (run("ways", "list")["total"], run("welcomes", "list")["total"]) == (0, 0)
    for refused, code in (
        (("ways", "show", way["uid"]), "way_missing"),
        (("ways", "add", "contact", "--name", "无", "--staff", "没有这个人"), "way_unknown"),
        (("ways", "add", "contact", "--name", "无", "--group", group), "way_kind"),
        (("ways", "add", "join", "--name", "无"), "way_groups"),
        (("welcomes", "add", "--text", " "), "welcome_empty"),
        (("welcomes", "delete", "nobody"), "welcome_missing"),
    ):
        assert code_of(run(*refused)) == code, refused


def test_tags_and_what_staff_note(connected: Shop) -> None:
    run = connected.run
    connected.sync("--accept-first-send")
    own = run("tags", "add", "回头客")
    assert own["outbox"] == []
    assert run("tags", "rename", "回头客", "老客")["outbox"] == []
    made = run("tags", "add", "爱喝茶", "--group", "口味")
    assert len(made["outbox"]) == 1
    contacts = connected.rows(
        "SELECT i.fan_id, min(s.external_id), count(*) FROM follow f"
        " JOIN identity i ON i.id = f.identity_id JOIN staff s ON s.id = f.staff_id"
        " WHERE f.removed_at IS NULL GROUP BY i.fan_id ORDER BY i.fan_id"
    )
    fan, staff = next(row[:2] for row in contacts if row[2] == 1)
    shared = next(row[0] for row in contacts if row[2] > 1)
    assert code_of(run("tags", "mark", "爱喝茶", str(fan))) == "tag_waits"
    connected.sync()
    marked = run("tags", "mark", "爱喝茶", str(fan))
    assert (marked["fans"], marked["already"], marked["no_contact"], len(marked["outbox"])) == (1, 0, 0, 1)
    noted = run("fan", "remark", str(fan), "--remark", "三楼王姐", "--mobile", "13800001111")
    assert len(noted["outbox"]) == 1
    assert len(run("fan", "remark", str(fan), "--staff", staff, "--description", "爱吃梨")["outbox"]) == 1
    connected.sync()
    assert connected.rows(
        "SELECT remark, description, mobiles FROM follow f JOIN identity i ON i.id = f.identity_id"
        f" WHERE i.fan_id = {fan} AND f.removed_at IS NULL"
    ) == [("三楼王姐", "爱吃梨", '["13800001111"]')]
    rows = {row["name"]: row for row in run("tags", "list")["rows"]}
    assert (rows["爱喝茶"]["fans"], rows["爱喝茶"]["group"], rows["爱喝茶"]["standing"]) == (
        1,
        "口味",
        "ready",
    )
    assert rows["老客"]["account"] is None
    off = run("tags", "unmark", "爱喝茶", str(fan))
    assert (off["fans"], len(off["outbox"])) == (1, 1)
    renamed = run("tags", "rename", "爱喝茶", "爱喝花茶")
    assert (renamed["tag_id"], len(renamed["outbox"])) == (made["tag_id"], 1)
    connected.sync()
    gone = run("tags", "delete", "爱喝花茶")
    assert (gone["fans"], len(gone["outbox"])) == (0, 1)
    assert run("tags", "delete", "老客") == {"tag_id": own["tag_id"], "fans": 0, "outbox": []}
    connected.sync()
    assert not {"老客", "爱喝茶", "爱喝花茶"} & {row["name"] for row in run("tags", "list")["rows"]}
    other = next(
        row[0] for row in connected.rows("SELECT external_id FROM staff ORDER BY id") if row[0] != staff
    )
    stranger = run("fan", "remark", str(fan), "--staff", other, "--remark", "不是我的")
    assert code_of(stranger) == "friendship_of_others"
    assert staff in stranger["error"]["message"]
    assert other in stranger["error"]["message"]
    assert code_of(run("fan", "remark", str(shared), "--remark", "谁的")) == "friendship_choose"
    assert code_of(run("fan", "remark", "999999999", "--remark", "没有")) == "fan_missing"
    left = connected.rows("SELECT json_extract(reason, '$.code') FROM outbox WHERE state <> 'done'")
    assert left == [("replaced_by_newer",)]  # the remark that the one with the description took in


def test_a_moment_is_stopped(connected: Shop, tmp_path: Path) -> None:
    run = connected.run
    connected.sandbox.settings(moment_seconds=0)
    connected.sync("--accept-first-send")
    draft = {"title": "上新", "body": "今晚八点上新", "channel": "moment", "audience": {"all": True}}
    (tmp_path / "post.json").write_text(json.dumps(draft), encoding="utf-8")
    post = run("post", "draft", str(tmp_path / "post.json"))
    (item,) = run("post", "confirm", post["uid"])["outbox"]
    assert code_of(run("outbox", "stop", item)) == "follow_up_nobody"
    connected.sync()
    assert code_of(run("outbox", "remind", item)) == "follow_up_no_reminder"
    asked = run("outbox", "stop", item)
    assert (asked["of"], asked["reminders_left"]) == (item, None)
    assert code_of(run("outbox", "stop", item)) == "follow_up_stopped"
    connected.sync()
    shown = run("outbox", "show", asked["uid"])
    assert (shown["state"], shown["kind"], shown["entity_uid"]) == ("done", "wecom.moment.cancel", item)
    assert run("outbox", "show", item)["waiting"] == 0
    assert len(connected.sandbox.calls("externalcontact/cancel_moment_task")) == 1
