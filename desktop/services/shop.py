"""The shop's own facts: make it, read it, change it, keep the owner's settings."""

from __future__ import annotations

from typing import Any

from desktop.domain.errors import NotFoundError
from desktop.domain.shop import Shop, checked_industry, checked_name, checked_zone
from desktop.store import shop as shop_rows
from desktop.store.database import Store


class ShopService:
    """One shop a database. Methods raise InvalidInputError for bad names, zones and industries."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, name: str, industry: str, timezone: str, *, is_demo: bool = False) -> Shop:
        """A new shop. Raises ConflictError('shop_exists') when this folder has one."""
        facts = checked_name(name), checked_industry(industry), checked_zone(timezone)
        return await self._store.write(
            lambda tx: shop_rows.create(tx, *facts, is_demo=is_demo, device_id=self._store.device_id),
            kind="shop.create",
            payload={"name": facts[0], "industry": facts[1], "timezone": facts[2]},
        )

    async def find(self) -> Shop | None:
        """The shop, or None before the first run's questions."""
        return await self._store.read(shop_rows.find)

    async def get(self) -> Shop:
        """The shop. Raises NotFoundError('shop_missing') before it was made."""
        shop = await self.find()
        if shop is None:
            raise NotFoundError("shop_missing")
        return shop

    async def change(self, name: str, industry: str, timezone: str) -> None:
        """Rename the shop, or set another quadrant or zone."""
        facts = checked_name(name), checked_industry(industry), checked_zone(timezone)
        await self._store.write(
            lambda tx: shop_rows.update(tx, *facts),
            kind="shop.change",
            payload={"name": facts[0], "industry": facts[1], "timezone": facts[2]},
        )

    async def setting(self, key: str) -> Any:
        """The owner's value for `key`, or None."""
        return await self._store.read(lambda conn: shop_rows.setting(conn, key))

    async def set_setting(self, key: str, value: Any) -> None:
        """Keep a value; None goes back to the default."""
        await self._store.write(
            lambda tx: shop_rows.set_setting(tx, key, value),
            kind="setting.set",
            payload={"key": key, "value": value},
        )
