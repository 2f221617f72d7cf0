"""Schema 11: what audiences sum and list stands in the indexes, and tags that were taken off are remembered."""

SCRIPT = """
-- Asked of everybody, the rows themselves are left alone.
DROP INDEX order_fan;
CREATE INDEX order_fan ON "order" (fan_id, paid_at, is_sale, net_cents);
DROP INDEX interaction_fan;
CREATE INDEX interaction_fan ON interaction (fan_id, at, kind, quantity);
DROP INDEX fan_tag_tag;
CREATE INDEX fan_tag_tag ON fan_tag (tag_id, fan_id);

-- A tag that was taken off: when, and by whom.
CREATE TABLE fan_untag (
    fan_id INTEGER NOT NULL REFERENCES fan (id),
    tag_id INTEGER NOT NULL REFERENCES tag (id),
    at INTEGER NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('operator', 'rule', 'platform')),
    PRIMARY KEY (fan_id, tag_id, at)
) STRICT, WITHOUT ROWID;
"""
