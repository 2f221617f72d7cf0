"""Start Fankeeper: the window, or one command of the command line."""

from __future__ import annotations

import gc
import sys

if __name__ == "__main__":  # processes that this one starts read this file again, under another name
    gc.disable()  # what is imported stays: looking through it for garbage is a tenth of the start
    from desktop import late

    late.install()
    from desktop.cli.entry import run

    gc.freeze()
    gc.enable()
    sys.exit(run(sys.argv[1:]))
