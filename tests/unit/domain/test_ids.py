"""Identifiers made one by one and many at once."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.ids import UID_BYTES, new_uid, new_uids


@given(st.integers(0, (1 << 48) - 1), st.binary(min_size=UID_BYTES * 3, max_size=UID_BYTES * 3))
def test_many_at_once_are_those_made_one_by_one(now_ms: int, entropy: bytes) -> None:
    parts = [entropy[at : at + UID_BYTES] for at in range(0, len(entropy), UID_BYTES)]
    assert new_uids(now_ms, 3, entropy) == [new_uid(now_ms, part) for part in parts]


def test_they_are_uuids_of_version_seven_and_differ() -> None:
    made = new_uids(1_700_000_000_000, 500)
    assert len(set(made)) == 500
    assert {(UUID(uid).version, UUID(uid).variant) for uid in made} == {(7, "specified in RFC 4122")}
