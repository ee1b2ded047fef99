"""Micro-batches under way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from kafka.structs import TopicPartition

from streaming.batch.intake import Intake, read_records
from streaming.batch.publish import Outputs
from streaming.gateway.pipeline import Pipeline
from streaming.gateway.stats import LoopObserver

ZERO = TopicPartition("loan-applications", 0)
NOTHING = read_records([])


class Graph:
    """Answers once it is let go, or fails with what it is told."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.fail_with: Exception | None = None
        self.given_up: list[bool] = []

    def answer(self, intake: Intake, cancelled: threading.Event) -> Outputs:
        assert self.go.wait(30)
        self.given_up.append(cancelled.is_set())
        if self.fail_with is not None:
            raise self.fail_with
        return Outputs([], 0, 0)


@pytest.fixture
def graph() -> Graph:
    return Graph()


@pytest.fixture
def pool(graph: Graph) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool
        graph.go.set()  # its threads have to end


def pipeline_of(graph: Graph, pool: ThreadPoolExecutor, observer: LoopObserver | None = None) -> Pipeline:
    return Pipeline(2, 4, pool, graph.answer, observer or LoopObserver())


def put(pipeline: Pipeline, count: int, offset: int = 0) -> None:
    pipeline.put({ZERO: offset}, count, (1, "m"), NOTHING)


def test_large_batches_go_two_at_a_time_and_small_ones_alone(graph: Graph, pool: ThreadPoolExecutor) -> None:
    """A poll of few has taken all there was: a second batch beside it would only wait."""
    pipeline = pipeline_of(graph, pool)
    assert not pipeline.full
    put(pipeline, 4)
    assert not pipeline.full
    put(pipeline, 4)
    assert pipeline.full
    pipeline.drop_all()
    put(pipeline, 3)
    assert pipeline.full
    assert pipeline.applications == 3


def test_batches_leave_in_the_order_in_which_they_came(graph: Graph, pool: ThreadPoolExecutor) -> None:
    """The oldest is given once it is decided, and stays until it is taken out."""
    observer = LoopObserver()
    pipeline = pipeline_of(graph, pool, observer)
    put(pipeline, 4, offset=10)
    put(pipeline, 5, offset=20)
    assert pipeline.oldest(wait=False) is None
    assert (len(pipeline), pipeline.ready, observer.stats().in_flight) == (2, False, 2)
    graph.go.set()
    left = []
    while pipeline:
        batch = pipeline.oldest(wait=True)
        if batch is not None:
            assert pipeline.ready
            left.append((batch.offsets, batch.count))
            pipeline.take_oldest()
    assert left == [({ZERO: 10}, 4), ({ZERO: 20}, 5)]
    assert observer.stats().in_flight == 0


def test_waiting_is_bounded_and_its_time_is_counted(graph: Graph, pool: ThreadPoolExecutor) -> None:
    """Where the graph takes long the loop goes on polling, to keep its place in the group."""
    observer = LoopObserver()
    pipeline = pipeline_of(graph, pool, observer)
    put(pipeline, 4)
    assert pipeline.oldest(wait=True) is None
    assert 0.2 < observer.stats().phase_s["wait"] < 20


def test_a_batch_that_failed_fails_whoever_asks_for_it(graph: Graph, pool: ThreadPoolExecutor) -> None:
    """An error in deciding ends the session; it is never swallowed."""
    pipeline = pipeline_of(graph, pool)
    graph.fail_with = RuntimeError("no decisions")
    graph.go.set()
    put(pipeline, 4)
    pool.shutdown()
    batch = pipeline.oldest(wait=True)
    assert batch is not None
    with pytest.raises(RuntimeError, match="no decisions"):
        batch.outputs.result()


def test_what_is_given_up_is_told_so(graph: Graph, pool: ThreadPoolExecutor) -> None:
    """Its thread stops trying, and nothing is left under way."""
    pipeline = pipeline_of(graph, pool)
    put(pipeline, 4)
    put(pipeline, 4)
    pipeline.drop_all()
    graph.go.set()
    pool.shutdown()
    assert graph.given_up == [True, True]
    assert (len(pipeline), pipeline.applications, pipeline.ready) == (0, 0, False)
