"""`merge suggest|do|undo|refuse|list`: one person in two files, through the command line's own entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.unit.cli.test_import_commands import Call, call, table  # noqa: F401

HEADER = ["order_id", "buyer_id", "buyer_name", "buyer_phone", "paid_at", "amount", "source_account"]


def bring(call: Call, folder: Path, *rows: list[str]) -> dict[str, Any]:  # noqa: F811
    code, done = call("import", table(folder, list(rows), HEADER), "--source", "generic_orders")
    assert code == 0
    return done


def shown(call: Call) -> dict[str, tuple[int, int]]:  # noqa: F811
    """Orders and spend by name."""
    return {row["name"]: (row["orders"], row["spend_cents"]) for row in call("fans")[1]["rows"]}


def test_one_person_of_two_shops_is_suggested_merged_followed_and_parted(
    call: Call,  # noqa: F811
    tmp_path: Path,
) -> None:
    bring(
        call, tmp_path,
        ["A1", "u1", "林小满", "13812345678", "2026-01-01", "10", "youzan"],
        ["A2", "u1", "林小满", "13812345678", "2026-02-01", "20", "youzan"],
        ["B1", "k9", "爱吃梨的林", "13812345678", "2026-01-05", "5", "ktt"],
    )  # fmt: skip
    _, found = call("merge", "suggest")
    assert found["total"] == 1
    pair = found["rows"][0]
    assert (pair["kept"]["name"], pair["other"]["name"]) == ("林小满", "爱吃梨的林")
    assert pair["probability"] >= 0.98
    assert [reason["clue"] for reason in pair["reasons"]] == ["phone"]
    assert "138****5678" in pair["reasons"][0]["text"]
    assert "13812345678" not in str(found)
    kept, other = pair["kept"]["fan_id"], pair["other"]["fan_id"]

    _, done = call("merge", "do", kept, other)
    assert shown(call) == {"林小满": (3, 3_500)}
    assert call("merge", "suggest")[1]["total"] == 0
    assert [row["merge"] for row in call("merge", "list", "--fan", kept)[1]["rows"]] == [done["merge"]]
    code, again = call("merge", "do", kept, other)
    assert (code, again["error"]["code"], again["error"]["data_changed"]) == (1, "match_same", False)

    bring(call, tmp_path, ["B2", "k9", "爱吃梨的林", "13812345678", "2026-03-05", "7", "ktt"])
    assert shown(call) == {"林小满": (4, 4_200)}
    assert call("check")[1]["ok"]

    _, parted = call("merge", "undo", done["merge"])
    assert parted["is_undone"]
    assert shown(call) == {"林小满": (2, 3_000), "爱吃梨的林": (2, 1_200)}
    assert call("check")[1]["ok"]
    code, again = call("merge", "undo", done["merge"])
    assert (code, again["error"]["code"]) == (1, "match_undone")

    call("merge", "refuse", kept, other)
    assert call("merge", "suggest")[1]["total"] == 0


def test_one_name_twice_is_two_people_and_nothing_of_them_goes(call: Call, tmp_path: Path) -> None:  # noqa: F811
    bring(
        call, tmp_path,
        ["A1", "u1", "杭州小满商贸", "138****5678", "2026-01-01", "10", "youzan"],
        ["B1", "k9", "杭州小满商贸", "138****5678", "2026-01-01", "10", "ktt"],
    )  # fmt: skip
    assert call("merge", "suggest", "--least", "0")[1]["total"] == 0
    assert call("fans")[1]["total"] == 2


def test_an_import_that_made_a_merged_fan_can_still_be_taken_back(call: Call, tmp_path: Path) -> None:  # noqa: F811
    bring(call, tmp_path, ["A1", "u1", "林小满", "13812345678", "2026-01-01", "10", "youzan"])
    second = bring(call, tmp_path, ["B1", "k9", "梨", "13812345678", "2026-01-05", "5", "ktt"])
    pair = call("merge", "suggest")[1]["rows"][0]
    _, done = call("merge", "do", pair["kept"]["fan_id"], pair["other"]["fan_id"])
    assert call("undo-import", second["batch"])[0] == 0
    assert sum(spend for _, spend in shown(call).values()) == 1_000
    assert call("check")[1]["ok"]
    assert call("merge", "undo", done["merge"])[0] == 0
    assert shown(call)["林小满"] == (1, 1_000)
    assert call("check")[1]["ok"]


def test_a_merged_person_is_erased_with_everybody_behind_them(call: Call, tmp_path: Path) -> None:  # noqa: F811
    bring(
        call, tmp_path,
        ["A1", "u1", "林小满", "13812345678", "2026-01-01", "10", "youzan"],
        ["B1", "k9", "爱吃梨的林", "13812345678", "2026-01-05", "5", "ktt"],
    )  # fmt: skip
    pair = call("merge", "suggest")[1]["rows"][0]
    call("merge", "do", pair["kept"]["fan_id"], pair["other"]["fan_id"])
    code, done = call("erase", pair["kept"]["fan_id"], "--yes")
    assert (code, done["clean"]) == (0, True), done
    assert call("fans")[1]["total"] == 0
    assert call("merge", "list")[1]["total"] == 0
    assert call("check")[1]["ok"]
