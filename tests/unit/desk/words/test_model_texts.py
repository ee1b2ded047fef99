"""What training and registry name has words."""

from dataclasses import fields

import pytest

from credit.features.catalog import Subject
from credit.features.subjects import SUBJECTS
from desk.words.model_texts import attribute_name, gate_name, group_name, measure_name
from desk.words.subjects import SUBJECT_TEXTS
from training.fit.measures import Measures


def test_every_measure_of_training_has_a_name() -> None:
    """A name that falls through is the field's, with spaces."""
    assert all(measure_name(one.name) != one.name for one in fields(Measures))
    assert measure_name("new_one") == "new one"


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("under 25", "under 25 years"),
        ("25 to 34", "25 to 34 years"),
        ("65 and over", "65 years and more"),
        ("Widow", "Widowed"),
    ],
)
def test_groups_are_spans_or_words(group: str, name: str) -> None:
    assert group_name(group) == name


def test_gates_and_attributes_have_names() -> None:
    assert gate_name("auc") == measure_name("auc")
    assert gate_name("adverse_impact_age") == "Approval ratio by age"
    assert attribute_name("family") == "Family status"


@pytest.mark.parametrize("subject", [one for one in SUBJECTS.values() if not one.protected], ids=lambda one: one.code)
def test_every_reason_is_translated_as_the_catalog_words_it(subject: Subject) -> None:
    """A sentence that is worded anew in the catalog of features would stand in English on a French page."""
    assert SUBJECT_TEXTS[subject.code] == (subject.title, subject.adverse, subject.favourable)
