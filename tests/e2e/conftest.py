"""What the whole-process tests share: one process that forks their commands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.forks import FORKS


@pytest.fixture(scope="session", autouse=True)
def _forks_end() -> Iterator[None]:
    yield
    FORKS.close()
