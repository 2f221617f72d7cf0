"""The official account's part of the program with one of its rules broken."""

from __future__ import annotations

import dataclasses
from typing import Any
from unittest.mock import patch

from desktop.domain import proof
from desktop.domain.write_kinds.wechat import DRAFT_ADD, MASS_SEND, PUBLISH
from desktop.platforms.wechat import comments, drafts, followers, mass_sends, publishing, tags, writes

Patches = list[Any]


def a_publication_is_submitted_again() -> Patches:
    """An article that is not seen among the published ones is taken for not published."""

    async def prove(*given: Any) -> Any:
        found = await publishing.prove(*given)
        none = proof.Verdict.UNPROVABLE
        return {
            uid: dataclasses.replace(one, verdict=proof.Verdict.ABSENT) if one.verdict is none else one
            for uid, one in found.items()
        }

    return [patch.dict(writes.PROVE, {PUBLISH: prove})]


def a_draft_that_is_gone_was_published() -> Patches:
    """Whatever became of the draft."""

    async def prove(client: Any, _kind: str, unknown: Any, _taken: Any) -> Any:
        gone = {one.uid: not await drafts.is_there(client, drafts.draft_of(one.write)) for one in unknown}
        return {
            uid: proof.judge_state(True) if is_gone else proof.Judgement(proof.Verdict.UNPROVABLE)
            for uid, is_gone in gone.items()
        }

    return [patch.dict(writes.PROVE, {PUBLISH: prove})]


def a_mass_send_gets_a_new_key_each_time() -> Patches:
    """What WeChat would know again by its clientmsgid is sent under another one."""

    async def send(client: Any, write: Any, key: str, is_repeat: bool) -> Any:
        return await mass_sends.send(client, write, key[::-1] if is_repeat else key, is_repeat)

    return [patch.dict(writes.PERFORM, {MASS_SEND: send})]


def a_refused_repeat_was_never_sent() -> Patches:
    """A refusal of the second request is taken for one of the first."""

    async def send(client: Any, write: Any, key: str, _is_repeat: bool) -> Any:
        return await mass_sends.send(client, write, key, False)

    return [patch.dict(writes.PERFORM, {MASS_SEND: send})]


def a_mass_send_that_is_not_answered_left_nothing() -> Patches:
    """No key is asked for: what is unclear counts as not sent."""

    async def prove(_client: Any, _kind: str, unknown: Any, _taken: Any) -> Any:
        return {one.uid: proof.Judgement(proof.Verdict.ABSENT) for one in unknown}

    return [patch.dict(writes.PROVE, {MASS_SEND: prove})]


def drafts_that_begin_alike_are_the_same() -> Patches:
    """The first draft of a title is taken for any write of that title."""

    async def prove(client: Any, _kind: str, unknown: Any, _taken: Any) -> Any:
        there = (await drafts.drafts(client, "")).items
        fits = {
            one.uid: next((d.external_id for d in there if d.title == one.write.body["title"]), "")
            for one in unknown
        }
        return {uid: proof.judge_state(bool(draft), draft) for uid, draft in fits.items()}

    return [patch.dict(writes.PROVE, {DRAFT_ADD: prove})]


def what_was_changed_there_is_not_read_back() -> Patches:
    """STATE: a change of tags, remarks, drafts or comments whose outcome is unknown is taken as made."""
    told = proof.judge_state
    so = lambda _is_so, platform_id="", **facts: told(True, platform_id, **facts)  # noqa: E731
    return [patch.object(module, "judge_state", so) for module in (tags, followers, comments, drafts)]


MUTANTS = (
    a_publication_is_submitted_again, a_draft_that_is_gone_was_published, a_mass_send_gets_a_new_key_each_time,
    a_refused_repeat_was_never_sent, a_mass_send_that_is_not_answered_left_nothing,
    drafts_that_begin_alike_are_the_same, what_was_changed_there_is_not_read_back,
)  # fmt: skip
EACH_RUN = (a_mass_send_gets_a_new_key_each_time, a_mass_send_that_is_not_answered_left_nothing)
