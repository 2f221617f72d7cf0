"""What goes wrong on the command line: one error document, nothing changed, and the shop as whole as before."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from xlsxwriter import Workbook

from desktop.store.engine import sqlite3
from tests.e2e.command_line import ROOT, Shop, environment, new_shop, refusal, rows_of
from tests.e2e.orders import seeded_orders, write_csv

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
HEAD = "order_id,buyer_id,paid_at,amount\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n" * 20


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a few orders in it, which nothing here may change."""
    made = new_shop(tmp_path_factory.mktemp("refused"))
    file = write_csv(made.cwd / "orders.csv", seeded_orders(10, buyers=5))
    made.ok("import", file, "--source", "generic_orders")
    return made


def encrypted_workbook(file: Path) -> None:
    plain = io.BytesIO()
    book = Workbook(plain, {"in_memory": True})
    book.add_worksheet("订单").write_row(0, 0, HEAD.strip().split(","))
    book.close()
    with file.open("wb") as handle:
        OOXMLFile(plain).encrypt("小满123", handle)


def text(content: str) -> Callable[[Path], None]:
    return lambda file: file.write_text(content, encoding="utf-8") and None


def raw(content: bytes) -> Callable[[Path], None]:
    return lambda file: file.write_bytes(content) and None


LONG_IDS = "".join(f"69123456789{tail}1230000,b{tail},2026-05-01 10:00,9.90\n" for tail in "12345678")
FILES: list[tuple[str, Callable[[Path], None], str]] = [
    ("a.pdf", raw(PDF), "import_unknown_kind"),
    ("pdf.csv", raw(PDF), "import_unknown_kind"),
    ("a.png", raw(PNG), "import_unknown_kind"),
    ("png.xlsx", raw(PNG), "import_unknown_kind"),
    ("empty.csv", raw(b""), "import_empty"),
    ("folder.csv", lambda file: file.mkdir(), "import_not_a_file"),
    ("missing.csv", lambda file: None, "import_no_file"),
    ("half.xlsx", raw(b"PK\x03\x04" + b"\x00" * 300), "import_broken_zip"),
    ("locked.xlsx", encrypted_workbook, "import_password_needed"),
    ("float.csv", text(HEAD + "6.91235E+18,b1,2026-05-01 10:00,9.90\n"), "import_damaged_ids"),
    ("rounded.csv", text(HEAD + LONG_IDS), "import_rounded_ids"),
    (
        "twice.csv",
        text("order_id,buyer_id,buyer_id,paid_at,amount\n1,b,c,2026-05-01,9\n"),
        "import_header_twice",
    ),
    ("lacks.csv", text("order_id,paid_at,amount\n1,2026-05-01 10:00,9\n"), "import_missing_columns"),
    (
        "quote.csv",
        text(HEAD + '1,"b1,2026-05-01 10:00,9\n' + "2,b2,2026-05-01,9\n" * 3_000),
        "import_open_quote",
    ),
    ("long.csv", text(HEAD + f"1,{'b' * 2_000_001},2026-05-01 10:00,9\n"), "import_cell_too_long"),
]


@pytest.mark.parametrize(("name", "make", "code"), FILES, ids=[name for name, _, _ in FILES])
def test_a_file_that_cannot_be_brought_in(
    shop: Shop, name: str, make: Callable[[Path], None], code: str
) -> None:
    make(shop.cwd / name)
    before = rows_of(shop.data)
    error = refusal(shop.finished("import", name, "--source", "generic_orders"))
    assert (error["code"], error["data_changed"]) == (code, False)
    assert rows_of(shop.data) == before


def test_of_two_columns_of_one_name_the_owner_may_choose(shop: Shop) -> None:
    (shop.cwd / "choose.csv").write_text(
        "order_id,buyer_id,buyer_id,paid_at,amount\n1,b,c,2026-05-01,9\n", encoding="utf-8"
    )
    words = ("import", "choose.csv", "--source", "generic_orders", "--dry-run")
    told = shop.ok(*words, "--map", "buyer_id=buyer_id (2)")
    assert (told["mapping"]["buyer_id"], told["new"]) == ("buyer_id (2)", 1)


