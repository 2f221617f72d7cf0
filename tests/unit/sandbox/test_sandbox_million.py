"""A million customers: quick to start, small in memory, every page at the same price."""

import pathlib
import time

from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.world.people import SLOTS
from desktop.sandbox.world.size import WorldSize
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.unit.sandbox.conftest import Raw

MILLION = 1_000_000
MOST_MEMORY_MB = 300


def peak_mb(process: SandboxProcess) -> int:
    """The most memory the process ever held; 0 where the system does not tell."""
    status = pathlib.Path(f"/proc/{process.process.pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def test_it_starts_fast_and_stays_small() -> None:
    begun = time.monotonic()
    with running_sandbox(fans=MILLION) as process:
        assert time.monotonic() - begun < 4  # 2 s on an idle machine
        client = Raw(process)
        client.login()
        begun = time.monotonic()
        for _ in range(20):
            page = client.post("externalcontact/batch/get_by_user", userid_list=["zhou.yan"], limit=100)
            assert page["errcode"] == 0
        assert time.monotonic() - begun < 5
        client.http.close()
        assert peak_mb(process) < MOST_MEMORY_MB


def test_a_page_costs_the_same_anywhere() -> None:
    corp = Corp(WorldSize(fans=MILLION, origin=1_790_000_000), SandboxClock())
    staff = {person.userid for person in corp.staff}

    def cost(first: int) -> float:
        def once() -> float:
            begun = time.process_time()
            rows, following = corp.people.window(staff, first * SLOTS, 100)
            assert len(rows) == 100
            assert rows[0][0] == first
            assert following is not None
            return time.process_time() - begun

        return min(once() for _ in range(20))

    assert max(cost(500_000), cost(999_000)) < 4 * cost(0)
