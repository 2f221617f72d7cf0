"""Schema 5: the fan directory: search grams kept by triggers, orders by index, saved views.

`fan_gram` holds every run of up to three characters of everything a fan is called (name, names at the
platforms, staff remarks), small letters for A to Z. `fan_sound` holds the same of pinyin and initials.
Both belong to the rows they were cut from: triggers keep them, so no path of writing can forget it.
"""

LONGEST = 1024  # characters of a name that are looked at

PLACES = f"""
CREATE TABLE gram_place (n INTEGER PRIMARY KEY) STRICT;
INSERT INTO gram_place
    WITH RECURSIVE place (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < {LONGEST})
    SELECT n FROM place
"""

TABLES = """
CREATE TABLE fan_gram (
    gram TEXT NOT NULL,
    fan_id INTEGER NOT NULL,
    PRIMARY KEY (gram, fan_id)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE fan_sound USING fts5 (letters, content='', tokenize='ascii', detail='none', columnsize=0);

-- A named look at the directory: filters, order and columns as JSON.
CREATE TABLE saved_view (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (json_valid(state)),
    position INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL,
    UNIQUE (page, name)
) STRICT
"""

# Largest first, so that one index gives both directions; what has no value is asked for apart.
ORDERS = """
ALTER TABLE fan_stats ADD COLUMN last_touch_at INTEGER GENERATED ALWAYS AS
    (nullif(max(coalesce(last_order_at, 0), coalesce(last_interaction_at, 0)), 0)) VIRTUAL;
INSERT INTO fan_stats (fan_id) SELECT id FROM fan WHERE id NOT IN (SELECT fan_id FROM fan_stats);
DROP INDEX fan_stats_last;
CREATE INDEX fan_stats_last_order ON fan_stats (last_order_at DESC);
CREATE INDEX fan_stats_last_touch ON fan_stats (last_touch_at DESC);
CREATE INDEX fan_stats_orders ON fan_stats (orders DESC);
CREATE INDEX fan_stats_interactions ON fan_stats (interactions DESC);
CREATE INDEX fan_spelled ON fan (nullif(CASE WHEN pinyin <> '' THEN pinyin ELSE name END, ''));
CREATE INDEX fan_first_seen ON fan (first_seen_at DESC);
CREATE INDEX fan_note ON fan (note) WHERE note <> '';
CREATE INDEX fan_marketing ON fan (marketing) WHERE marketing <> 'unknown';
CREATE INDEX fan_undecided ON fan (created_at) WHERE tier_since IS NULL;
CREATE INDEX fan_gone ON fan (id) WHERE removed_at IS NOT NULL OR merged_into IS NOT NULL;
CREATE INDEX identity_platform ON identity (platform, fan_id);
CREATE INDEX identity_source ON identity (substr(origin, 1, instr(origin || ':', ':') - 1), fan_id)
"""

ENDINGS = """
CREATE INDEX fan_phone_ending ON fan (substr(phone, -3), phone) WHERE phone IS NOT NULL;
CREATE INDEX identity_ending ON identity (substr(external_id, -5) COLLATE NOCASE);
CREATE INDEX order_ending ON "order" (substr(order_no, -5) COLLATE NOCASE)
"""


def _grams(text: str) -> str:
    """SELECT of the grams of an SQL expression."""
    return f"SELECT substr(lower({text}), n, 3) FROM gram_place WHERE n <= length({text})"


def _letters(row: str) -> str:
    """SQL for the grams of pinyin and initials of a row as one text."""
    return (
        "(SELECT group_concat(gram, ' ') FROM ("
        f"SELECT substr({row}.pinyin, n, 3) AS gram FROM gram_place WHERE n <= length({row}.pinyin)"
        " UNION ALL"
        f" SELECT substr({row}.initials, n, 3) FROM gram_place WHERE n <= length({row}.initials)))"
    )


# "OR IGNORE" would not do in a trigger: the policy of the statement that fires it takes its place.
def _put(fan_id: str, text: str) -> str:
    return (
        f"INSERT INTO fan_gram (gram, fan_id) SELECT substr(lower({text}), n, 3), {fan_id}"
        f" FROM gram_place WHERE n <= length({text}) ON CONFLICT DO NOTHING;"
    )


def _take(fan_id: str, text: str) -> str:
    return f"DELETE FROM fan_gram WHERE fan_id = {fan_id} AND gram IN ({_grams(text)});"


def _all_again(fan_id: str) -> str:
    """Everything the fan is still called, after something was taken away."""
    sources = (
        f"SELECT name AS text FROM fan WHERE id = {fan_id}"
        f" UNION SELECT name FROM identity WHERE fan_id = {fan_id}"
        " UNION SELECT follow.remark FROM identity JOIN follow ON follow.identity_id = identity.id"
        f" WHERE identity.fan_id = {fan_id}"
    )
    return (
        f"INSERT INTO fan_gram (gram, fan_id) SELECT substr(lower(text), n, 3), {fan_id}"
        f" FROM ({sources}) JOIN gram_place ON n <= length(text) WHERE 1 ON CONFLICT DO NOTHING;"
    )


