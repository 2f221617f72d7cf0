"""Writes that Douyin shop takes. Ids in their bodies are the platform's own."""

from desktop.domain.write_kinds.kind import Kind, Proof

ORDER_REMARK = "doudian.order.remark"

KINDS = (
    # {order, remark (at most 60 signs), star (0 to 5)}: the seller's own note of an order, as a whole
    Kind(ORDER_REMARK, Proof.STATE),
)
