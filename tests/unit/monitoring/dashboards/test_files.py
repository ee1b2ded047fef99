"""The files of Grafana's provisioning."""

from __future__ import annotations

from pathlib import Path

from monitoring.dashboards.files import grafana_files

ROOT = Path(__file__).parents[4]


def test_the_provisioned_files_are_those_of_the_code() -> None:
    """`deploy/grafana` holds what the code gives (`make generate` writes it), and nothing else."""
    folder = ROOT / "deploy" / "grafana"
    there = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert there == grafana_files()
