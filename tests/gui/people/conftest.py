"""The seeded shop, open, and pages shown in every look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from desktop.qtkit import i18n, theme
from desktop.views.page import Page
from tests.fakes import FakeClock
from tests.gui.people.shop import NOW, PeopleShop, opened_copy, template
from tests.gui.walk import clipped_labels, unnamed_focusables

SIZES = ((1366, 768), (1440, 900))
RAIL, BAR = 208, 52  # what the window takes of a screen: the rail at the left, the bar above


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeded shop's file."""
    return template(tmp_path_factory.mktemp("people"))


@pytest.fixture
def clock() -> FakeClock:
    """Eight in the evening of the day up to which the shop was seeded."""
    return FakeClock(NOW)


@pytest.fixture
def people(seeded: Path, tmp_path: Path, clock: FakeClock, runner: asyncio.Runner) -> Iterator[PeopleShop]:
    """The services over a copy of the seeded shop."""
    store = opened_copy(tmp_path, seeded, clock)
    runner.run(store.open())
    yield PeopleShop(store, clock, tmp_path)
    runner.run(store.close())


@pytest.fixture
def everywhere(
    kit: theme.Theme, until: Callable[..., Any], shot: Callable[[QWidget, str], None]
) -> Callable[..., Any]:
    """`await everywhere(page, "name", ready)`: whole and named in both languages, looks and sizes."""

    async def look(page: Page, name: str, ready: Callable[[], object], *, sizes: Any = SIZES) -> None:
        page.show()
        await until(lambda: page.is_loaded and ready())
        found: list[str] = []
        for dark in ("light", "dark"):
            kit.set_choice(dark)  # restyling costs far more than another language
            for language in ("zh_CN", "en"):
                i18n.set_language(language)
                for width, height in sizes:
                    page.resize(width - RAIL, height - BAR)
                    for turn in range(100):
                        await asyncio.sleep(0.005)
                        if turn > 3 and not clipped_labels(page):
                            break
                    where = f"{name}_{language}_{dark}_{width}"
                    shot(page, where)
                    found += [
                        f"{where}: {each}" for each in clipped_labels(page) + unnamed_focusables(page)
                    ]
        assert found == []

    return look


@pytest.fixture
def closing() -> Iterator[Callable[[QWidget], QWidget]]:
    """`closing(page)`: the page goes when the test ends."""
    made: list[QWidget] = []

    def keep(page: QWidget) -> QWidget:
        made.append(page)
        return page

    yield keep
    for page in made:
        page.close()
        page.deleteLater()
