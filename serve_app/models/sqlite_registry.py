"""What a replica asks of an MLflow registry that is a SQLite file, read without MLflow.

Importing MLflow takes a replica one and a half seconds of a core and 60 MB, for two look-ups. Only what is asked here
is read, and nothing is ever written; where the tables are not as expected, `None` says that MLflow itself is to be
asked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlparse

from serve_app.models.registered_versions import RegisteredVersion, newest_first

_SQLITE = "sqlite:///"
_ALIAS = "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?"
_SOURCE = "SELECT source FROM model_versions WHERE name = ? AND version = ?"
_RUN = "SELECT artifact_uri FROM runs WHERE run_uuid = ?"
_NAMES = "SELECT name FROM registered_models WHERE name = ?"
_ALIASES = "SELECT version, alias FROM registered_model_aliases WHERE name = ?"
_VERSIONS = "SELECT version, creation_time, run_id FROM model_versions WHERE name = ?"
_TAGS = "SELECT version, key, value FROM model_version_tags WHERE name = ?"
_FIGURES = (
    "SELECT m.run_uuid, m.key, m.value FROM latest_metrics m JOIN model_versions v ON v.run_id = m.run_uuid "
    "WHERE v.name = ? AND NOT m.is_nan"
)
_WAIT_S = 2.0


class SqliteRegistry:
    """The registry in a SQLite file; safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @classmethod
    def of(cls, tracking_uri: str) -> SqliteRegistry | None:
        """Return the registry of an MLflow URI, None where that is no SQLite file."""
        if not tracking_uri.startswith(_SQLITE) or len(tracking_uri) == len(_SQLITE):
            return None
        return cls(Path(tracking_uri.removeprefix(_SQLITE)))

    def versions(self, model: str, alias: str) -> list[str] | None:
        """Return the version under an alias, an empty list where there is none; None where MLflow is to be asked."""
        rows = self._rows(_ALIAS, model, alias)
        # The same name in another workspace: which one is meant, MLflow knows.
        return None if rows is None or len(rows) > 1 else [str(row[0]) for row in rows]

    def folder(self, model: str, version: str) -> Path | None:
        """Return the folder of a version's files on this machine; None where MLflow is to be asked."""
        sources = self._rows(_SOURCE, model, version)
        if sources is None or len(sources) != 1 or sources[0][0] is None:
            return None
        folder = self._local(str(sources[0][0]))
        return folder if folder is not None and folder.is_dir() else None

    def registered(self, model: str) -> list[RegisteredVersion] | None:
        """Return all versions, newest first; None where MLflow is to be asked."""
        names = self._rows(_NAMES, model)
        if names is None or len(names) > 1:
            return None  # the same name in another workspace
        versions = self._rows(_VERSIONS, model)
        aliases, tags, figures = (self._rows(query, model) for query in (_ALIASES, _TAGS, _FIGURES))
        if versions is None or aliases is None or tags is None or figures is None:
            return None
        return newest_first(
            [
                RegisteredVersion(
                    str(version),
                    int(str(created)),
                    tuple(sorted(str(alias) for of, alias in aliases if of == version)),
                    {str(key): float(str(value)) for of, key, value in figures if of == run},
                    {str(key): str(value) for of, key, value in tags if of == version},
                )
                for version, created, run in versions
            ]
        )

    def _local(self, source: str) -> Path | None:
        if not source.startswith("runs:/"):
            return local_path(source)
        run, _, inside = source.removeprefix("runs:/").partition("/")
        roots = self._rows(_RUN, run)
        root = local_path(str(roots[0][0])) if roots and len(roots) == 1 else None
        return None if root is None else root / inside

    def _rows(self, query: str, *arguments: str) -> Sequence[tuple[object, ...]] | None:
        try:
            connection = sqlite3.connect(f"{self._file.absolute().as_uri()}?mode=ro", uri=True, timeout=_WAIT_S)
            try:
                return connection.execute(query, arguments).fetchall()
            finally:
                connection.close()
        except sqlite3.Error:
            return None


def local_path(uri: str) -> Path | None:
    """Return the path of an artifact's URI, None where it is not on this machine."""
    parsed = urlparse(uri)
    if parsed.scheme == "file" and parsed.netloc in ("", "localhost"):
        return Path(unquote(parsed.path))
    return Path(uri) if parsed.scheme == "" and uri.startswith("/") else None
