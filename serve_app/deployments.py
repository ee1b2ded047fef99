"""Thin Ray Serve shells around the plain classes: one deployment a step, and the decider that composes them.

User code shares the replica's event loop with Serve's routing, so whatever blocks (LightGBM, LMDB, the registry) runs
in a thread of the replica's own.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from ray.exceptions import RayError, RayTaskError
from ray.serve.exceptions import RayServeException

from credit.application import ApplicationBatch, FloatArray, IntArray
from credit.decision import DecisionBatch, Mode
from credit.errors import DependencyUnavailable, LoanstreamError, Overloaded, PermanentError
from credit.features import CATALOG
from credit.policy import Outcome
from credit.wire.audit import Door
from serve_app.decider import Decider
from serve_app.explainer import Explained, Explainer
from serve_app.feature_store import open_store
from serve_app.metrics import DeciderMetrics, ExplainerMetrics, ModelMetrics, ShadowMetrics
from serve_app.model_sources import FirstAvailable, FolderSource, HubSource, MlflowSource, ModelSource
from serve_app.model_store import ModelShelf
from serve_app.scorer import Scored, Scorer
from serve_app.settings import ServingSettings
from serve_app.shadow import ShadowQueue
from serve_app.shadow_deployment import ChallengerAlias, HandleShadow, ShadowTap

logger = logging.getLogger(__name__)
T = TypeVar("T")


def model_source(settings: ServingSettings) -> ModelSource:
    """Return the configured sources of the model, first to last."""
    sources: list[ModelSource] = [MlflowSource(settings.tracking_uri, settings.model_name, settings.model_alias)]
    if settings.model_hub is not None:
        sources.append(HubSource(settings.model_hub))
    if settings.model_folder is not None:
        sources.append(FolderSource(settings.model_folder))
    return FirstAvailable(sources)


class _InThread:
    """Runs blocking calls one after another in a thread of the replica's own."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def __call__(self, call: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call, *args)


class _HoldsModel:
    """A replica that holds models: takes up what the alias names, aside from the requests it serves meanwhile."""

    def __init__(self, settings: ServingSettings) -> None:
        self._shelf = ModelShelf(model_source(settings))
        self._poll_s = settings.model_poll_s
        self._model_metrics = ModelMetrics()
        # Loading has a thread of its own: seconds of loading must not hold up scoring with the version before.
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="model-loader")
        try:
            self._refresh()
        except LoanstreamError as error:
            logger.warning("starting without a model, looking again every %.0f s: %s", self._poll_s, error)
        self._watch: asyncio.Task[None] | None = None

    def _refresh(self) -> None:
        if self._shelf.refresh():
            version = self._shelf.current.ref.version
            logger.info("took up model version %s", version)
            self._model_metrics.loads.inc(1, tags={"model_version": version})

    def _start_watch(self) -> None:
        if self._watch is None:
            self._watch = asyncio.get_running_loop().create_task(self._watch_alias())

    async def _watch_alias(self) -> None:
        while True:
            await asyncio.sleep(self._poll_s)
            try:
                await asyncio.get_running_loop().run_in_executor(self._loader, self._refresh)
            except Exception:
                # A registry that is away, or a version that is refused, must not end the version that decides.
                self._model_metrics.failures.inc(1)
                logger.exception("could not take up the current model; the one before goes on deciding")

    async def check_health(self) -> None:
        """Called by Serve on the replica's loop; also what starts the watch there."""
        self._start_watch()

    async def ready(self) -> bool:
        """Return whether a model is loaded."""
        self._start_watch()
        return self._shelf.ready


class LookupDeployment:
    """Feature lookup: history vectors and applications on file, from the online store."""

    def __init__(self, settings: ServingSettings) -> None:
        url = settings.redis_url.get_secret_value() if settings.redis_url else None
        width = len(CATALOG.history_names)
        self._store = open_store(settings.feature_store, url, CATALOG.history_hash, width)
        self._in_thread = _InThread("lookup")

    async def lookup(self, client_ids: IntArray) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        return await self._in_thread(self._store.history, client_ids)

    async def applications(self, client_ids: IntArray) -> list[bytes | None]:
        return await self._in_thread(self._store.applications, client_ids)


class ScorerDeployment(_HoldsModel):
    """LightGBM scorer."""

    def __init__(self, settings: ServingSettings) -> None:
        super().__init__(settings)
        self._scorer = Scorer(self._shelf)
        self._in_thread = _InThread("scorer")
        self._challenger = ChallengerAlias(settings)

    async def score(self, values: FloatArray, history: npt.NDArray[np.float32]) -> Scored:
        return await self._in_thread(self._scorer.score, values, history)

    async def challenger(self) -> str | None:
        """Return the version under the challenger's alias, None where there is none."""
        return await asyncio.get_running_loop().run_in_executor(self._loader, self._challenger.current)

    async def describe(self) -> dict[str, Any]:
        """Return what `GET /model` answers; raises NotReady without a model."""
        model = self._shelf.current
        manifest = model.manifest
        return {
            "name": manifest.name,
            "version": model.ref.version,
            "digest": manifest.digest,
            "catalog_hash": manifest.catalog_hash,
            "policy": manifest.policy.model_dump(),
            "policy_digest": manifest.policy.digest,
            "features": len(manifest.features),
            "trained_at": manifest.trained_at,
            "metrics": manifest.metrics,
        }


