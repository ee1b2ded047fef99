"""From a folder of tables to the feature matrix that models are trained on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.features import CATALOG, assemble
from credit.schema import COLUMN_INDEX
from training.data.applications import EncodedApplications, read_applications
from training.data.connection import spilling
from training.data.earlier import EarlierCredits, read_earlier_credits
from training.data.history import History, aggregate
from training.data.schemas import APPLICATION_TEST, APPLICATION_TRAIN
from training.data.tables import create_views, find_tables
from training.progress import StepProgress, no_progress
from training.settings import TrainingSettings

_BLOCK = 16_384


@dataclass(frozen=True)
class Dataset:
    """Labelled rows and, where there are any, unlabelled ones.

    X: float64[n, assembled features]; y: float64[n], 1 for a default; values: float64[n, 120], encoded applications;
    unlabelled: float64[m, assembled features] of application_test, m may be 0; missing: history tables not found;
    earlier: earlier cash loans, whose terms and interest are known.
    """

    client_ids: IntArray
    X: FloatArray
    y: FloatArray
    values: FloatArray
    unlabelled: FloatArray
    missing: tuple[str, ...]
    earlier: EarlierCredits = field(default_factory=EarlierCredits.none)

    @property
    def has_history(self) -> npt.NDArray[np.bool_]:
        """bool[n]: whether anything but the application is known of the client."""
        history = [CATALOG.index[name] for name in CATALOG.history_names]
        return np.asarray(~np.isnan(self.X[:, history]).all(axis=1))

    def rows(self, chosen: npt.NDArray[np.bool_]) -> Dataset:
        """Return the labelled rows at bool[n], with all that is not labelled."""
        return replace(
            self,
            client_ids=self.client_ids[chosen],
            X=self.X[chosen],
            y=self.y[chosen],
            values=self.values[chosen],
        )

    def audit(self, column: str) -> FloatArray:
        """Return an encoded column of the applications, for measures by group: float64[n]."""
        return np.asarray(self.values[:, COLUMN_INDEX[column]])

    @property
    def digest(self) -> str:
        """Hex SHA-256 of ids, features, labels and earlier loans."""
        state = hashlib.sha256()
        for array in (self.client_ids, self.X, self.y, self.unlabelled, self.earlier.inputs, self.earlier.targets):
            state.update(np.ascontiguousarray(array).data)
        return state.hexdigest()


def load_dataset(data: Path, settings: TrainingSettings, progress: StepProgress = no_progress) -> Dataset:
    """Read, check, aggregate and assemble the tables in `data`; raises TableError for what cannot be learned from."""
    tables = find_tables(data)
    with spilling(settings) as connection:
        create_views(connection, tables)
        progress("reading applications", 0.0)
        train = read_applications(connection, tables, APPLICATION_TRAIN, labelled=True)
        test = None
        if (settings.derived or settings.reject_inference != "none") and tables.has(APPLICATION_TEST):
            test = read_applications(connection, tables, APPLICATION_TEST, labelled=False)
        earlier = read_earlier_credits(connection, tables) if settings.derived else EarlierCredits.none()
        progress("reading applications", 1.0)
        ids = train.client_ids if test is None else np.union1d(train.client_ids, test.client_ids)
        history = aggregate(connection, ids, progress)
    assert train.target is not None
    X = assemble_all(train, history)
    unlabelled = np.empty((0, X.shape[1])) if test is None else assemble_all(test, history)
    return Dataset(train.client_ids, X, train.target, train.values, unlabelled, tables.missing, earlier)


def assemble_all(applications: EncodedApplications, history: History) -> FloatArray:
    """Return float64[n, assembled features] of all applications, block by block so that history is never held twice."""
    X = np.empty((len(applications), len(CATALOG.assembled_names)), dtype=np.float64)
    for start in range(0, len(applications), _BLOCK):
        block = slice(start, start + _BLOCK)
        X[block] = assemble(applications.values[block], history.of(applications.client_ids[block]))
    return X
