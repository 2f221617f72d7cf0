"""Ending things at WeCom: what is gone already is as wanted, and ending it twice is the same as once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from desktop.domain.errors import RejectedError
from desktop.domain.proof import Judgement, UnknownWrite, judge_state
from desktop.domain.writes import Receipt
from desktop.platforms.wecom.client import WeComClient


async def end(client: WeComClient, path: str, name: str, value: str, gone: Collection[int]) -> Receipt:
    """Stop or delete the thing that field `name` names; the codes `gone` say that it is ended already.

    Raises the five errors of desktop.platforms.ports.
    """
    try:
        await client.write(path, {name: value})
    except RejectedError as error:
        if error.params.get("platform_code") not in gone:
            raise
    return Receipt(value)


async def prove(
    _client: WeComClient, _kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """Where nothing tells whether a thing was ended: end it again."""
    return {one.uid: judge_state(False) for one in unknown}
