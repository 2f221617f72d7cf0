"""The pages and commands of the window, in the order of the navigation. Adding a page is one entry here."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.composition.graph import Graph
from desktop.domain.changes import Topic
from desktop.views.comments_page import CommentsPage
from desktop.views.drops_page import DropsPage
from desktop.views.exchange import Exchange
from desktop.views.fans.rights_commands import FanRights
from desktop.views.fans.services import FanPlatform
from desktop.views.fans_page import FansPage
from desktop.views.groups_page import GroupsPage
from desktop.views.home_page import HomePage
from desktop.views.import_wizard import ImportPage
from desktop.views.matrix_page import MatrixPage
from desktop.views.menu_page import MenuPage
from desktop.views.outbox_page import OutboxPage
from desktop.views.posts_page import PostsPage
from desktop.views.ranking_page import RankingPage
from desktop.views.screens import BUSINESS, CONTENT, HOME, PEOPLE, Command, Screen
from desktop.views.segments_page import SegmentsPage
from desktop.views.sent_page import SentPage
from desktop.views.sync_page import SyncPage
from desktop.views.talks_page import TalksPage
from desktop.views.tiers_page import TiersPage
from desktop.views.ways_page import WaysPage
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
        lambda context: HomePage(context, g.home, g.rankings, g.shop, g.backups),
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
        lambda context: TalksPage(context, g.talks, parts.exchange),
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
        lambda context: CommentsPage(context, g.comments),
    )


def _content(g: Graph) -> list[Screen]:
    """What goes out."""
    return [
        Screen(
            "posts",
            "newspaper",
            "posts.title",
            CONTENT,
            lambda context: PostsPage(
                context, g.posts, g.fans, g.accounts, g.outbox, g.segments, g.official
            ),
        ),
        Screen(
            "drops",
            "gift",
            "drops.title",
            CONTENT,
            lambda context: DropsPage(context, g.drops, g.claims, g.groups, g.outbox, g.fans),
        ),
        Screen(
            "outbox",
            "send",
            "outbox.title",
            CONTENT,
            lambda context: OutboxPage(context, g.outbox),
            badge=lambda: _asking(g),
            badge_topics=frozenset({Topic.OUTBOX}),
        ),
        Screen("menu", "menu", "menu.title", CONTENT, lambda context: MenuPage(context, g.menus)),
        Screen("sent", "history", "sent.title", CONTENT, lambda context: SentPage(context, g.sent)),
    ]


def _people(g: Graph) -> list[Screen]:
    """Who the shop reaches."""
    return [
        Screen(
            "fans",
            "user-round",
            "fans.title",
            PEOPLE,
            lambda context: FansPage(
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
            lambda context: TiersPage(context, g.tiers, g.backups),
        ),
        Screen(
            "segments",
            "target",
            "segments.title",
            PEOPLE,
            lambda context: SegmentsPage(context, g.segments, g.backups),
        ),
        Screen(
            "groups",
            "users-round",
            "groups.title",
            PEOPLE,
            lambda context: GroupsPage(context, g.groups, g.backups, g.statistics, g.public),
        ),
        Screen(
            "ways",
            "qr-code",
            "ways.title",
            PEOPLE,
            lambda context: WaysPage(context, g.entry_ways, g.welcomes),
        ),
        Screen(
            "ranking",
            "crown",
            "rank.title",
            PEOPLE,
            lambda context: RankingPage(context, g.rankings, g.fans, g.backups),
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
            lambda context: SyncPage(
                context, g.accounts, g.outbox, parts.exchange, g.first_send, g.statistics, g.grants
            ),
        ),
        Screen("matrix", "layers", "matrix.title", BUSINESS, lambda context: MatrixPage(context, g.matrix)),
        Screen(
            "import",
            "file-up",
            "imports.title",
            BUSINESS,
            lambda context: ImportPage(context, g.imports),
        ),
    ]


async def _asking(graph: Graph) -> int:
    """Outbox items that wait for a person's word."""
    counts = await graph.outbox.counts()
    return sum(counts[state] for state in ("unknown", "held", "rejected"))


def commands(parts: Parts) -> list[Command]:
    """What the palette offers beside pages and the window's own commands."""
    return []
