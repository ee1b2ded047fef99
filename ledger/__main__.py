"""`python -m ledger`: the sink and the HTTP door, each a process of its own; where one ends, the other is ended."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

_GRACE_S = 20.0


def main() -> int:
    """Run both until SIGTERM, and return the exit code of the one that ended first."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    parts = [subprocess.Popen([sys.executable, "-m", f"ledger.{name}"]) for name in ("sink", "door")]
    try:
        while not stopping.wait(0.2):
            ended = [part.returncode for part in parts if part.poll() is not None]
            if ended:
                return ended[0]
        return 0
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            try:
                part.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                part.kill()


if __name__ == "__main__":
    sys.exit(main())