def test_a_wrong_password(shop: Shop) -> None:
    encrypted_workbook(shop.cwd / "protected.xlsx")
    words = ("import", "protected.xlsx", "--source", "generic_orders", "--password-stdin")
    error = shop.refused(*words, stdin="谁知道呢\n", code="import_password_wrong")
    assert "谁知道呢" not in str(error)
    assert "谁知道呢" not in shop.log()


def test_a_cell_of_a_million_characters_costs_its_row_only(shop: Shop) -> None:
    rows = f"1,{'b' * 1_000_000},2026-05-01 10:00,9\n2,b2,2026-05-01 10:00,9\n"
    (shop.cwd / "cell.csv").write_text(HEAD + rows, encoding="utf-8")
    told = shop.ok("import", "cell.csv", "--source", "generic_orders", "--dry-run")
    assert [(one["row"], one["code"]) for one in told["rejections"]] == [(2, "cell_too_long")]
    assert (told["new"], len(str(told)) < 5_000) == (1, True)


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("fans", "--colour", "red"), "usage", 2),
        (("rank", "--board", "best"), "usage", 2),
        (("nothing-like-it",), "usage", 2),
        (("import", "orders.csv", "--source", "taobao"), "import_source_unknown", 1),
        (("import", "orders.csv", "--map", "colour=item", "--source", "generic_orders"), "import_unknown_field", 1),
        (("undo-import", "no-such-batch"), "import_batch_missing", 1),
        (("rank", "--as-of", "2026-02-30"), "day_invalid", 1),
        (("restore", "orders.csv"), "restore_not_a_shop", 1),
        (("sync",), "sync_no_accounts", 1),
        (("init", "--name", "again", "--industry", "rare-online"), "shop_exists", 1),
    ],
)  # fmt: skip
def test_a_command_that_makes_no_sense(
    shop: Shop, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    before = rows_of(shop.data)
    done = shop.finished(*words)
    error = refusal(done)
    assert (error["code"], done.returncode, error["data_changed"]) == (code, exit_code, False)
    assert rows_of(shop.data) == before


def test_without_a_shop_nothing_is_made(shop: Shop, tmp_path: Path) -> None:
    none = Shop(tmp_path / "nothing here", shop.cwd)
    for words in (("fans",), ("import", "orders.csv"), ("check",), ("outbox",)):
        none.refused(*words, code="shop_missing")
    assert not none.data.exists()


HOLDER = """
import sys, time
from pathlib import Path
from desktop.composition import lock
held = lock.take(Path(sys.argv[1]), lock.WINDOW)
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_instance_is_told_who_has_the_shop(shop: Shop) -> None:
    before = rows_of(shop.data)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(shop.data)],
        cwd=ROOT,
        env={**environment(), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        error = shop.refused("fans", code="store_locked")
        assert str(holder.pid) in error["message"]
    finally:
        holder.kill()
        holder.communicate()
    assert shop.is_whole()  # killed as it was, it left the way free
    assert rows_of(shop.data) == before


def test_a_file_of_a_newer_version_is_left_alone(shop: Shop, tmp_path: Path) -> None:
    newer = Shop(tmp_path / "newer", shop.cwd)
    shutil.copytree(shop.data, newer.data)
    with contextlib.closing(sqlite3.connect(str(newer.data / "shop.db"))) as connection:
        connection.execute("PRAGMA user_version = 999")
    before = (newer.data / "shop.db").read_bytes()
    newer.refused("fans", code="store_too_new")
    newer.refused("import", "orders.csv", code="store_too_new")
    shop.refused("restore", newer.data / "shop.db", code="store_too_new")
    assert (newer.data / "shop.db").read_bytes() == before


def test_damage_is_said_and_the_file_kept(shop: Shop, tmp_path: Path) -> None:
    damaged = Shop(tmp_path / "damaged", shop.cwd)
    shutil.copytree(shop.data, damaged.data)
    (damaged.data / "shop.db").write_bytes(b"not a database " * 1_000)
    damaged.refused("fans", code="store_corrupt")
    assert (damaged.data / "shop.db").read_bytes() == b"not a database " * 1_000


@contextlib.contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Something mounted at `folder` for the length of a with-block."""
    subprocess.run(["mount", *options, str(folder)], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def may_mount(folder: Path) -> bool:
    if shutil.which("mount") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    try:
        with mounted(folder, "-t", "tmpfs", "-o", "size=64k", "tmpfs"):
            return True
    except (subprocess.CalledProcessError, OSError):
        return False


def test_a_folder_that_cannot_be_written(shop: Shop, tmp_path: Path) -> None:
    """A read-only mount where that is allowed; else, for one who is not root, a folder without the right."""
    sealed = Shop(tmp_path / "sealed", shop.cwd)
    shutil.copytree(shop.data, sealed.data)
    before = (sealed.data / "shop.db").read_bytes()
    with contextlib.ExitStack() as ending:
        probe = tmp_path / "probe"
        probe.mkdir()
        if may_mount(probe):
            ending.enter_context(mounted(sealed.data, "--bind", str(sealed.data)))
            subprocess.run(["mount", "-o", "remount,bind,ro", str(sealed.data)], check=True)
            blocked = sealed
        else:  # a file where the folder should be: nobody may write below it, root neither
            (tmp_path / "file").write_text("no folder", encoding="utf-8")
            blocked = Shop(tmp_path / "file" / "shop", shop.cwd)
            blocked.refused("init", "--name", "x", "--industry", "rare-online", code="store")
            return
        assert blocked.ok("fans", "--limit", 3)["total"] > 0  # all of it can be looked at
        error = blocked.refused("fan", "note", 1, "hello", code="shop_read_only")
        assert str(sealed.data) in error["message"]
        blocked.refused("import", "orders.csv", code="shop_read_only")
    assert (sealed.data / "shop.db").read_bytes() == before
    assert sealed.is_whole()


def test_a_full_disk_loses_nothing(shop: Shop, tmp_path: Path) -> None:
    """A small disk where one may be mounted; else no file of the command may grow beyond a limit."""
    small = Shop(tmp_path / "small", shop.cwd)
    small.data.mkdir()
    empty = Shop(tmp_path / "empty", shop.cwd)
    empty.ok("init", "--name", "空盘", "--industry", "frequent-online")
    fresh = (empty.data / "shop.db").stat().st_size  # its log is as large while it is made
    write_csv(shop.cwd / "many.csv", seeded_orders(3_000, buyers=900, seed=9))
    words = ("import", "many.csv", "--source", "generic_orders")
    limits: dict[str, Any] = {}
    with contextlib.ExitStack() as ending:
        if may_mount(small.data):
            ending.enter_context(
                mounted(small.data, "-t", "tmpfs", "-o", f"size={2 * fresh + 140_000}", "tmpfs")
            )
        else:
            limits = {
                "preexec_fn": lambda: resource.setrlimit(
                    resource.RLIMIT_FSIZE, (fresh + 320_000, fresh + 320_000)
                )
            }
        small.ok("init", "--name", "小盘", "--industry", "frequent-online")
        few = small.ok("import", "orders.csv", "--source", "generic_orders")
        before = rows_of(small.data)
        error = small.refused(*words, code="disk_full", **limits)
        assert "full" in error["message"]
        assert rows_of(small.data) == before
        assert small.is_whole()
        target = small.data / "copy.db"
        backed = small.finished("backup", "--to", target)
        assert backed.returncode == 0 or not target.exists()
        target.unlink(missing_ok=True)  # what the message asks for: free some space and try again
        small.ok("undo-import", few["batch"])
        assert small.is_whole()
