"""`python -m desktop.sandbox`: the sandbox server as a process of its own."""

import argparse
import os
import sys
import time

from desktop.sandbox.server import serve
from desktop.sandbox.world.size import WorldSize

DAY = 86_400


def main(argv: list[str] | None = None) -> int:
    """Read the options, serve until a signal, return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m desktop.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fans", type=int, default=200, help="customers in the world, up to 1,000,000")
    parser.add_argument("--staff", type=int, default=4)
    parser.add_argument("--groups", type=int, default=8)
    parser.add_argument(
        "--origin",
        type=int,
        default=0,
        help="unix seconds; seeded times lie before it (default: today 00:00 UTC)",
    )
    parser.add_argument("--with-parent", action="store_true", help="end when the starting process is gone")
    options = parser.parse_args(argv)
    origin = options.origin or int(time.time()) // DAY * DAY
    size = WorldSize(
        options.seed, max(0, options.fans), max(1, options.staff), max(0, options.groups), origin
    )
    try:
        serve(size, options.port, os.getppid() if options.with_parent else None)
    except OSError as error:
        sys.stderr.write(f"cannot listen on port {options.port}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
