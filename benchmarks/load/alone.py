"""A gateway without Ray, deciding in its own process with a home's model and features: what the stack is held to."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

from loanstream.stack.home import Home
from streaming.settings import StreamingSettings

_START_S = 120.0


@contextlib.contextmanager
def gateway_alone(home: Home, settings: StreamingSettings) -> Iterator[None]:
    """Run a gateway beside whatever else runs; it is a member of its group once this is entered."""
    context = get_context("spawn")
    joined, stop = context.Event(), context.Event()
    process = context.Process(target=_run, args=(home.root, settings, joined, stop), daemon=True)
    process.start()
    try:
        if not joined.wait(_START_S):
            raise TimeoutError(f"the gateway alone did not join its group within {_START_S:.0f} s")
        yield
    finally:
        stop.set()
        process.join(30)
        process.kill()


def _run(root: Path, settings: StreamingSettings, joined: Event, stop: Event) -> None:
    from loanstream.local_graph import local_graph
    from loanstream.stack.surroundings import Place
    from streaming.gateway.collector import spare_collections
    from streaming.gateway.gateway import Gateway

    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    # As the gateway's replica does.
    sys.setswitchinterval(0.0005)
    graph = local_graph(Place.of(Home.at(root)), "champion")
    spare_collections()
    gateway = Gateway(settings, graph)
    gateway.start()
    while not gateway.stats().partitions and not stop.wait(0.05):
        pass
    joined.set()
    stop.wait()
    gateway.stop()
