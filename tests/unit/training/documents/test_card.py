"""The model card."""

from dataclasses import replace

import pytest

from credit.features import CATALOG
from credit.manifest import ModelManifest
from training.data.dataset import Dataset
from training.documents.card import card_sections
from training.documents.document import Plot, Section, Table, to_markdown
from training.evaluation.fairness import measure_fairness
from training.fit.fitted import FittedModel
from training.registry.package import typical_values


@pytest.fixture(scope="module")
def manifest(dataset: Dataset, fitted: FittedModel) -> ModelManifest:
    return ModelManifest(
        name="loanstream",
        catalog_hash=CATALOG.hash,
        features=fitted.features,
        booster="model.lgb",
        files_sha256={},
        calibration=fitted.calibration.calibration,
        policy=fitted.cut.policy,
        typical=typical_values(fitted.X, fitted.features),
        trained_at="2026-03-10T00:00:00+00:00",
        data_digest=dataset.digest,
        seed=1,
    )


@pytest.fixture(scope="module")
def sections(dataset: Dataset, fitted: FittedModel, manifest: ModelManifest) -> list[Section]:
    fairness = measure_fairness(dataset.values, dataset.y, fitted.probability, fitted.cut.policy)
    return card_sections(replace(dataset, missing=("bureau_balance",)), fitted, manifest, fairness)


def tables(section: Section) -> list[Table]:
    return [content for content in section.contents if isinstance(content, Table)]


def test_it_tells_purpose_figures_fairness_and_limits(sections: list[Section]) -> None:
    """A risk officer finds each of them under a heading."""
    titles = [section.title for section in sections]
    assert titles == [
        "Purpose",
        "Measures, out of fold",
        "Calibration",
        "Policy",
        "Stability over folds",
        "What the model goes by",
        "Fairness",
        "Data profile",
        "Selection of features",
        "Limits",
    ]
    plots = {content.name for section in sections for content in section.contents if isinstance(content, Plot)}
    assert plots == {"curves", "calibration", "cost", "distribution", "importance", "beeswarm"}


def test_it_names_the_very_model_and_data(sections: list[Section], manifest: ModelManifest) -> None:
    """Digests, and the tables that were not there."""
    purpose = sections[0].text
    assert manifest.digest[:16] in purpose
    assert manifest.data_digest[:16] in purpose
    assert "not there: bureau_balance." in purpose


def test_measures_are_those_of_the_model(sections: list[Section], fitted: FittedModel, dataset: Dataset) -> None:
    """All clients first, then those with and without history, which together are all."""
    rows = tables(sections[1])[0].rows
    assert rows[0][:2] == ["all", len(dataset.y)]
    assert rows[0][2:] == list(fitted.measures.as_dict().values())
    assert sum(row[1] for row in rows[1:]) <= len(dataset.y)


def test_shares_of_subjects_make_a_whole(sections: list[Section]) -> None:
    """Every contribution belongs to one subject."""
    subjects = next(table for table in tables(sections[5]) if table.heads[0] == "subject")
    assert sum(row[2] for row in subjects.rows) == pytest.approx(1.0)


def test_only_kept_features_are_listed_with_what_they_mean(sections: list[Section], fitted: FittedModel) -> None:
    """The table of selection is of what the model reads."""
    listed = [row[0] for row in tables(sections[8])[0].rows]
    assert set(listed) == set(fitted.features)
    assert f"{len(fitted.features)} are read" in sections[8].text


def test_it_can_be_written(sections: list[Section]) -> None:
    """The whole is Markdown with its figures by name."""
    text = to_markdown("Model card: loanstream", sections)
    assert "(curves.png)" in text
    assert "| gender: group |" in text


def test_supposed_outcomes_are_told_among_the_limits(
    dataset: Dataset, fitted: FittedModel, manifest: ModelManifest
) -> None:
    """A card of a model with reject inference names the way; others say that it was not attempted."""
    fairness = measure_fairness(dataset.values, dataset.y, fitted.probability, fitted.cut.policy)
    inferred = manifest.model_copy(update={"training": {"settings": {"reject_inference": "fuzzy"}}})
    plain, told = (card_sections(dataset, fitted, m, fairness)[-1].text for m in (manifest, inferred))
    assert "reject inference was not attempted" in plain
    assert "supposed outcomes: fuzzy" in told
