"""What an applicant may be asked to change."""

from __future__ import annotations

import math

from credit.features import CATALOG
from credit.features.actionable import ACTIONABLE, MOVES
from credit.schema import COLUMN_INDEX

# Subjects of the person and of those around it: gender, age, family, household, social surroundings.
NEVER_MOVED = {"R17", "R18", "R90", "R91", "R92"}


def test_nothing_of_the_person_is_actionable() -> None:
    """No age, no gender, no family, and nothing that the catalog protects."""
    for name in ACTIONABLE:
        feature = CATALOG[name]
        assert not feature.protected
        assert not CATALOG.subjects[feature.subject].protected
        assert feature.subject not in NEVER_MOVED
    assert "DAYS_BIRTH" not in ACTIONABLE


def test_every_move_is_bound() -> None:
    """A move names columns of the application, and each of them has constraints."""
    for move in MOVES:
        assert set(move.columns) <= set(ACTIONABLE)
        assert set(move.columns) <= set(COLUMN_INDEX)
    assert {column for move in MOVES for column in move.columns} == set(ACTIONABLE)


def test_a_step_further_costs_more() -> None:
    """Within a move, cost grows with the distance, and no step is free."""
    for move in MOVES:
        assert list(move.costs) == sorted(set(move.costs))
        assert min(move.costs) > 0
        distances = [abs(math.log(factor)) for factor in move.factors if not math.isnan(factor)]
        assert distances == sorted(distances)


def test_constraints_say_what_they_say() -> None:
    """Direction and bounds hold, and what is missing stays missing."""
    credit = ACTIONABLE["AMT_CREDIT"]
    assert credit.allows(1000.0, 500.0)
    assert credit.allows(1000.0, 1000.0)
    assert not credit.allows(1000.0, 499.0)
    assert not credit.allows(1000.0, 1001.0)
    assert not credit.allows(math.nan, 500.0)
    assert credit.allows(math.nan, math.nan)
    assert ACTIONABLE["FLAG_EMAIL"].allows(0.0, 1.0)
    assert not ACTIONABLE["FLAG_EMAIL"].allows(1.0, 0.0)
    assert ACTIONABLE["DAYS_REGISTRATION"].allows(-400.0, 0.0)
    assert not ACTIONABLE["DAYS_REGISTRATION"].allows(-400.0, -200.0)


def test_the_catalogs_hash_does_not_know_of_it() -> None:
    """Models stay loadable whatever may be asked of an applicant: the hash is that of names and definitions alone."""
    import hashlib
    import json

    content = [[f.name, f.source, f.definition, list(f.codes)] for f in CATALOG.features]
    assert hashlib.sha256(json.dumps(content).encode()).hexdigest() == CATALOG.hash
