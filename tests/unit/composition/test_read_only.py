"""A shop where nothing can be written: all of it can be read, nothing of it is changed, and it is said so."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.cli.entry import run
from desktop.composition import lock
from desktop.composition.graph import DATABASE, Graph, GraphConfig, hold, open_graph
from desktop.domain.errors import StoreLockedError, StoreReadOnlyError, StoreTooNewError
from desktop.domain.posts import PostDraft
from desktop.services.secrets import MemorySecretStore
from desktop.store.engine import sqlite3
from desktop.store.migrations import SCHEMA_VERSION


def config(folder: Path) -> GraphConfig:
    return GraphConfig(folder, "店主", secrets=MemorySecretStore())


def seal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing below `folder` can be written: as on a disc, for root too."""
    real_open = os.open

    def refuse(path: Any, flags: int, *more: Any, **named: Any) -> int:
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and str(path).startswith(str(folder)):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return real_open(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", refuse)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o500 if path.is_dir() else 0o400)


def state_of(folder: Path) -> list[tuple[str, int, int]]:
    """Names, sizes and times of everything there."""
    return sorted(
        (str(p.relative_to(folder)), p.stat().st_size, p.stat().st_mtime_ns) for p in folder.rglob("*")
    )


@pytest.fixture
def made(tmp_path: Path, runner: asyncio.Runner) -> Path:
    """A shop with one drafted post, closed in order."""
    folder = tmp_path / "店"

    async def make() -> None:
        held, open_config = await hold(config(folder), lock.COMMAND)
        graph = await open_graph(open_config)
        await graph.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai")
        await graph.posts.save_draft(PostDraft(title="到货", body="今晚到货"))
        await graph.close()
        held.release()

    runner.run(make())
    return folder


@pytest.fixture
def sealed(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    seal(made, monkeypatch)
    yield made
    for path in [made, *made.rglob("*")]:
        path.chmod(0o700)


async def opened(folder: Path) -> tuple[lock.FolderLock, Graph]:
    held, open_config = await hold(config(folder), lock.WINDOW)
    return held, await open_graph(open_config)


async def test_everything_is_read_every_change_is_refused_and_not_a_byte_is_written(sealed: Path) -> None:
    before = state_of(sealed)
    held, graph = await opened(sealed)
    assert graph.store.is_read_only
    (post,) = await graph.posts.rows()
    assert (await graph.shop.get()).name == "小满鲜果"
    assert (await graph.outbox.counts())["done"] == 0
    for change in (
        graph.posts.save_draft(PostDraft(title="x", body="y")),
        graph.posts.confirm(post.post.uid),
        graph.outbox.hold_all("look"),
        graph.sync.run(),
        graph.accounts.add("wecom", "x", None, {"corpid": "a", "corpsecret": "b"}),
    ):
        with pytest.raises(StoreReadOnlyError) as told:
            await change
        assert told.value.code == "shop_read_only"
        assert told.value.params["path"] == str(sealed)
    await graph.close()
    held.release()
    assert state_of(sealed) == before


async def test_a_copy_can_be_taken_from_it(sealed: Path, tmp_path: Path) -> None:
    held, graph = await opened(sealed)
    await graph.store.backup_to(tmp_path / "copy.db")
    await graph.close()
    held.release()
    copy = sqlite3.connect(str(tmp_path / "copy.db"))
    assert copy.execute("SELECT name FROM shop").fetchone()[0] == "小满鲜果"
    copy.close()


async def test_what_an_interrupted_program_left_in_the_log_is_read_too(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = await open_graph(config(made))
    await graph.posts.save_draft(PostDraft(title="只在日志里", body="b"))
    cut = tmp_path / "cut"
    cut.mkdir()
    for path in made.iterdir():  # as it lies on the disk now, the log not yet taken in
        if path.is_file():
            shutil.copyfile(path, cut / path.name)
    await graph.close()
    assert (cut / f"{DATABASE}-wal").stat().st_size > 0
    before = state_of(cut)
    looking = await open_graph(GraphConfig(cut, "店主", secrets=MemorySecretStore(), is_read_only=True))
    titles = {row.post.draft.title for row in await looking.posts.rows()}
    await looking.close()
    assert titles == {"到货", "只在日志里"}
    assert state_of(cut) == before


@pytest.mark.parametrize(
    ("version", "error"), [(1, StoreReadOnlyError), (SCHEMA_VERSION + 1, StoreTooNewError)]
)
async def test_another_schema_is_not_upgraded_but_refused(
    made: Path, monkeypatch: pytest.MonkeyPatch, version: int, error: type[Exception]
) -> None:
    connection = sqlite3.connect(str(made / DATABASE))
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    seal(made, monkeypatch)
    before = state_of(made)
    held, open_config = await hold(config(made), lock.WINDOW)
    with pytest.raises(error) as told:
        await open_graph(open_config)
    assert told.value.code in ("shop_read_only_old", "store_too_new")
    held.release()
    assert state_of(made) == before


async def test_readers_stand_side_by_side_and_keep_a_writer_out(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = lock.share(made), lock.share(made)
    with pytest.raises(StoreLockedError):
        lock.take(made, lock.COMMAND)
    first.release()
    second.release()
    writer = lock.take(made, lock.COMMAND)
    with pytest.raises(StoreLockedError):
        lock.share(made)
    writer.release()


async def test_where_there_is_no_shop_none_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    seal(empty, monkeypatch)
    with pytest.raises(StoreReadOnlyError) as told:
        await hold(config(empty), lock.COMMAND)
    assert told.value.code == "store_read_only"


def test_the_command_line_reads_and_refuses_with_one_sentence(
    sealed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(*words: str) -> tuple[int, dict[str, Any]]:
        code = run(["--lang", "en", "--data-dir", str(sealed), *words, "--json"])
        said = capsys.readouterr()
        document: dict[str, Any] = json.loads(said.out or said.err)
        return code, document

    code, posts = command("posts")
    assert (code, len(posts["rows"])) == (0, 1)
    for words in (
        ("post", "confirm", posts["rows"][0]["uid"]),
        ("init", "--name", "x", "--industry", "rare-online"),
    ):
        code, document = command(*words)
        assert code == 1
        assert document["error"]["code"] == "shop_read_only"
        assert "copy the whole folder" in document["error"]["message"]
