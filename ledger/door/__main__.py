"""`python -m ledger.door`: answers over HTTP until SIGTERM."""

from __future__ import annotations

import sys
import threading

from ledger.command import run_in_one_line, until_it_works
from ledger.door.wiring import door_of
from ledger.settings import LedgerSettings
from ledger.store.migrate import upgrade
from ledger.wiring import engine_of


def main() -> None:
    """Serve the ledger's API; what is away at the start is waited for."""
    import uvicorn

    settings = LedgerSettings()
    engine = engine_of(settings, durable=True)
    never = threading.Event()
    until_it_works(lambda: upgrade(engine), never, settings.max_backoff_s)
    app = until_it_works(lambda: door_of(settings, engine), never, settings.max_backoff_s)
    assert app is not None  # nothing stops the waiting but a signal
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    sys.exit(run_in_one_line(main))
