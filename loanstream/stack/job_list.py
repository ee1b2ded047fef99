"""The jobs themselves: thin calls into training and streaming, each answering a JSON-ready mapping.

What they need to find (registry, store, brokers) stands in the environment that the stack gives to all its processes.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Report = Callable[[str, float], None]
Job = Callable[[dict[str, Any], Report], dict[str, Any]]
MODEL = "loanstream"


def generate_tables(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Write synthetic tables into the folder `out`."""
    from training.data.generation.generate import generate

    sizes = (arguments["clients_train"], arguments["clients_test"])
    return {"rows": generate(Path(arguments["out"]), *sizes, arguments["seed"], progress=report)}


def find_champion(_arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Answer the champion's version and AUC; version None where there is none."""
    from credit.errors import ModelNotFound
    from training.registry.registry import CHAMPION

    report("looking for a champion", 0.0)
    try:
        found = _registry().get(MODEL, CHAMPION)
    except ModelNotFound:
        return {"version": None}
    return {"version": found.version, "auc": found.metrics.get("auc")}


def train_champion(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Train on the tables in `data`, register the model and let it decide: the stack serves the tables it is given."""
    from training.registry.registry import CHALLENGER, CHAMPION
    from training.train import train

    registry = _registry()
    trained = train(
        Path(arguments["data"]),
        registry.tracking_uri,
        model_name=MODEL,
        seed=arguments["seed"],
        progress=report,
        artifact_root=_artifact_root(),
    )
    if CHAMPION not in trained.aliases:
        registry.set_alias(MODEL, CHAMPION, trained.version)
        registry.remove_alias(MODEL, CHALLENGER)
    return {"version": trained.version, "auc": trained.metrics.get("auc")}


def materialize_features(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Write the history of all clients in `data` into the online store."""
    from loanstream.materialize import materialize_into

    return materialize_into(Path(arguments["data"]), os.environ, report)


def make_book(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Make the book of the labelled clients in `data`; everything else on this machine goes first."""
    from loanstream.book import make_book_into
    from loanstream.stack.prepared import fingerprint

    os.nice(19)
    data = Path(arguments["data"])
    return make_book_into(data, fingerprint(data), os.environ, report)


def feed_applications(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Send a table's applications until its end, or until SIGTERM; answers how many the brokers acknowledged.

    in_flight: hold back while more than these wait for a decision; patient_s: seconds for which it is held back at
    most, so that all are sent in time even where the machine cannot decide as fast.
    """
    from credit.wire.topics import Topics
    from loanstream.intake.lag import LagProbe
    from loanstream.intake.throttle import Throttle
    from loanstream.stack.surroundings import GATEWAY_GROUP
    from streaming.feed import feed

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    bootstrap = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    topic = Topics().applications_topic
    probe = LagProbe(bootstrap, topic, GATEWAY_GROUP)
    throttle = Throttle(probe, arguments["in_flight"], arguments["patient_s"], stop)

    def progress(sent: int) -> None:
        report("", float(sent))
        throttle.wait()  # the feed tells its progress between two sends: what waits here holds it back

    sent = feed(
        bootstrap,
        Path(arguments["table"]),
        rate=arguments["rate"],
        limit=arguments["limit"],
        repeat=arguments["repeat"],
        topic=topic,
        stop=stop,
        progress=progress,
    )
    return {"sent": sent}


def _registry() -> Any:
    from training.registry.registry import Registry

    return Registry(os.environ["MLFLOW_TRACKING_URI"], _artifact_root())


def _artifact_root() -> Path | None:
    root = os.environ.get("LOANSTREAM_ARTIFACTS")
    return Path(root) if root else None


JOBS: Mapping[str, Job] = {
    "generate": generate_tables,
    "champion": find_champion,
    "train": train_champion,
    "materialize": materialize_features,
    "book": make_book,
    "feed": feed_applications,
}
