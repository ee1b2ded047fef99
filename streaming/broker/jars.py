"""The jars of the embedded broker: fetched once by coordinates, checked against pinned digests, kept in the cache.

`kafka-jars.lock` beside this file pins every jar with its SHA-256. `make generate` writes it anew after a change of
`ROOTS`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from credit.errors import SettingsError

KAFKA_VERSION = "4.1.0"
ROOTS = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3")
LOCK_FILE = Path(__file__).with_name("kafka-jars.lock")
_DOWNLOADS_AT_ONCE = 8


def cache_folder() -> Path:
    """Return where jars are kept between runs: `loanstream` in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "loanstream" / "jars"


def class_path(cache: Path | None = None, progress: Callable[[str], None] = lambda _: None) -> list[Path]:
    """Return the broker's jars, downloading what the cache does not hold; a full cache needs no network.

    Raises SettingsError where a jar cannot be had or is not the one that was pinned.
    """
    cache = cache or cache_folder()
    pinned = _read_lock()
    complete = cache / f"{hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()[:16]}.complete"
    jars = {coordinates: _jar_path(cache, coordinates) for coordinates in pinned}
    if complete.exists() and all(jar.exists() for jar in jars.values()):
        return list(jars.values())
    cache.mkdir(parents=True, exist_ok=True)
    with _exclusive(cache / "lock"):
        wanted = [c for c, jar in jars.items() if not jar.exists() or _sha256(jar) != pinned[c]]
        for coordinates in wanted:
            jars[coordinates].unlink(missing_ok=True)
        done = 0
        with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
            fetched = pool.map(lambda coordinates: _fetch(cache, coordinates), wanted)
            for coordinates, got in zip(wanted, _or_settings_error(fetched), strict=True):
                if _sha256(got) != pinned[coordinates]:
                    got.unlink()
                    raise SettingsError(
                        f"{coordinates} is not the jar that was pinned; start again, or set KAFKA_BOOTSTRAP_SERVERS"
                    )
                done += 1
                progress(f"Kafka {KAFKA_VERSION}: {done} of {len(wanted)} jars")
        complete.touch()
    return list(jars.values())


def _or_settings_error(fetched: Iterator[Path]) -> Iterator[Path]:
    try:
        yield from fetched
    except Exception as error:  # noqa: BLE001 - the downloader raises whatever its HTTP library raises
        reason = str(error).split("(", maxsplit=1)[0].strip().rstrip(":")[:120]
        raise SettingsError(
            f"the embedded broker's jars cannot be downloaded ({type(error).__name__}: {reason}); "
            "set KAFKA_BOOTSTRAP_SERVERS to a Kafka you run, or connect once to fill the cache"
        ) from None


def _read_lock() -> dict[str, str]:
    lines = [line for line in LOCK_FILE.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split(" sha256:") for line in lines)


def _jar_path(cache: Path, coordinates: str) -> Path:
    group, artifact, version = coordinates.split(":")
    return cache.joinpath(*group.split("."), artifact, version, f"{artifact}-{version}.jar")


def _context(cache: Path) -> Any:
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext, PythonResolver

    # A company's mirror is set where the resolver's own users set it; without one its default repository is used.
    mirrors = GlobalSettings.load().repositories or None
    return MavenContext(resolver=PythonResolver(), repo_cache=cache, remote_repos=mirrors, timeout=30)


def _fetch(cache: Path, coordinates: str) -> Path:
    # The resolver writes in place; a folder of our own and one rename keep a broken download out of the cache.
    target = _jar_path(cache, coordinates)
    partial = cache / "partial" / coordinates.replace(":", "_")
    shutil.rmtree(partial, ignore_errors=True)
    got = Path(_context(partial).create_dependency(coordinates).artifact.resolve())
    target.parent.mkdir(parents=True, exist_ok=True)
    got.replace(target)
    shutil.rmtree(partial, ignore_errors=True)
    return target


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def locks_all_roots(text: str) -> bool:
    """Say whether the lock `text` pins every jar of `ROOTS` in its version."""
    return all(f"\n{root} sha256:" in text for root in ROOTS)


def resolved_lock() -> str:
    """Resolve `ROOTS` with all they need, over the network, and return the text of the lock file."""
    context = _context(cache_folder() / "resolve")
    pinned: dict[str, str] = {}
    for root in ROOTS:
        # One by one: together, the versions that log4j's parent manages replace Kafka's own (kafka-clients 3.8).
        inputs, transitive = context.resolver.resolve([context.create_dependency(root)])
        for dependency in [*inputs, *(d for d in transitive if d.scope in ("compile", "runtime"))]:
            artifact = dependency.artifact
            name = f"{artifact.groupId}:{artifact.artifactId}"
            pinned.setdefault(name, f"{name}:{artifact.version} sha256:{_sha256(Path(artifact.resolve()))}")
    lines = ["# Written by `make generate`; every jar of the embedded broker with its digest.", *pinned.values()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(os.pathsep.join(map(str, class_path())) + "\n")
