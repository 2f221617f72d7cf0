"""A person gets everything that is kept about them, and nothing about anybody else."""

import json
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from desktop.domain.errors import InvalidInputError, NotFoundError
from desktop.services.personal_records import PersonalRecordService
from desktop.store.database import Store
from desktop.store.fans.personal_record import SECTIONS
from desktop.wording import Wording
from tests.unit import shopfloor as floor


async def two_people(store: Store) -> int:
    """Two who look alike but for the number in everything of theirs; the first one's id."""

    def work(tx: Any) -> int:
        ids = [floor.fan(tx, name, phone=f"1380000000{n}") for n, name in ((1, "林小满"), (2, "周别人"))]
        for n, fan_id in enumerate(ids, 1):
            floor.order(tx, fan_id, floor.at("2026-05-01"), 1990, number=f"no-{n}", items=("桂圆",))
            moved = floor.touch(tx, fan_id, "comment", floor.at("2026-05-02"))
            told = (f"说了{n}", ids[2 - n], moved)
            tx.db.execute("UPDATE interaction SET note = ?, referred_fan_id = ? WHERE id = ?", told)
        return ids[0]

    return await store.write(work, kind=None)


async def test_all_of_one_person_and_nobody_else(shop: Store, tmp_path: Path) -> None:
    fan_id = await two_people(shop)
    service, target = PersonalRecordService(shop), tmp_path / "林小满.json"
    rows = await service.export(fan_id, target, Wording("zh_CN").text)
    assert set(rows) == set(SECTIONS)
    text = target.read_text(encoding="utf-8")
    told = json.loads(text)
    assert (told["person"][0]["name"], told["person"][0]["phone"]) == ("林小满", "13800000001")
    assert {one["platform"] for one in told["identities"]} == {"douyin", "phone"}
    assert [(one["order_no"], one["paid_cents"]) for one in told["orders"]] == [("no-1", 19.9)]
    assert [one["note"] for one in told["interactions"]] == ["说了1"]
    assert not any(word in text for word in ("周别人", "13800000002", "no-2", "说了2"))


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_a_workbook_has_a_sheet_for_each_section_in_words(
    shop: Store, tmp_path: Path, language: str
) -> None:
    fan_id = await two_people(shop)
    words = Wording(language).text
    await PersonalRecordService(shop).export(fan_id, tmp_path / "a.xlsx", words)
    book = CalamineWorkbook.from_path(str(tmp_path / "a.xlsx"))
    assert book.sheet_names == [words(f"personal.{section}") for section in SECTIONS]
    orders = book.get_sheet_by_name(words("personal.orders")).to_python()
    assert words("personal.column.order_no") in orders[0]
    assert "no-1" in orders[1]
    assert book.get_sheet_by_name(words("personal.messages")).to_python() == [[words("personal.nothing")]]


async def test_what_cannot_be_written_says_so(shop: Store, tmp_path: Path) -> None:
    fan_id = await two_people(shop)
    service, words = PersonalRecordService(shop), Wording("en").text
    with pytest.raises(NotFoundError):
        await service.export(99, tmp_path / "a.json", words)
    with pytest.raises(InvalidInputError):
        await service.export(fan_id, tmp_path / "a.txt", words)
    assert list(tmp_path.glob("a.*")) == []


async def test_every_column_of_every_section_has_words(shop: Store) -> None:
    def columns(conn: Any) -> set[str]:
        found: set[str] = set()
        for sql in SECTIONS.values():
            found |= {one[0] for one in conn.execute(sql, {"fan": 1}).description}
        return found

    named = {f"personal.column.{name}" for name in await shop.read(columns)}
    for language in ("zh_CN", "en"):
        assert not [key for key in sorted(named) if not Wording(language).has(key)]
