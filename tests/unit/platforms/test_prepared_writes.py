"""Whatever a write needs of the shop's own file is done before it is marked as leaving."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from desktop.platforms.account_adapter import AccountAdapter
from tests.simulator import wechat_truth, wecom_truth
from tests.unit.platforms import test_wechat as wechat
from tests.unit.platforms import wire as wecom


class Budget:
    """Keeps the paths whose call was reserved."""

    def __init__(self) -> None:
        self.reserved: list[str] = []

    async def prepare(self, path: str) -> None:
        self.reserved.append(path)

    async def aclose(self) -> None:
        self.reserved.clear()


def silent(_path: str, _request: httpx.Request, _nth: int) -> httpx.Response:
    raise AssertionError("nothing of a write leaves while it is prepared")


@pytest.mark.parametrize(
    ("adapter_over", "platform", "paths"),
    [
        (wecom.adapter_over, wecom.Platform(silent), wecom_truth.PATHS),
        (wechat.adapter_over, wechat.Platform(silent), wechat_truth.PATHS),
    ],
    ids=["wecom", "wechat"],
)
async def test_the_call_of_every_kind_is_reserved(
    adapter_over: Callable[[Any], Any], platform: Any, paths: Mapping[str, str]
) -> None:
    adapter: AccountAdapter[Any] = adapter_over(platform)
    assert adapter.kinds == set(paths)
    for kind, path in paths.items():
        budget = Budget()
        adapter.keep_to(budget)
        await adapter.prepare(kind)
        assert any(one.endswith(path) for one in budget.reserved), kind
    await adapter.aclose()
