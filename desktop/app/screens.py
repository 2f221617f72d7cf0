"""The pages and commands of the window, in the order of the navigation. Adding a page is one entry here."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.composition.graph import Graph
from desktop.domain.changes import Topic
from desktop.views import (
    comments_page,
    drops_page,
    fans_page,
    groups_page,
    home_page,
    import_wizard,
    matrix_page,
    menu_page,
    outbox_page,
    posts_page,
    ranking_page,
    segments_page,
    sent_page,
    sync_page,
    talks_page,
    tiers_page,
    ways_page,
)
from desktop.views.exchange import Exchange
from desktop.views.fans.rights_commands import FanRights
from desktop.views.fans.services import FanPlatform
from desktop.views.screens import BUSINESS, CONTENT, HOME, PEOPLE, Command, Screen
from desktop.views.window_actions import WindowActions


@dataclass(frozen=True)
class Parts:
    """What pages are built from."""

    graph: Graph
    exchange: Exchange
    actions: WindowActions


def screens(parts: Parts) -> list[Screen]:
    """Every page there is."""
    g = parts.graph
    home = Screen(
        "home",
        "layout-dashboard",
        "home.title",
        HOME,
        lambda context: home_page.HomePage(context, g.home, g.rankings, g.shop, g.backups),
    )
    return [home, _talks(parts), _comments(g), *_content(g), *_people(g), *_business(parts)]


def _talks(parts: Parts) -> Screen:
    """Customers who wrote, with how many wait."""
    g = parts.graph
    return Screen(
        "talks",
        "messages-square",
        "talks.title",
        HOME,
        lambda context: talks_page.TalksPage(context, g.talks, parts.exchange),
        badge=g.talks.waiting,
        badge_topics=frozenset({Topic.CONVERSATION, Topic.OUTBOX}),
    )


def _comments(g: Graph) -> Screen:
    """Comments below articles and posts."""
    return Screen(
        "comments",
        "message-square-text",
        "comments.title",
        HOME,
        lambda context: comments_page.CommentsPage(context, g.comments),
    )


def _content(g: Graph) -> list[Screen]:
    """What goes out."""
    return [
        Screen(
            "posts",
            "newspaper",
            "posts.title",
            CONTENT,
            lambda context: posts_page.PostsPage(
                context, g.posts, g.fans, g.accounts, g.outbox, g.segments, g.official
            ),
        ),
        Screen(
            "drops",
            "gift",
            "drops.title",
            CONTENT,
            lambda context: drops_page.DropsPage(context, g.drops, g.claims, g.groups, g.outbox, g.fans),
        ),
        Screen(
            "outbox",
            "send",
            "outbox.title",
            CONTENT,
            lambda context: outbox_page.OutboxPage(context, g.outbox),
            badge=lambda: _asking(g),
            badge_topics=frozenset({Topic.OUTBOX}),
        ),
        Screen("menu", "menu", "menu.title", CONTENT, lambda context: menu_page.MenuPage(context, g.menus)),
        Screen(
            "sent", "history", "sent.title", CONTENT, lambda context: sent_page.SentPage(context, g.sent)
        ),
    ]


def _people(g: Graph) -> list[Screen]:
    """Who the shop reaches."""
    return [
        Screen(
            "fans",
            "user-round",
            "fans.title",
            PEOPLE,
            lambda context: fans_page.FansPage(
                context,
                g.fans,
                g.rankings,
                g.backups,
                FanPlatform(g.platform_tags, g.customer_edits, g.own_tags, g.segments, g.orders),
                groups=g.groups.groups,
                rights=FanRights(g.consents, g.personal_records, g.erasures),
                matching=g.matching,
            ),
        ),
        Screen(
            "tiers",
            "gem",
            "tiers.title",
            PEOPLE,
            lambda context: tiers_page.TiersPage(context, g.tiers, g.backups),
        ),
        Screen(
            "segments",
            "target",
            "segments.title",
            PEOPLE,
            lambda context: segments_page.SegmentsPage(context, g.segments, g.backups),
        ),
        Screen(
            "groups",
            "users-round",
            "groups.title",
            PEOPLE,
            lambda context: groups_page.GroupsPage(context, g.groups, g.backups, g.statistics, g.public),
        ),
        Screen(
            "ways",
            "qr-code",
            "ways.title",
            PEOPLE,
            lambda context: ways_page.WaysPage(context, g.entry_ways, g.welcomes),
        ),
        Screen(
            "ranking",
            "crown",
            "rank.title",
            PEOPLE,
            lambda context: ranking_page.RankingPage(context, g.rankings, g.fans, g.backups),
        ),
    ]


def _business(parts: Parts) -> list[Screen]:
    """What comes in."""
    g = parts.graph
    return [
        Screen(
            "sync",
            "refresh-cw",
            "sync_page.title",
            BUSINESS,
            lambda context: sync_page.SyncPage(
                context, g.accounts, g.outbox, parts.exchange, g.first_send, g.statistics, g.grants
            ),
        ),
        Screen(
            "matrix",
            "layers",
            "matrix.title",
            BUSINESS,
            lambda context: matrix_page.MatrixPage(context, g.matrix),
        ),
        Screen(
            "import",
            "file-up",
            "imports.title",
            BUSINESS,
            lambda context: import_wizard.ImportPage(context, g.imports),
        ),
    ]


async def _asking(graph: Graph) -> int:
    """Outbox items that wait for a person's word."""
    counts = await graph.outbox.counts()
    return sum(counts[state] for state in ("unknown", "held", "rejected"))


def commands(parts: Parts) -> list[Command]:
    """What the palette offers beside pages and the window's own commands."""
    return []
