"""Schema 10: one person known as several: merges, what they moved, and what the owner said of pairs."""

SCRIPT = """
-- Where a row belonged before its fan was merged into another; NULL: where it stands. What came by an
-- identity belongs where that identity does (store/matching/merges.py).
ALTER TABLE identity ADD COLUMN home_fan_id INTEGER;
ALTER TABLE "order" ADD COLUMN home_fan_id INTEGER;
ALTER TABLE drop_claim ADD COLUMN home_fan_id INTEGER;
-- The coupon's own code, where a file told it.
ALTER TABLE drop_claim ADD COLUMN code TEXT NOT NULL DEFAULT '';
CREATE INDEX drop_claim_code ON drop_claim (code) WHERE code <> '';
ALTER TABLE consent ADD COLUMN home_fan_id INTEGER;
ALTER TABLE interaction ADD COLUMN home_fan_id INTEGER;
ALTER TABLE interaction ADD COLUMN home_referred_id INTEGER;
-- By which identity it came; of those from before, and of typed ones, none is known.
ALTER TABLE interaction ADD COLUMN identity_id INTEGER;

-- What a fan had of their own before others filled it, as JSON, while others stand behind them.
ALTER TABLE fan ADD COLUMN own_fields TEXT CHECK (own_fields IS NULL OR json_valid(own_fields));

-- took: rows the kept fan was given of the other, as JSON; given up when they part.
CREATE TABLE fan_merge (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    kept_fan_id INTEGER NOT NULL REFERENCES fan (id),
    merged_fan_id INTEGER NOT NULL REFERENCES fan (id),
    proof TEXT NOT NULL CHECK (json_valid(proof)),
    took TEXT NOT NULL CHECK (json_valid(took)),
    at INTEGER NOT NULL,
    operator TEXT NOT NULL,
    undone_at INTEGER
) STRICT;
CREATE INDEX fan_merge_kept ON fan_merge (kept_fan_id);
CREATE UNIQUE INDEX fan_merge_merged ON fan_merge (merged_fan_id) WHERE undone_at IS NULL;

-- The owner said these are two. marks: the proofs they looked at; a new one asks again.
CREATE TABLE match_refusal (
    fan_id INTEGER NOT NULL REFERENCES fan (id),
    other_id INTEGER NOT NULL REFERENCES fan (id),
    marks TEXT NOT NULL CHECK (json_valid(marks)),
    at INTEGER NOT NULL,
    PRIMARY KEY (fan_id, other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX match_refusal_other ON match_refusal (other_id);

-- A platform named two known fans by one union id.
CREATE TABLE match_union (
    identity_id INTEGER NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
    other_id INTEGER NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    PRIMARY KEY (identity_id, other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX match_union_other ON match_union (other_id);
"""