class ExplainerDeployment(_HoldsModel):
    """Exact SHAP explainer."""

    def __init__(self, settings: ServingSettings) -> None:
        super().__init__(settings)
        self._explainer = Explainer(self._shelf, settings.explainer)
        self._in_thread = _InThread("explainer")
        self._metrics = ExplainerMetrics()
        self._codes = [subject.code for subject in CATALOG.subjects.values()]

    async def explain(self, version: str, X: FloatArray, raw: FloatArray, outcome: npt.NDArray[np.int8]) -> Explained:
        explained = await self._in_thread(self._explainer.explain, version, X, raw, outcome)
        self._metrics.additivity_failures.inc(explained.additivity_failures) if explained.additivity_failures else None
        self._metrics.reason_failures.inc(explained.reason_failures) if explained.reason_failures else None
        for direction, rows in (("favourable", outcome == Outcome.APPROVE), ("adverse", outcome != Outcome.APPROVE)):
            given = explained.reasons.subject[rows]
            for subject, count in zip(*np.unique(given[given >= 0], return_counts=True), strict=True):
                self._metrics.reasons.inc(int(count), tags={"code": self._codes[subject], "direction": direction})
        return explained


class _HandleSteps:
    """The steps by Serve handle: bounded waits, and Ray's errors told apart by whether trying again can help."""

    def __init__(self, lookup: Any, scorer: Any, explainer: Any, timeout_s: float, metrics: DeciderMetrics) -> None:
        self._lookup, self._scorer, self._explainer = lookup, scorer, explainer
        self._timeout_s, self._metrics = timeout_s, metrics

    async def lookup(self, client_ids: IntArray) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        result: tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]] = await self._step(
            "lookup", self._lookup.lookup.remote(client_ids)
        )
        return result

    async def score(self, values: FloatArray, history: npt.NDArray[np.float32]) -> Scored:
        scored: Scored = await self._step("score", self._scorer.score.remote(values, history))
        return scored

    async def explain(self, version: str, X: FloatArray, raw: FloatArray, outcome: npt.NDArray[np.int8]) -> Explained:
        explained: Explained = await self._step("explain", self._explainer.explain.remote(version, X, raw, outcome))
        return explained

    async def _step(self, name: str, response: Awaitable[Any]) -> Any:
        started = time.perf_counter()
        try:
            result = await call_graph(name, response, self._timeout_s)
        except LoanstreamError:
            self._metrics.step_failures.inc(1, tags={"step": name})
            raise
        self._metrics.step_seconds.observe(time.perf_counter() - started, tags={"step": name})
        return result


async def call_graph(name: str, response: Awaitable[T], timeout_s: float) -> T:
    """Await a handle's response for at most `timeout_s`; whatever Ray raises comes out as one of our errors."""
    from ray.serve.exceptions import BackPressureError

    try:
        return await asyncio.wait_for(response, timeout_s)
    except LoanstreamError:
        raise
    except BackPressureError as error:
        raise Overloaded(f"{name} has more work queued than it takes: {error}") from None
    except TimeoutError:
        raise DependencyUnavailable(f"{name} did not answer within {timeout_s:.0f} s") from None
    except RayTaskError as error:
        # Code of ours raised it over there: the same call would raise it again.
        raise PermanentError(f"{name} failed on this batch: {str(error).strip().splitlines()[-1]}") from None
    except (RayError, RayServeException) as error:
        raise DependencyUnavailable(f"{name} failed: {type(error).__name__}: {str(error).splitlines()[-1]}") from None


class DeciderDeployment:
    """The composition: lookup, scorer and explainer behind one method that both doors call."""

    def __init__(self, settings: ServingSettings, lookup: Any, scorer: Any, explainer: Any, shadow: Any = None) -> None:
        self._metrics = DeciderMetrics()
        self._shadow: ShadowTap | None = None
        if shadow is not None:
            queue = ShadowQueue(settings.shadow_max_pending)
            by_handle = HandleShadow(scorer, shadow, settings.step_timeout_s)
            self._shadow = ShadowTap(by_handle, queue, ShadowMetrics(), settings.shadow_look_s)
        steps = _HandleSteps(lookup, scorer, explainer, settings.step_timeout_s, self._metrics)
        self._decider = Decider(
            steps,
            len(CATALOG.history_names),
            settings.on_history_unavailable,
            settings.on_reasons_unavailable,
        )

    async def decide(self, batch: ApplicationBatch, door: Door) -> DecisionBatch:
        """Decide a micro-batch; raises RetryableError where the graph cannot score it now."""
        decisions = await self._decider.decide(batch)
        self._metrics.batch.observe(len(batch), tags={"door": door})
        version, mode = decisions.model.version, Mode(int(decisions.mode[0])).word
        for outcome, count in Counter(decisions.outcome.tolist()).items():
            tags = {"door": door, "outcome": Outcome(outcome).word, "mode": mode, "model_version": version}
            self._metrics.decisions.inc(count, tags=tags)
        if self._shadow is not None:
            self._shadow.offer(decisions)
        return decisions
