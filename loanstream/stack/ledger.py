"""The ledger's two processes: the sink that fills it, and the HTTP door that answers from it."""

from __future__ import annotations

import sys

from loanstream.stack.process import Processes, ProcessSpec
from loanstream.stack.ray_node import get_json
from loanstream.stack.surroundings import Place
from streaming.broker.ports import is_free

SINK, DOOR = "ledger-sink", "ledger-door"
PROCESSES = (SINK, DOOR)
LEDGER_TIMEOUT_S = 120.0


def start(place: Place, processes: Processes, made_up_identities: bool = False) -> None:
    """Start both and wait until each answers at its port; whether clients without a name get a made-up one."""
    env = {**place.environment(), "OMP_NUM_THREADS": "1"}
    if made_up_identities:
        env["LOANSTREAM_LEDGER_MADE_UP_IDENTITIES"] = "true"
    processes.start(ProcessSpec(SINK, [sys.executable, "-m", "ledger.sink"], env=env, grace_s=20.0))
    processes.start(ProcessSpec(DOOR, [sys.executable, "-m", "ledger.door"], env={**env, **place.secrets()}))
    processes.wait_until(lambda: not is_free(place.ports.ledger_metrics), SINK, "answering", LEDGER_TIMEOUT_S)
    processes.wait_until(lambda: is_ready(place), DOOR, "answering", LEDGER_TIMEOUT_S)


def is_ready(place: Place) -> bool:
    """Say whether the ledger's door answers from its database."""
    return get_json(place.ports.ledger, "/ready") is not None
