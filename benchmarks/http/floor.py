"""The floor: what somebody would write by hand, one FastAPI process with the model and our kernel in it.

It looks a client up, scores, explains and answers, without reasons, policy, degradation or a second model; with an
audit it writes the answer to Kafka and waits for the acknowledgement. `python -m benchmarks.http.floor --help`.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import orjson
from fastapi import FastAPI, Request, Response

from credit.features import assemble
from credit.wire.application import parse_applications
from serve_app.models.configured import champion_source
from serve_app.models.loaded_model import LoadedModel
from serve_app.settings import ServingSettings
from serve_app.stores import configured_store

AUDIT_TOPIC = "floor-audit"
Append = Callable[[bytes], Awaitable[None]]


def create_app(settings: ServingSettings, append: Append | None) -> FastAPI:
    """Return the service; `append` waits until a record is safe."""
    source = champion_source(settings)
    version = source.current()
    model = LoadedModel.load(source.folder(version), version)
    model.warm()
    store = configured_store(settings)
    app = FastAPI()

    @app.post("/explain")
    async def explain(request: Request) -> Response:
        client = orjson.loads(await request.body())["sk_id_curr"]
        ids = np.array([client], dtype=np.int64)
        (row,) = store.applications(ids)
        if row is None:
            return Response(status_code=404)
        history, _ = store.history(ids)
        applications = parse_applications([b'{"application":' + row + b"}"], [0]).batch
        X = model.features(assemble(applications.values, history))
        raw = float(model.raw(X)[0])
        contributions = model.shap.contributions(X)[0, :-1].tolist()
        probability = float(model.manifest.calibration.probability(np.array([raw]))[0])
        answer = orjson.dumps(
            {
                "sk_id_curr": client,
                "probability_refusal": probability,
                "raw_score": raw,
                "base_value": model.shap.expected_value,
                "contributions": dict(zip(model.ref.features, contributions, strict=True)),
            }
        )
        if append is not None:
            await append(answer)
        return Response(answer, media_type="application/json")

    return app


def kafka_python(bootstrap: str) -> Append:
    """Return an acknowledged write by kafka-python, as its documentation shows it, brought to the event loop."""
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=0)

    async def append(record: bytes) -> None:
        loop = asyncio.get_running_loop()
        written: asyncio.Future[Any] = loop.create_future()
        sent = producer.send(AUDIT_TOPIC, record)
        sent.add_callback(lambda _: loop.call_soon_threadsafe(written.set_result, None))
        sent.add_errback(lambda error: loop.call_soon_threadsafe(written.set_exception, error))
        await written

    return append


def librdkafka(bootstrap: str) -> Append:
    """Return an acknowledged write by the client that Loanstream's HTTP door uses."""
    from streaming.kafka.acknowledged import AcknowledgedProducer
    from streaming.kafka.security import KafkaSecurity

    writer = AcknowledgedProducer(bootstrap, KafkaSecurity(), 5.0, 8 * 1024 * 1024)
    return lambda record: writer.append(AUDIT_TOPIC, record)


def main() -> None:
    """Serve until ended."""
    import uvicorn

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--audit", choices=["off", "kafka-python", "librdkafka"], default="off")
    options = parser.parse_args()
    settings = ServingSettings()
    append = None
    if options.audit != "off":
        assert settings.bootstrap is not None
        append = (kafka_python if options.audit == "kafka-python" else librdkafka)(settings.bootstrap)
    uvicorn.run(create_app(settings, append), host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
