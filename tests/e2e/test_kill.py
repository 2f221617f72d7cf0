"""kill -9 at the steps of the main loop: what was acknowledged stays, nothing is half done or sent twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.store.restore import inspect
from tests.e2e import loop, strace
from tests.e2e.command_line import new_shop
from tests.e2e.killable import KILLED, Killable, chosen, killable
from tests.e2e.orders import seeded_orders, write_csv
from tests.sandbox_process import SandboxProcess, running_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
MOST = 7  # points a command: an even spread, and those around the commit
SYSCALLS = ("fsync", "pwrite64")  # every third, every twentieth: each costs a whole process
ORDERS = 30


@pytest.fixture(scope="module")
def platform() -> Iterator[SandboxProcess]:
    with running_sandbox(fans=12, staff=2, groups=3) as process:
        yield process


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, platform: SandboxProcess
) -> Iterator[tuple[Killable, dict[str, str]]]:
    """One shop in the states from which things are killed, each kept under a name."""
    folder = tmp_path_factory.mktemp("killed")
    with killable(new_shop(folder), folder / "scratch") as shop:
        shop.keep("new")
        loop.connect(shop, platform)
        shop.keep("connected")
        shop.put_back("new")
        file = write_csv(folder / "orders.csv", seeded_orders(ORDERS - 20, buyers=9))
        batch = shop.ok("import", file, "--source", "generic_orders")["batch"]
        shop.keep("imported")
        shop.put_back("connected")
        loop.sync(shop, platform)
        names = {"file": str(file), "batch": str(batch), "folder": str(folder)}
        names["post"] = loop.draft(shop, folder)
        names["drop"] = loop.plan(shop, folder)
        shop.keep("drafted")
        shop.ok("post", "confirm", names["post"])
        shop.ok("drop", "confirm", names["drop"])
        shop.keep("confirmed")
        yield shop, names
        shop.put_back("drafted")
        shop.ok("accounts", "remove", "企业微信")  # and its secret out of the system's keyring


@pytest.fixture
def shop(made: tuple[Killable, dict[str, str]], platform: SandboxProcess) -> Iterator[Killable]:
    killed = made[0]
    platform.reset()
    killed.ahead_s = 0
    killed.points.clear()
    began = time.monotonic()
    yield killed
    print(f"\n{len(killed.points)} kills, {time.monotonic() - began:.1f} s")


@pytest.fixture
def named(made: tuple[Killable, dict[str, str]]) -> dict[str, str]:
    return made[1]


def sweep(
    shop: Killable,
    state: str,
    words: tuple[object, ...],
    after: Callable[[bool], None],
    *,
    stdin: str = "",
    before: Callable[[], object] = lambda: None,
    until: str = "",
    most: int = MOST,
) -> None:
    """Kill a command at its steps; `after(is_committed)` looks at what is left of each.

    `until` names the transaction whose COMMIT decides: the text of a statement in it.
    """
    shop.put_back(state)
    before()
    steps = shop.steps(*words, stdin=stdin)
    decided = commit_of(steps, until)
    points = chosen(len(steps), most, must=range(decided - 1, decided + 3))
    outcomes = set()
    for point in points:
        shop.put_back(state)
        shop.ahead_s = 0
        before()
        seen = shop.killed_at(point, *words, stdin=stdin)
        if seen:
            is_committed = 0 < commit_of(seen, until) < len(seen)
            outcomes.add(is_committed)
            shop.assert_whole()
            after(is_committed)
    assert outcomes == {False, True}
    assert len(shop.points) >= most - 3


def commit_of(steps: list[str], until: str) -> int:
    """The step that commits what was decided, counted from 1; 0 where it is not reached."""
    places = [place for place, name in enumerate(steps, 1) if name == "sql COMMIT"]
    with_it = [place for place in places if not until or any(until in one for one in steps[:place])]
    return with_it[0] if with_it else 0


def imported(shop: Killable) -> tuple[int, ...]:
    tables = ("import_batch", "order", "order_line", "fan", "fan_stats", "identity", "import_effect")
    counts = [shop.rows(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables]
    return (*counts, shop.rows("SELECT count(*) FROM operation WHERE kind = 'import.commit'")[0][0])


def test_an_import_is_there_as_a_whole_or_not_at_all(shop: Killable, named: dict[str, str]) -> None:
    shop.put_back("imported")
    whole = imported(shop)
    assert whole[1] == ORDERS
    words = ("import", named["file"], "--source", "generic_orders")

    def after(is_committed: bool) -> None:
        assert imported(shop) == (whole if is_committed else (0,) * len(whole))
        again = shop.ok(*words)
        assert again["same" if is_committed else "new"] == ORDERS
        assert imported(shop)[1:6] == whole[1:6]
        shop.assert_whole()

    sweep(shop, "new", words, after)


def test_undoing_an_import_happens_as_a_whole_or_not_at_all(shop: Killable, named: dict[str, str]) -> None:
    shop.put_back("imported")
    before = imported(shop)

    def after(is_committed: bool) -> None:
        if is_committed:
            assert imported(shop)[1:4] == (0, 0, 0)
            assert shop.refused("undo-import", named["batch"])["code"] == "import_undone"
            return
        assert imported(shop) == before
        shop.ok("undo-import", named["batch"])
        assert imported(shop)[1:4] == (0, 0, 0)
        shop.assert_whole()

    sweep(shop, "imported", ("undo-import", named["batch"]), after)


def test_a_backup_is_whole_or_has_no_name(shop: Killable, named: dict[str, str]) -> None:
    target = Path(named["folder"]) / "backup.db"
    shop.put_back("imported")
    steps = shop.steps("backup", "--to", target)
    for older in (False, True):
        for point in range(1 + older, len(steps) + 1, 2):
            for left in target.parent.glob("backup.db*"):
                left.unlink()
            if older:
                shop.put_back("new")
                shop.ok("backup", "--to", target)
            shop.put_back("imported")
            seen = shop.killed_at(point, "backup", "--to", target)
            if not seen:
                continue
            is_named = "after replace" in seen
            assert target.exists() == (older or is_named)
            if target.exists():
                assert inspect(target).orders == (ORDERS if is_named else 0)
            if point % 5 == 1:
                shop.assert_whole()
                assert shop.ok("backup", "--to", target)["verified"] is True
                assert not list(target.parent.glob("backup.db.*"))
    assert len(shop.points) > len(steps) - 5


def test_a_restored_shop_is_the_old_or_the_new_one_whole(shop: Killable, named: dict[str, str]) -> None:
    target = Path(named["folder"]) / "earlier.db"
    shop.put_back("new")
    shop.ok("backup", "--to", target)
    shop.put_back("imported")
    steps = shop.steps("restore", target)
    renames = steps.count("after replace")
    for point in range(1, len(steps) + 1):
        shop.put_back("imported")
        seen = shop.killed_at(point, "restore", target)
        if not seen:
            continue
        is_new = seen.count("after replace") == renames
        orders = shop.rows('SELECT count(*) FROM "order"')[0][0]
        assert orders == (0 if is_new else ORDERS)
        for kept in (shop.shop.data / "backups").glob("*.db"):
            assert inspect(kept).orders == ORDERS
        shop.assert_whole()
        if not is_new:
            shop.ok("restore", target)
            assert shop.rows('SELECT count(*) FROM "order"') == [(0,)]
        assert not list(shop.shop.data.glob("*.restoring*"))
    assert len(shop.points) > 40


def people(shop: Killable) -> dict[str, list[tuple[Any, ...]]]:
    """What the platform's people, tags and groups look like here, without our own ids and times."""
    return {
        "identity": shop.rows("SELECT platform, scope, external_id, name FROM identity ORDER BY 1, 2, 3"),
        "follow": shop.rows(
            "SELECT i.external_id, s.external_id, f.remark, f.removed_at IS NULL FROM follow AS f"
            " JOIN identity AS i ON i.id = f.identity_id JOIN staff AS s ON s.id = f.staff_id ORDER BY 1, 2"
        ),
        "tag": shop.rows("SELECT external_id, group_name, name FROM tag ORDER BY 1"),
        "carried": shop.rows(
            "SELECT i.external_id, t.external_id FROM fan_tag AS f JOIN identity AS i ON"
            " i.fan_id = f.fan_id JOIN tag AS t ON t.id = f.tag_id ORDER BY 1, 2"
        ),
        "member": shop.rows(
            "SELECT g.external_id, m.external_id, m.left_at IS NULL FROM group_member AS m"
            " JOIN fan_group AS g ON g.id = m.group_id ORDER BY 1, 2"
        ),
        "fans": shop.rows("SELECT count(*) FROM fan WHERE removed_at IS NULL"),
    }


