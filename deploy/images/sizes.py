"""What an image weighs, and of what that is: its base, the packages of its role, the project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.images.mounted import ROLES, buildah, name_of

_PARTS = {"packages": "opt/venv", "project": "opt/loanstream"}
_LARGEST = 5


def table() -> str:
    """Return a Markdown table of all images: megabytes of files, whole and by part, and the largest packages."""
    lines = [
        "| image | MB | of these packages | project | base | the largest packages |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for role in ROLES:
        with _root(role) as root:
            whole = _size(root)
            parts = {part: _size(root / path) for part, path in _PARTS.items()}
            (packages,) = (root / "opt/venv/lib").glob("python*/site-packages")
            sizes = sorted(((_size(path), path.name) for path in packages.iterdir()), reverse=True)
        largest = ", ".join(f"{name} {size / 1e6:.0f}" for size, name in sizes[:_LARGEST])
        base = whole - sum(parts.values())
        figures = [whole, parts["packages"], parts["project"], base]
        lines.append(f"| {role} | {' | '.join(f'{size / 1e6:,.0f}' for size in figures)} | {largest} |")
    return "\n".join(lines)


@contextmanager
def _root(role: str) -> Iterator[Path]:
    container = buildah("from", "--pull-never", f"localhost/{name_of(role)}")
    try:
        yield Path(buildah("mount", container))
    finally:
        buildah("rm", container)


def _size(path: Path) -> int:
    """Return the bytes of a file, or of all files below a folder; links count nothing."""
    if path.is_symlink():
        return 0
    if path.is_file():
        return path.stat().st_size
    return sum(entry.lstat().st_size for entry in path.rglob("*") if entry.is_file() and not entry.is_symlink())
