"""Douyin's part of the program with one of its rules broken."""

from __future__ import annotations

import dataclasses
from typing import Any
from unittest.mock import patch

from desktop.domain import proof
from desktop.domain.write_kinds.douyin import COMMENT_REPLY, GROUP_CREATE, IMAGE_TEXT
from desktop.platforms.douyin import comments, groups, tokens, videos, writes

Patches = list[Any]


def _absent(prove: Any) -> Any:
    """A proof that takes what it does not see for not done."""

    async def judged(*given: Any) -> Any:
        found = await prove(*given)
        none = proof.Verdict.UNPROVABLE
        return {
            uid: dataclasses.replace(one, verdict=proof.Verdict.ABSENT) if one.verdict is none else one
            for uid, one in found.items()
        }

    return judged


def what_waits_for_a_review_was_not_made() -> Patches:
    """A post, an answer or a group that is not listed is made again."""
    made = {
        IMAGE_TEXT: _absent(videos.prove),
        COMMENT_REPLY: _absent(comments.prove_reply),
        GROUP_CREATE: _absent(groups.prove_created),
    }
    return [patch.dict(writes.PROVE, made)]


def any_group_of_the_name_is_ours() -> Patches:
    """A group that was there before proves that another one was made."""

    async def prove(client: Any, _kind: str, unknown: Any, _taken: Any) -> Any:
        names = {group.name: group.external_id for group in await groups.own(client)}
        return {
            one.uid: proof.judge_state(
                one.write.body["name"] in names, names.get(one.write.body["name"], "")
            )
            for one in unknown
        }

    return [patch.dict(writes.PROVE, {GROUP_CREATE: prove})]


def tokens_are_used_before_they_are_kept() -> Patches:
    """A new token is used at once; the keyring gets it another time."""

    async def keep(self: Any, grant: Any) -> Any:
        self.grant, self._is_loaded = grant, True
        return grant

    return [patch.object(tokens.Tokens, "_keep", keep)]


MUTANTS = (
    what_waits_for_a_review_was_not_made, any_group_of_the_name_is_ours, tokens_are_used_before_they_are_kept,
)  # fmt: skip
EACH_RUN = (what_waits_for_a_review_was_not_made, tokens_are_used_before_they_are_kept)