def test_a_sync_goes_on_where_it_was_killed(shop: Killable, platform: SandboxProcess) -> None:
    shop.put_back("connected")
    loop.sync(shop, platform)
    wanted = people(shop)
    assert len(wanted["follow"]) >= 12

    def after(_is_committed: bool) -> None:
        assert loop.sync(shop, platform)["outcome"] == "ok"
        assert people(shop) == wanted
        shop.assert_whole()

    sweep(shop, "connected", loop.SYNC, after, stdin=loop.secrets(platform))


def settle(shop: Killable, platform: SandboxProcess) -> list[dict[str, Any]]:
    """Sync until nothing is open, as an owner does over the next minutes; the outbox then."""
    for _ in range(3):
        loop.sync(shop, platform)
        found = shop.ok("outbox")["rows"]
        if not any(row["state"] in loop.OPEN_STATES for row in found):
            break
        shop.ahead_s += loop.LONG_AFTER_S
        platform.advance(loop.LONG_AFTER_S)
    return list(found)


def assert_all_arrived_once(shop: Killable, platform: SandboxProcess, texts: int) -> None:
    found = settle(shop, platform)
    assert [row["state"] for row in found] == ["done"] * len(found)
    loop.assert_the_platform_has_what_is_called_done(shop, platform)
    tasks = [task["received"] for task in platform.sent()]
    assert len(tasks) == len(set(tasks)) == len(found) == texts


