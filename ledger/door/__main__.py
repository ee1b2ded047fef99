"""`python -m ledger.door`: answers over HTTP until SIGTERM."""

from __future__ import annotations

import sys
import threading
from typing import Any

from ledger.command import run_in_one_line
from ledger.parts import door_of, engine_of
from ledger.settings import LedgerSettings
from ledger.sink.loop import until_it_works
from ledger.store.migrate import upgrade


def main() -> None:
    """Serve the ledger's API; what is away at the start is waited for."""
    import uvicorn

    settings = LedgerSettings()
    engine = engine_of(settings, durable=True)
    never = threading.Event()
    until_it_works(lambda: upgrade(engine), never, settings.max_backoff_s)
    app: Any = until_it_works(lambda: door_of(settings, engine), never, settings.max_backoff_s)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    sys.exit(run_in_one_line(main))
