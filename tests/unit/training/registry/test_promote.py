"""Promotion, with a registry in memory and small models on the disk; with real MLflow it is tested where models are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from credit.errors import ModelRefused, PromotionRefused
from credit.features import CATALOG
from registered_model.manifest_file import read_manifest
from registered_model.version_history import PROMOTED_AT, gates_of, rehearsals_of
from tests.fixtures.rehearsals import rehearsal_report
from tests.unit.training.registry.model_folder import write_model_folder
from training.registry.promote import latency_ratio, promote
from training.registry.registry import CHALLENGER, CHAMPION, ModelVersion

GOOD = {
    "auc": 0.75,
    "cost": 0.5,
    "calibration_error": 0.01,
    "adverse_impact_gender": 0.9,
    "adverse_impact_age": 0.9,
    "adverse_impact_family": 0.9,
}


class RegistryInMemory:
    """Versions by number, all of one model."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.versions: dict[str, ModelVersion] = {}

    def add(self, *aliases: str, catalog_hash: str = CATALOG.hash, **metrics: float) -> str:
        number = str(len(self.versions) + 1)
        manifest = write_model_folder(self.folder / number, catalog_hash=catalog_hash)
        self.versions[number] = ModelVersion(
            "loanstream", number, aliases, manifest.digest, "run", 0, GOOD | metrics, {}
        )
        return number

    def get(self, name: str, which: str) -> ModelVersion:
        return self.versions[which] if which.isdigit() else next(v for v in self._all() if which in v.aliases)

    def list_models(self, name: str) -> list[ModelVersion]:
        return self._all()[::-1]

    def download(self, name: str, which: str, *, catalog_hash: str | None = None) -> Path:
        folder = self.folder / self.get(name, which).version
        read_manifest(folder, catalog_hash)
        return folder

    def set_alias(self, name: str, alias: str, version: str) -> None:
        self.remove_alias(name, alias)
        found = self.versions[version]
        self.versions[version] = replace(found, aliases=(*found.aliases, alias))

    def remove_alias(self, name: str, alias: str) -> None:
        for version in self._all():
            left = tuple(a for a in version.aliases if a != alias)
            self.versions[version.version] = replace(version, aliases=left)

    def tag(self, name: str, version: str, tags: Mapping[str, str]) -> None:
        found = self.versions[version]
        self.versions[version] = replace(found, tags=found.tags | tags)

    def champion(self) -> str:
        return self.get("loanstream", CHAMPION).version

    def _all(self) -> list[ModelVersion]:
        return list(self.versions.values())


@pytest.fixture
def registry(tmp_path: Path) -> RegistryInMemory:
    return RegistryInMemory(tmp_path / "models")


@pytest.fixture
def gates(tmp_path: Path) -> Path:
    """The gates that ship, but for the clock: these models are scored in microseconds on a busy machine."""
    file = tmp_path / "gates.json"
    bounds: dict[str, Any] = {
        "auc_drop": 0.001,
        "cost_rise": 0.002,
        "calibration_error": 0.02,
        "adverse_impact_ratio": 0.8,
        "adverse_impact_drop": 0.02,
        "latency_ratio": 1000.0,
    }
    file.write_text(json.dumps(bounds))
    return file


def test_the_first_model_has_nothing_to_be_held_against(registry: RegistryInMemory, gates: Path) -> None:
    """Where nothing decides yet, no gate is asked."""
    registry.add(CHALLENGER, auc=0.5)
    done = promote(registry, "loanstream", gates_file=gates)
    assert (done.previous, done.gates, done.forced) == (None, (), False)
    assert done.version.aliases == (CHAMPION,)


def test_a_challenger_as_good_takes_the_alias(registry: RegistryInMemory, gates: Path) -> None:
    """It decides, is no challenger any more, and the one before is named."""
    registry.add(CHAMPION)
    registry.add(CHALLENGER)
    done = promote(registry, "loanstream", gates_file=gates)
    assert (done.version.version, done.version.aliases, done.previous) == ("2", (CHAMPION,), "1")
    assert all(result.passed for result in done.gates)
    assert registry.versions["1"].aliases == ()
    tags = done.version.tags
    assert datetime.fromisoformat(tags[PROMOTED_AT]) <= datetime.now(UTC)
    assert [gate.gate for gate in gates_of(tags)] == [result.gate for result in done.gates]


