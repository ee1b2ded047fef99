"""From tables to a registered and promoted model, with real MLflow."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from credit.errors import DependencyUnavailable, ModelNotFound, ModelRefused, PromotionRefused, TableError
from credit.features import CATALOG
from credit.features.derived import DERIVED_TARGETS, EARLIER_TARGETS
from loanstream.score_file import score_file as score
from registered_model.manifest_file import REFERENCE_FILE, read_manifest
from serve_app.models.loaded_model import LoadedModel
from tests.fixtures.rehearsals import rehearsal_report
from training.data.dataset import load_dataset
from training.fit.fitted import fit_model
from training.registry.package import write_model
from training.registry.promote import promote
from training.registry.registry import Registry
from training.settings import TrainingSettings
from training.train import TrainedModel, train

pytestmark = pytest.mark.integration

# Two members and two draws: what is registered, scored and promoted here is a model joined from several.
QUICK = TrainingSettings(trees=40, members=2, draws=2, folds=3, learning_rate=0.1, most_features=40)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db"


@pytest.fixture(scope="module")
def first(tables: Path, store: str) -> TrainedModel:
    return train(tables, store, settings=QUICK, seed=1)


@pytest.fixture(scope="module")
def second(tables: Path, store: str, first: TrainedModel) -> TrainedModel:
    return train(tables, store, settings=QUICK, seed=1)


@pytest.fixture(scope="module")
def folder(store: str, first: TrainedModel) -> Path:
    return Registry(store).download("loanstream", first.version)


def test_the_first_model_is_champion_and_the_next_a_challenger(first: TrainedModel, second: TrainedModel) -> None:
    """Nothing is served until a model is there, and no later one is served unasked."""
    assert first.aliases == ("champion",)
    assert second.aliases == ("challenger",)
    assert 0.6 < first.metrics["auc"] < 0.85


def test_the_same_data_and_seed_give_the_same_model(first: TrainedModel, second: TrainedModel) -> None:
    """The digest, which covers boosters, features and calibration, is equal."""
    assert second.digest == first.digest


def test_the_folder_is_what_the_manifest_says(folder: Path) -> None:
    """Manifest, boosters and reference sample agree with each other and with the catalog."""
    manifest = read_manifest(folder, CATALOG.hash)
    with pa.memory_map(str(folder / REFERENCE_FILE)) as source:
        reference = pa.ipc.open_file(source).read_all()
    assert reference.column_names == [*manifest.features, "probability", "raw", "TARGET"]
    assert not any(CATALOG[name].protected for name in manifest.features)
    assert len(manifest.typical) == len(manifest.features)
    raw = reference.column("raw").to_numpy()
    assert np.isfinite(raw).all()
    assert manifest.policy.refer_from <= manifest.policy.threshold <= manifest.policy.decline_from


def test_what_was_fitted_is_what_is_served_to_the_last_bit(tables: Path, tmp_path: Path) -> None:
    """Members joined, derived features computed by the kernels: raw scores, and contributions that add up to them."""
    dataset = load_dataset(tables, QUICK)
    fitted = fit_model(dataset, QUICK, seed=1)
    assert fitted.booster.num_trees() == QUICK.trees
    assert {feature.name for feature in fitted.derived.features} == {*DERIVED_TARGETS, *EARLIER_TARGETS}
    write_model(tmp_path / "model", fitted, name="m", data_digest="", seed=1, settings=QUICK, run_id="none")
    served = LoadedModel.load(tmp_path / "model", "1")
    X = served.features(dataset.X)
    raw = served.raw(X)
    assert raw.tobytes() == fitted.raw_of(dataset.X).tobytes()
    assert np.allclose(served.shap.contributions(X).sum(axis=1), raw, rtol=0, atol=1e-9)


def test_mlflow_loads_it_as_any_other_model(folder: Path) -> None:
    """`mlflow.lightgbm` and `mlflow.pyfunc` read the same folder and give what the booster gives."""
    import mlflow
    import pandas as pd

    manifest = read_manifest(folder, CATALOG.hash)
    rows = pd.DataFrame(np.zeros((3, len(manifest.features))), columns=list(manifest.features))
    native = mlflow.lightgbm.load_model(str(folder)).predict(rows)
    assert mlflow.pyfunc.load_model(str(folder)).predict(rows) == pytest.approx(native)


def test_a_file_is_scored_with_reasons(folder: Path, tables: Path, tmp_path: Path) -> None:
    """Every application of a labelled and of an unlabelled file gets probability, outcome and reasons."""
    labelled = score(tables / "application_train.parquet", tmp_path / "a.csv", folder)
    assert labelled.rows == 2_000
    assert labelled.measures is not None
    assert labelled.measures.auc > 0.65
    unlabelled = score(tables / "application_test.parquet", tmp_path / "b.parquet", folder)
    assert unlabelled.measures is None
    rows = pq.read_table(tmp_path / "b.parquet")
    expected = sorted(pq.read_table(tables / "application_test.parquet").column("SK_ID_CURR").to_pylist())
    assert rows.column("SK_ID_CURR").to_pylist() == expected
    assert set(rows.column("outcome").to_pylist()) <= {"approve", "refer", "decline"}
    adverse = [
        r
        for r, o in zip(rows.column("reason_1").to_pylist(), rows.column("outcome").to_pylist(), strict=True)
        if o != "approve"
    ]
    assert adverse
    assert all(adverse)
    assert csv.read_csv(tmp_path / "a.csv").num_rows == 2_000


def test_a_file_scores_as_training_saw_it(folder: Path, tables: Path, tmp_path: Path) -> None:
    """A client's probability does not depend on which others are in the file."""
    score(tables / "application_train.parquet", tmp_path / "all.parquet", folder, reasons=False)
    few = tmp_path / "few"
    shutil.copytree(tables, few)
    part = pq.read_table(few / "application_train.parquet").slice(100, 5)
    pq.write_table(part, few / "applications.parquet")
    score(few / "applications.parquet", few / "out.parquet", folder, reasons=False)

    def by_id(file: Path) -> dict[int, float]:
        rows = pq.read_table(file)
        return dict(zip(rows.column("SK_ID_CURR").to_pylist(), rows.column("probability").to_pylist(), strict=True))

    everyone, some = by_id(tmp_path / "all.parquet"), by_id(few / "out.parquet")
    assert len(some) == 5
    assert some == {i: everyone[i] for i in some}