@pytest.mark.parametrize("thing", ["post", "drop"])
def test_a_confirmation_counts_or_never_was(
    shop: Killable, named: dict[str, str], platform: SandboxProcess, thing: str
) -> None:
    shop.put_back("drafted")
    items = len(shop.ok(thing, "confirm", named[thing])["outbox"])

    def after(is_committed: bool) -> None:
        assert shop.ok("outbox")["total"] == (items if is_committed else 0)
        assert shop.ok(thing, "show", named[thing])["state"] == ("confirmed" if is_committed else "draft")
        if is_committed:
            assert shop.refused(thing, "confirm", named[thing])["code"] == "already_confirmed"
        else:
            shop.ok(thing, "confirm", named[thing])
        if len(shop.points) % 4 == 0:  # sending is killed by itself below
            assert_all_arrived_once(shop, platform, items)

    sweep(shop, "drafted", (thing, "confirm", named[thing]), after, before=platform.reset)


def items_in(shop: Killable) -> int:
    shop.put_back("confirmed")
    return int(shop.ok("outbox")["total"])


@pytest.mark.parametrize("half", [0, 1])
def test_a_push_sends_everything_once(shop: Killable, platform: SandboxProcess, half: int) -> None:
    """Every step from the first mark in the outbox to the last outcome, with the packets between."""
    texts = items_in(shop)
    steps = shop.steps(*loop.SYNC, stdin=loop.secrets(platform))
    marks = [place for place, name in enumerate(steps, 1) if name.startswith("sql UPDATE outbox")]
    edges = ("sql COMMIT", "sql UPDATE outbox", "before send", "before recv", "after recv")
    near = {place for place, name in enumerate(steps, 1) if name.startswith(edges)}
    points = [point for point in sorted(near) if marks[0] - 2 <= point <= marks[-1] + 8]
    assert [name for name in steps[marks[0] : marks[-1]] if name == "after recv"]
    for point in points[half::2]:
        platform.reset()
        shop.put_back("confirmed")
        shop.ahead_s = 0
        if shop.killed_at(point, *loop.SYNC, stdin=loop.secrets(platform)):
            shop.assert_whole()
            assert shop.ok("outbox")["counts"]["in_flight"] <= 1
            assert_all_arrived_once(shop, platform, texts)
    assert len(shop.points) >= 12


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_killed_while_the_request_hangs(
    shop: Killable, platform: SandboxProcess, when: str, nth: int
) -> None:
    texts = items_in(shop)
    platform.fault("hang", loop.ADD_TASK, nth=nth, when=when)
    process = shop.begin(*loop.SYNC, stdin=loop.secrets(platform))
    wait_for(lambda: len(platform.calls(loop.ADD_TASK)) == nth)
    assert len(platform.sent()) == (nth if when == "after" else nth - 1)
    strace.kill(process)
    assert shop.ended().returncode == KILLED
    platform.clear_faults()
    assert shop.ok("outbox")["counts"]["in_flight"] == 1
    platform.advance(3)  # a task of the last two seconds makes the platform refuse its listing
    shop.ahead_s = 3
    first = loop.sync(shop, platform)["outbox"]
    assert first["reconciled" if when == "after" else "unknown"] == 1
    assert_all_arrived_once(shop, platform, texts)


