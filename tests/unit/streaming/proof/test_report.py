"""Signed reports."""

from __future__ import annotations

import copy
import json
import stat
from pathlib import Path

import numpy as np
import pytest

from streaming.proof.rehearse import Decisions, compare
from streaming.proof.report import ReportRefused, sign_report, verify_report, write_report


def decisions(n: int, seed: int) -> Decisions:
    rng = np.random.default_rng(seed)
    p = rng.uniform(0, 0.2, n)
    outcome = np.digitize(p, [0.08, 0.12]).astype(np.int8)
    return Decisions([str(i) for i in range(n)], outcome, p, np.full((n, 4), -1, np.int16), {str(seed)})


def test_an_altered_report_is_refused(tmp_path: Path) -> None:
    """Any figure changed after signing, another key, or no key: refused; untouched: accepted."""
    key = tmp_path / "rehearsal.key"
    signed = sign_report(compare(decisions(50, 1), decisions(50, 2)), key)
    assert verify_report(json.loads(json.dumps(signed)), key)["applications"] == 50
    altered = copy.deepcopy(signed)
    altered["report"]["outcome_flips"] = 0
    with pytest.raises(ReportRefused):
        verify_report(altered, key)
    with pytest.raises(ReportRefused):
        verify_report(signed, tmp_path / "none.key")
    sign_report({}, tmp_path / "other.key")
    with pytest.raises(ReportRefused):
        verify_report(signed, tmp_path / "other.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_page_shows_the_matrix_and_escapes_names(tmp_path: Path) -> None:
    """A model version that is markup stays text."""
    report = compare(decisions(20, 1), decisions(20, 2))
    report["candidate"] = ["<script>"]
    _, page = write_report(sign_report(report, tmp_path / "k"), tmp_path, "rehearsal")
    text = page.read_text()
    assert "<script>" not in text
    assert "approve" in text