# The fan whose identity a friendship belongs to.
_NEW_OWNER = "(SELECT fan_id FROM identity WHERE id = new.identity_id)"
_OLD_OWNER = "(SELECT fan_id FROM identity WHERE id = old.identity_id)"


def _trigger(name: str, event: str, when: str, body: str) -> str:
    condition = f" WHEN {when}" if when else ""
    return f"CREATE TRIGGER {name} AFTER {event}{condition} BEGIN {body} END"


def _forget(row: str) -> str:
    return (
        "INSERT INTO fan_sound (fan_sound, rowid, letters)"
        f" SELECT 'delete', {row}.id, {_letters(row)} WHERE {row}.pinyin <> '' OR {row}.initials <> '';"
    )


def _learn(row: str) -> str:
    return (
        "INSERT INTO fan_sound (rowid, letters)"
        f" SELECT {row}.id, {_letters(row)} WHERE {row}.pinyin <> '' OR {row}.initials <> '';"
    )


TRIGGERS = (
    _trigger(
        "fan_added",
        "INSERT ON fan",
        "",
        f"INSERT INTO fan_stats (fan_id) VALUES (new.id) ON CONFLICT DO NOTHING; {_put('new.id', 'new.name')}"
        f" {_learn('new')}",
    ),
    _trigger(
        "fan_renamed",
        "UPDATE OF name ON fan",
        "new.name IS NOT old.name",
        f"{_take('new.id', 'old.name')} {_all_again('new.id')}",
    ),
    _trigger(
        "fan_respelled",
        "UPDATE OF pinyin, initials ON fan",
        "new.pinyin IS NOT old.pinyin OR new.initials IS NOT old.initials",
        f"{_forget('old')} {_learn('new')}",
    ),
    _trigger("fan_deleted", "DELETE ON fan", "", f"{_take('old.id', 'old.name')} {_forget('old')}"),
    _trigger("identity_added", "INSERT ON identity", "new.name <> ''", _put("new.fan_id", "new.name")),
    _trigger(
        "identity_renamed",
        "UPDATE OF name ON identity",
        "new.name IS NOT old.name AND new.fan_id = old.fan_id",
        f"{_take('new.fan_id', 'old.name')} {_all_again('new.fan_id')}",
    ),
    _trigger(
        "identity_moved",
        "UPDATE OF fan_id ON identity",
        "new.fan_id <> old.fan_id",
        f"{_take('old.fan_id', 'old.name')}"
        " DELETE FROM fan_gram WHERE fan_id = old.fan_id AND gram IN (SELECT substr(lower(remark), n, 3)"
        " FROM follow JOIN gram_place ON n <= length(remark) WHERE identity_id = old.id);"
        f" {_all_again('old.fan_id')} {_all_again('new.fan_id')}",
    ),
    _trigger(
        "identity_deleted",
        "DELETE ON identity",
        "old.name <> ''",
        f"{_take('old.fan_id', 'old.name')} {_all_again('old.fan_id')}",
    ),
    _trigger("follow_added", "INSERT ON follow", "new.remark <> ''", _put(_NEW_OWNER, "new.remark")),
    _trigger(
        "follow_remarked",
        "UPDATE OF remark ON follow",
        "new.remark IS NOT old.remark",
        f"{_take(_OLD_OWNER, 'old.remark')} {_all_again(_NEW_OWNER)}",
    ),
    _trigger(
        "follow_deleted",
        "DELETE ON follow",
        "old.remark <> ''",
        f"{_take(_OLD_OWNER, 'old.remark')} {_all_again(_OLD_OWNER)}",
    ),
)

# For the people a shop has already.
FILL = (
    "INSERT INTO fan_gram (gram, fan_id) SELECT DISTINCT substr(lower(text), n, 3) AS gram, fan_id FROM ("
    "SELECT id AS fan_id, name AS text FROM fan"
    " UNION SELECT fan_id, name FROM identity"
    " UNION SELECT identity.fan_id, follow.remark FROM follow JOIN identity ON identity.id = follow.identity_id"
    ") JOIN gram_place ON n <= length(text) ORDER BY gram, fan_id",
    f"INSERT INTO fan_sound (rowid, letters) SELECT id, {_letters('fan')} FROM fan"
    " WHERE pinyin <> '' OR initials <> ''",
    "INSERT INTO fan_sound (fan_sound) VALUES ('optimize')",
)


def _split(script: str) -> tuple[str, ...]:
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    return tuple(part.strip() for part in "\n".join(lines).split(";") if part.strip())


STATEMENTS = (*_split(PLACES), *_split(TABLES), *_split(ORDERS), *_split(ENDINGS), *FILL, *TRIGGERS)
