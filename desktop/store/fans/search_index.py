"""The search index: what people are called, in pieces, brought up to date before each commit.

Triggers mark every fan whose names, spellings or remarks changed (`fan_unindexed`), whoever wrote. All that one
transaction marked goes through here at one go: an entry of FTS5 is cheap in a row of many and dear alone.
`fan_words` keeps what the index holds of each, for FTS5 without content can only forget what it is told.
"""

from __future__ import annotations

from typing import Any

# All of one to three characters, as the figures of their bytes: FTS5 would drop blanks, signs and emoji.
CALLED = (
    "(SELECT group_concat(hex(substr(w.called, n, 1)) || ' ' || hex(substr(w.called, n, 2))"
    " || ' ' || hex(substr(w.called, n, 3)), ' ') FROM gram_place WHERE n <= length(w.called))"
)
SOUND = "x"  # before a piece of a spelling: no figure of a byte begins with it


def _spelled(column: str) -> str:
    """SQL for the pieces of pinyin or initials as one text."""
    return (
        f"(SELECT group_concat('{SOUND}' || substr(w.{column}, n, 3), ' ')"
        f" FROM gram_place WHERE n <= length(w.{column}))"
    )


PIECES = " || ' ' || ".join(
    f"coalesce({part}, '')" for part in (CALLED, _spelled("pinyin"), _spelled("initials"))
)
MARKED = "fan_unindexed AS m JOIN fan_words AS w ON w.fan_id = m.fan_id"
BETWEEN = "char(31)"  # stands between two names of a fan, and in no text that is looked for

STEPS = (
    f"INSERT INTO fan_index (fan_index, rowid, pieces) SELECT 'delete', w.fan_id, {PIECES} FROM {MARKED}",
    "DELETE FROM fan_words WHERE fan_id IN (SELECT fan_id FROM fan_unindexed)",
    "INSERT INTO fan_words (fan_id, called, pinyin, initials)"
    f" SELECT fan.id, coalesce((SELECT group_concat(lower(text), {BETWEEN}) FROM (SELECT fan.name AS text"
    "  UNION SELECT name FROM identity WHERE fan_id = fan.id"
    "  UNION SELECT follow.remark FROM identity JOIN follow ON follow.identity_id = identity.id"
    "   WHERE identity.fan_id = fan.id) WHERE text <> ''), ''), fan.pinyin, fan.initials"
    " FROM fan_unindexed AS m JOIN fan ON fan.id = m.fan_id",
    f"INSERT INTO fan_index (rowid, pieces) SELECT w.fan_id, {PIECES} FROM {MARKED}",
    "DELETE FROM fan_unindexed",
)


def is_behind(conn: Any) -> bool:
    """Whether anybody is marked."""
    return conn.execute("SELECT 1 FROM fan_unindexed LIMIT 1").fetchone() is not None


def catch_up(conn: Any) -> None:
    """Index everybody marked in the open transaction; afterwards the index is what the rows say."""
    if is_behind(conn):
        for step in STEPS:
            conn.execute(step)


def pack(conn: Any) -> None:
    """Write the index anew: nothing of what was taken out stays in it."""
    conn.execute("INSERT INTO fan_index (fan_index) VALUES ('optimize')")


def called(text: str) -> str:
    """The query for the fans of whose names a text of one to three folded characters is part."""
    return f'"{text.encode().hex()}"'


def sounding(text: str) -> str:
    """The same for a spelling of one to three letters."""
    return f'"{SOUND}{text}"' + ("" if len(text) == 3 else "*")
