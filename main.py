"""Start Fankeeper: the window, or one command of the command line."""

from __future__ import annotations

import sys

from desktop.cli.entry import run


def main() -> int:
    """Run what the arguments ask for; the exit code."""
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
