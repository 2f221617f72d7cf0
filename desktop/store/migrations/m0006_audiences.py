"""Schema 6: saved audiences, their members over time, and lists handed over."""

SCRIPT = """
-- A saved audience: a live rule, or a list frozen at a moment (its rule then tells how it was made).
CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    rule TEXT NOT NULL CHECK (json_valid(rule)),
    frozen_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX segment_name ON segment (name) WHERE removed_at IS NULL;

-- Members of a frozen list.
CREATE TABLE segment_member (
    segment_id INTEGER NOT NULL REFERENCES segment (id),
    fan_id INTEGER NOT NULL REFERENCES fan (id),
    PRIMARY KEY (segment_id, fan_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX segment_member_fan ON segment_member (fan_id);

-- How an audience changed from day to day; joined and gone are against the day counted before.
CREATE TABLE segment_day (
    segment_id INTEGER NOT NULL REFERENCES segment (id),
    day TEXT NOT NULL,
    size INTEGER NOT NULL,
    joined INTEGER,
    gone INTEGER,
    PRIMARY KEY (segment_id, day)
) STRICT, WITHOUT ROWID;

-- Who belonged when the audience was last counted: one bit a fan at its local id, deflated.
CREATE TABLE segment_mark (
    segment_id INTEGER PRIMARY KEY REFERENCES segment (id),
    members BLOB NOT NULL
) STRICT;

-- Every list that left the shop for somebody else: who, when, what for, how many.
CREATE TABLE handover (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    segment_id INTEGER REFERENCES segment (id),
    segment_name TEXT NOT NULL,
    preset TEXT NOT NULL,
    purpose TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL,
    left_out TEXT NOT NULL CHECK (json_valid(left_out)),
    at INTEGER NOT NULL,
    operator TEXT NOT NULL
) STRICT;
CREATE INDEX handover_at ON handover (at);

-- A tag of the shop's own may have a colour (a tone of chips), and a rule of an audience that puts it on.
ALTER TABLE tag ADD COLUMN colour TEXT NOT NULL DEFAULT '';
ALTER TABLE tag ADD COLUMN rule TEXT CHECK (rule IS NULL OR json_valid(rule));
"""
