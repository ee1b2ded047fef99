"""Generated files: what is old is found and mended, and nothing else is touched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from loanstream.generate.files import old_files, write_files

ROOT = Path(__file__).parents[4]
GENERATED = (
    "docs/features.md",
    "docs/adr",
    "docs/operations.md",
    "docs/schemas",
    "deploy/grafana",
    "deploy/prometheus",
    "serve_app/door/grpc",
    "desk/words/locale",
    "deploy/serve_config.yaml",
    "deploy/helm/loanstream/files",
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The generated files of this repository in a folder of the test's own."""
    for name in GENERATED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, tmp_path / name)
    (tmp_path / "streaming/broker").mkdir(parents=True)
    shutil.copy(ROOT / "streaming/broker/kafka-jars.lock", tmp_path / "streaming/broker")
    return tmp_path


def test_this_repository_has_no_old_file() -> None:
    """Every generated file is what the code makes today."""
    assert old_files(ROOT) == []


def test_an_old_file_is_found_and_written(checkout: Path) -> None:
    """A file that was edited by hand, and one that was removed, are named, written, and then no longer old."""
    edited, removed = checkout / "docs/features.md", checkout / "docs/schemas/decision.v1.schema.json"
    edited.write_text("by hand")
    removed.unlink()
    assert set(old_files(checkout)) == {edited, removed}
    assert set(write_files(checkout)) == {edited, removed}
    assert old_files(checkout) == []
    assert removed.read_text() == (ROOT / "docs/schemas/decision.v1.schema.json").read_text()


def test_what_stands_around_the_settings_tables_stays(checkout: Path) -> None:
    """A page's own words are not the generator's to change."""
    page = checkout / "docs/operations.md"
    page.write_text("Words of an operator.\n\n" + page.read_text().replace("| variable |", "| old |", 1))
    assert write_files(checkout) == [page]
    assert page.read_text().startswith("Words of an operator.\n")
