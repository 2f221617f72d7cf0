"""Schema 3: the official account: followers, articles and their comments, the menu; channels of posts."""

FOLLOWERS = """
-- What an official account tells of one follower. unfollowed_at: they left, or are listed no more.
CREATE TABLE follower (
    identity_id INTEGER PRIMARY KEY REFERENCES identity (id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    remark TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
    followed_at INTEGER,
    scene TEXT NOT NULL DEFAULT '',
    qr_scene TEXT NOT NULL DEFAULT '',
    unfollowed_at INTEGER
) STRICT;
CREATE INDEX follower_account ON follower (account_id, unfollowed_at);
"""

ARTICLES = """
-- A draft in the account's box. It leaves when it is published or sent. external_id is NULL until the
-- platform made one that was written here; body (the article as JSON) and media are known for
-- those alone, post_id for what was written as a post.
CREATE TABLE article_draft (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    external_id TEXT,
    title TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL DEFAULT '',
    body TEXT CHECK (body IS NULL OR json_valid(body)),
    media TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(media)),
    changed_at INTEGER NOT NULL DEFAULT 0,
    removed_at INTEGER,
    post_id INTEGER REFERENCES post (id),
    UNIQUE (account_id, external_id)
) STRICT;
CREATE INDEX article_draft_post ON article_draft (post_id) WHERE post_id IS NOT NULL;

-- A publication that was taken and whose end is asked for: way publish (task id) or mass (message id).
CREATE TABLE publication (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    way TEXT NOT NULL CHECK (way IN ('publish', 'mass')),
    external_id TEXT NOT NULL,
    send_id TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL DEFAULT '',
    progress TEXT NOT NULL,
    outbox_id INTEGER REFERENCES outbox (id),
    taken_at INTEGER NOT NULL,
    looks INTEGER NOT NULL DEFAULT 0,
    look_at INTEGER,
    ended_at INTEGER,
    UNIQUE (account_id, way, external_id)
) STRICT;
CREATE INDEX publication_look ON publication (account_id, look_at) WHERE look_at IS NOT NULL;

-- A published article. send_id (msg_data_id) is known for what was sent from here or counted in the data
-- cube; external_id (article_id) for what was published without a mass send. Comments need send_id.
CREATE TABLE article (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    external_id TEXT,
    send_id TEXT,
    place INTEGER NOT NULL DEFAULT 1,
    title TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    published_at INTEGER,
    is_notified INTEGER NOT NULL DEFAULT 0 CHECK (is_notified IN (0, 1)),
    comments_closed_code TEXT,
    removed_at INTEGER,
    UNIQUE (account_id, external_id, place),
    UNIQUE (account_id, send_id, place)
) STRICT;
CREATE INDEX article_at ON article (account_id, published_at);

CREATE TABLE article_day (
    article_id INTEGER NOT NULL REFERENCES article (id),
    day TEXT NOT NULL,
    readers INTEGER NOT NULL DEFAULT 0,
    sharers INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (article_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE article_comment (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES article (id),
    external_id TEXT NOT NULL,
    identity_id INTEGER REFERENCES identity (id),
    at INTEGER NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    is_elected INTEGER NOT NULL DEFAULT 0 CHECK (is_elected IN (0, 1)),
    reply TEXT NOT NULL DEFAULT '',
    replied_at INTEGER,
    removed_at INTEGER,
    UNIQUE (article_id, external_id)
) STRICT;
CREATE INDEX article_comment_at ON article_comment (at);
CREATE INDEX article_comment_identity ON article_comment (identity_id) WHERE identity_id IS NOT NULL;
"""

FIGURES = """
CREATE TABLE follower_day (
    account_id INTEGER NOT NULL REFERENCES account (id),
    day TEXT NOT NULL,
    gained INTEGER NOT NULL DEFAULT 0,
    lost INTEGER NOT NULL DEFAULT 0,
    total INTEGER,
    PRIMARY KEY (account_id, day)
) STRICT, WITHOUT ROWID;

-- The account's menu as it stands at the platform: a JSON list of buttons.
CREATE TABLE account_menu (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    buttons TEXT NOT NULL CHECK (json_valid(buttons)),
    read_at INTEGER NOT NULL
) STRICT;
"""

POSTS = """
-- The channels of a post are a table of the program's. details: what one channel alone needs (JSON). bundle: the
-- uid of the first of several posts that say the same through several accounts, each in its own version.
ALTER TABLE post RENAME COLUMN channel TO first_channel;
ALTER TABLE post ADD COLUMN channel TEXT NOT NULL DEFAULT 'mass_send';
UPDATE post SET channel = first_channel;
ALTER TABLE post DROP COLUMN first_channel;
ALTER TABLE post ADD COLUMN details TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(details));
ALTER TABLE post ADD COLUMN bundle TEXT;
CREATE INDEX post_bundle ON post (bundle) WHERE bundle IS NOT NULL;
"""

SCRIPT = FOLLOWERS + ARTICLES + FIGURES + POSTS
