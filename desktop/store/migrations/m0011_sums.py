"""Schema 11: what audiences sum and list stands in the indexes: asked of everybody, the rows are left alone."""

SCRIPT = """
DROP INDEX order_fan;
CREATE INDEX order_fan ON "order" (fan_id, paid_at, is_sale, net_cents);
DROP INDEX interaction_fan;
CREATE INDEX interaction_fan ON interaction (fan_id, at, kind, quantity);
DROP INDEX fan_tag_tag;
CREATE INDEX fan_tag_tag ON fan_tag (tag_id, fan_id);
"""