def test_a_worse_one_is_refused_with_both_figures_and_nothing_moves(registry: RegistryInMemory, gates: Path) -> None:
    """Every failed gate is named."""
    registry.add(CHAMPION)
    registry.add(CHALLENGER, auc=0.74, calibration_error=0.05)
    with pytest.raises(PromotionRefused, match=r"failed auc 0\.7400 .* 0\.7490; calibration_error 0\.0500 .* 0\.0200"):
        promote(registry, "loanstream", gates_file=gates)
    assert registry.champion() == "1"
    assert registry.versions["2"].tags == {}


def test_forcing_leaves_reason_person_and_failed_gates(registry: RegistryInMemory, gates: Path) -> None:
    """Whoever looks later finds why."""
    registry.add(CHAMPION)
    registry.add(CHALLENGER, auc=0.74)
    done = promote(registry, "loanstream", force_reason="we lost a table", gates_file=gates)
    assert done.forced
    assert registry.champion() == "2"
    assert done.version.tags["forced_reason"] == "we lost a table"
    assert done.version.tags["forced_gates"].startswith("auc 0.7400")
    assert {"forced_by", "forced_at"} <= set(done.version.tags)


def test_forcing_what_passes_is_told_and_not_counted_as_forced(registry: RegistryInMemory, gates: Path) -> None:
    """The reason is kept, and that it was not needed."""
    registry.add(CHAMPION)
    registry.add(CHALLENGER)
    done = promote(registry, "loanstream", force_reason="to be sure", gates_file=gates)
    assert not done.forced
    assert done.version.tags["forced_gates"] == "none failed"


def test_the_champion_is_not_promoted_again(registry: RegistryInMemory, gates: Path) -> None:
    """Most likely another version was meant."""
    registry.add(CHAMPION)
    with pytest.raises(PromotionRefused, match="is the champion already"):
        promote(registry, "loanstream", "1", gates_file=gates)


def test_a_model_that_cannot_be_served_is_not_promoted_even_by_force(registry: RegistryInMemory, gates: Path) -> None:
    """It was trained on features that this version does not compute; an older champion is only timed."""
    registry.add(CHAMPION, catalog_hash="0" * 64)
    registry.add(CHALLENGER, catalog_hash="1" * 64)
    with pytest.raises(ModelRefused, match="feature catalog 111111111111"):
        promote(registry, "loanstream", force_reason="now", gates_file=gates)
    registry.add()
    assert promote(registry, "loanstream", "3", gates_file=gates).previous == "1"


def test_a_rehearsal_can_be_asked_for(registry: RegistryInMemory, gates: Path) -> None:
    """By whoever promotes or by the gates; forcing passes it and leaves its trace."""
    registry.add(CHAMPION)
    registry.add(CHALLENGER)
    with pytest.raises(PromotionRefused, match=r"version 2 of loanstream was not rehearsed: .*--rehearsal"):
        promote(registry, "loanstream", gates_file=gates, require_rehearsal=True)
    gates.write_text(json.dumps(json.loads(gates.read_text()) | {"rehearsal": {"required": True}}))
    with pytest.raises(PromotionRefused, match="was not rehearsed"):
        promote(registry, "loanstream", gates_file=gates)
    done = promote(registry, "loanstream", gates_file=gates, force_reason="rollback")
    assert done.forced
    assert "rehearsal_applications" in done.version.tags["forced_gates"]


def test_a_rehearsal_is_remembered_though_its_version_is_refused(registry: RegistryInMemory, gates: Path) -> None:
    """Who looks at the version later sees how it went, promoted or not."""
    registry.add(CHAMPION)
    registry.add(CHALLENGER, auc=0.1)
    report = rehearsal_report(
        taken_by=("1",), candidate=("2",), candidate_digests=(registry.versions["2"].digest,), made_at=datetime.now(UTC)
    )
    with pytest.raises(PromotionRefused, match="failed auc"):
        promote(registry, "loanstream", gates_file=gates, rehearsal=report)
    assert [found.applications for found in rehearsals_of(registry.versions["2"].tags)] == [2000]


def test_a_model_of_many_more_trees_takes_longer(tmp_path: Path) -> None:
    """The ratio is of the challenger's time over the champion's."""
    write_model_folder(tmp_path / "small", trees=2)
    write_model_folder(tmp_path / "large", trees=400)
    assert latency_ratio(tmp_path / "large", tmp_path / "small") > 1.5
    assert latency_ratio(tmp_path / "small", tmp_path / "large") < 1 / 1.5
