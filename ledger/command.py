"""How the ledger's processes begin and end: settings' and database's faults in one line, on stderr."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from pydantic import ValidationError

from credit.errors import LoanstreamError


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
