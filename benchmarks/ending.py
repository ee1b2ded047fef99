"""What a benchmark started ends with it: also where it fails, or is told to end."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType

_ENDS = (signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def all_ended() -> Iterator[contextlib.ExitStack]:
    """Give a stack of callbacks that are all called in the end, also where one of them fails or a signal comes.

    SIGTERM and SIGHUP end the program as an error does, with the usual exit code; a second one waits for the cleaning.
    """
    former = {number: signal.signal(number, _end) for number in _ENDS}
    try:
        with contextlib.ExitStack() as stack:
            try:
                yield stack
            finally:
                for number in _ENDS:
                    signal.signal(number, signal.SIG_IGN)
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
