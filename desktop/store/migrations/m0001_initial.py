"""Schema 1: the shop, its people, orders, groups, content, outbox and operation log.

Times are UTC milliseconds, money is integer cents, ids from outside are text, tables are STRICT.
"""

SHOP = """
CREATE TABLE shop (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    industry TEXT NOT NULL
        CHECK (industry IN ('frequent-online', 'frequent-offline', 'rare-online', 'rare-offline')),
    timezone TEXT NOT NULL,
    is_demo INTEGER NOT NULL DEFAULT 0 CHECK (is_demo IN (0, 1)),
    device_id TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- What the owner may set, one JSON value a key (weights, rule overrides, quiet hours).
CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value)),
    updated_at INTEGER NOT NULL
) STRICT;

-- One row for every command that changed the shop's data, in the same transaction.
CREATE TABLE operation (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    device_id TEXT NOT NULL,
    operator TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL CHECK (json_valid(payload)),
    replaced TEXT CHECK (replaced IS NULL OR json_valid(replaced)),
    undone_by TEXT
) STRICT;
CREATE INDEX operation_at ON operation (at);
"""

PEOPLE = """
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    platform TEXT NOT NULL,
    name TEXT NOT NULL,
    base_url TEXT NOT NULL,
    external_id TEXT NOT NULL,
    config TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(config)),
    state TEXT NOT NULL DEFAULT 'new'
        CHECK (state IN ('new', 'connected', 'refused', 'disabled')),
    last_error_code TEXT,
    last_error TEXT CHECK (last_error IS NULL OR json_valid(last_error)),
    created_at INTEGER NOT NULL,
    last_sync_at INTEGER,
    removed_at INTEGER,
    UNIQUE (platform, external_id, base_url)
) STRICT;

CREATE TABLE staff (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    external_id TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    removed_at INTEGER,
    UNIQUE (account_id, external_id)
) STRICT;

-- A person as the shop knows them. Platform-owned facts live in identity and follow;
-- name/phone here are what the shop shows, filled from the best source, operator's word first.
CREATE TABLE fan (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_source TEXT NOT NULL DEFAULT 'platform' CHECK (name_source IN ('platform', 'file', 'operator')),
    pinyin TEXT NOT NULL DEFAULT '',
    initials TEXT NOT NULL DEFAULT '',
    phone TEXT,
    note TEXT NOT NULL DEFAULT '',
    tier TEXT NOT NULL DEFAULT 'prospect'
        CHECK (tier IN ('prospect', 'passerby', 'favorable', 'devoted')),
    tier_reason TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tier_reason)),
    tier_since INTEGER,
    tier_pinned TEXT CHECK (tier_pinned IN ('prospect', 'passerby', 'favorable', 'devoted')),
    tier_pinned_until INTEGER,
    marketing TEXT NOT NULL DEFAULT 'unknown' CHECK (marketing IN ('unknown', 'agreed', 'refused')),
    first_seen_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    merged_into INTEGER REFERENCES fan (id),
    removed_at INTEGER
) STRICT;
CREATE INDEX fan_tier ON fan (tier);
CREATE INDEX fan_phone ON fan (phone) WHERE phone IS NOT NULL;
CREATE INDEX fan_merged ON fan (merged_into) WHERE merged_into IS NOT NULL;

-- (platform, scope, platform's id) -> fan. scope is the account's own id (corp id, shop id,
-- source account of a file) or '' where the id is valid everywhere (phone, union id).
CREATE TABLE identity (
    id INTEGER PRIMARY KEY,
    fan_id INTEGER NOT NULL REFERENCES fan (id),
    platform TEXT NOT NULL,
    scope TEXT NOT NULL DEFAULT '',
    external_id TEXT NOT NULL,
    account_id INTEGER REFERENCES account (id),
    name TEXT NOT NULL DEFAULT '',
    avatar_url TEXT NOT NULL DEFAULT '',
    details TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(details)),
    origin TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    removed_at INTEGER,
    UNIQUE (platform, scope, external_id)
) STRICT;
CREATE INDEX identity_fan ON identity (fan_id);

-- One staff member's friendship with one identity (WeCom follow_user). Platform-owned.
CREATE TABLE follow (
    identity_id INTEGER NOT NULL REFERENCES identity (id),
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    remark TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    followed_at INTEGER,
    add_way INTEGER,
    state TEXT NOT NULL DEFAULT '',
    mobiles TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(mobiles)),
    tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
    removed_at INTEGER,
    PRIMARY KEY (identity_id, staff_id)
) STRICT;

-- account_id NULL: the shop's own tag. source of a fan_tag tells who put it there.
CREATE TABLE tag (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    account_id INTEGER REFERENCES account (id),
    external_id TEXT,
    group_external_id TEXT,
    group_name TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,
    removed_at INTEGER,
    UNIQUE (account_id, external_id)
) STRICT;
CREATE UNIQUE INDEX tag_own_name ON tag (group_name, name)
    WHERE account_id IS NULL AND removed_at IS NULL;

CREATE TABLE fan_tag (
    fan_id INTEGER NOT NULL REFERENCES fan (id),
    tag_id INTEGER NOT NULL REFERENCES tag (id),
    source TEXT NOT NULL CHECK (source IN ('platform', 'operator', 'file', 'rule')),
    at INTEGER NOT NULL,
    PRIMARY KEY (fan_id, tag_id)
) STRICT;
CREATE INDEX fan_tag_tag ON fan_tag (tag_id);

CREATE TABLE tier_change (
    id INTEGER PRIMARY KEY,
    fan_id INTEGER NOT NULL REFERENCES fan (id),
    from_tier TEXT,
    to_tier TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (json_valid(reason)),
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX tier_change_fan ON tier_change (fan_id);
CREATE INDEX tier_change_at ON tier_change (at);

-- Who must not be contacted. channel '' means every channel.
CREATE TABLE suppression (
    fan_id INTEGER NOT NULL REFERENCES fan (id),
    channel TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL,
    PRIMARY KEY (fan_id, channel)
) STRICT;

CREATE TABLE fan_group (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    account_id INTEGER REFERENCES account (id),
    external_id TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    owner_staff_id INTEGER REFERENCES staff (id),
    notice TEXT NOT NULL DEFAULT '',
    status INTEGER NOT NULL DEFAULT 0,
    member_version TEXT NOT NULL DEFAULT '',
    kind TEXT CHECK (kind IN ('category', 'price_band', 'promotion', 'activity', 'vip', 'koc')),
    founded_at INTEGER,
    updated_at INTEGER NOT NULL,
    removed_at INTEGER,
    UNIQUE (account_id, external_id)
) STRICT;

CREATE TABLE group_member (
    group_id INTEGER NOT NULL REFERENCES fan_group (id),
    external_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('staff', 'fan')),
    identity_id INTEGER REFERENCES identity (id),
    name TEXT NOT NULL DEFAULT '',
    group_nickname TEXT NOT NULL DEFAULT '',
    joined_at INTEGER,
    join_scene INTEGER,
    invitor_external_id TEXT,
    left_at INTEGER,
    PRIMARY KEY (group_id, external_id)
) STRICT;
CREATE INDEX group_member_identity ON group_member (identity_id);
"""

