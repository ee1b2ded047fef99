"""Which model version decides, and how it comes into memory.

A replica holds the last two versions: the one that decides, and the one before it for micro-batches that were scored
just before a promotion and are still to be explained.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from credit.errors import NotReady
from serve_app.models.loaded_model import LoadedModel

KEPT_VERSIONS = 2


class VersionSource(Protocol):
    """Says which version decides, and fetches it."""

    def current(self) -> str:
        """Return the version that decides; raises ModelNotFound or DependencyUnavailable."""

    def folder(self, version: str) -> Path:
        """Return a local folder with that version's files."""


class ModelShelf:
    """The versions that this process holds; safe to use from several threads."""

    def __init__(self, source: VersionSource, load: Callable[[Path, str], LoadedModel] = LoadedModel.load) -> None:
        self._source, self._load = source, load
        self._lock = threading.Lock()
        self._held: OrderedDict[str, LoadedModel] = OrderedDict()
        self._current: LoadedModel | None = None
        self._load_s: dict[str, float] = {}

    @property
    def load_s(self) -> dict[str, float]:
        """Seconds that the last version took to be found, read and warmed."""
        return dict(self._load_s)

    @property
    def current(self) -> LoadedModel:
        """The version that decides; raises NotReady before the first was loaded."""
        if self._current is None:
            raise NotReady("no model is loaded yet; wait until /ready answers 200")
        return self._current

    @property
    def ready(self) -> bool:
        return self._current is not None

    def refresh(self) -> bool:
        """Look at the alias; load, warm and only then take up what it names. Returns whether the version changed."""
        version = self._source.current()
        if self._current is not None and self._current.ref.version == version:
            return False
        self._current = self.get(version)
        return True

    def get(self, version: str) -> LoadedModel:
        """Return a version, loading it where this process does not hold it yet."""
        with self._lock:
            model = self._held.get(version)
            if model is None:
                model = self._loaded(version)
                self._held[version] = model
            self._held.move_to_end(version)
            while len(self._held) > KEPT_VERSIONS:
                self._held.popitem(last=False)
            return model

    def _loaded(self, version: str) -> LoadedModel:
        began = time.perf_counter()
        folder = self._source.folder(version)
        found = time.perf_counter()
        model = self._load(folder, version)
        read = time.perf_counter()
        model.warm()
        warm = time.perf_counter()
        self._load_s = {"model found": found - began, "read": read - found, "kernels warmed": warm - read}
        return model
