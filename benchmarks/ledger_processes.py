"""A ledger's sink as a process, for what measures or kills it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine, text

from ledger.store.engine import reading
from streaming.settings import StreamingSettings


def sink_process(settings: StreamingSettings, url: str, home: Path) -> subprocess.Popen[bytes]:
    """Start a sink that reads these topics into a database; its output goes to `sink.log` in its home."""
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "DATABASE_URL": url,
        "LOANSTREAM_LEDGER_HOME": str(home),
        "LOANSTREAM_LEDGER_SINK_PORT": "0",
        "LOANSTREAM_LEDGER_TRANSACTIONAL_ID": f"ledger-{settings.group_id}",
        "LOANSTREAM_KAFKA_AUDIT_TOPIC": settings.audit_topic,
        "LOANSTREAM_KAFKA_DECISIONS_TOPIC": settings.decisions_topic,
        "LOANSTREAM_KAFKA_OUTCOMES_TOPIC": settings.outcomes_topic,
        "LOANSTREAM_KAFKA_REVIEWS_TOPIC": settings.reviews_topic,
    }
    home.mkdir(parents=True, exist_ok=True)
    with (home / "sink.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "ledger.sink"], env={**os.environ, **environment}, stdout=log, stderr=log
        )


def stored(engine: Engine) -> int:
    """Return how many decisions a ledger holds, quickly: its numbers have no gaps."""
    with reading(engine) as connection:
        return int(connection.execute(text("SELECT coalesce(max(seq) + 1, 0) FROM register")).scalar_one())
