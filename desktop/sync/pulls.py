"""Everything that is read in a round, stream by stream; an adapter is asked for what it can do and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from desktop.domain.errors import PlatformError, RateLimitedError, RejectedError, UnclearReplyError
from desktop.platforms.ports import (
    Adapter,
    FollowsMoments,
    PullsCustomers,
    PullsEntryWays,
    PullsGroups,
    PullsMassSends,
    PullsStaff,
    PullsStatistics,
    PullsTags,
    PullsTalks,
)
from desktop.platforms.ports_official import (
    FollowsPublications,
    PullsArticles,
    PullsComments,
    PullsFollowers,
    PullsMenu,
    PullsReaders,
)
from desktop.platforms.ports_public import (
    PullsAccountFacts,
    PullsCountedGroups,
    PullsIntentions,
    PullsLiveRooms,
    PullsVideos,
    PullsVouchers,
)
from desktop.platforms.ports_shop import PullsOrders
from desktop.sync import (
    pull_articles,
    pull_entry_ways,
    pull_followers,
    pull_groups,
    pull_intentions,
    pull_mass_sends,
    pull_moments,
    pull_orders,
    pull_people,
    pull_public,
    pull_statistics,
    pull_talks,
)
from desktop.sync.round import Round

T = TypeVar("T")

# Failures that concern one listing only: the account's other streams go on.
OF_ONE_STREAM = (
    "cursor_loop",
    "reply_garbled",
    "reply_too_large",
    "platform_code_unknown",
    "reply_warning",
)

# (what the adapter must be able to do, name of the stream, how it is read), in the order they are read;
# staff, their tags and their customers come before these.
STREAMS: tuple[tuple[type[Any], str, Callable[[Round, Any], Awaitable[object]]], ...] = (
    (PullsGroups, "groups", pull_groups.pull_groups),
    (PullsMassSends, "mass_sends", pull_mass_sends.pull_mass_sends),
    (FollowsMoments, "moments", pull_moments.pull_moments),
    (PullsTalks, "talks", pull_talks.pull_talks),
    (PullsAccountFacts, pull_public.FACTS, pull_public.pull_facts),
    (PullsIntentions, pull_intentions.INTENTIONS, pull_intentions.pull_intentions),
    (PullsCountedGroups, pull_public.GROUPS, pull_public.pull_groups),
    (PullsCountedGroups, pull_public.REQUESTS, pull_public.pull_requests),
    (PullsVideos, pull_public.VIDEOS, pull_public.pull_videos),
    (PullsVideos, pull_public.COMMENTS, pull_public.pull_comments),
    (PullsLiveRooms, pull_public.LIVE, pull_public.pull_live),
    (PullsVouchers, pull_public.VOUCHERS, pull_public.pull_vouchers),
    (PullsOrders, pull_orders.ORDERS, pull_orders.pull_orders),
    (PullsStatistics, "statistics", pull_statistics.pull_statistics),
    (PullsEntryWays, pull_entry_ways.CONTACT_WAYS, pull_entry_ways.pull_contact_ways),
    (PullsEntryWays, pull_entry_ways.JOIN_WAYS, pull_entry_ways.pull_join_ways),
    (PullsEntryWays, pull_entry_ways.WELCOMES, pull_entry_ways.pull_welcomes),
    (PullsFollowers, pull_followers.FOLLOWERS, pull_followers.pull_followers),
    (FollowsPublications, pull_articles.PUBLICATIONS, pull_articles.pull_publications),
    (PullsArticles, pull_articles.DRAFTS, pull_articles.pull_drafts),
    (PullsArticles, pull_articles.ARTICLES, pull_articles.pull_articles),
    (PullsReaders, pull_articles.READERS, pull_articles.pull_readers),
    (PullsComments, pull_articles.COMMENTS, pull_articles.pull_comments),
    (PullsMenu, pull_articles.MENU, pull_articles.pull_menu),
)


async def pull_all(round_: Round, adapter: Adapter) -> None:
    """Read every stream the adapter has. Raises what ends the whole round (see `stream`)."""
    staff: tuple[str, ...] = ()
    if isinstance(adapter, PullsStaff):
        staff = await stream(round_, "staff", pull_people.pull_staff(round_, adapter)) or ()
    if isinstance(adapter, PullsTags):
        await stream(round_, "tags", pull_people.pull_tags(round_, adapter))
    if isinstance(adapter, PullsCustomers):
        await stream(round_, "customers", pull_people.pull_customers(round_, adapter, staff))
    for ability, name, pull in STREAMS:
        if isinstance(adapter, ability):
            await stream(round_, name, pull(round_, adapter))


async def stream(round_: Round, name: str, pull: Awaitable[T]) -> T | None:
    """Run one stream; a refusal of this stream alone is noted and the others go on."""
    report = round_.report.stream(name)
    try:
        return await pull
    except (RejectedError, RateLimitedError) as error:
        report.error_code, report.error_params = error.code, dict(error.params)
    except UnclearReplyError as error:
        if error.code not in OF_ONE_STREAM:
            report.note("stopped")
            raise
        report.error_code, report.error_params = error.code, dict(error.params)
    except PlatformError:  # it ends the whole round, and this stream was not read to its end
        report.note("stopped")
        raise
    report.note("stopped")
    return None