def test_promotion_moves_the_alias_and_says_who_was_before(store: str, second: TrainedModel) -> None:
    """A challenger as good as the champion passes every gate."""
    registry = Registry(store)
    done = promote(
        registry, "loanstream", second.version, gates_file=_gates(Path(store.removeprefix("sqlite:///")).parent)
    )
    assert done.previous == "1"
    assert not done.forced
    assert done.gates
    assert all(result.passed for result in done.gates)
    assert registry.get("loanstream", "champion").version == second.version


def _gates(folder: Path, **bounds: float) -> Path:
    loose = {"auc_drop": 0.001, "cost_rise": 0.002, "calibration_error": 0.5, "adverse_impact_ratio": 0.0}
    file = folder / "gates.json"
    file.write_text(json.dumps(loose | {"adverse_impact_drop": 0.02, "latency_ratio": 20.0} | bounds))
    return file


def test_a_worse_challenger_is_refused_and_forcing_leaves_its_reason(tables: Path, tmp_path: Path, store: str) -> None:
    """The refusal names gate and figures; --force promotes and keeps reason and failed gates in the registry."""
    own = f"sqlite:///{tmp_path}/mlflow.db"
    train(tables, own, settings=QUICK, seed=1)
    worse = train(
        tables, own, settings=QUICK.model_copy(update={"trees": 1, "select": False, "derived": False}), seed=1
    )
    registry = Registry(own)
    with pytest.raises(PromotionRefused, match=r"failed auc 0\.\d+ against a bound of 0\.\d+"):
        promote(registry, "loanstream", gates_file=_gates(tmp_path))
    assert registry.get("loanstream", "champion").version == "1"
    done = promote(
        registry, "loanstream", force_reason="the other one reads a table we lost", gates_file=_gates(tmp_path)
    )
    assert done.forced
    tags = registry.get("loanstream", "champion").tags
    assert registry.get("loanstream", "champion").version == worse.version
    assert tags["forced_reason"] == "the other one reads a table we lost"
    assert "auc" in tags["forced_gates"]


def test_a_damaged_model_is_refused(folder: Path, tmp_path: Path, tables: Path) -> None:
    """A booster that was altered since training does not score."""
    copy = shutil.copytree(folder, tmp_path / "model")
    (copy / "model.lgb").write_text("tree\n")
    with pytest.raises(ModelRefused, match="altered"):
        score(tables / "application_test.parquet", tmp_path / "out.csv", copy)
    assert not (tmp_path / "out.csv").exists()


