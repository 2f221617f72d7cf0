"""What the directory is given beside the directory's own service."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.services.customer_edits import CustomerEditService
from desktop.services.orders import OrderService
from desktop.services.own_tags import OwnTagService
from desktop.services.platform_tags import PlatformTagService
from desktop.services.segments import SegmentService


@dataclass(frozen=True)
class FanPlatform:
    """The services that change fans at the platform, tags wherever they are kept, and orders."""

    tags: PlatformTagService
    edits: CustomerEditService
    own: OwnTagService
    segments: SegmentService
    orders: OrderService
