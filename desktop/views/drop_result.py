"""Looking back on a drop: groups reached, pieces claimed and sold, money, and every claim."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.domain.drops import Claim, Drop
from desktop.domain.errors import AppError
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.services.claims import ClaimEntry, ClaimService
from desktop.services.drops import DropService
from desktop.views.drops.claim_form import ClaimForm, FindFans
from desktop.views.drops.figures import FiguresCard
from desktop.views.page import PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel

ROWS_AT_ONCE = 10
IMPORT_PAGE = "import"


class DropResultView(QWidget):
    """Shown inside the editor, whose `scope` runs its work."""

    def __init__(
        self,
        context: PageContext,
        drops: DropService,
        claims: ClaimService,
        find_fans: FindFans,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context, self._drops, self._claims = context, drops, claims
        self._drop: Drop | None = None
        self._scope: TaskScope | None = None
        self.figures = FiguresCard(context.formats, self)
        self.claim_form = changes(ClaimForm(find_fans, self))
        self.claim_form.entered.connect(self._add)
        self._build_claims()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self.figures)
        column.addWidget(self._card)

    @property
    def scope(self) -> TaskScope | None:
        """Who runs the work."""
        return self._scope

    @scope.setter
    def scope(self, scope: TaskScope) -> None:
        self._scope = scope
        self.claim_form.scope = scope

    def _build_claims(self) -> None:
        self._card = Card("drops.claims", parent=self)
        bring_in = changes(
            Button(
                "drops.import_claims",
                icon="upload",
                on_click=lambda: self._context.go(IMPORT_PAGE),
                parent=self,
            )
        )
        bring_in.setObjectName("import_claims")
        self._card.add_tool(bring_in)
        self.model = RowTableModel(_columns(), self._context.formats, key=lambda claim: claim.uid)
        self.table = DataTable(self.model, name="drops.claims", parent=self)
        self.table.setObjectName("claims")
        self.model.setParent(self.table)
        self.table.action_clicked.connect(self._act)
        self.none = PlainLabel(kind="muted", key="drops.no_claims", wrap=True, parent=self)
        self._card.add(self.claim_form)
        self._card.add(self.table)
        self._card.add(self.none)

    def show_drop(self, drop: Drop) -> None:
        """Read and show the figures and claims of a drop."""
        self._drop = drop
        self._spawn(self._read(drop.uid), "result")

    async def _read(self, uid: str) -> None:
        self.figures.show_result(await self._drops.result(uid))
        self._show_claims(await self._claims.of_drop(uid))

    def _show_claims(self, claims: Sequence[Claim]) -> None:
        self.model.set_rows(claims)
        self.table.setVisible(bool(claims))
        self.none.setVisible(not claims)
        self.table.fit_height(min(len(claims), ROWS_AT_ONCE))
        if len(claims) > ROWS_AT_ONCE:
            self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    # -- doing

    def _add(self, entry: ClaimEntry) -> None:
        if self._drop is not None:
            self._spawn(self._write_down(self._drop.uid, entry), "add claim")

    async def _write_down(self, uid: str, entry: ClaimEntry) -> None:
        try:
            await self._claims.add(uid, entry)
        except AppError as error:
            self._context.notices.failed(error)
            return
        self.claim_form.clear()
        await self._read(uid)

    def _act(self, row: int, key: str) -> None:
        claim: Claim = self.model.row_data(row)
        if claim.refunded_at is not None or (key == "redeem" and claim.is_redeemed):
            return
        if key == "redeem":
            work, said = self._claims.redeem, "drops.redeemed"
            back = self._claims.unredeem
        else:
            work, said = self._claims.refund, "drops.refunded"
            back = self._claims.unrefund
        self._spawn(self._change(claim, work, back, said), f"claim {claim.uid}")

    async def _change(
        self,
        claim: Claim,
        work: Callable[[str], Coroutine[Any, Any, Claim]],
        back: Callable[[str], Coroutine[Any, Any, Claim]],
        said: str,
    ) -> None:
        await work(claim.uid)
        name = claim.name or t("drops.someone")
        self._context.notices.undoable(
            said, lambda: self._spawn(back(claim.uid), f"undo {claim.uid}"), name=name
        )

    def _spawn(self, work: Coroutine[Any, Any, object], name: str) -> None:
        if self._scope is None:
            work.close()
            return
        self._scope.spawn(work, name=name)


def _columns() -> list[Column]:
    return [
        Column(
            "name", "drops.claim_name", lambda claim: claim.name or t("drops.someone"), Kind.PERSON,
            width=180, stretch=True, sortable=False,
        ),
        Column("quantity", "drops.claim_pieces", lambda c: c.quantity, Kind.COUNT, width=72, sortable=False),
        Column("when", "drops.claim_when", lambda c: c.claimed_at, Kind.MOMENT, width=140, sortable=False),
        Column(
            "state", "drops.claim_state", lambda claim: t(f"drops.claim_{_state(claim)}"), Kind.STATE, width=100,
            sortable=False, tone=lambda claim: TONES[_state(claim)],
        ),
        Column(
            "redeem", "drops.claim_use", _redeem_step, Kind.ACTION, width=84, sortable=False,
            changes=lambda _claim: True,
        ),
        Column(
            "refund", "drops.claim_return", _refund_step, Kind.ACTION, width=84, sortable=False,
            changes=lambda _claim: True,
        ),
    ]  # fmt: skip


TONES = {"returned": "neutral", "redeemed": "good", "held": "info"}


def _state(claim: Claim) -> str:
    if claim.refunded_at is not None:
        return "returned"
    return "redeemed" if claim.is_redeemed else "held"


def _redeem_step(claim: Claim) -> str:
    return t("drops.redeem") if _state(claim) == "held" else ""


def _refund_step(claim: Claim) -> str:
    return t("drops.refund") if claim.refunded_at is None else ""
