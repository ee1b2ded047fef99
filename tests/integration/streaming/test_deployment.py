"""The gateway as a Serve deployment, with a graph of one fake step."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from pydantic_core import to_json

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import DependencyUnavailable
from streaming.broker.ports import free_port
from streaming.proof.readback import prove
from tests.fixtures.broker import Stream
from tests.fixtures.deciding import application, decide

pytestmark = pytest.mark.integration


class FakeDecider:
    """Decides by a hash; `poison` breaks it."""

    async def decide(self, batch: ApplicationBatch, door: str) -> DecisionBatch:
        assert door == "kafka"
        if "app-0000666" in batch.application_ids:
            raise ValueError("this application breaks the graph")
        return decide(batch)


def until(condition: Callable[[], object], timeout_s: float = 90.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def ray() -> Iterator[object]:
    import ray
    from ray import serve

    os.environ["RAY_SERVE_REPLICA_AUTOSCALING_METRIC_PUSH_INTERVAL_S"] = "1"
    ray.init(address="local", num_cpus=4, include_dashboard=False, logging_level="ERROR")
    serve.start(http_options={"port": free_port(), "host": "127.0.0.1"})
    yield ray
    serve.shutdown()
    ray.shutdown()


def test_a_killed_replica_is_replaced_and_nothing_is_lost(ray: object, stream: Stream) -> None:
    """SIGKILL of the gateway in the middle of the work: Serve starts another, every application has one answer."""
    from kafka import KafkaProducer
    from ray import serve

    from streaming.gateway.deployment import bind_gateway
    from streaming.gateway.handle import GraphByHandle
    from streaming.gateway.scaling import GatewayScaling

    settings = stream.with_settings(max_batch=50)
    graph = serve.deployment(name="decider", max_ongoing_requests=32)(FakeDecider).bind()
    app = bind_gateway(GraphByHandle(graph), settings, scaling=GatewayScaling(max_replicas=1))
    gateway = serve.run(app, name="kill", route_prefix=None)
    producer = KafkaProducer(bootstrap_servers=stream.bootstrap)

    def send(numbers: range) -> None:
        for number in numbers:
            producer.send(settings.applications_topic, to_json(application(number)))
        producer.flush()

    send(range(600, 1100))
    until(lambda: gateway.stats.remote().result()["applications"] >= 100)
    before = gateway.stats.remote().result()["pid"]
    send(range(2000, 6000))
    os.kill(before, signal.SIGKILL)
    send(range(6000, 6500))

    def all_answered() -> bool:
        try:
            stats = gateway.stats.remote().result(timeout_s=5)
        except Exception:  # noqa: BLE001 - whatever a replica that was killed answers with
            return False
        return stats["pid"] != before and stats["lag"] == 0 and stats["applications"] > 0

    until(all_answered)
    topics = (settings.applications_topic, settings.decisions_topic, settings.dead_letters_topic)
    until(lambda: prove(stream.bootstrap, *topics).holds)
    proof = prove(stream.bootstrap, *topics)
    assert (proof.applications_in, proof.dead_letters) == (5000, 1)
    serve.delete("kill")


def test_a_handle_that_fails_is_told_apart_by_whether_later_helps(ray: object, stream: Stream) -> None:
    """Code that raises is permanent for this batch; a graph that is gone is not."""
    import asyncio
    import threading

    from ray import serve

    from credit.errors import PermanentError
    from credit.wire.application import parse_applications
    from streaming.gateway.handle import HandleDecider

    handle = serve.run(serve.deployment(FakeDecider).bind(), name="fails", route_prefix=None)
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    decider = HandleDecider(handle, loop, 10.0)
    now = [int(time.time() * 1000)]
    good = parse_applications([to_json(application(1))], now).batch
    bad = parse_applications([to_json(application(666))], now).batch
    assert decider.decide(good).applications.application_ids == ["app-0000001"]
    with pytest.raises(PermanentError, match="breaks the graph"):
        decider.decide(bad)
    serve.delete("fails")
    with pytest.raises(DependencyUnavailable):
        decider.decide(good)
    loop.call_soon_threadsafe(loop.stop)