TRADE = """
CREATE TABLE import_batch (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    file_name TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    source TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('add', 'update', 'fill')),
    mapping TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(mapping)),
    exported_at INTEGER,
    at INTEGER NOT NULL,
    counts TEXT NOT NULL CHECK (json_valid(counts)),
    undone_at INTEGER
) STRICT;

-- What one batch did, row by row, with what stood there before: undo reads this.
CREATE TABLE import_effect (
    id INTEGER PRIMARY KEY,
    batch_id INTEGER NOT NULL REFERENCES import_batch (id),
    entity TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('added', 'changed')),
    before TEXT CHECK (before IS NULL OR json_valid(before))
) STRICT;
CREATE INDEX import_effect_batch ON import_effect (batch_id);

CREATE TABLE import_rejection (
    batch_id INTEGER NOT NULL REFERENCES import_batch (id),
    row INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (json_valid(reason)),
    cells TEXT NOT NULL CHECK (json_valid(cells))
) STRICT;
CREATE INDEX import_rejection_batch ON import_rejection (batch_id);

-- A column mapping the owner confirmed, remembered by the fingerprint of the header row.
CREATE TABLE import_mapping (
    fingerprint TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    mapping TEXT NOT NULL CHECK (json_valid(mapping)),
    updated_at INTEGER NOT NULL
) STRICT;

-- (platform, scope, order_no) is the order's key; amounts are what the buyer paid and got back.
-- net = paid_cents - refund_cents counts as a sale while status is not unpaid/closed.
CREATE TABLE "order" (
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    scope TEXT NOT NULL DEFAULT '',
    order_no TEXT NOT NULL,
    fan_id INTEGER REFERENCES fan (id),
    identity_id INTEGER REFERENCES identity (id),
    status TEXT NOT NULL CHECK (status IN
        ('unpaid', 'paid', 'part_shipped', 'shipped', 'done', 'closed', 'unknown')),
    status_text TEXT NOT NULL DEFAULT '',
    refund_status TEXT NOT NULL DEFAULT 'none'
        CHECK (refund_status IN ('none', 'refunding', 'refunded', 'unknown')),
    paid_cents INTEGER NOT NULL,
    refund_cents INTEGER NOT NULL DEFAULT 0 CHECK (refund_cents >= 0),
    created_at INTEGER,
    paid_at INTEGER,
    finished_at INTEGER,
    is_sale INTEGER NOT NULL GENERATED ALWAYS AS
        (paid_at IS NOT NULL AND status NOT IN ('unpaid', 'closed')) STORED,
    net_cents INTEGER NOT NULL GENERATED ALWAYS AS (max(0, paid_cents - refund_cents)) STORED,
    receiver TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(receiver)),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra)),
    origin TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (platform, scope, order_no)
) STRICT;
CREATE INDEX order_fan ON "order" (fan_id, paid_at);
CREATE INDEX order_identity ON "order" (identity_id) WHERE identity_id IS NOT NULL;
CREATE INDEX order_sale ON "order" (paid_at) WHERE is_sale = 1;

CREATE TABLE order_line (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES "order" (id) ON DELETE CASCADE,
    line_no TEXT NOT NULL,
    item TEXT NOT NULL DEFAULT '',
    spec TEXT NOT NULL DEFAULT '',
    item_code TEXT NOT NULL DEFAULT '',
    quantity INTEGER,
    paid_cents INTEGER,
    refund_cents INTEGER NOT NULL DEFAULT 0,
    status_text TEXT NOT NULL DEFAULT '',
    UNIQUE (order_id, line_no)
) STRICT;

-- Every touch a fan made: comment, referral, help in a group, live watch, ... weight is a count.
CREATE TABLE interaction (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    fan_id INTEGER NOT NULL REFERENCES fan (id),
    kind TEXT NOT NULL CHECK (kind IN ('follow', 'view', 'like', 'comment', 'share', 'content',
        'live_watch', 'dm', 'group_message', 'group_help', 'claim', 'referral', 'check_in')),
    at INTEGER NOT NULL,
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
    domain TEXT NOT NULL DEFAULT 'private' CHECK (domain IN ('public', 'private', 'commercial')),
    channel TEXT NOT NULL DEFAULT '',
    group_id INTEGER REFERENCES fan_group (id),
    referred_fan_id INTEGER REFERENCES fan (id),
    note TEXT NOT NULL DEFAULT '',
    origin TEXT NOT NULL,
    external_key TEXT UNIQUE
) STRICT;
CREATE INDEX interaction_fan ON interaction (fan_id, at);
CREATE INDEX interaction_at ON interaction (at);
CREATE INDEX interaction_referred ON interaction (referred_fan_id) WHERE referred_fan_id IS NOT NULL;

-- Per-fan sums over sales, refreshed in the transaction that changes their orders.
CREATE TABLE fan_stats (
    fan_id INTEGER PRIMARY KEY REFERENCES fan (id),
    orders INTEGER NOT NULL DEFAULT 0,
    spend_cents INTEGER NOT NULL DEFAULT 0,
    refund_cents INTEGER NOT NULL DEFAULT 0,
    first_order_at INTEGER,
    last_order_at INTEGER,
    interactions INTEGER NOT NULL DEFAULT 0,
    last_interaction_at INTEGER
) STRICT;
CREATE INDEX fan_stats_spend ON fan_stats (spend_cents DESC);
CREATE INDEX fan_stats_last ON fan_stats (last_order_at);
"""

