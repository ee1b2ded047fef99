"""A model version as `GET /model` tells it."""

from __future__ import annotations

from typing import Any

from serve_app.models.loaded_model import LoadedModel


def describe(model: LoadedModel) -> dict[str, Any]:
    """Return the fields of `serve_app.door.bodies.ModelAnswer`."""
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