def test_too_few_defaults_for_the_folds_are_refused_and_nothing_is_registered(tables: Path, tmp_path: Path) -> None:
    """A fold without a default cannot be measured."""
    data = Path(shutil.copytree(tables, tmp_path / "data"))
    rows = pq.read_table(data / "application_train.parquet")
    target = np.zeros(rows.num_rows, dtype=np.int64)
    target[:2] = 1
    pq.write_table(rows.set_column(1, "TARGET", pa.array(target)), data / "application_train.parquet")
    with pytest.raises(TableError, match="need 3 defaults at least, found 2"):
        train(data, f"sqlite:///{tmp_path}/mlflow.db", settings=QUICK)
    assert Registry(f"sqlite:///{tmp_path}/mlflow.db").list_models("loanstream") == []


def test_constant_columns_do_no_harm(tables: Path, tmp_path: Path) -> None:
    """A column that never varies is left out, not stumbled over."""
    data = Path(shutil.copytree(tables, tmp_path / "data"))
    rows = pq.read_table(data / "application_train.parquet")
    place = rows.column_names.index("EXT_SOURCE_3")
    pq.write_table(
        rows.set_column(place, "EXT_SOURCE_3", pa.array([0.5] * rows.num_rows)), data / "application_train.parquet"
    )
    made = train(data, f"sqlite:///{tmp_path}/mlflow.db", settings=QUICK)
    manifest = read_manifest(Registry(f"sqlite:///{tmp_path}/mlflow.db").download("loanstream"), CATALOG.hash)
    assert "EXT_SOURCE_3" not in manifest.features
    assert made.version == "1"


def test_a_failure_while_registering_leaves_nothing_behind(
    tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fills while the model is written leaves no version and no listed run."""
    uri = f"sqlite:///{tmp_path}/mlflow.db"

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.registry.package.write_manifest", full)
    with pytest.raises(OSError, match="No space"):
        train(tables, uri, settings=QUICK)
    registry = Registry(uri)
    assert registry.list_models("loanstream") == []
    assert registry.client.search_runs([registry.client.get_experiment_by_name("loanstream").experiment_id]) == []


def test_a_store_that_cannot_be_opened_is_told_before_training(tables: Path) -> None:
    """The error is one line that names the setting."""
    with pytest.raises(DependencyUnavailable, match="MLFLOW_TRACKING_URI") as caught:
        train(tables, "sqlite:////proc/nowhere/mlflow.db", settings=QUICK, artifact_root=Path("/tmp"))
    assert "\n" not in str(caught.value)


def test_an_unknown_version_is_not_found(store: str, first: TrainedModel) -> None:
    """A version or an alias that is not there is named."""
    with pytest.raises(ModelNotFound, match="99"):
        Registry(store).get("loanstream", "99")
    with pytest.raises(ModelNotFound, match="someday"):
        Registry(store).get("loanstream", "someday")


def test_a_promotion_can_ask_for_a_rehearsal(store: str, second: TrainedModel, tmp_path: Path) -> None:
    """Without a report it is refused, by name; with one within the bounds it goes through; forcing leaves its trace."""
    registry = Registry(store)
    registry.set_alias("loanstream", "champion", second.version)
    former = registry.get("loanstream", "1")
    gates = _gates(tmp_path, auc_drop=1.0, cost_rise=1.0, adverse_impact_drop=1.0)
    with pytest.raises(PromotionRefused, match=r"version 1 of loanstream was not rehearsed: .*--rehearsal"):
        promote(registry, "loanstream", "1", gates_file=gates, require_rehearsal=True)
    gates.write_text(json.dumps(json.loads(gates.read_text()) | {"rehearsal": {"required": True}}))
    with pytest.raises(PromotionRefused, match="was not rehearsed"):
        promote(registry, "loanstream", "1", gates_file=gates)
    report = rehearsal_report(
        applications=5000,
        candidate=("1",),
        candidate_digests=(former.digest,),
        taken_by=(second.version,),
        outcome_flips=900,
        psi_of_probability=0.01,
        made_at=datetime.now(UTC),
    )
    with pytest.raises(PromotionRefused, match=r"failed rehearsal_outcome_flips 0\.1800 against a bound of 0\.1000"):
        promote(registry, "loanstream", "1", gates_file=gates, rehearsal=report)
    done = promote(
        registry, "loanstream", "1", gates_file=gates, rehearsal=report.model_copy(update={"outcome_flips": 9})
    )
    assert [r.gate for r in done.gates if r.gate.startswith("rehearsal")] == [
        "rehearsal_applications",
        "rehearsal_outcome_flips",
        "rehearsal_psi",
        "rehearsal_cost_rise",
        "rehearsal_age_days",
    ]
    back = promote(registry, "loanstream", second.version, gates_file=gates, force_reason="rollback")
    assert back.forced
    assert "rehearsal" in registry.get("loanstream", "champion").tags["forced_gates"]
