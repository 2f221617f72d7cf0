"""Run the tour: a fresh shop in a folder, the practice platform beside it, the window offscreen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from desktop.app import content, lifecycle
from desktop.app.config import AppSettings
from desktop.app.faults import Faults
from desktop.app.frame import Frame
from desktop.app.logs import logging_to
from desktop.app.tour import pictures, scenes, story
from desktop.app.tour.clock import MovableClock
from desktop.app.tour.report import Report, TourFailedError
from desktop.app.window import new_application
from desktop.composition import lock
from desktop.composition.graph import Graph, GraphConfig, open_graph
from desktop.composition.sandbox_process import SandboxProcess
from desktop.domain.errors import InvalidInputError
from desktop.qtkit import i18n, theme
from desktop.services.secrets.memory import MemorySecretStore
from desktop.views.widgets.notices import Notices
from desktop.views.window_actions import WindowActions
from desktop.wording import Wording

SEED, FANS = 11, 600


def run_tour(out: Path, *, language: str, tell: Callable[[str], None]) -> dict[str, Any]:
    """The whole tour into the new folder `out`; its report.

    Raises InvalidInputError('tour_folder_used') for a folder that holds something, TourFailedError
    when a check does not hold, and every error a step may raise.
    """
    folder = out.absolute()
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInputError("tour_folder_used", path=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    report = Report(folder, Wording(language).text, tell)
    with logging_to(folder / "shop"):
        faults = Faults()
        faults.install()
        try:
            app = new_application()
            i18n.set_language(language)
            theme.install(theme.Theme("light", motion=False))

            async def main(_stop: asyncio.Event) -> int:
                await _perform(report)
                return 0

            lifecycle.run(app, main, faults)
        finally:
            faults.remove()
    if faults.seen:
        raise TourFailedError(check=f"{len(faults.seen)} faults in the log of {folder / 'shop'}")
    report.write()
    return report.document()


async def _perform(report: Report) -> None:
    clock = MovableClock()
    shop_folder = report.folder / "shop"
    held = lock.take(shop_folder, lock.COMMAND)
    sandbox = SandboxProcess(seed=SEED, fans=FANS)
    try:
        address = await sandbox.start()
        config = GraphConfig(
            data_dir=shop_folder, operator="tour", clock=clock, secrets=MemorySecretStore()
        )
        graph = await open_graph(config)
        try:
            stage = story.Stage(
                graph, clock, sandbox, address, report, folder=report.folder, words=report.words
            )
            for step in story.STEPS:
                await step(stage)
            await _photograph(stage)
        finally:
            await graph.close()
        await _photograph_start(report, clock)
    finally:
        await sandbox.stop()
        held.release()


async def _photograph(stage: story.Stage) -> None:
    """The window over the toured shop, every page of it and what opens from them."""
    report = stage.report
    states = scenes.scenes(await scenes.prepare(stage))
    async with _window(stage.graph) as (frame, built):
        main = built.window
        if main is None:
            raise TourFailedError(check="the window shows the shop's pages")
        keys = [screen.key for screen in main.screens]
        await pictures.take_pictures(frame, main, keys, report, states)


async def _photograph_start(report: Report, clock: MovableClock) -> None:
    """The first screen of an empty folder, then the badge of a demo shop that has nothing yet."""
    config = GraphConfig(
        data_dir=report.folder / "empty", operator="tour", clock=clock, secrets=MemorySecretStore()
    )
    graph = await open_graph(config)
    try:
        async with _window(graph) as (frame, _built):
            await pictures.take_one(frame, "welcome", report, pictures.BOTH_LOOKS)
        await graph.shop.create(
            report.words("tour.shop_name"), "frequent-online", "Asia/Shanghai", is_demo=True
        )
        async with _window(graph) as (frame, _built):
            await pictures.take_one(frame, "new-demo-shop", report, pictures.BOTH_LOOKS)
    finally:
        await graph.close()
    report.step("pictures", n=len(report.pictures))


@asynccontextmanager
async def _window(graph: Graph) -> AsyncIterator[tuple[Frame, content.Content]]:
    """The window over a shop, shown."""
    frame = Frame(lambda: None)
    built = await content.build(graph, Notices(graph.config.clock), _no_actions(), _raise)
    try:
        frame.show_content(built.widget)
        frame.show()
        yield frame, built
    finally:
        await built.aclose()
        frame.finish()


def _no_actions() -> WindowActions:
    """Nobody presses a button in the tour's window."""
    return WindowActions(
        try_demo=lambda: None,
        leave_demo=lambda: None,
        erase_demo=lambda: None,
        preferences=AppSettings,
        prefer=lambda **_wishes: None,
        quit=lambda: None,
    )


def _raise(error: BaseException) -> None:
    raise error
