"""Composed or fused: the same graph, the same bytes, without Ray."""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from credit.decision import DecisionBatch
from credit.errors import NotReady, PermanentError, UnknownFeature
from credit.features import CATALOG
from credit.policy import Outcome
from feature_store.layout import pack
from feature_store.store import open_writer
from serve_app.counterfactual.answer import CounterfactualAnswer
from serve_app.counterfactual.finder import what_would_change
from serve_app.counterfactual.local import LocalCounterfactuals
from serve_app.insight.questions import (
    CatalogQuestion,
    DependenceQuestion,
    ImportanceQuestion,
    ModelQuestion,
    SampleQuestion,
    SimilarQuestion,
)
from serve_app.models.sources import FolderSource
from serve_app.replicas.composed import ComposedPlacement
from serve_app.replicas.explainer import ExplainerDeployment
from serve_app.replicas.fused import FusedPlacement
from serve_app.replicas.lookup import LookupDeployment
from serve_app.replicas.scorer import ScorerDeployment
from serve_app.settings import ServingSettings
from serve_app.steps.local_graph import LocalGraph
from serve_app.stores import configured_store
from tests.fixtures.decisions import application_batch
from tests.fixtures.loans import ForgetfulStore, lending_model, loans
from tests.fixtures.small_model import EveryClientsHistory, write_small_model
from tests.fixtures.told_model import write_told_model

COUNT, FIRST = 400, 9000


class Handle:
    """A deployment's handle: arguments, results and errors cross as bytes, as they do between processes."""

    def __init__(self, replica: Any) -> None:
        self._replica = replica

    def options(self, **_: str) -> Handle:
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        method = getattr(self._replica, name)

        class Method:
            @staticmethod
            async def remote(*arguments: Any) -> Any:
                return pickle.loads(pickle.dumps(await method(*pickle.loads(pickle.dumps(arguments)))))

        return Method


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ServingSettings:
    """A model in a folder, and a store in which two of three clients have a history."""
    root = tmp_path_factory.mktemp("graph")
    clients = [FIRST + i for i in range(COUNT) if i % 3]
    vectors, _ = EveryClientsHistory().history(np.array(clients))
    writer = open_writer(root / "features", None)
    writer.begin("by hand", CATALOG.history_hash)
    writer.put(list(zip(clients, pack(vectors), strict=True)), [], clients[-1])
    writer.finish(store_meta(len(clients)))
    model = root / "model"
    model.mkdir()
    return ServingSettings(
        tracking_uri=f"sqlite:///{root}/none.db",
        model_folder=write_small_model(model),
        feature_store=root / "features",
        step_timeout_s=240.0,  # a slow machine is no degraded decision
    )


def store_meta(clients: int) -> Any:
    from feature_store.layout import StoreMeta

    return StoreMeta(CATALOG.history_hash, clients, 0, "", "2026-01-01T00:00:00Z")


def composed(settings: ServingSettings) -> ComposedPlacement:
    replicas = (LookupDeployment(settings), ScorerDeployment(settings), ExplainerDeployment(settings))
    return ComposedPlacement(settings, *(Handle(replica) for replica in replicas))


def content(decisions: DecisionBatch) -> dict[str, bytes]:
    """Return all of a batch's decisions as bytes, but the moment at which they were taken."""
    return {
        # Not by pickle: it writes a string that two fields share once, and whether they share it is chance.
        field.name: value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode()
        for field in fields(decisions)
        if field.name not in ("applications", "reasons", "decided_ms")
        for value in [getattr(decisions, field.name)]
    } | {f"reasons.{f.name}": getattr(decisions.reasons, f.name).tobytes() for f in fields(decisions.reasons)}


@pytest.mark.parametrize("size", [1, 50, COUNT])
def test_both_placements_decide_to_the_byte_what_the_local_graph_does(settings: ServingSettings, size: int) -> None:
    """Hundreds of applications, alone and together, on the loop and from the gateway's threads."""
    assert settings.model_folder is not None
    whole = application_batch(COUNT, first_id=FIRST)
    batches = [whole.take(range(start, start + size)) for start in range(0, COUNT if size > 1 else 40, size)]
    local = LocalGraph(FolderSource(settings.model_folder), configured_store(settings))
    expected = [content(local.decide(batch)) for batch in batches]

    async def decided(placement: Any) -> tuple[list[Any], list[Any]]:
        graph = placement.open()
        http = [content(await graph.decide(batch, "http")) for batch in batches]
        threads = placement.open_for_threads(asyncio.get_running_loop(), 30.0)
        kafka = [content(await asyncio.to_thread(threads.decide, batch)) for batch in batches]
        simulated = [content(await graph.simulate(batch)) for batch in batches]
        assert simulated == http
        return http, kafka

    for placement in (FusedPlacement(settings), composed(settings)):
        http, kafka = asyncio.run(decided(placement))
        assert http == expected
        assert kafka == expected


