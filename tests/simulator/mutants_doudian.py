"""Douyin shop's part of the program with one of its rules broken."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from desktop.domain.proof import judge_state
from desktop.domain.write_kinds.doudian import ORDER_REMARK
from desktop.platforms.doudian import client, writes

Patches = list[Any]


def a_note_that_was_asked_for_stands() -> Patches:
    """A note about an order whose answer got lost is called done without reading the order."""

    async def prove(_client: Any, _kind: str, unknown: Any, _taken: Any) -> Any:
        return {one.uid: judge_state(True) for one in unknown}

    return [patch.dict(writes.PROVE, {ORDER_REMARK: prove})]


def the_shops_tokens_are_used_before_they_are_kept() -> Patches:
    """New tokens are used at once; the keyring gets them another time."""

    async def forgets(_self: Any, _grant: Any) -> None:
        return None

    real = client.DoudianClient._keep

    async def keep(self: Any, data: Any) -> Any:
        with patch.object(type(self._vault), "save", forgets):
            return await real(self, data)

    return [patch.object(client.DoudianClient, "_keep", keep)]


MUTANTS = (a_note_that_was_asked_for_stands, the_shops_tokens_are_used_before_they_are_kept)
EACH_RUN = (a_note_that_was_asked_for_stands,)
