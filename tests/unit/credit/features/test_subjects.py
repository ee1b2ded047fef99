"""What an applicant may be told."""

from __future__ import annotations

import re

from credit.features.subjects import SUBJECTS


def test_codes_are_keys_and_stable_in_form() -> None:
    """A code stands in the audit record for ever, so each is R and two digits, and finds its own subject."""
    assert all(re.fullmatch(r"R\d\d", code) for code in SUBJECTS)
    assert [subject.code for subject in SUBJECTS.values()] == list(SUBJECTS)


def test_each_subject_can_be_said_both_ways_but_for_protected_ones() -> None:
    """A decline and an approval each have a sentence of their own; titles do not repeat."""
    told = [subject for subject in SUBJECTS.values() if not subject.protected]
    assert all(subject.adverse.endswith(".") and subject.favourable.endswith(".") for subject in told)
    assert all(subject.adverse != subject.favourable for subject in told)
    assert len({subject.title for subject in SUBJECTS.values()}) == len(SUBJECTS)
