"""`loanstream promote`: let a challenger decide, if it passes gates that were written down beforehand."""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np

from credit.errors import PromotionRefused
from credit.features import CATALOG
from credit.rehearsal import RehearsalReport
from registered_model.booster_files import read_model
from registered_model.version_history import PassedGate, promotion_tags, rehearsal_tag
from training.registry.gates import GATES_FILE, GateResult, check_gates, check_rehearsal, read_gates
from training.registry.registry import CHALLENGER, CHAMPION, ModelVersion

_LATENCY_ROWS, _LATENCY_REPEATS = 64, 15


class VersionRegistry(Protocol):
    """What a promotion asks of the registry; a call raises ModelNotFound, or DependencyUnavailable without a store."""

    def get(self, name: str, which: str) -> ModelVersion:
        """Return the version under an alias or a number."""

    def list_models(self, name: str) -> list[ModelVersion]:
        """Return all versions, newest first."""

    def download(self, name: str, which: str, *, catalog_hash: str | None = None) -> Path:
        """Return a local folder with a version's files; raises ModelRefused where they are not of that catalog."""

    def set_alias(self, name: str, alias: str, version: str) -> None:
        """Let an alias name this version."""

    def remove_alias(self, name: str, alias: str) -> None:
        """Take an alias away, where it is set."""

    def tag(self, name: str, version: str, tags: Mapping[str, str]) -> None:
        """Write tags on a version."""


@dataclass(frozen=True)
class Promotion:
    """A version that now decides, the one that did before (None where none did), and every gate's result."""

    version: ModelVersion
    previous: str | None
    gates: tuple[GateResult, ...]
    forced: bool


def promote(
    registry: VersionRegistry,
    name: str,
    which: str = CHALLENGER,
    *,
    force_reason: str | None = None,
    gates_file: Path = GATES_FILE,
    rehearsal: RehearsalReport | None = None,
    require_rehearsal: bool = False,
) -> Promotion:
    """Give the alias champion to a version (an alias or a number) that passes every gate against the present champion.

    force_reason: promote even so, and leave the reason, who gave it and the failed gates in the registry; rehearsal: a
    rehearsal's report, its signature verified; require_rehearsal: refuse without one, as the gates can too. Raises
    PromotionRefused with the gate and both figures, ModelNotFound, ModelRefused for a model that cannot be served.
    """
    gates = read_gates(gates_file)
    version = registry.get(name, which)
    folder = registry.download(name, version.version, catalog_hash=CATALOG.hash)
    present = next((v for v in registry.list_models(name) if CHAMPION in v.aliases), None)
    if present is not None and present.version == version.version:
        raise PromotionRefused(f"version {version.version} of {name} is the champion already: name another version")
    results: tuple[GateResult, ...] = ()
    if present is not None:
        results = check_gates(gates, version, present, latency_ratio(folder, registry.download(name, present.version)))
        if rehearsal is not None:
            results += check_rehearsal(gates.rehearsal, rehearsal, version, present)
        elif require_rehearsal or gates.rehearsal.required:
            results += (GateResult("rehearsal_applications", 0, gates.rehearsal.applications, False),)
            if not force_reason:
                raise PromotionRefused(
                    f"version {version.version} of {name} was not rehearsed: run `loanstream rehearse --model "
                    f"{version.version}` and name its report with --rehearsal, or give a reason with --force"
                )
    failed = [result for result in results if not result.passed]
    if rehearsal is not None:
        registry.tag(name, version.version, rehearsal_tag(rehearsal))
    if failed and not force_reason:
        raise PromotionRefused(
            f"version {version.version} of {name} failed {'; '.join(str(result) for result in failed)}: "
            "train a better one, or give a reason with --force"
        )
    if force_reason:
        registry.tag(
            name,
            version.version,
            {
                "forced_reason": force_reason,
                "forced_by": getpass.getuser(),
                "forced_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "forced_gates": "; ".join(str(result) for result in failed) or "none failed",
            },
        )
    registry.set_alias(name, CHAMPION, version.version)
    registry.tag(name, version.version, promotion_tags(_told(results)))
    if CHALLENGER in version.aliases:
        registry.remove_alias(name, CHALLENGER)
    previous = present.version if present is not None else None
    return Promotion(registry.get(name, version.version), previous, results, bool(force_reason and failed))


def _told(results: tuple[GateResult, ...]) -> list[PassedGate]:
    def known(value: float) -> float | None:
        return value if np.isfinite(value) else None

    return [PassedGate(gate=r.gate, figure=known(r.challenger), bound=known(r.bound), passed=r.passed) for r in results]


def latency_ratio(challenger: Path, champion: Path) -> float:
    """Return the challenger's time to score 64 rows over the champion's: medians of interleaved runs, one thread."""
    # The champion may be of an older catalog: it is only timed.
    models = [read_model(challenger, CATALOG.hash), read_model(champion, None)]
    rng = np.random.default_rng(0)
    rows = [rng.random((_LATENCY_ROWS, model.booster.num_feature())) for model in models]
    times: list[list[float]] = [[], []]
    for _ in range(_LATENCY_REPEATS):
        for i, model in enumerate(models):
            start = time.perf_counter()
            model.booster.predict(rows[i], raw_score=True, num_threads=1)
            times[i].append(time.perf_counter() - start)
    return float(np.median(times[0]) / np.median(times[1]))
