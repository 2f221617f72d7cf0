"""Schema 5: the fan directory: the search index and the marks that keep it, orders by index, saved views.

`fan_words` holds what each fan is called and how that is spelled, `fan_index` the pieces of it.
Triggers only mark who is called otherwise now; `store/fans/search_index.py` does the rest before the commit.
"""

LONGEST = 1024  # characters of a name that are looked at

PLACES = f"""
CREATE TABLE gram_place (n INTEGER PRIMARY KEY) STRICT;
INSERT INTO gram_place
    WITH RECURSIVE place (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < {LONGEST})
    SELECT n FROM place
"""

TABLES = """
-- What the index holds of each fan: what is to be taken out of it before the new goes in.
CREATE TABLE fan_words (
    fan_id INTEGER PRIMARY KEY,
    called TEXT NOT NULL,
    pinyin TEXT NOT NULL,
    initials TEXT NOT NULL
) STRICT;

CREATE TABLE fan_unindexed (fan_id INTEGER PRIMARY KEY) STRICT;

CREATE VIRTUAL TABLE fan_index USING fts5 (pieces, content='', tokenize='ascii', detail='none', columnsize=0);

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


def _trigger(name: str, event: str, when: str, body: str) -> str:
    condition = f" WHEN {when}" if when else ""
    return f"CREATE TRIGGER {name} AFTER {event}{condition} BEGIN {body} END"


# "OR IGNORE" would not do in a trigger: the policy of the statement that fires it takes its place.
def _mark(fan_id: str) -> str:
    return f"INSERT INTO fan_unindexed (fan_id) VALUES ({fan_id}) ON CONFLICT DO NOTHING;"


def _mark_owner(identity_id: str) -> str:
    return (
        "INSERT INTO fan_unindexed (fan_id)"
        f" SELECT fan_id FROM identity WHERE id = {identity_id} ON CONFLICT DO NOTHING;"
    )


TRIGGERS = (
    _trigger(
        "fan_added",
        "INSERT ON fan",
        "",
        f"INSERT INTO fan_stats (fan_id) VALUES (new.id) ON CONFLICT DO NOTHING; {_mark('new.id')}",
    ),
    _trigger(
        "fan_renamed",
        "UPDATE OF name, pinyin, initials ON fan",
        "new.name IS NOT old.name OR new.pinyin IS NOT old.pinyin OR new.initials IS NOT old.initials",
        _mark("new.id"),
    ),
    _trigger("fan_deleted", "DELETE ON fan", "", _mark("old.id")),
    _trigger("identity_added", "INSERT ON identity", "new.name <> ''", _mark("new.fan_id")),
    _trigger(
        "identity_renamed",
        "UPDATE OF name, fan_id ON identity",
        "new.name IS NOT old.name OR new.fan_id <> old.fan_id",
        f"{_mark('old.fan_id')} {_mark('new.fan_id')}",
    ),
    _trigger("identity_deleted", "DELETE ON identity", "", _mark("old.fan_id")),
    _trigger("follow_added", "INSERT ON follow", "new.remark <> ''", _mark_owner("new.identity_id")),
    _trigger(
        "follow_remarked",
        "UPDATE OF remark, identity_id ON follow",
        "new.remark IS NOT old.remark OR new.identity_id <> old.identity_id",
        f"{_mark_owner('old.identity_id')} {_mark_owner('new.identity_id')}",
    ),
    _trigger("follow_deleted", "DELETE ON follow", "old.remark <> ''", _mark_owner("old.identity_id")),
)

# The people a shop has already: indexed with the first write.
FILL = ("INSERT INTO fan_unindexed (fan_id) SELECT id FROM fan",)


def _split(script: str) -> tuple[str, ...]:
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    return tuple(part.strip() for part in "\n".join(lines).split(";") if part.strip())


STATEMENTS = (*_split(PLACES), *_split(TABLES), *_split(ORDERS), *_split(ENDINGS), *FILL, *TRIGGERS)