OUTWARD = """
CREATE TABLE media (
    sha256 TEXT PRIMARY KEY,
    file_name TEXT NOT NULL,
    mime TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    at INTEGER NOT NULL
) STRICT;

-- audience: {"all": true} | {"tiers": [...], "tags": [ids], "match": "any"|"all"} as JSON.
CREATE TABLE post (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    account_id INTEGER REFERENCES account (id),
    title TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL DEFAULT '',
    media TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(media)),
    audience TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(audience)),
    scheduled_at INTEGER,
    grace_minutes INTEGER NOT NULL DEFAULT 120,
    state TEXT NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'confirmed', 'cancelled')),
    revision INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    removed_at INTEGER
) STRICT;

CREATE TABLE welfare_drop (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    account_id INTEGER REFERENCES account (id),
    kind TEXT NOT NULL DEFAULT 'coupon'
        CHECK (kind IN ('coupon', 'flash_link', 'tail_stock', 'red_packet', 'lucky_bag')),
    item TEXT NOT NULL DEFAULT '',
    price_cents INTEGER,
    normal_price_cents INTEGER,
    cost_cents INTEGER,
    stock INTEGER,
    cap_per_person INTEGER NOT NULL DEFAULT 1,
    opens_at INTEGER,
    window_minutes INTEGER NOT NULL DEFAULT 10,
    announce_at INTEGER,
    body TEXT NOT NULL DEFAULT '',
    media TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(media)),
    state TEXT NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'confirmed', 'cancelled')),
    revision INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    settled_at INTEGER,
    removed_at INTEGER
) STRICT;

CREATE TABLE drop_group (
    drop_id INTEGER NOT NULL REFERENCES welfare_drop (id),
    group_id INTEGER NOT NULL REFERENCES fan_group (id),
    PRIMARY KEY (drop_id, group_id)
) STRICT;

-- Who claimed what, typed or imported. Redeemed claims are the sold ones.
CREATE TABLE drop_claim (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    drop_id INTEGER NOT NULL REFERENCES welfare_drop (id),
    fan_id INTEGER REFERENCES fan (id),
    name TEXT NOT NULL DEFAULT '',
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
    claimed_at INTEGER NOT NULL,
    is_redeemed INTEGER NOT NULL DEFAULT 0 CHECK (is_redeemed IN (0, 1)),
    refunded_at INTEGER,
    origin TEXT NOT NULL,
    external_key TEXT UNIQUE
) STRICT;
CREATE INDEX drop_claim_drop ON drop_claim (drop_id);
CREATE INDEX drop_claim_fan ON drop_claim (fan_id);

-- One outward action. payload is the exact text sent (frozen at confirm); entity points at the
-- post or drop it came from. States and evidence: docs/outbox.md.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    entity TEXT NOT NULL CHECK (entity IN ('post', 'drop')),
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
    settled_at INTEGER,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_state ON outbox (state, not_before);
CREATE INDEX outbox_entity ON outbox (entity, entity_id);
CREATE INDEX outbox_order ON outbox (account_id, order_key, id);

-- Committed before the first byte leaves; outcome N (not executed), U (unknown), D (done).
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    outbox_id INTEGER NOT NULL REFERENCES outbox (id),
    n INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    started_mono_ms INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    ended_at INTEGER,
    outcome TEXT CHECK (outcome IN ('N', 'U', 'D')),
    code TEXT,
    detail TEXT CHECK (detail IS NULL OR json_valid(detail)),
    UNIQUE (outbox_id, n)
) STRICT;

-- Per-recipient (customer or group) result of one outbox item.
CREATE TABLE delivery (
    outbox_id INTEGER NOT NULL REFERENCES outbox (id),
    target_kind TEXT NOT NULL CHECK (target_kind IN ('fan', 'group')),
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
CREATE INDEX delivery_identity ON delivery (identity_id, sent_at);
"""

