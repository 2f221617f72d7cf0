"""Schema 2: the outbox carries every kind of write, and the rest of what a platform tells.

Times are UTC milliseconds, days are 'YYYY-MM-DD' of the shop's zone, ids from outside are text.
"""

# The same table with any entity (what a write came from), a predecessor, and the look-alikes at the platform
# that the operator has seen; a CHECK cannot be altered.
OUTBOX = """
CREATE TABLE outbox_wider (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('confirmed', 'queued', 'in_flight', 'done', 'rejected',
        'unknown', 'missed', 'cancelled', 'held')),
    payload TEXT NOT NULL,
    payload_sha256 TEXT NOT NULL,
    summary TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(summary)),
    order_key TEXT NOT NULL,
    not_before INTEGER NOT NULL,
    not_after INTEGER,
    hold_until INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL,
    confirmed_by TEXT NOT NULL,
    device_id TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    platform_id TEXT,
    reason TEXT CHECK (reason IS NULL OR json_valid(reason)),
    proof TEXT CHECK (proof IS NULL OR json_valid(proof)),
    replaced_by TEXT,
    predecessor TEXT,
    alike_seen TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(alike_seen)),
    settled_at INTEGER,
    updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO outbox_wider (id, uid, account_id, kind, entity, entity_id, state, payload, payload_sha256,
    summary, order_key, not_before, not_after, hold_until, confirmed_at, confirmed_by, device_id, attempts,
    next_attempt_at, platform_id, reason, proof, replaced_by, settled_at, updated_at)
SELECT id, uid, account_id, kind, entity, entity_id, state, payload, payload_sha256,
    summary, order_key, not_before, not_after, hold_until, confirmed_at, confirmed_by, device_id, attempts,
    next_attempt_at, platform_id, reason, proof, replaced_by, settled_at, updated_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_wider RENAME TO outbox;
CREATE INDEX outbox_state ON outbox (state, not_before);
CREATE INDEX outbox_entity ON outbox (entity, entity_id);
CREATE INDEX outbox_order ON outbox (account_id, order_key, id);
CREATE INDEX outbox_updated ON outbox (updated_at);
CREATE INDEX attempt_started ON attempt (started_at);
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;
"""

# Staff are targets too: of a moment, which each of them publishes on the phone.
DELIVERY = """
CREATE TABLE delivery_wider (
    outbox_id INTEGER NOT NULL REFERENCES outbox (id),
    target_kind TEXT NOT NULL CHECK (target_kind IN ('fan', 'group', 'staff')),
    target_external_id TEXT NOT NULL,
    identity_id INTEGER REFERENCES identity (id),
    group_id INTEGER REFERENCES fan_group (id),
    staff_external_id TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL CHECK (status IN
        ('planned', 'refused', 'waiting_staff', 'sent', 'not_friend', 'over_limit', 'unknown')),
    sent_at INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (outbox_id, target_external_id)
) STRICT;
INSERT INTO delivery_wider (outbox_id, target_kind, target_external_id, identity_id, group_id,
    staff_external_id, status, sent_at, updated_at)
SELECT outbox_id, target_kind, target_external_id, identity_id, group_id,
    staff_external_id, status, sent_at, updated_at FROM delivery;
DROP TABLE delivery;
ALTER TABLE delivery_wider RENAME TO delivery;
CREATE INDEX delivery_identity ON delivery (identity_id, sent_at);
CREATE INDEX delivery_target ON delivery (target_external_id);
"""

# A post goes out as a mass send to the customers it names, or as a moment of the shop's staff.
POSTS = """
ALTER TABLE post ADD COLUMN channel TEXT NOT NULL DEFAULT 'mass_send' CHECK (channel IN ('mass_send', 'moment'));
"""

STATISTICS = """
-- What one staff member did on one day, as the platform counts it. Ratios in thousandths, times in minutes.
CREATE TABLE staff_day (
    account_id INTEGER NOT NULL REFERENCES account (id),
    staff_external_id TEXT NOT NULL,
    day TEXT NOT NULL,
    chats INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    replied_permille INTEGER,
    first_reply_minutes INTEGER,
    lost INTEGER NOT NULL DEFAULT 0,
    asked INTEGER NOT NULL DEFAULT 0,
    added INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, staff_external_id, day)
) STRICT, WITHOUT ROWID;

-- All groups of one owner on one day, as the platform counts them.
CREATE TABLE group_day (
    account_id INTEGER NOT NULL REFERENCES account (id),
    owner_external_id TEXT NOT NULL,
    day TEXT NOT NULL,
    groups_new INTEGER NOT NULL DEFAULT 0,
    groups_all INTEGER NOT NULL DEFAULT 0,
    groups_talking INTEGER NOT NULL DEFAULT 0,
    members_new INTEGER NOT NULL DEFAULT 0,
    members_all INTEGER NOT NULL DEFAULT 0,
    members_talking INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, owner_external_id, day)
) STRICT, WITHOUT ROWID;
"""

