"""Pieces of statements about fans that many ask: who is here, who is gone, how the shop learnt of an identity."""

LIVE = "fan.removed_at IS NULL AND fan.merged_into IS NULL"
GONE = "SELECT id FROM fan WHERE removed_at IS NOT NULL OR merged_into IS NOT NULL"
ORIGIN = "substr({0}origin, 1, instr({0}origin || ':', ':') - 1)"
