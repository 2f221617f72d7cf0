import pytest

from desktop.domain.removals import needs_consent


@pytest.mark.parametrize(
    ("missing", "known", "asks"),
    [
        (0, 0, False),
        (1, 3, False),
        (2, 30, True),
        (2, 40, False),
        (5, 100, False),
        (6, 100, True),
        (50, 5_000, False),
        (51, 5_000, True),
    ],
)
def test_over_fifty_or_over_five_percent_asks(missing: int, known: int, asks: bool) -> None:
    assert needs_consent(missing, known) is asks
