"""A person with something in every corner of a shop, and what is asked about the shop after they went."""

import json
from pathlib import Path
from typing import Any

from desktop.domain.write_kinds.wecom import CUSTOMER_REMARK, MASS_SEND_CUSTOMERS
from desktop.domain.writes import Write, sha256_text
from desktop.services.fans import FanService
from desktop.services.imports import ImportService
from desktop.services.personal_records import PersonalRecordService
from desktop.store.database import Store
from desktop.wording import Wording
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor

WHO, PHONE, UNION, WECOM = "欧阳锦瑟", "13812345678", "o-union-erase-1", "wmEraseMeSoon01"
REMARK = "锦瑟姐姐常买"
HEADER = "order_id,buyer_id,buyer_name,buyer_phone,paid_at,amount,item,quantity,status,source_account\n"
FILE = (
    HEADER + f"E1,dyErase0001,{WHO},{PHONE},2026-05-01 10:00:00,12.5,桂圆,1,已发货,\n"
    f"E2,dyErase0001,{WHO},{PHONE},2026-05-02 10:00:00,30,红枣,1,已发货,\n"
    "E3,dyOther0002,周别人,13700000000,2026-05-02 11:00:00,7,红枣,1,已发货,\n"
    f"E4,,{WHO},138****5678x,,不是钱,红枣,1,已发货,\n"
)


def send(
    tx: Any, account: int, kind: str, state: str, targets: list[tuple[str, int | None]], **more: Any
) -> int:
    """An outbox item with its deliveries."""
    entity, entity_id = more.pop("about", ("post", 0))
    payload = Write(kind, {"text": "新到的梨", **more}, tuple(t for t, _ in targets)).canonical()
    item = tx.db.execute(
        "INSERT INTO outbox (uid, account_id, kind, entity, entity_id, state, payload, payload_sha256, summary,"
        " order_key, not_before, hold_until, confirmed_at, confirmed_by, device_id, platform_id, proof, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 'tester', 'd', 'm1', '{}', 0)",
        (tx.new_uid(), account, kind, entity, entity_id, state, payload, sha256_text(payload),
         json.dumps({"recipients": len(targets), "text": "新到的梨"}), f"k{state}"),
    ).lastrowid  # fmt: skip
    status = "planned" if state == "queued" else "sent"
    for target, identity in targets:
        tx.db.execute(
            "INSERT INTO delivery (outbox_id, target_kind, target_external_id, identity_id, status, updated_at)"
            " VALUES (?, 'fan', ?, ?, ?, 0)",
            (item, target, identity, status),
        )
    return int(item)


def post(tx: Any, account: int, body: str) -> int:
    return int(
        tx.db.execute(
            "INSERT INTO post (uid, account_id, title, body, created_at, updated_at)"
            " VALUES (?, ?, '草稿', ?, 0, 0)",
            (tx.new_uid(), account, body),
        ).lastrowid
    )


