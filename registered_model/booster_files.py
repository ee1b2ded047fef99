"""The boosters of a model's folder, read and held against its manifest."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credit.errors import ModelRefused
from credit.manifest import ModelManifest
from registered_model.manifest_file import read_manifest

_NOT_FOR_SCORING = ("sklearn", "matplotlib", "dask", "graphviz")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model's folder in memory: its manifest, its booster, and the boosters of `manifest.derived` in their order."""

    manifest: ModelManifest
    booster: Any
    derived: tuple[Any, ...]


def read_model(folder: Path, catalog_hash: str | None) -> ModelFiles:
    """Read and check a model's folder; `catalog_hash` None skips the check of the catalog.

    Raises ModelRefused where the folder is damaged, of another catalog, or its booster is not the manifest's.
    """
    lightgbm = bare_lightgbm()
    manifest = read_manifest(folder, catalog_hash)
    file = manifest.booster
    try:
        booster = lightgbm.Booster(model_file=str(folder / file))
        derived = []
        for feature in manifest.derived:
            file = feature.booster
            derived.append(lightgbm.Booster(model_file=str(folder / file)))
    except lightgbm.basic.LightGBMError as error:
        raise ModelRefused(f"{folder / file} cannot be read: {error}; register it again") from None
    if booster.num_feature() != len(manifest.features):
        raise ModelRefused(
            f"{folder}: the booster reads {booster.num_feature()} features, its manifest names "
            f"{len(manifest.features)}; register it again"
        )
    return ModelFiles(manifest, booster, tuple(derived))


def bare_lightgbm() -> Any:
    """Return LightGBM, imported without the libraries that it looks for and scoring does not need.

    scikit-learn alone takes 0.9 s of a core and 47 MB of every process that serves. LightGBM does without what it does
    not find; whoever imported one of them, or LightGBM, before keeps it, and may import them after.
    """
    hidden = [name for name in _NOT_FOR_SCORING if name not in sys.modules and "lightgbm" not in sys.modules]
    sys.modules |= dict.fromkeys(hidden)  # type: ignore[arg-type] # None: how Python marks what cannot be imported
    try:
        import lightgbm
    finally:
        for name in hidden:
            del sys.modules[name]
    return lightgbm
