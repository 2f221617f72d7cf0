"""Schema 9: who was erased, as keyed hashes that no sync and no file gets past."""

SCRIPT = """
-- One erasure: when, and by whom. Nothing about the person.
CREATE TABLE erasure (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    operator TEXT NOT NULL
) STRICT;

-- HMAC-SHA256 of platform, scope and id (phone numbers and union ids are ids too), keyed with the setting
-- 'erasure.key' of this very file.
CREATE TABLE erased_key (
    digest TEXT PRIMARY KEY,
    erasure_id INTEGER NOT NULL REFERENCES erasure (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_key_erasure ON erased_key (erasure_id);
"""
