"""How the ledger's processes begin, wait and end: settings' and database's faults in one line, on stderr."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError

from credit.errors import LoanstreamError, RetryableError

log = logging.getLogger(__name__)
Result = TypeVar("Result")
_FIRST_PAUSE_S = 0.1


def run_in_one_line(main: Callable[[], None]) -> int:
    """Run a process and return its exit code: 2 for a setting that cannot be, 1 for any other error of ours."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("kafka", "alembic", "httpx"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        main()
    except ValidationError as error:
        first = error.errors()[0]
        where = "_".join(str(part) for part in first["loc"]).upper()
        name = where if where.startswith(("KAFKA", "LOANSTREAM", "DATABASE")) else f"LOANSTREAM_LEDGER_{where}"
        print(f"error: {name}: {first['msg']}", file=sys.stderr)  # noqa: T201 - what a person reads
        return 2
    except LoanstreamError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def until_it_works(call: Callable[[], Result], stopping: threading.Event, max_pause_s: float) -> Result | None:
    """Call until it raises no RetryableError, with growing pauses; None where it was stopped before."""
    pause = _FIRST_PAUSE_S
    while not stopping.is_set():
        try:
            return call()
        except RetryableError as error:
            log.warning("%s; trying again in %.1f s", error, pause)
            stopping.wait(pause)
            pause = min(2 * pause, max_pause_s)
    return None
