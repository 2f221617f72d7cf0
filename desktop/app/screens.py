"""The pages and commands of the window, in the order of the navigation. Adding a page is one entry here."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.composition.graph import Graph
from desktop.views.exchange import Exchange
from desktop.views.fans_page import FansPage
from desktop.views.home_page import HomePage
from desktop.views.import_wizard import ImportPage
from desktop.views.screens import HOME, PEOPLE, Command, Screen
from desktop.views.window_actions import WindowActions


@dataclass(frozen=True)
class Parts:
    """What pages are built from."""

    graph: Graph
    exchange: Exchange
    actions: WindowActions


def screens(parts: Parts) -> list[Screen]:
    """Every page there is."""
    graph = parts.graph
    return [
        Screen(
            "home",
            "layout-dashboard",
            "home.title",
            HOME,
            lambda context: HomePage(context, graph.home, graph.rankings, graph.shop),
        ),
        Screen(
            "fans",
            "user-round",
            "fans.title",
            PEOPLE,
            lambda context: FansPage(context, graph.fans, graph.rankings, graph.backups),
        ),
        Screen(
            "import",
            "file-up",
            "imports.title",
            PEOPLE,
            lambda context: ImportPage(context, graph.imports),
        ),
    ]


def commands(parts: Parts) -> list[Command]:
    """What the palette offers beside pages and the window's own commands."""
    return []