RECORDS = """
-- Every mass send the platform lists, made here or elsewhere; outbox_id where it is one of ours.
CREATE TABLE mass_send_record (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    external_id TEXT NOT NULL,
    chat_type TEXT NOT NULL CHECK (chat_type IN ('single', 'group')),
    creator TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    attachment_kinds TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(attachment_kinds)),
    created_at INTEGER NOT NULL,
    staff_asked INTEGER,
    staff_confirmed INTEGER,
    targets_sent INTEGER,
    targets_failed INTEGER,
    counted_at INTEGER,
    outbox_id INTEGER REFERENCES outbox (id),
    UNIQUE (account_id, external_id)
) STRICT;
CREATE INDEX mass_send_record_at ON mass_send_record (created_at);

-- Every moment the platform lists, with how far it got.
CREATE TABLE moment (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    external_id TEXT NOT NULL,
    creator TEXT NOT NULL DEFAULT '',
    is_personal INTEGER NOT NULL DEFAULT 0 CHECK (is_personal IN (0, 1)),
    text TEXT NOT NULL DEFAULT '',
    attachment_kinds TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(attachment_kinds)),
    created_at INTEGER NOT NULL,
    staff_asked INTEGER,
    staff_published INTEGER,
    customers_planned INTEGER,
    customers_reached INTEGER,
    likes INTEGER,
    comments INTEGER,
    counted_at INTEGER,
    outbox_id INTEGER REFERENCES outbox (id),
    removed_at INTEGER,
    UNIQUE (account_id, external_id)
) STRICT;
CREATE INDEX moment_at ON moment (created_at);
"""

WAYS_IN = """
-- A code or link through which people come in: to a staff member (contact way) or into groups (join way).
-- external_id is NULL until the platform made it. staff / groups are JSON lists of platform ids.
CREATE TABLE entry_way (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('contact', 'join')),
    external_id TEXT,
    name TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    qr_url TEXT NOT NULL DEFAULT '',
    staff TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(staff)),
    groups TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(groups)),
    skip_verify INTEGER NOT NULL DEFAULT 1 CHECK (skip_verify IN (0, 1)),
    auto_create INTEGER NOT NULL DEFAULT 1 CHECK (auto_create IN (0, 1)),
    base_name TEXT NOT NULL DEFAULT '',
    base_id INTEGER,
    origin TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    removed_at INTEGER,
    UNIQUE (account_id, kind, external_id)
) STRICT;

-- How many came through a way: the mark that friendships and memberships carry.
CREATE INDEX follow_state ON follow (state) WHERE state <> '';
ALTER TABLE group_member ADD COLUMN state TEXT NOT NULL DEFAULT '';
CREATE INDEX group_member_state ON group_member (state) WHERE state <> '';

-- What newcomers to a group read. Chosen for a group by its owner on the phone; the platform keeps the text.
CREATE TABLE welcome (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    external_id TEXT,
    text TEXT NOT NULL DEFAULT '',
    media TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(media)),
    origin TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    removed_at INTEGER,
    UNIQUE (account_id, external_id)
) STRICT;
"""

TALKS = """
-- A service desk of the platform (WeCom customer service account) that customers write to.
-- cursor: where its messages were read to; it moves in the commit that stores them.
CREATE TABLE desk (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    external_id TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    is_ours INTEGER NOT NULL DEFAULT 1 CHECK (is_ours IN (0, 1)),
    link_url TEXT NOT NULL DEFAULT '',
    cursor TEXT NOT NULL DEFAULT '',
    read_to_end_at INTEGER,
    removed_at INTEGER,
    UNIQUE (account_id, external_id)
) STRICT;

-- One customer at one desk. state: who answers (new, bot, queue, staff, ended), '' while not known.
CREATE TABLE conversation (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    desk_id INTEGER NOT NULL REFERENCES desk (id),
    external_id TEXT NOT NULL,
    identity_id INTEGER REFERENCES identity (id),
    name TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    staff_external_id TEXT NOT NULL DEFAULT '',
    last_in_at INTEGER,
    last_out_at INTEGER,
    last_at INTEGER NOT NULL,
    last_text TEXT NOT NULL DEFAULT '',
    last_kind TEXT NOT NULL DEFAULT '',
    last_direction TEXT NOT NULL DEFAULT 'event',
    read_at INTEGER,
    draft TEXT NOT NULL DEFAULT '',
    UNIQUE (desk_id, external_id)
) STRICT;
CREATE INDEX conversation_last ON conversation (last_at);
CREATE INDEX conversation_last_in ON conversation (last_in_at);
CREATE INDEX conversation_identity ON conversation (identity_id) WHERE identity_id IS NOT NULL;

-- direction in (customer), staff (answered on the phone), out (through the outbox), event.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversation (id),
    external_id TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'staff', 'out', 'event')),
    kind TEXT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    facts TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(facts)),
    staff_external_id TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL,
    failed_code TEXT,
    outbox_id INTEGER REFERENCES outbox (id),
    UNIQUE (conversation_id, external_id)
) STRICT;
CREATE INDEX message_at ON message (conversation_id, at);
CREATE INDEX message_outbox ON message (outbox_id) WHERE outbox_id IS NOT NULL;
"""

ACCOUNTS = """
-- What an account may do, as the platform last said: refused until a later round succeeds.
CREATE TABLE account_ability (
    account_id INTEGER NOT NULL REFERENCES account (id),
    ability TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ok', 'refused')),
    code TEXT,
    params TEXT CHECK (params IS NULL OR json_valid(params)),
    at INTEGER NOT NULL,
    PRIMARY KEY (account_id, ability)
) STRICT, WITHOUT ROWID;

-- The life of the account's token as far as it may be kept: times only, never the token.
ALTER TABLE account ADD COLUMN token_until INTEGER;
ALTER TABLE account ADD COLUMN token_fetched_at INTEGER;

-- The owner has seen what leaves this computer through the account: {at, by, host}; asked again for another host.
ALTER TABLE account ADD COLUMN sending_agreed TEXT
    CHECK (sending_agreed IS NULL OR json_valid(sending_agreed));
"""

SCRIPT = OUTBOX + DELIVERY + POSTS + STATISTICS + RECORDS + WAYS_IN + TALKS + ACCOUNTS