def test_results_are_collected_in_the_end(shop: Killable, platform: SandboxProcess) -> None:
    texts = items_in(shop)

    def before() -> None:
        platform.reset()
        loop.sync(shop, platform)
        platform.advance(5)
        platform.confirm()
        shop.ahead_s = 5

    def results() -> list[tuple[Any, ...]]:
        return shop.rows("SELECT target_external_id, status FROM delivery ORDER BY 1, 2")

    shop.put_back("confirmed")
    before()
    loop.sync(shop, platform)
    wanted = results()
    assert any(row[1] == "sent" for row in wanted)

    def after(_is_committed: bool) -> None:
        shop.ahead_s = 10
        loop.sync(shop, platform)
        assert results() == wanted
        assert len(platform.sent()) == texts

    words, stdin = loop.SYNC, loop.secrets(platform)
    sweep(shop, "confirmed", words, after, stdin=stdin, before=before, until="UPDATE delivery", most=6)


def wait_for(true: Callable[[], bool], limit_s: float = 20) -> None:
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("name", SYSCALLS if strace.is_usable() else ())
def test_killed_at_every_call_that_writes(
    shop: Killable, named: dict[str, str], platform: SandboxProcess, name: str
) -> None:
    """Import, confirmation and push, killed inside the system at every such call of each."""
    shop.put_back("imported")
    whole = imported(shop)
    bring = ("import", named["file"], "--source", "generic_orders")
    confirm = ("post", "confirm", named["post"])

    def after_import() -> None:
        assert imported(shop) in (whole, (0,) * len(whole))
        shop.ok(*bring)
        assert imported(shop)[1:6] == whole[1:6]

    def after_confirm() -> None:
        total, state = shop.ok("outbox")["total"], shop.ok("post", "show", named["post"])["state"]
        assert (total, state) in ((0, "draft"), (1, "confirmed"))

    def after_push() -> None:
        assert_all_arrived_once(shop, platform, texts)

    texts = items_in(shop)
    cases: tuple[tuple[str, tuple[object, ...], str, Callable[[], None]], ...] = (
        ("new", bring, "", after_import),
        ("drafted", confirm, "", after_confirm),
        ("confirmed", loop.SYNC, loop.secrets(platform), after_push),
    )
    for state, words, stdin, after in cases:
        for nth in range(1, 400, 20 if name == "pwrite64" else 3):
            platform.reset()
            shop.put_back(state)
            shop.ahead_s = 0
            if not strace.killed_at_call(shop, name, nth, words, stdin):
                break
            shop.assert_whole()
            after()
