"""Search for people: one condition over fan ids, behind which an index can be put later."""

from __future__ import annotations

import re
import unicodedata

MIN_PHONE_DIGITS = 3
MIN_ID_PART = 5  # shorter pieces are in nearly every long number, and are typed as phone endings

# The cheap columns of fan first; each branch gives fan ids, so that none runs once per fan.
BRANCHES = (
    "SELECT id FROM fan WHERE name LIKE :part ESCAPE '\\'",
    "SELECT id FROM fan WHERE pinyin LIKE :spelled ESCAPE '\\'",
    "SELECT id FROM fan WHERE initials LIKE :spelled ESCAPE '\\'",
    "SELECT id FROM fan WHERE phone LIKE :phone ESCAPE '\\'",
    "SELECT fan_id FROM identity WHERE name LIKE :part ESCAPE '\\'",
    "SELECT fan_id FROM identity WHERE external_id LIKE :number ESCAPE '\\' AND platform <> 'phone'",
    "SELECT identity.fan_id FROM follow JOIN identity ON identity.id = follow.identity_id"
    " WHERE follow.remark LIKE :part ESCAPE '\\'",
    "SELECT fan_tag.fan_id FROM fan_tag JOIN tag ON tag.id = fan_tag.tag_id"
    " WHERE tag.removed_at IS NULL AND tag.name LIKE :part ESCAPE '\\'",
    "SELECT fan_id FROM \"order\" WHERE order_no LIKE :number ESCAPE '\\' AND fan_id IS NOT NULL",
)


def condition(text: str) -> tuple[str, dict[str, str]] | None:
    """SQL condition on fan.id and its parameters, or None when the text is blank.

    Finds part of a name (also a platform's name or a staff remark), pinyin, initials, platform id
    and order number (whole, or a part of five characters and more), tag, and the end of a phone number
    from three digits on. Case of Latin letters does not matter; % and _ are ordinary characters.
    """
    wanted = unicodedata.normalize("NFC", text).strip()
    if not wanted:
        return None
    branches = list(BRANCHES)
    part = f"%{escaped(wanted)}%"
    parameters = {"part": part}
    if any(ch.isascii() and ch.isalnum() for ch in wanted):  # no id is written without one
        parameters["number"] = part if len(wanted) >= MIN_ID_PART else escaped(wanted)
    else:
        branches = [branch for branch in branches if ":number" not in branch]
    spelled = spelled_form(wanted)
    if spelled:
        parameters["spelled"] = f"%{escaped(spelled)}%"
    else:
        branches = [branch for branch in branches if ":spelled" not in branch]
    digits = phone_digits(wanted)
    if digits:
        parameters["phone"] = f"%{digits}"
    else:
        branches = [branch for branch in branches if ":phone" not in branch]
    return f"fan.id IN ({' UNION ALL '.join(branches)})", parameters


def escaped(text: str) -> str:
    """Text with LIKE's own signs made ordinary."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def spelled_form(text: str) -> str:
    """Latin input as pinyin is stored: small letters and digits without blanks; '' for Chinese."""
    joined = re.sub(r"[\s'’]+", "", unicodedata.normalize("NFKC", text)).casefold()
    return joined if joined.isascii() and joined.isalnum() else ""


def phone_digits(text: str) -> str:
    """The digits when the text can be the end of a phone number, else ''."""
    digits = re.sub(r"[\s\-+()]", "", unicodedata.normalize("NFKC", text))
    if not (digits.isascii() and digits.isdigit()) or len(digits) < MIN_PHONE_DIGITS:
        return ""
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    return digits
