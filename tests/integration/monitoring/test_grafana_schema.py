"""The dashboards' JSON against Grafana's own types, by its TypeScript package and the TypeScript compiler."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]
BOARDS = Path(__file__).parents[3] / "deploy" / "grafana" / "dashboards"
# The types of the Grafana that docker-compose.yml runs; the compiler that its own build used.
PACKAGES = ("@grafana/schema@11.6.3", "typescript@5.7.3")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TypeScript project with Grafana's types; skips where there is no Node or no registry."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("schema")
    (folder / "package.json").write_text('{"private": true}')
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", *PACKAGES]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not fetch Grafana's types within 300 s")
    if done.returncode:
        pytest.skip(f"npm cannot fetch Grafana's types: {done.stderr.strip().splitlines()[-1:]}")
    return folder


# JSON has no enums: where the types name one, its values stand in the file.
SOURCE = """
import {{ Dashboard }} from "./node_modules/@grafana/schema/dist/esm/raw/dashboard/x/dashboard_types.gen";
type Json<T> = T extends string ? `${{T}}` : T extends (infer U)[] ? Json<U>[]
  : T extends object ? {{ [K in keyof T]: Json<T[K]> }} : T;
export const board: Json<Dashboard> = {board};
"""


def compiled(project: Path, name: str, board: str) -> subprocess.CompletedProcess[str]:
    """Check a dashboard, written as a literal of Grafana's type."""
    source = project / f"{name}.ts"
    source.write_text(SOURCE.format(board=board))
    options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--moduleResolution", "bundler"]
    tsc = project / "node_modules" / ".bin" / "tsc"
    return subprocess.run(
        [str(tsc), *options, "--module", "es2022", str(source)],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("file", sorted(BOARDS.glob("*.json")), ids=lambda file: file.stem)
def test_a_dashboard_is_one_by_grafanas_types(project: Path, file: Path) -> None:
    """The compiler takes the file as a Dashboard, with no property too many and none of a wrong type."""
    done = compiled(project, file.stem, file.read_text())
    assert done.returncode == 0, done.stdout


def test_a_wrong_dashboard_is_refused(project: Path) -> None:
    """What is no dashboard does not compile: the check can fail."""
    assert "not assignable" in compiled(project, "wrong", '{ "schemaVersion": "thirty", "panels": 3 }').stdout
    assert compiled(project, "unknown", '{ "schemaVersion": 36, "pannels": [] }').returncode != 0
