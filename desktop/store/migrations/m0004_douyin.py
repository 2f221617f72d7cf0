"""Schema 4: Douyin: consents and their ends, what an account publishes and who answers it, join requests.

Times are UTC milliseconds, days are 'YYYY-MM-DD' of the shop's zone, ids from outside are text.
"""

GRANTS = """
-- The owner's consent as far as it may be kept here: times and counts, never a token.
CREATE TABLE account_grant (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    open_id TEXT NOT NULL DEFAULT '',
    granted_at INTEGER NOT NULL,
    refresh_until INTEGER NOT NULL,
    renewals INTEGER NOT NULL DEFAULT 0,
    renewals_most INTEGER NOT NULL DEFAULT 0,
    can_renew INTEGER NOT NULL DEFAULT 1 CHECK (can_renew IN (0, 1))
) STRICT;
"""

PUBLIC = """
-- What the platform tells about the account itself and its fans on a day, as it came.
CREATE TABLE account_day (
    account_id INTEGER NOT NULL REFERENCES account (id),
    day TEXT NOT NULL,
    fans INTEGER,
    facts TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(facts)),
    PRIMARY KEY (account_id, day)
) STRICT, WITHOUT ROWID;

-- A published video or image-text post with its figures.
CREATE TABLE video (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    external_id TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    share_url TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    is_top INTEGER NOT NULL DEFAULT 0 CHECK (is_top IN (0, 1)),
    created_at INTEGER NOT NULL,
    plays INTEGER NOT NULL DEFAULT 0,
    likes INTEGER NOT NULL DEFAULT 0,
    comments INTEGER NOT NULL DEFAULT 0,
    shares INTEGER NOT NULL DEFAULT 0,
    outbox_id INTEGER REFERENCES outbox (id),
    UNIQUE (account_id, external_id)
) STRICT;
CREATE INDEX video_at ON video (created_at);

-- Comments below videos; parent '' for those of the first level.
CREATE TABLE video_comment (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    video_id INTEGER NOT NULL REFERENCES video (id),
    external_id TEXT NOT NULL,
    parent TEXT NOT NULL DEFAULT '',
    identity_id INTEGER REFERENCES identity (id),
    name TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL,
    likes INTEGER NOT NULL DEFAULT 0,
    replies INTEGER NOT NULL DEFAULT 0,
    is_top INTEGER NOT NULL DEFAULT 0 CHECK (is_top IN (0, 1)),
    is_ours INTEGER NOT NULL DEFAULT 0 CHECK (is_ours IN (0, 1)),
    UNIQUE (video_id, external_id)
) STRICT;
CREATE INDEX video_comment_at ON video_comment (at);
CREATE INDEX video_comment_identity ON video_comment (identity_id) WHERE identity_id IS NOT NULL;

-- A live broadcast with the figures the platform had ready.
CREATE TABLE live_room (
    account_id INTEGER NOT NULL REFERENCES account (id),
    external_id TEXT NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    figures TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(figures)),
    PRIMARY KEY (account_id, external_id)
) STRICT, WITHOUT ROWID;

-- A group-buy voucher that was verified at the shop.
CREATE TABLE voucher (
    account_id INTEGER NOT NULL REFERENCES account (id),
    external_id TEXT NOT NULL,
    certificate_id TEXT NOT NULL DEFAULT '',
    item TEXT NOT NULL DEFAULT '',
    verified_at INTEGER NOT NULL,
    cancelled_at INTEGER,
    paid_cents INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, external_id)
) STRICT, WITHOUT ROWID;
"""

GROUPS = """
-- Groups whose members the platform does not name, only counts.
ALTER TABLE fan_group ADD COLUMN member_count INTEGER;
ALTER TABLE fan_group ADD COLUMN member_limit INTEGER;

-- Somebody wants to join a group. state: pending, accepted (by us), gone (decided elsewhere or withdrawn).
CREATE TABLE join_request (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    external_id TEXT NOT NULL,
    group_external_id TEXT NOT NULL,
    identity_id INTEGER REFERENCES identity (id),
    name TEXT NOT NULL DEFAULT '',
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'accepted', 'gone')),
    settled_at INTEGER,
    UNIQUE (account_id, external_id)
) STRICT;
CREATE INDEX join_request_state ON join_request (state, asked_at);
"""

TALKS = """
-- The platform's own name of the talk, where a reply must carry it.
ALTER TABLE conversation ADD COLUMN thread_id TEXT NOT NULL DEFAULT '';
"""

SCRIPT = GRANTS + PUBLIC + GROUPS + TALKS
