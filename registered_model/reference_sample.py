"""The reference sample of a model's folder: training rows with their out-of-fold scores, and their applications.

`reference.arrow` has the model's features in order, then `probability`, `raw` and `TARGET`; `applications.arrow` has,
row for row, the applications' own columns but for protected ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa

from credit.application import FloatArray
from credit.errors import ModelRefused
from credit.manifest import ModelManifest
from registered_model.documents import APPLICATIONS_FILE, document_path
from registered_model.manifest_file import REFERENCE_FILE

PROBABILITY = "probability"


def read_reference_table(folder: Path) -> pa.Table:
    """Read `reference.arrow` of a model's folder; ModelRefused where it is missing or unreadable."""
    return _read(folder / REFERENCE_FILE)


def read_applications_table(folder: Path, manifest: ModelManifest) -> pa.Table | None:
    """Read `applications.arrow`, None for a model of an older version; ModelRefused where it is missing or altered."""
    file = document_path(folder, manifest, APPLICATIONS_FILE)
    return None if file is None else _read(file)


def column_matrix(table: pa.Table, names: Iterable[str]) -> FloatArray:
    """Return columns of an Arrow table as float64[n, columns]; a null is NaN."""
    return np.column_stack([np.asarray(table.column(name).to_numpy(), dtype=np.float64) for name in names])


def _read(path: Path) -> pa.Table:
    try:
        # Mapped and not read: the columns take no memory until somebody asks for them.
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
            return reader.read_all()
    except (OSError, pa.ArrowInvalid) as error:
        raise ModelRefused(f"{path} cannot be read ({error}); register the model again") from None
