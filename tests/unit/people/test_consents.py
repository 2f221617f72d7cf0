"""What people said about being reached decides who is in an audience, a send and a list handed over."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.consents import Channel, ConsentDraft, Purpose, ReachChange, Said
from desktop.domain.errors import InvalidInputError
from desktop.domain.identity import IdentityKey
from desktop.domain.imports import FanRecord
from desktop.domain.tasks import CancelToken, no_progress
from desktop.services.backups import BackupService
from desktop.services.consents import ConsentService
from desktop.services.fans import FanService
from desktop.store.consents.contact_rules import barred, stance
from desktop.store.database import Store
from desktop.store.imports import import_undo, imports
from desktop.store.imports.import_people import FanImport
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor

DAY = 86_400_000


@pytest.fixture
def consents(shop: Store, clock: FakeClock) -> ConsentService:
    return ConsentService(shop, clock)


@pytest.fixture
def fans(shop: Store, clock: FakeClock) -> FanService:
    return FanService(shop, clock)


@pytest.fixture
def log(shop: Store, clock: FakeClock, tmp_path: Path) -> BackupService:
    return BackupService(shop, clock, tmp_path / "backups")


async def somebody(shop: Store) -> int:
    return await shop.write(lambda tx: floor.fan(tx, "林小满"), kind=None)


async def asked(shop: Store, sql: str, fan_id: int) -> Any:
    return await shop.read(
        lambda conn: conn.execute(f"SELECT {sql} FROM fan WHERE id = ?", (fan_id,)).fetchone()[0]
    )


def word(
    said: str, at: int, channel: Channel = Channel.EVERYWHERE, purpose: Purpose = Purpose.MARKETING
) -> ConsentDraft:
    return ConsentDraft(purpose, Said(said), at, channel)


async def test_a_word_is_kept_with_source_time_wording_and_proof_and_undone(
    shop: Store, consents: ConsentService, fans: FanService, log: BackupService, tmp_path: Path
) -> None:
    who, now = await somebody(shop), consents.now_ms()
    proof = tmp_path / "回执.jpg"
    proof.write_bytes(b"a picture")
    await consents.change(who, ReachChange(word("agreed", now - DAY)))
    told = replace(word("refused", now), source="微信聊天", wording="愿意收到上新吗")
    standing = await consents.change(who, ReachChange(told), proof)
    latest = standing.consents[0]
    assert (latest.is_latest, latest.draft.source, latest.draft.wording) == (
        True,
        "微信聊天",
        "愿意收到上新吗",
    )
    assert latest.draft.proof == str(proof)
    assert latest.draft.proof_sha256 == hashlib.sha256(b"a picture").hexdigest()
    assert [one.is_latest for one in standing.consents] == [True, False]
    assert (await fans.detail(who)).row.marketing == "refused"
    await log.undo((await log.operations(limit=1))[0].uid)
    assert (await fans.detail(who)).row.marketing == "agreed"
    assert [one.draft.said for one in (await consents.standing(who)).consents] == ["agreed"]


async def test_an_older_paper_noted_later_does_not_replace_a_newer_word(
    shop: Store, consents: ConsentService, fans: FanService
) -> None:
    who, now = await somebody(shop), consents.now_ms()
    await consents.change(who, ReachChange(word("refused", now - DAY)))
    await consents.change(who, ReachChange(word("agreed", now - 9 * DAY)))
    assert (await fans.detail(who)).row.marketing == "refused"


async def test_words_of_the_future_and_missing_proofs_are_refused(
    shop: Store, consents: ConsentService, tmp_path: Path
) -> None:
    who, now = await somebody(shop), consents.now_ms()
    with pytest.raises(InvalidInputError) as future:
        await consents.change(who, ReachChange(word("agreed", now + 1)))
    with pytest.raises(InvalidInputError) as proof:
        await consents.change(who, ReachChange(word("agreed", now)), tmp_path / "none.jpg")
    assert (future.value.code, proof.value.code) == ("consent_future", "consent_proof")
    assert (await consents.standing(who)).consents == ()


async def test_a_child_needs_a_guardian(shop: Store, consents: ConsentService, log: BackupService) -> None:
    who, now = await somebody(shop), consents.now_ms()
    await consents.change(who, ReachChange(word("agreed", now)))
    await consents.change(who, ReachChange(is_under_14=True))
    assert await asked(shop, barred("fan", "mass_send"), who) == "refused"
    await consents.change(who, ReachChange(word("agreed", now, purpose=Purpose.GUARDIAN)))
    assert await asked(shop, barred("fan", "mass_send"), who) is None
    await log.undo((await log.operations(limit=1))[0].uid)
    await log.undo((await log.operations(kind="fan.reach"))[1].uid)
    assert (await consents.standing(who)).is_under_14 is False
    assert await asked(shop, barred("fan", "mass_send"), who) is None


async def test_lists_are_shut_per_channel_and_altogether(
    shop: Store, consents: ConsentService, fans: FanService
) -> None:
    who = await somebody(shop)
    await fans.suppress([who], channel="sms")
    assert await asked(shop, barred("fan", "mass_send"), who) is None
    assert await asked(shop, barred("fan", "sms"), who) == "suppressed"
    await fans.suppress([who])
    assert await asked(shop, barred("fan", "mass_send"), who) == "suppressed"
    assert (await consents.standing(who)).shut == ("", "sms")


async def test_several_changes_at_once_are_one_step_back(
    shop: Store, consents: ConsentService, fans: FanService, log: BackupService
) -> None:
    who, now = await somebody(shop), consents.now_ms()
    await fans.suppress([who], channel="sms", reason="退订")
    before = await consents.standing(who)
    shut = {Channel.SMS: False, Channel.CALL: True, Channel.ADS: False}
    after = await consents.change(who, ReachChange(word("refused", now), shut, True))
    assert (after.shut, after.is_under_14, len(after.consents)) == (("call",), True, 1)
    await log.undo((await log.operations(limit=1))[0].uid)
    assert await consents.standing(who) == before
    assert (await fans.detail(who)).suppressions[0].reason == "退订"


async def test_consent_that_came_with_a_file_goes_with_it(shop: Store, fans: FanService) -> None:
    def bring(tx: Any) -> str:
        batch, uid = imports.add_batch(
            tx, file_name="a.csv", file_sha256="0", source="fans", mode="update", mapping={}, exported_at=0
        )
        effects = imports.EffectLog(tx, batch)
        bringing = FanImport("update", f"import:{uid}")
        record = FanRecord(IdentityKey("file", "", "A1"), name="王芳", consent="agreed")
        bringing.bring(tx, record, effects, set())
        effects.flush()
        return uid

    uid = await shop.write(bring, kind=None)
    words = await shop.read(
        lambda conn: conn.execute("SELECT state, origin, is_latest FROM consent").fetchall()
    )
    assert [tuple(one) for one in words] == [("agreed", f"import:{uid}", 1)]
    await shop.write(lambda tx: import_undo.undo(tx, uid, no_progress, CancelToken()), kind=None)
    left = await shop.read(
        lambda conn: conn.execute(
            "SELECT (SELECT count(*) FROM consent), (SELECT count(*) FROM fan)"
        ).fetchone()
    )
    assert tuple(left) == (0, 0)


SAID = st.tuples(st.sampled_from(["agreed", "refused"]), st.sampled_from(["", "mass_send", "ads"]))


def reckoned(words: list[tuple[str, str]], channel: str) -> str:
    """The rule again, over the words in the order in which they were said."""
    there = [(at, said) for at, (said, where) in enumerate(words) if where == channel]
    everywhere = [(at, said) for at, (said, where) in enumerate(words) if where == ""]
    own, all_over = (one[-1] if one else (-1, "unknown") for one in (there, everywhere))
    if own[1] == "refused":
        return "refused"
    if all_over[1] == "refused":
        return "agreed" if own[1] == "agreed" and own[0] > all_over[0] else "refused"
    return "agreed" if "agreed" in (own[1], all_over[1]) else "unknown"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(SAID, max_size=6))
def test_the_stance_follows_the_rule_whatever_was_said(
    shop: Store, consents: ConsentService, runner: asyncio.Runner, words: list[tuple[str, str]]
) -> None:
    async def story() -> tuple[str, str, str]:
        who, now = await somebody(shop), consents.now_ms()
        for at, (said, channel) in enumerate(words):
            await consents.change(who, ReachChange(word(said, now - 1000 + at, Channel(channel))))
        return (
            await asked(shop, stance("fan", "mass_send"), who),
            await asked(shop, stance("fan", "ads"), who),
            await asked(shop, "marketing", who),
        )

    last = [said for said, channel in words if channel == ""]
    assert runner.run(story()) == (
        reckoned(words, "mass_send"),
        reckoned(words, "ads"),
        last[-1] if last else "unknown",
    )
