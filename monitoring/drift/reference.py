"""The training reference of one model version: its bins, and what its sample counts to on them.

Read from the model's folder (`manifest.json`, `reference.arrow`), which is all that monitoring knows of a model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from credit.application import FloatArray
from credit.errors import ModelRefused
from credit.manifest import ModelManifest
from credit.policy import Policy
from monitoring.drift.bins import ReferenceBins, build_bins
from monitoring.drift.cells import Counts
from registered_model.manifest_file import REFERENCE_FILE, read_manifest
from registered_model.reference_sample import PROBABILITY, column_matrix, read_reference_table

RAW = "raw"
TARGET = "TARGET"


@dataclass(frozen=True)
class Reference:
    """What windows of one model version are compared with.

    identity: changes when a bin or a count does; counts: int64[f, CELLS]; score_counts: int64[1, CELLS] of the
    probability; groups: columns of protected features, whose outcomes are counted apart; policy: None where unknown.
    A bare reference (see `bare_reference`) has no bins: outcomes and scores are counted, drift against it is not.
    """

    version: str
    identity: str
    bins: ReferenceBins
    counts: Counts
    score_bins: ReferenceBins
    score_counts: Counts
    groups: tuple[int, ...] = ()
    policy: Policy | None = None
    manifest: ModelManifest | None = None
    folder: Path | None = None
    bare: bool = False
    rows: int = 0
    reason_counts: Counts | None = field(default=None)


def build_reference(
    version: str,
    names: tuple[str, ...],
    features: FloatArray,
    probability: FloatArray,
    categories: Mapping[str, int],
    groups: Iterable[str] = (),
    policy: Policy | None = None,
    manifest: ModelManifest | None = None,
    folder: Path | None = None,
    reason_counts: Counts | None = None,
) -> Reference:
    """Bin a reference sample: float64[n, f] features, float64[n] probabilities of default."""
    bins = build_bins(names, features, {n: c for n, c in categories.items() if n in names})
    score_bins = build_bins((PROBABILITY,), probability[:, None], {})
    counts, score_counts = bins.count(features), score_bins.count(probability[:, None])
    identity = _identity(names, bins.edges, counts, score_bins.edges, score_counts)
    columns = tuple(names.index(name) for name in groups if name in names)
    return Reference(
        version,
        identity,
        bins,
        counts,
        score_bins,
        score_counts,
        columns,
        policy,
        manifest,
        folder,
        rows=len(features),
        reason_counts=reason_counts,
    )


def bare_reference(version: str, names: tuple[str, ...]) -> Reference:
    """Return the reference of a model whose folder cannot be had: every feature has one bin and no counts."""
    empty = np.empty((0, len(names)))
    reference = build_reference(version, names, empty, np.empty(0), {})
    return Reference(
        version,
        "bare-" + reference.identity,
        reference.bins,
        reference.counts,
        reference.score_bins,
        reference.score_counts,
        bare=True,
    )


def load_reference(folder: Path, version: str) -> Reference:
    """Read the reference of the model in `folder`; ModelRefused where it lacks a column that its manifest names."""
    from credit.features import CATALOG

    manifest = read_manifest(folder, None)
    table = read_reference_table(folder)
    missing = [name for name in (*manifest.features, PROBABILITY) if name not in table.column_names]
    if missing:
        raise ModelRefused(f"{folder / REFERENCE_FILE} lacks {', '.join(missing[:5])}; register the model again")
    known = {feature.name: feature for feature in CATALOG.features}
    categories = {n: len(known[n].codes) for n in manifest.features if n in known and known[n].is_category}
    groups = [n for n in manifest.features if n in known and known[n].protected]
    return build_reference(
        version,
        manifest.features,
        column_matrix(table, manifest.features),
        column_matrix(table, [PROBABILITY])[:, 0],
        categories,
        groups,
        manifest.policy,
        manifest,
        folder,
    )


def _identity(names: tuple[str, ...], *arrays: FloatArray | Counts) -> str:
    digest = hashlib.sha256("\n".join(names).encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]