EXCHANGE = """
CREATE TABLE sync_cursor (
    account_id INTEGER NOT NULL REFERENCES account (id),
    stream TEXT NOT NULL,
    cursor TEXT NOT NULL DEFAULT '',
    pass_started_at INTEGER,
    finished_at INTEGER,
    last_success_at INTEGER,
    PRIMARY KEY (account_id, stream)
) STRICT;

CREATE TABLE sync_run (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT CHECK (outcome IN ('ok', 'failed', 'cancelled')),
    error_code TEXT,
    error TEXT CHECK (error IS NULL OR json_valid(error))
) STRICT;

CREATE TABLE sync_run_stream (
    run_id INTEGER NOT NULL REFERENCES sync_run (id),
    stream TEXT NOT NULL,
    requested INTEGER NOT NULL DEFAULT 0,
    received INTEGER NOT NULL DEFAULT 0,
    new INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    notes TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(notes)),
    PRIMARY KEY (run_id, stream)
) STRICT;

-- Seen-marks of the running pass: absent is not deleted until a complete pass proves it.
CREATE TABLE sync_seen (
    account_id INTEGER NOT NULL REFERENCES account (id),
    stream TEXT NOT NULL,
    external_id TEXT NOT NULL,
    PRIMARY KEY (account_id, stream, external_id)
) STRICT, WITHOUT ROWID;

-- Calls made per platform path and window, so that a restart does not reset a budget.
CREATE TABLE call_budget (
    account_id INTEGER NOT NULL REFERENCES account (id),
    path TEXT NOT NULL,
    window TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    blocked_until INTEGER,
    PRIMARY KEY (account_id, path, window)
) STRICT;
"""

SCRIPT = SHOP + PEOPLE + TRADE + OUTWARD + EXCHANGE
