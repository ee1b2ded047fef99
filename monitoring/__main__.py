"""`python -m monitoring`: reads the settings and runs the monitor until SIGTERM."""

from __future__ import annotations

import logging
import signal
import sys

from prometheus_client import disable_created_metrics
from pydantic import ValidationError

from credit.errors import LoanstreamError
from monitoring.settings import MonitorSettings
from monitoring.wiring import build_service

log = logging.getLogger("monitoring")


def main() -> int:
    """Run, and say in one line what is wrong where that cannot be."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("kafka").setLevel(logging.ERROR)
    disable_created_metrics()  # type: ignore[no-untyped-call] # one more series for each counter, which nothing reads
    try:
        service = build_service(MonitorSettings())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: service.stop())
        service.start()
        log.info("monitor ready on port %d", service.port)
        service.run()
    except ValidationError as error:
        first = error.errors()[0]
        where = "_".join(str(part) for part in first["loc"]).upper()
        name = where if where.startswith(("KAFKA", "MLFLOW", "LOANSTREAM")) else f"LOANSTREAM_MONITOR_{where}"
        print(f"{name}: {first['msg']}", file=sys.stderr)  # noqa: T201
        return 2
    except LoanstreamError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
