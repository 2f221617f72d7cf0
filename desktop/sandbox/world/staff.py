"""The shop's staff: who they are and how large a share of the customers each one follows."""

from dataclasses import dataclass

_KNOWN = (
    ("LinXiaoMan", "林小满", 100),
    ("chenhao", "陈皓", 60),
    ("zhou.yan", "周妍", 35),
    ("wu_min", "吴敏", 0),
    ("HeJiaQi", "何佳琪", 20),
)


@dataclass(slots=True)
class Staff:
    """One member of staff; weight 0 means a newcomer without a single customer."""

    userid: str
    name: str
    weight: int
    resigned: bool = False
    resigned_at: int = 0


def hire(count: int) -> list[Staff]:
    """`count` members of staff (at least one); with four or more the fourth has no customers."""
    people = [Staff(userid, name, weight) for userid, name, weight in _KNOWN[:count]]
    people += [
        Staff(f"staff{number:03d}", f"店员{number}", 10) for number in range(len(people) + 1, count + 1)
    ]
    return people or [Staff(*_KNOWN[0])]


def owner_table(people: list[Staff]) -> tuple[int, ...]:
    """1024 slots filled with staff positions in proportion to their weights."""
    weights = [person.weight for person in people]
    if not any(weights):
        weights[0] = 1
    total = sum(weights)
    table: list[int] = []
    running = 0
    for position, weight in enumerate(weights):
        running += weight
        table += [position] * (running * 1024 // total - len(table))
    return tuple(table)
