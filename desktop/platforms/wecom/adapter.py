"""The WeCom account as the rest of the program sees it, and how one is connected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from desktop.domain.clock import Clock
from desktop.domain.mass_send import ChatType, StaffTask, TargetResult
from desktop.domain.platform_records import (
    CustomerRecord,
    EntryWayRecord,
    GroupRecord,
    GroupStub,
    MomentRecord,
    MomentView,
    PageOf,
    StaffRecord,
    TagRecord,
    WelcomeRecord,
)
from desktop.domain.proof import Listing
from desktop.domain.statistics import GroupDay, StaffDay
from desktop.domain.talks import DeskRecord, PersonRecord, TalkPage, TalkState
from desktop.domain.write_kinds.kind import MediaUse
from desktop.platforms.account_adapter import AccountAdapter
from desktop.platforms.door import Door
from desktop.platforms.http import ApiClient
from desktop.platforms.ports import Budget
from desktop.platforms.wecom import (
    contact_ways,
    customers,
    groups,
    join_ways,
    kf,
    mass_sends,
    media,
    moments,
    statistics,
    tags,
    welcomes,
    writes,
)
from desktop.platforms.wecom.client import WeComClient

HOSTS = ("qyapi.weixin.qq.com",)


class WeComAdapter(AccountAdapter[WeComClient]):
    """One WeCom app. Every method raises the five errors described in desktop.platforms.ports."""

    platform = "wecom"
    performs = writes.PERFORM
    proves = writes.PROVE
    customer_staff_limit = 100

    def __init__(self, client: WeComClient) -> None:
        super().__init__(client, client.corp_id)

    async def check(self) -> int:
        """Sign in and read the staff list; how many staff members have customers."""
        return len(await customers.staff(self._client))

    async def staff(self) -> tuple[StaffRecord, ...]:
        """Everybody with the customer-contact right inside the app's range."""
        return await customers.staff(self._client)

    async def customer_ids(self, staff_id: str) -> tuple[str, ...]:
        """Every customer id of one staff member."""
        return await customers.customer_ids(self._client, staff_id)

    async def customers(self, staff_ids: Sequence[str], cursor: str) -> PageOf[CustomerRecord]:
        """One page of the customers of up to 100 staff."""
        return await customers.customers(self._client, staff_ids, cursor)

    async def tags(self) -> PageOf[TagRecord]:
        """Every corp tag."""
        return await tags.tags(self._client)

    async def groups(self, cursor: str) -> PageOf[GroupStub]:
        """One page of the group listing."""
        return await groups.groups(self._client, cursor)

    async def group(self, external_id: str) -> GroupRecord | None:
        """One group with all members; None when it is gone."""
        return await groups.group(self._client, external_id)

    async def desks(self) -> tuple[DeskRecord, ...]:
        """Every service desk."""
        return await kf.desks(self._client)

    async def talk_page(self, desk_id: str, cursor: str) -> TalkPage:
        """Messages of a desk since a cursor."""
        return await kf.page(self._client, desk_id, cursor)

    async def talk_people(self, person_ids: Sequence[str]) -> tuple[PersonRecord, ...]:
        """Who these customers are."""
        return await kf.people(self._client, person_ids)

    async def talk_state(self, desk_id: str, person_id: str) -> TalkState:
        """Who answers a customer now."""
        return await kf.state(self._client, desk_id, person_id)

    def today(self) -> date:
        """The day it is at WeCom."""
        return statistics.today(self._client)

    async def staff_days(self, staff_id: str, first: date, last: date) -> list[StaffDay]:
        """One staff member over at most 30 days."""
        return await statistics.staff_days(self._client, staff_id, first, last)

    async def group_days(self, owner_id: str, first: date, last: date) -> list[GroupDay]:
        """All groups of one owner over at most 30 days."""
        return await statistics.group_days(self._client, owner_id, first, last)

    def platform_now_ms(self) -> int:
        """The time at WeCom, UTC ms."""
        return self._client.platform_now_ms()

    async def mass_sends(self, chat_type: ChatType, start_ms: int, end_ms: int) -> Listing:
        """Mass sends made between two moments at most a month apart, by anyone."""
        return await mass_sends.list_mass_sends(self._client, chat_type, start_ms, end_ms)

    async def contact_way_ids(self, cursor: str) -> PageOf[str]:
        """One page of the ids of contact ways."""
        return await contact_ways.contact_way_ids(self._client, cursor)

    async def contact_way(self, external_id: str) -> EntryWayRecord | None:
        """One contact way; None when it is gone."""
        return await contact_ways.contact_way(self._client, external_id)

    async def join_way(self, external_id: str) -> EntryWayRecord | None:
        """One join way; None when it is gone."""
        return await join_ways.join_way(self._client, external_id)

    async def welcome(self, external_id: str) -> WelcomeRecord | None:
        """One group welcome; None when it is gone."""
        return await welcomes.welcome(self._client, external_id)

    async def prepare(self, kind: str) -> None:
        """Have a token and a call of the kind's path at hand."""
        await self._client.ready(*writes.PATHS[kind])

    def keep_to(self, budget: Budget) -> None:
        """Ask this budget before each call."""
        self._client.keep_to(budget)

    async def hear_time(self) -> None:
        """Ask for the staff list, to hear what time it is there."""
        await customers.staff(self._client)

    async def recent(self, kind: str, since_ms: int) -> Listing:
        """What WeCom took of a listed kind since a moment."""
        return await writes.RECENT[kind](self._client, kind, since_ms)

    async def mass_send_tasks(self, platform_id: str) -> list[StaffTask]:
        """Who has to confirm and when they did."""
        return await mass_sends.mass_send_tasks(self._client, platform_id)

    async def mass_send_results(self, platform_id: str, staff_external_id: str) -> list[TargetResult]:
        """What became of it for each receiver."""
        return await mass_sends.mass_send_results(self._client, platform_id, staff_external_id)

    async def moments(self, since_ms: int) -> tuple[tuple[MomentRecord, ...], int]:
        """Every moment since a time at most 30 days ago."""
        return await moments.moments(self._client, since_ms)

    async def moment_of_job(self, job: str) -> str | None:
        """The moment a job made; None while it runs."""
        return await moments.moment_of_job(self._client, job)

    async def moment_publishing(self, moment: str) -> list[TargetResult]:
        """Which staff have published it."""
        return await moments.publishing(self._client, moment)

    async def moment_view(self, moment: str, staff_id: str) -> MomentView:
        """What came of it with the customers of one staff member."""
        return await moments.view_of(self._client, moment, staff_id)

    async def upload_image(self, content: bytes, file_name: str, mime: str, use: MediaUse) -> str:
        """Hand over a JPG or PNG; its media id, good for this use only."""
        return await media.upload_image(self._client, content, file_name, mime, use)


class WeComPlatform(Door):
    """Connects WeCom accounts."""

    name = "wecom"
    default_base_url = "https://qyapi.weixin.qq.com"
    secret_fields: tuple[str, ...] = ("corpid", "corpsecret")
    hosts = HOSTS
    id_field = "corpid"

    def connect(self, base_url: str, secrets: Mapping[str, str], clock: Clock) -> WeComAdapter:
        """An open line; nothing is sent yet. Raises InvalidInputError for missing secrets."""
        own_id, secret = self.needed(secrets)
        return WeComAdapter(WeComClient(ApiClient(base_url, HOSTS), own_id, secret, clock))