def test_both_placements_describe_the_model_and_are_ready(settings: ServingSettings) -> None:
    """What `GET /model` and `/ready` ask."""

    async def asked(placement: Any) -> tuple[Any, bool]:
        graph = placement.open()
        graph.keep_up()
        return await graph.describe(), await graph.ready()

    (fused, fused_ready), (apart, composed_ready) = (
        asyncio.run(asked(placement)) for placement in (FusedPlacement(settings), composed(settings))
    )
    assert fused == apart
    assert fused["features"] == 80
    assert fused_ready
    assert composed_ready


def test_without_a_model_neither_is_ready_and_what_was_asked_can_be_asked_again(
    settings: ServingSettings, tmp_path: Path
) -> None:
    """NotReady is for waiting; it comes through a handle as it is."""
    bare = settings.model_copy(update={"model_folder": None, "tracking_uri": f"sqlite:///{tmp_path}/none.db"})

    async def asked(placement: Any) -> bool:
        graph = placement.open()
        with pytest.raises(NotReady):
            await graph.decide(application_batch(2, first_id=FIRST), "http")
        return bool(await graph.ready())

    assert not asyncio.run(asked(FusedPlacement(bare)))
    assert not asyncio.run(asked(composed(bare)))


def test_a_broken_batch_is_broken_in_both(settings: ServingSettings) -> None:
    """What raises in a step raises again: it is no reason to wait."""
    batch = application_batch(2, first_id=FIRST)
    narrow = type(batch)(batch.application_ids, batch.client_ids, batch.submitted_ms, batch.values[:, :3])

    async def asked(placement: Any) -> None:
        with pytest.raises((PermanentError, ValueError, IndexError)):
            await placement.open().decide(narrow, "http")

    asyncio.run(asked(FusedPlacement(settings)))
    asyncio.run(asked(composed(settings)))


def test_both_placements_search_as_the_local_graph_does(tmp_path: Path) -> None:
    """What would change an outcome: the same answer wherever the steps run."""
    settings = ServingSettings(
        tracking_uri=f"sqlite:///{tmp_path}/none.db",
        model_folder=lending_model(tmp_path),
        feature_store=tmp_path / "features",
    )
    applications = loans(30, seed=11)
    local = LocalGraph(FolderSource(tmp_path), ForgetfulStore())
    declined = np.flatnonzero(local.decide(applications).outcome == Outcome.DECLINE)[:3].tolist()
    search = LocalCounterfactuals(local, ForgetfulStore())

    async def found(placement: Any) -> list[Any]:
        graph = placement.open()
        return [comparable(await what_would_change(graph, applications.take([row]))) for row in declined]

    expected = [comparable(search.find(applications.take([row]))) for row in declined]
    assert len(expected) == 3
    assert asyncio.run(found(FusedPlacement(settings))) == expected
    assert asyncio.run(found(composed(settings))) == expected


def test_both_placements_tell_of_the_model_and_find_clients(tmp_path: Path) -> None:
    """The same bytes to every question, errors included, and the same clients."""
    writer = open_writer(tmp_path / "features", None)
    writer.begin("by hand", CATALOG.history_hash)
    writer.put([], [(client, b"{}") for client in (100001, 100002, 20)], 100002)
    writer.finish(store_meta(3))
    model = tmp_path / "model"
    model.mkdir()
    settings = ServingSettings(
        tracking_uri=f"sqlite:///{tmp_path}/none.db",
        model_folder=write_told_model(model),
        feature_store=tmp_path / "features",
    )
    questions = (
        CatalogQuestion(),
        ModelQuestion(),
        ImportanceQuestion(5, 20),
        DependenceQuestion("DAYS_BIRTH", 20),
        SampleQuestion(("AMT_CREDIT",), 20),
        SimilarQuestion(("AMT_CREDIT",), (), 20, given={"AMT_CREDIT": 500_000.0}),
    )

    async def told(placement: Any) -> tuple[list[bytes], list[list[int]]]:
        graph = placement.open()
        with pytest.raises(UnknownFeature):
            await graph.insight(DependenceQuestion("SHOE_SIZE", 20))
        answers = [await graph.insight(question) for question in questions]
        return answers, [await graph.clients(prefix, 2) for prefix in ("1", "", "3")]

    fused = asyncio.run(told(FusedPlacement(settings)))
    assert asyncio.run(told(composed(settings))) == fused
    assert fused[1] == [[100001, 100002], [20, 100001], []]


def comparable(answer: CounterfactualAnswer) -> dict[str, Any]:
    """Return an answer but for how its model's version is called, the moment, and whether the store answered."""
    told = answer.model_dump(exclude={"model"})
    if told["decision"] is not None:
        told["decision"] = {k: v for k, v in told["decision"].items() if k not in ("decided_at", "model", "mode")}
    return told
