"""`manifest.json` of a model's folder, and the check that model and surroundings fit."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from credit.errors import ModelRefused
from credit.manifest import FORMAT_VERSION, ModelManifest

MANIFEST_FILE = "manifest.json"
REFERENCE_FILE = "reference.arrow"


def file_sha256(path: Path) -> str:
    """Return the hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: ModelManifest) -> None:
    """Write `manifest.json` into a model's folder."""
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=2) + "\n")


def read_manifest(folder: Path, catalog_hash: str | None) -> ModelManifest:
    """Read and check the manifest of the model in `folder`; `catalog_hash` None skips the check of the catalog.

    Raises ModelRefused where the manifest is missing, malformed, of another catalog, or a booster file was altered.
    """
    path = folder / MANIFEST_FILE
    try:
        manifest = ModelManifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ModelRefused(f"{folder} has no {MANIFEST_FILE}: it is not a Loanstream model; train one") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelRefused(f"{path}: {where}: {first['msg']}; train the model again") from None
    if manifest.format_version != FORMAT_VERSION:
        raise ModelRefused(
            f"{path} has format {manifest.format_version}, this version reads {FORMAT_VERSION}; train again"
        )
    if catalog_hash is not None and manifest.catalog_hash != catalog_hash:
        raise ModelRefused(
            f"{manifest.name} was trained on feature catalog {manifest.catalog_hash[:12]}, this version computes "
            f"{catalog_hash[:12]}; train it again, or serve it with the version it was trained with"
        )
    for name, expected in manifest.files_sha256.items():
        file = folder / name
        if not file.is_file() or file_sha256(file) != expected:
            raise ModelRefused(f"{file} is missing or was altered since training; register the model again")
    return manifest
