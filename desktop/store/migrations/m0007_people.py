"""Schema 7: what people said about being reached."""

CONSENTS = """
-- What a person said about being reached, word by word. channel '' is every channel; is_latest marks the
-- word that counts for its purpose and channel. fan.marketing repeats the one on marketing everywhere.
CREATE TABLE consent (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    fan_id INTEGER NOT NULL REFERENCES fan (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('marketing', 'profiling', 'sharing', 'guardian')),
    channel TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('agreed', 'refused')),
    at INTEGER NOT NULL,
    source TEXT NOT NULL DEFAULT '',
    wording TEXT NOT NULL DEFAULT '',
    proof TEXT NOT NULL DEFAULT '',
    proof_sha256 TEXT NOT NULL DEFAULT '',
    origin TEXT NOT NULL,
    noted_at INTEGER NOT NULL,
    is_latest INTEGER NOT NULL DEFAULT 0 CHECK (is_latest IN (0, 1))
) STRICT;
CREATE INDEX consent_fan ON consent (fan_id, purpose, channel);
CREATE INDEX consent_latest ON consent (fan_id, purpose) WHERE is_latest = 1;
INSERT INTO consent (uid, fan_id, purpose, state, at, origin, noted_at, is_latest)
    SELECT lower(hex(randomblob(16))), id, 'marketing', marketing, updated_at, 'before', updated_at, 1
    FROM fan WHERE marketing <> 'unknown';

-- Below fourteen years: marketing needs a guardian's word.
ALTER TABLE fan ADD COLUMN under_14 INTEGER NOT NULL DEFAULT 0 CHECK (under_14 IN (0, 1));
"""

SCRIPT = CONSENTS
