"""The feature catalog: what it promises about its features."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from credit.features import CATALOG, HISTORY_FEATURES
from credit.features.catalog import Catalog


def test_every_feature_has_a_name_of_its_own_a_subject_and_a_text() -> None:
    """No two features share a name, and each can be explained."""
    assert [n for n, k in Counter(CATALOG.names).items() if k > 1] == []
    assert {f.subject for f in CATALOG.features} <= set(CATALOG.subjects)
    assert all(f.description and f.definition for f in CATALOG.features)
    assert len(CATALOG.history_names) == len(HISTORY_FEATURES) >= 300


def test_features_stand_in_the_order_of_their_sources() -> None:
    """Application, combined, history, derived: what `assemble` returns is a prefix of the catalog."""
    order = ["application", "combined", "history", "derived"]
    places = [order.index(f.source) for f in CATALOG.features]
    assert places == sorted(places)
    assert CATALOG.names[: len(CATALOG.assembled_names)] == CATALOG.assembled_names


def test_the_hash_changes_with_a_definition() -> None:
    """A model trained on other definitions must not be served."""
    first = replace(CATALOG.features[0], definition="something else")
    assert Catalog((first, *CATALOG.features[1:]), CATALOG.subjects).hash != CATALOG.hash
    assert Catalog(CATALOG.features, CATALOG.subjects).hash == CATALOG.hash


def test_protected_attributes_are_marked() -> None:
    """Gender and family status are audit attributes, and their subjects, with age, are never a reason."""
    assert CATALOG["CODE_GENDER"].protected
    assert CATALOG["NAME_FAMILY_STATUS"].protected
    assert all(CATALOG.subjects[CATALOG[name].subject].protected for name in ("CODE_GENDER", "DAYS_BIRTH"))
    readers = [f.name for f in CATALOG.features if "CODE_GENDER" in f.definition or "NAME_FAMILY" in f.definition]
    assert readers == ["CODE_GENDER", "NAME_FAMILY_STATUS"]