class Somebody:
    """A person with something in every corner of a shop, brought in as far as possible by its own doors."""

    def __init__(self, store: Store, clock: FakeClock, folder: Path) -> None:
        self.store, self.clock, self.folder = store, clock, folder
        self.imports = ImportService(store, clock)
        self.items: dict[str, int] = {}

    async def come(self) -> int:
        self.file = self.folder / "订单.csv"
        self.file.write_text(FILE, encoding="utf-8")
        plan = await self.imports.plan(self.file)
        self.batch = (await self.imports.commit(plan)).batch
        self.fan = await self.store.read(
            lambda conn: conn.execute(
                "SELECT fan_id FROM identity WHERE external_id = 'dyErase0001'"
            ).fetchone()[0]
        )
        await self.store.write(self._furnish, kind=None)
        fans = FanService(self.store, self.clock)
        await fans.set_note(self.fan, f"{WHO}怕辣")
        await fans.add_tag([self.fan, self.other], "常客")
        target = self.folder / "她的资料.xlsx"
        await PersonalRecordService(self.store).export(self.fan, target, Wording("zh_CN").text)
        return int(self.fan)

    def _furnish(self, tx: Any) -> None:
        other = tx.db.execute("SELECT fan_id FROM identity WHERE external_id = 'dyOther0002'").fetchone()[0]
        self.other = int(other)
        account = floor.account(tx)
        scope = tx.db.execute("SELECT external_id FROM account WHERE id = ?", (account,)).fetchone()[0]
        shadow = floor.fan(tx, f"{WHO}小号", key=("wechat", "gh1", "oShadowErase9"))
        tx.db.execute("UPDATE identity SET fan_id = ? WHERE fan_id = ?", (self.fan, shadow))
        tx.db.execute("UPDATE fan SET merged_into = ? WHERE id = ?", (self.fan, shadow))
        mine = floor.befriend(tx, self.fan, account, 5)
        tx.db.execute("UPDATE identity SET external_id = ?, name = ? WHERE id = ?", (WECOM, WHO, mine))
        mobiles = json.dumps([PHONE])
        tx.db.execute(
            "UPDATE follow SET remark = ?, mobiles = ? WHERE identity_id = ?", (REMARK, mobiles, mine)
        )
        tx.db.execute(
            "INSERT INTO identity (fan_id, platform, scope, external_id, origin, first_seen_at, updated_at)"
            " VALUES (?, 'wechat_union', '', ?, 'sync:x', 0, 0)",
            (self.fan, UNION),
        )
        theirs = floor.befriend(tx, other, account, 5)
        floor.touch(tx, self.fan, "comment", floor.at("2026-05-03"))
        moved = floor.touch(tx, other, "referral", floor.at("2026-05-04"))
        tx.db.execute("UPDATE interaction SET referred_fan_id = ? WHERE id = ?", (self.fan, moved))
        group = floor.group(tx, "福利群", account)
        floor.member(tx, group, WECOM, identity=mine, joined=1)
        floor.member(tx, group, f"wm{other}", identity=theirs, joined=2)
        tx.db.execute(
            "UPDATE group_member SET invitor_external_id = ? WHERE external_id = ?", (WECOM, f"wm{other}")
        )
        desk = tx.db.execute(
            "INSERT INTO desk (account_id, external_id) VALUES (?, 'kf1')", (account,)
        ).lastrowid
        talk = tx.db.execute(
            "INSERT INTO conversation (uid, desk_id, external_id, identity_id, name, last_at, draft)"
            " VALUES (?, ?, ?, ?, ?, 0, '马上给您发')",
            (tx.new_uid(), desk, WECOM, mine, WHO),
        ).lastrowid
        tx.db.execute(
            "INSERT INTO message (conversation_id, external_id, direction, kind, text, at)"
            " VALUES (?, 'x1', 'in', 'text', ?, 0)",
            (talk, f"我是{WHO}，电话{PHONE}"),
        )
        drop = tx.db.execute(
            "INSERT INTO welfare_drop (uid, item, created_at, updated_at) VALUES (?, '桂圆', 0, 0)",
            (tx.new_uid(),),
        ).lastrowid
        tx.db.execute(
            "INSERT INTO drop_claim (uid, drop_id, fan_id, name, claimed_at, origin)"
            " VALUES (?, ?, ?, ?, 0, 'operator')",
            (tx.new_uid(), drop, self.fan, WHO),
        )
        many = [(WECOM, mine), (f"wm{other}", theirs)]
        about = ("post", post(tx, account, f"{WHO}专属：新到的梨，联系{PHONE}"))
        self.items["waiting"] = send(tx, account, MASS_SEND_CUSTOMERS, "queued", many, about=about)
        self.items["past"] = send(tx, account, MASS_SEND_CUSTOMERS, "done", many, about=about)
        self.items["alone"] = send(
            tx, account, CUSTOMER_REMARK, "queued", [(WECOM, mine)], staff="lisi", remark=REMARK,
            about=("fan", self.fan),
        )  # fmt: skip
        relations = json.dumps([f"{WECOM} lisi", f"wm{other} lisi"])
        for stream, mark in (("relations", relations), ("followers", WECOM)):
            tx.db.execute("INSERT INTO sync_seen VALUES (?, ?, ?)", (account, stream, mark))
        tx.db.execute(
            "UPDATE \"order\" SET receiver = ? WHERE order_no = 'E3'",
            (json.dumps({"phone": PHONE, "name": "x"}),),
        )
        assert scope

    def needles(self) -> list[bytes]:
        return [
            text.encode() for text in (WHO, PHONE, UNION, WECOM, REMARK, "dyErase0001", "oShadowErase9")
        ]


def named_in(folder: Path, needles: list[bytes]) -> list[tuple[str, bytes]]:
    """(file, text) wherever one of the texts stands in the bytes below a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [(path.name, one) for path in files for one in needles if one in path.read_bytes()]


async def money(store: Store) -> list[Any]:
    """Every sum of money, by day and platform."""
    return await store.read(
        lambda conn: [
            tuple(row)
            for row in conn.execute(
                "SELECT platform, paid_at, count(*), sum(paid_cents), sum(refund_cents), sum(net_cents)"
                ' FROM "order" WHERE is_sale = 1 GROUP BY 1, 2 ORDER BY 1, 2'
            )
        ]
    )
