"""Files of a model's folder that tell of the model and decide nothing, each held against the manifest.

`evaluation.json` has what was measured, `model_card.md` the card, `applications.arrow` the columns of the reference
sample's applications. Models of older versions have none of them and go on deciding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from credit.errors import ModelRefused
from credit.evaluation import Evaluation
from credit.manifest import ModelManifest
from registered_model.manifest_file import file_sha256, write_manifest

EVALUATION_FILE = "evaluation.json"
CARD_FILE = "model_card.md"
APPLICATIONS_FILE = "applications.arrow"


def add_documents(folder: Path, manifest: ModelManifest, documents: Mapping[str, bytes]) -> ModelManifest:
    """Write documents beside a manifest and name their digests in it; the model's own digest stays what it was."""
    for name, content in documents.items():
        (folder / name).write_bytes(content)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in documents.items()}
    told = manifest.model_copy(update={"documents_sha256": manifest.documents_sha256 | digests})
    write_manifest(folder, told)
    return told


def document_path(folder: Path, manifest: ModelManifest, name: str) -> Path | None:
    """Return where a document is, None where the manifest names none of that name.

    Raises ModelRefused where it is missing or was altered since training.
    """
    expected = manifest.documents_sha256.get(name)
    if expected is None:
        return None
    file = folder / name
    if not file.is_file() or file_sha256(file) != expected:
        raise ModelRefused(f"{file} is missing or was altered since training; register the model again")
    return file


def read_evaluation(folder: Path, manifest: ModelManifest) -> Evaluation | None:
    """Return what training measured, None for a model of an older version; raises ModelRefused as above."""
    file = document_path(folder, manifest, EVALUATION_FILE)
    if file is None:
        return None
    try:
        return Evaluation.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise ModelRefused(f"{file} is not of this version ({error.errors()[0]['msg']}); train again") from None


def read_card(folder: Path, manifest: ModelManifest) -> str | None:
    """Return the model card in Markdown, None for a model of an older version; raises ModelRefused as above."""
    file = document_path(folder, manifest, CARD_FILE)
    return None if file is None else file.read_text(encoding="utf-8")
