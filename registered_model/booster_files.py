"""The boosters of a model's folder, read and held against its manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credit.errors import ModelRefused
from credit.manifest import ModelManifest
from registered_model.manifest_file import read_manifest


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
    import lightgbm

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
