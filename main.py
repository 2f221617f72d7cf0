"""Start Fankeeper: the window, or one command of the command line."""

from __future__ import annotations

import sys

if __name__ == "__main__":  # processes that this one starts read this file again, under another name
    from desktop import late

    late.install()
    from desktop.cli.entry import run

    sys.exit(run(sys.argv[1:]))
